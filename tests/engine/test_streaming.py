"""Bodies over real sockets: streamed, broken off, refused early, two at once, a full disk."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.http.request import UnreadablePostError
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from conversations.engine import audio, bodies
from conversations.engine.errors import ApiError
from conversations.engine.models import Conversation, Job
from tests.engine.support import stored_files

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE_SECONDS = 10.0


class Upload:
    """One submission over a socket of its own, in as many steps as a test wants."""

    def __init__(
        self,
        server: LiveServer,
        token: str,
        length: int,
        *,
        target: str = "POST audio",
        content_type: str = "audio/mpeg",
    ) -> None:
        self._socket = socket.create_connection(
            (server.thread.host, server.thread.port), timeout=DEADLINE_SECONDS
        )
        method, path = target.split()
        head = (
            f"{method} /engine/v1/process/{path} HTTP/1.1\r\nHost: {server.thread.host}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {length}\r\n\r\n"
        )
        self.send(head.encode())

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def stop_sending(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def status(self) -> int:
        """Return the status of the answer and close the connection."""
        with self._socket, self._socket.makefile("rb") as file:
            return int(file.readline().split()[1])


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Make this process unable to write files larger than `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def wait_for_files(folder: Path, count: int) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while len(stored_files(folder)) != count:
        assert time.monotonic() < deadline, "the server did not begin to store the bodies"


def test_a_body_of_many_pieces_is_stored_whole(
    live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    body = bytes(range(256)) * 4 * 1024 + b"end"
    upload = Upload(live_server, token, len(body))
    upload.send(body)
    assert upload.status() == 201
    assert audio.path_of(Job.objects.get().audio).read_bytes() == body


def test_a_body_that_breaks_off_creates_nothing(
    live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    upload = Upload(live_server, token, 1_000_000)
    upload.send(b"x" * 400_000)
    wait_for_files(tmp_path, 1)
    upload.stop_sending()
    assert upload.status() == 400
    assert (Conversation.objects.count(), Job.objects.count()) == (0, 0)
    assert stored_files(tmp_path) == []


def test_a_wrong_token_is_refused_before_the_body(live_server: LiveServer, db: None) -> None:
    assert Upload(live_server, "wrong", 1_000_000).status() == 401


def test_a_body_over_the_limit_is_refused_before_it_is_sent(
    live_server: LiveServer, token: str, settings: Settings
) -> None:
    assert Upload(live_server, token, settings.MAX_RECORDING_BYTES + 1).status() == 413


def test_an_unknown_conversation_is_refused_before_the_body(
    live_server: LiveServer, token: str
) -> None:
    upload = Upload(live_server, token, 1_000_000, target="PUT audio/5999999999999999")
    assert upload.status() == 404


def test_a_full_engine_refuses_before_the_body(
    live_server: LiveServer, token: str, settings: Settings
) -> None:
    settings.ENGINE_MAX_JOBS = 0
    assert Upload(live_server, token, 1_000_000).status() == 429


def test_two_submissions_at_once_cannot_both_take_the_last_place(
    live_server: LiveServer, token: str, settings: Settings, tmp_path: Path
) -> None:
    settings.ENGINE_MAX_JOBS = 1
    uploads = [Upload(live_server, token, 400_000) for _ in range(2)]
    for upload in uploads:
        upload.send(b"x" * 300_000)
    wait_for_files(tmp_path, 2)
    for upload in uploads:
        upload.send(b"x" * 100_000)
    assert sorted(upload.status() for upload in uploads) == [201, 429]
    assert (Conversation.objects.count(), Job.objects.count()) == (1, 1)
    assert len(stored_files(tmp_path)) == 1


def test_a_full_disk_leaves_nothing_behind(
    live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    size = 8 * 1024**2
    upload = Upload(live_server, token, size)
    with largest_file(size - 1):
        upload.send(b"x" * size)
        assert upload.status() == 500
    assert Job.objects.count() == 0
    assert stored_files(tmp_path) == []


class DeadClient:
    """A body whose connection is reset after the first piece."""

    def __init__(self) -> None:
        self.pieces = [b"x" * 10]

    def read(self, size: int, /) -> bytes:
        if not self.pieces:
            raise UnreadablePostError
        return self.pieces.pop()


def test_nothing_is_stored_of_a_reset_connection(tmp_path: Path) -> None:
    with pytest.raises(ApiError) as caught:
        audio.store(bodies.pieces(DeadClient(), 20))
    assert caught.value.status == 400
    assert stored_files(tmp_path) == []


def test_store_refuses_in_words_when_there_is_no_place(tmp_path: Path, settings: Settings) -> None:
    settings.ENGINE_DATA_DIR = tmp_path / "file"
    settings.ENGINE_DATA_DIR.write_bytes(b"in the way")
    with pytest.raises(audio.NotStored) as caught:
        audio.store([b"x" * 10])
    assert str(caught.value) == "The recording could not be stored: is the disk full?"


def test_a_text_that_breaks_off_creates_nothing(
    live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    body = b'{"messages": [{"payload": {"content": "Hello."}}]}'
    upload = Upload(
        live_server, token, len(body) + 1, target="POST text", content_type="application/json"
    )
    upload.send(body)
    upload.stop_sending()
    assert upload.status() == 400
    assert (Job.objects.count(), stored_files(tmp_path)) == (0, [])
