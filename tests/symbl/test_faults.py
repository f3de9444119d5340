"""What the client concludes from each fault, over real sockets on loopback."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.symbl import (
    Accepted,
    Job,
    MemoryTokenStore,
    NotConnected,
    OutcomeUnknown,
    Redirected,
    Rejected,
    ServerError,
    SymblClient,
    SymblError,
    Timeouts,
    Token,
    TooManyJobs,
    Unauthorised,
)
from tests.symbl import fault_server
from tests.symbl.fault_server import Exchange, Fault, FaultServer

PATIENT = Timeouts()
IMPATIENT = Timeouts(connect=0.2, write=0.2, read=0.2, accept=0.2, pool=0.2)
ANSWER = Accepted(conversation_id="5815170693595136", job_id="9b1deb4d")
CHUNK = 256 * 1024
SIZE = 16 * CHUNK


class Abort(Exception):
    """Raised by the caller of a transfer."""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "meeting.mp3"
    path.write_bytes(b"x" * SIZE)
    return path


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that is taken, and refuses connections because nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def client_of(url: str, timeouts: Timeouts = PATIENT) -> SymblClient:
    tokens = MemoryTokenStore(Token("old", use_until=float("inf")))
    return SymblClient(
        url, "app", "secret", timeouts=timeouts, tokens=tokens, sleep=lambda seconds: None
    )


def append(client: SymblClient, recording: Path) -> Accepted:
    return client.submit_file(
        recording, kind="audio", conversation_id="42", content_type=None, options={}
    )


def failure_of_append(
    url: str, recording: Path, timeouts: Timeouts = PATIENT
) -> tuple[type[SymblError], bool, bool]:
    """Return the class, `nothing_sent` and `accepted` of the error."""
    with client_of(url, timeouts) as client, pytest.raises(SymblError) as caught:
        append(client, recording)
    error = caught.value
    return type(error), error.nothing_sent, isinstance(error, OutcomeUnknown) and error.accepted


def test_append_refused_proves_that_nothing_was_sent(recording: Path, free_port: int) -> None:
    failure = failure_of_append(f"http://127.0.0.1:{free_port}", recording)
    assert failure == (NotConnected, True, False)


def test_append_reset_at_accept_is_never_taken_for_more_than_it_proves(recording: Path) -> None:
    with FaultServer(None) as server:
        failure = failure_of_append(server.url, recording)
    # Whether the reset overtakes the end of connecting is up to the kernel.
    assert failure in [(NotConnected, True, False), (OutcomeUnknown, False, False)]
    assert (server.connections, server.bodies) == (1, 0)


@pytest.mark.parametrize(
    ("fault", "failure", "bodies"),
    [
        (fault_server.reset_after_headers, (OutcomeUnknown, False, False), 0),
        (fault_server.reset_mid_body, (OutcomeUnknown, False, False), 0),
        (fault_server.close_after_body, (OutcomeUnknown, False, False), 1),
        (fault_server.reset_after_body, (OutcomeUnknown, False, False), 1),
        (fault_server.half_a_status_line, (OutcomeUnknown, False, False), 1),
        (fault_server.accepted_with_cut_json, (OutcomeUnknown, False, True), 1),
        (fault_server.accepted_with_html, (OutcomeUnknown, False, True), 1),
        (fault_server.internal_error, (OutcomeUnknown, False, False), 1),
        (fault_server.early_413, (Rejected, True, False), 0),
        (fault_server.early_413_cut_off, (Rejected, True, False), 0),
        (fault_server.early_429, (TooManyJobs, True, False), 0),
        (fault_server.moved, (Redirected, False, False), 1),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_append_is_sent_once_and_the_fault_is_classified(
    recording: Path, fault: Fault, failure: tuple[type[SymblError], bool, bool], bodies: int
) -> None:
    with FaultServer(fault) as server:
        seen = failure_of_append(server.url, recording)
    assert (seen, len(server.heads), server.bodies) == (failure, 1, bodies)


@pytest.mark.parametrize(
    ("fault", "bodies"), [(fault_server.stall_mid_body, 0), (fault_server.stall_after_body, 1)]
)
def test_append_that_stalls_is_sent_once_and_its_outcome_is_unknown(
    recording: Path, fault: Fault, bodies: int
) -> None:
    with FaultServer(fault) as server:
        seen = failure_of_append(server.url, recording, IMPATIENT)
    assert (seen, len(server.heads), server.bodies) == ((OutcomeUnknown, False, False), 1, bodies)


def test_append_is_sent_twice_at_most_when_the_token_is_refused(recording: Path) -> None:
    with FaultServer(fault_server.unauthorised) as server:
        seen = failure_of_append(server.url, recording)
    assert (seen, server.bodies) == ((Unauthorised, True, False), 2)


def test_append_is_repeated_whole_with_a_fresh_token(recording: Path) -> None:
    with (
        FaultServer(fault_server.unauthorised_with_an_old_token) as server,
        client_of(server.url) as client,
    ):
        accepted = append(client, recording)
    assert (accepted, server.bodies) == (ANSWER, 2)


def test_append_announces_its_length_and_streams_the_file(recording: Path) -> None:
    bodies: list[bytes] = []

    def take(exchange: Exchange) -> None:
        fault_server.accepted(exchange)
        bodies.append(bytes(exchange.body))

    with FaultServer(take) as server, client_of(server.url) as client:
        append(client, recording)
    [head] = server.heads
    lines = head.lower().split("\r\n")
    assert lines[0] == "put /engine/v1/process/audio/42 http/1.1"
    assert f"content-length: {SIZE}" in lines
    assert not any(line.startswith(("transfer-encoding", "content-type")) for line in lines)
    assert bodies == [recording.read_bytes()]


def test_append_opens_a_connection_of_its_own(recording: Path) -> None:
    with (
        FaultServer(fault_server.accepted_and_left_open) as server,
        client_of(server.url) as client,
    ):
        answers = [append(client, recording), append(client, recording)]
    assert (answers, server.connections) == ([ANSWER, ANSWER], 2)


def test_on_chunk_is_called_before_the_connection_and_before_every_chunk(recording: Path) -> None:
    calls: list[tuple[int, int]] = []
    connections_at_the_first_call: list[int] = []
    with FaultServer(fault_server.accepted) as server, client_of(server.url) as client:

        def note(sent: int, size: int) -> None:
            if not calls:
                connections_at_the_first_call.append(server.connections)
            calls.append((sent, size))

        client.submit_file(
            recording,
            kind="audio",
            conversation_id=None,
            content_type=None,
            options={},
            on_chunk=note,
        )
    assert calls == [(sent, SIZE) for sent in (0, *range(0, SIZE, CHUNK))]
    assert connections_at_the_first_call == [0]


@pytest.mark.parametrize("last_sent", [0, CHUNK, SIZE - CHUNK])
def test_on_chunk_breaks_the_transfer_off_with_its_own_exception(
    recording: Path, last_sent: int
) -> None:
    reason = Abort("the lease is lost")
    calls: list[int] = []

    def refuse(sent: int, size: int) -> None:
        calls.append(sent)
        if len(calls) > 1 and sent == last_sent:
            raise reason

    with (
        FaultServer(fault_server.accepted) as server,
        client_of(server.url) as client,
        pytest.raises(Abort) as caught,
    ):
        client.submit_file(
            recording,
            kind="audio",
            conversation_id="42",
            content_type=None,
            options={},
            on_chunk=refuse,
        )
    assert caught.value is reason
    assert (len(server.heads), server.bodies, calls[-1]) == (1, 0, last_sent)


def test_on_chunk_can_stop_before_anything_is_connected(recording: Path) -> None:
    def refuse(sent: int, size: int) -> None:
        raise Abort

    with (
        FaultServer(fault_server.accepted) as server,
        client_of(server.url) as client,
        pytest.raises(Abort),
    ):
        client.submit_file(
            recording,
            kind="audio",
            conversation_id="42",
            content_type=None,
            options={},
            on_chunk=refuse,
        )
    assert server.connections == 0


def test_append_of_a_file_that_shrinks_is_never_complete(recording: Path) -> None:
    def shrink(sent: int, size: int) -> None:
        recording.write_bytes(b"x" * CHUNK)

    with (
        FaultServer(fault_server.accepted) as server,
        client_of(server.url) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.submit_file(
            recording,
            kind="audio",
            conversation_id="42",
            content_type=None,
            options={},
            on_chunk=shrink,
        )
    assert server.bodies == 0


@pytest.mark.parametrize(
    "fault",
    [
        fault_server.close_after_body,
        fault_server.half_a_status_line,
        fault_server.accepted_with_cut_json,
        fault_server.internal_error,
    ],
)
def test_read_that_fails_is_tried_three_times_and_is_harmless(fault: Fault) -> None:
    with (
        FaultServer(fault) as server,
        client_of(server.url) as client,
        pytest.raises(ServerError) as caught,
    ):
        client.job("7")
    assert (len(server.heads), caught.value.nothing_sent, caught.value.retryable) == (3, True, True)


def test_read_that_stalls_is_tried_three_times() -> None:
    with (
        FaultServer(fault_server.stall_after_body) as server,
        client_of(server.url, IMPATIENT) as client,
        pytest.raises(ServerError),
    ):
        client.job("7")
    assert server.connections == 3


def test_read_survives_a_connection_that_breaks_once() -> None:
    faults: list[Fault] = [fault_server.close_after_body, job_completed]

    def next_fault(exchange: Exchange) -> None:
        faults.pop(0)(exchange)

    with FaultServer(next_fault) as server, client_of(server.url) as client:
        job = client.job("7")
    assert (job, len(server.heads)) == (Job(id="7", status="completed"), 2)


def job_completed(exchange: Exchange) -> None:
    exchange.answer("200 OK", b'{"id": "7", "status": "completed"}')


def test_update_member_is_sent_once_when_the_outcome_is_unknown() -> None:
    with (
        FaultServer(fault_server.close_after_body) as server,
        client_of(server.url) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.update_member("42", "m1", name="Ida")
    assert (len(server.heads), server.bodies) == (1, 1)


def test_update_member_succeeds_when_only_the_end_of_the_answer_is_lost() -> None:
    with (
        FaultServer(fault_server.accepted_with_cut_json) as server,
        client_of(server.url) as client,
    ):
        client.update_member("42", "m1", name="Ida")
    assert (len(server.heads), server.bodies) == (1, 1)
