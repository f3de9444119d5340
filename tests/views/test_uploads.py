"""Uploads: what is taken, what is refused in words, and that nothing is left behind."""

import errno
import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from conversations.models import Append, Conversation, Recording, Role, Source
from conversations.samples import SAMPLES
from conversations.views.uploads import RecordingUploadHandler
from tests.views.support import HTMX, body, errors

UPLOAD = "/upload/"
MP3 = SAMPLES[1].path.read_bytes()
BOUNDARY = "a-boundary"


class FullDisk(RecordingUploadHandler):
    """The handler on a disk without any room."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        vars(self.file.file)["write"] = self.no_room

    @staticmethod
    def no_room(data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


class ShortStream(io.BytesIO):
    """A request's body that must not be read behind its first pieces."""

    def __init__(self, data: bytes, allowed: int) -> None:
        super().__init__(data)
        self.allowed = allowed

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        assert self.tell() <= self.allowed, "read further than needed"
        return piece


def file(name: str = "part.mp3", content: bytes = MP3) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def multipart(content: bytes, *fields: tuple[str, str]) -> bytes:
    """Return a form's body: the fields, then one file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="recordings"; '
        'filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n'
    )
    return ("".join(parts) + head).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def send(client: Client, content: bytes, **environ: Any) -> HttpResponseBase:
    """Post a form's body as it is, with what the server is told about it."""
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    response: HttpResponseBase = client.generic(
        "POST", UPLOAD, content, content_type=content_type, **environ
    )
    return response


def left_behind() -> list[str]:
    """Return the files of every upload and recording on the disk."""
    folders = (Path(live_settings.FILE_UPLOAD_TEMP_DIR), live_settings.DATA_DIR / "recordings")
    return [str(path) for folder in folders for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def nothing_left(db: None) -> Any:
    """Compare what lies on the disk before and after, less the recordings that have a row."""
    before = left_behind()
    yield
    stored = list(Recording.objects.exclude(file=""))
    kept = {recording.file.path for recording in stored}
    assert [path for path in left_behind() if path not in kept and path not in before] == []
    for recording in stored:
        recording.file.delete(save=False)


def test_upload_starts_a_conversation(reviewer: Client) -> None:
    data = {"recordings": file("Weekly.mp3"), "name": "", "speakers": "2"}
    response = reviewer.post(UPLOAD, data)
    conversation = Conversation.objects.get()
    append = Append.objects.get()
    assert (response.status_code, response["Location"]) == (302, conversation.get_absolute_url())
    assert (conversation.name, append.options, append.recording.sha256) == (
        "Weekly",
        {"speakers": 2},
        hashlib.sha256(MP3).hexdigest(),
    )


def test_upload_by_htmx_leads_to_the_conversation(reviewer: Client) -> None:
    response = reviewer.post(UPLOAD, {"recordings": file(), "name": "Mine"}, headers=HTMX)
    conversation = Conversation.objects.get()
    assert (conversation.name, response["HX-Redirect"]) == (
        "Mine",
        conversation.get_absolute_url(),
    )


def test_upload_of_several_files_starts_several_conversations(reviewer: Client) -> None:
    data = {"recordings": [file("a.mp3"), file("b.mp3")], "name": "unused"}
    response = reviewer.post(UPLOAD, data)
    names = sorted(Conversation.objects.values_list("name", flat=True))
    assert (response["Location"], names) == ("/", ["a", "b"])


def test_upload_of_several_files_is_taken_whole_or_not_at_all(reviewer: Client) -> None:
    data = {"recordings": [file("a.mp3"), file("b.mp3", b"not a recording")]}
    response = reviewer.post(UPLOAD, data)
    assert (response.status_code, Recording.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        (b"", "This file is empty: 0 bytes."),
        (b"hello", "This is not a recording we can read"),
        (b"hello " * 20_000, "This is not a recording we can read"),
        (b"<html><script>alert(1)</script></html>" * 200, "This is not a recording we can read"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_refusal_stands_at_the_file_field(
    content: bytes, beginning: str, headers: dict[str, str], reviewer: Client
) -> None:
    response = reviewer.post(UPLOAD, {"recordings": file("x.mp3", content)}, headers=headers)
    (sentence,) = errors(response)
    assert (response.status_code, sentence.startswith(beginning)) == (422, True)
    assert Conversation.objects.count() == 0


def test_upload_without_a_file_says_so(reviewer: Client) -> None:
    response = reviewer.post(UPLOAD, {"name": "Mine"})
    assert (response.status_code, errors(response)) == (422, ["Choose a recording first."])


def test_upload_that_grows_too_large_is_broken_off(reviewer: Client, settings: Settings) -> None:
    settings.MAX_RECORDING_BYTES = 300 * 1024
    content = multipart(MP3 * 4)
    response = send(reviewer, content, **{"wsgi.input": ShortStream(content, allowed=450 * 1024)})
    (sentence,) = errors(response)
    assert (response.status_code, "larger than" in sentence) == (422, True)


def test_declared_size_is_refused_before_the_file_is_read(
    reviewer: Client, settings: Settings
) -> None:
    settings.MAX_RECORDING_BYTES = 1024 * 1024
    content = multipart(MP3 * 40)
    response = send(
        reviewer,
        content,
        **{"wsgi.input": ShortStream(content, 128 * 1024), "CONTENT_LENGTH": str(4 * 1024**3)},
    )
    (sentence,) = errors(response)
    assert (response.status_code, "larger than" in sentence) == (422, True)


def test_wrong_type_is_refused_without_reading_on(reviewer: Client) -> None:
    content = multipart(b"hello " * 1_000_000)
    response = send(
        reviewer,
        content,
        **{"wsgi.input": ShortStream(content, 256 * 1024)},
    )
    assert (response.status_code, len(errors(response))) == (422, 1)


def test_full_disk_is_said_in_words(reviewer: Client, settings: Settings) -> None:
    settings.FILE_UPLOAD_HANDLERS = ["tests.views.test_uploads.FullDisk"]
    response = reviewer.post(UPLOAD, {"recordings": file(content=MP3 * 3)})
    (sentence,) = errors(response)
    assert (response.status_code, sentence.startswith("There is no room left")) == (422, True)


def test_cut_off_upload_leaves_nothing(reviewer: Client) -> None:
    content = multipart(MP3)[: -len(MP3) // 2]
    response = send(reviewer, content)
    assert (response.status_code, errors(response)) == (422, ["Choose a recording first."])


def test_refused_upload_still_proves_where_it_comes_from(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    token = body(client.get("/")).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    content = b"hello " * 20_000
    good = send(client, multipart(content, ("csrfmiddlewaretoken", token)))
    bad = send(client, multipart(content))
    assert (good.status_code, bad.status_code) == (422, 403)


def test_stranger_cannot_fill_the_disk() -> None:
    # The check against forged requests reads the body before anybody asks who sends it.
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in/")
    content = multipart(MP3 * 40)
    stream = ShortStream(content, allowed=128 * 1024)
    assert send(client, content, **{"wsgi.input": stream}).status_code == 403


def test_htmx_is_told_to_replace_the_file_field_only(reviewer: Client) -> None:
    data = {"recordings": file("x.mp3", b"hello " * 20_000)}
    response = reviewer.post(UPLOAD, data, headers=HTMX)
    assert (response["HX-Retarget"], response["HX-Reselect"]) == (
        "#recordings-field",
        "#recordings-field",
    )


def test_viewer_has_no_upload(person: Callable[..., User]) -> None:
    client = Client()
    client.force_login(person("vic", Role.VIEWER))
    page = body(client.get("/"))
    response = client.post(UPLOAD, {"recordings": file()})
    assert ("upload-form" in page, response.status_code, Recording.objects.count()) == (
        False,
        403,
        0,
    )


def test_sample_starts_a_conversation(reviewer: Client) -> None:
    response = reviewer.post("/samples/", {"sample": "planning"})
    conversation = Conversation.objects.get()
    assert (response["Location"], conversation.name) == (
        conversation.get_absolute_url(),
        "Planning meeting",
    )


@pytest.mark.parametrize(
    ("names", "name", "status"),
    [
        (["a.mp3"], "Weekly", 302),
        (["a.mp3"], "Weekly of the research team", 422),
        (["a.mp3", "b.mp3"], "Weekly of the research team", 302),
        (["Weekly of the research team.mp3"], "", 422),
        (["a.mp3", "Weekly of the research team.mp3"], "", 422),
    ],
)
def test_name_that_is_told_counts_in_the_length_of_the_query(
    reviewer: Client, names: list[str], name: str, status: int
) -> None:
    # With these words, the query has room for twenty characters more.
    vocabulary = "\n".join(f"{n:090}" for n in range(70))
    files = [file(one) for one in names]
    data = {"recordings": files, "name": name, "vocabulary": vocabulary}
    response = reviewer.post(UPLOAD, data)
    assert (response.status_code, Append.objects.count()) == (
        status, len(names) if status == 302 else 0,
    )  # fmt: skip


def test_address_starts_a_conversation_of_its_name(reviewer: Client) -> None:
    url = "https://media.example.org/Weekly%20sync.mp3"
    response = reviewer.post(UPLOAD, {"source": "url", "url": url, "name": "", "speakers": "2"})
    conversation = Conversation.objects.get()
    append = Append.objects.get()
    assert (response["Location"], conversation.name) == (
        conversation.get_absolute_url(),
        "Weekly sync",
    )
    assert (append.recording.source, append.recording.url, append.options) == (
        Source.URL,
        url,
        {"speakers": 2},
    )


def test_transcript_starts_a_conversation_with_the_name_that_was_given(reviewer: Client) -> None:
    reviewer.post(UPLOAD, {"source": "text", "text": "Ana: Hi.", "name": "Weekly"})
    append = Append.objects.select_related("conversation", "recording").get()
    assert (append.conversation.name, append.recording.source, append.options) == (
        "Weekly",
        Source.TEXT,
        {},
    )


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_refused_address_stands_at_its_field(reviewer: Client, headers: dict[str, str]) -> None:
    data = {"source": "url", "url": "https://192.168.0.1/a.mp3", "name": "Mine"}
    response = reviewer.post(UPLOAD, data, headers=headers)
    page = body(response)
    assert (response.status_code, Conversation.objects.count()) == (422, 0)
    assert 'id="id_url_error"><li>This address must name a host, not a number.</li>' in page
    assert 'value="https://192.168.0.1/a.mp3"' in page
    (chosen,) = re.findall(r'<input type="radio" name="source" value="(\w+)"[^>]* checked', page)
    assert chosen == "url"


def test_transcript_that_grows_too_large_is_broken_off(
    reviewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.views.uploads.MAX_TEXT_BYTES", 100_000)
    content = multipart(b"Ana: Hi.\n" * 100_000, ("source", "text"))
    content = content.replace(b'name="recordings"', b'name="transcript"')
    stream = ShortStream(content, allowed=300_000)
    response = send(reviewer, content, **{"wsgi.input": stream, "HTTP_HX_REQUEST": "true"})
    (sentence,) = errors(response)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#transcript-field")
    assert sentence.startswith("This transcript is larger than")
