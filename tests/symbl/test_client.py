"""The calls of the client: what each sends and what it returns."""

from pathlib import Path
from typing import Literal

import httpx
import pytest

from conversations.symbl import (
    Accepted,
    Job,
    MemoryTokenStore,
    NotFound,
    OutcomeUnknown,
    ServerError,
    SymblClient,
    TooManyJobs,
    Unreadable,
)
from tests.symbl.doubles import NOW, FakeTime, Script, Seen, body_of, client_of, grant

ACCEPTED = {"conversationId": "5815170693595136", "jobId": "9b1deb4d"}
JOB = {"id": "7", "status": "completed"}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "meeting"
    path.write_bytes(b"the recording")
    return path


@pytest.mark.parametrize(
    ("kind", "conversation_id", "content_type", "sent"),
    [
        ("audio", None, "audio/wav", ("POST /engine/v1/process/audio", "audio/wav")),
        ("audio", "42", "audio/flac", ("PUT /engine/v1/process/audio/42", None)),
        ("video", None, None, ("POST /engine/v1/process/video", "video/mp4")),
        ("video", "42", "video/mp4", ("PUT /engine/v1/process/video/42", "video/mp4")),
    ],
)
def test_submit_file_posts_the_first_recording_and_puts_the_next(
    recording: Path,
    kind: Literal["audio", "video"],
    conversation_id: str | None,
    content_type: str | None,
    sent: tuple[str, str | None],
) -> None:
    line, sent_type = sent
    script = Script(httpx.Response(201, json=ACCEPTED))
    with client_of(script) as client:
        accepted = client.submit_file(
            recording,
            kind=kind,
            conversation_id=conversation_id,
            content_type=content_type,
            options={"enableSpeakerDiarization": True, "diarizationSpeakerCount": 2},
        )
    assert accepted == Accepted(conversation_id="5815170693595136", job_id="9b1deb4d")
    assert script.seen == [
        Seen(
            line=f"{line}?enableSpeakerDiarization=true&diarizationSpeakerCount=2",
            token="Bearer kept",
            content_type=sent_type,
            body=b"the recording",
        )
    ]


def test_submit_file_accepts_any_2xx_with_both_ids(recording: Path) -> None:
    with client_of(Script(ACCEPTED)) as client:
        accepted = client.submit_file(
            recording, kind="audio", conversation_id=None, content_type=None, options={}
        )
    assert accepted == Accepted(conversation_id="5815170693595136", job_id="9b1deb4d")


def test_submit_file_that_is_accepted_without_a_job_keeps_the_evidence(recording: Path) -> None:
    script = Script(httpx.Response(201, json={"conversationId": "42"}))
    with client_of(script) as client, pytest.raises(OutcomeUnknown) as caught:
        client.submit_file(
            recording, kind="audio", conversation_id=None, content_type=None, options={}
        )
    error = caught.value
    assert (error.accepted, error.status, error.excerpt) == (True, 201, '{"conversationId":"42"}')


def test_submit_file_never_repeats_a_refusal_for_the_number_of_jobs(recording: Path) -> None:
    script = Script(httpx.Response(429, headers={"Retry-After": "3"}))
    time = FakeTime()
    with client_of(script, time=time) as client, pytest.raises(TooManyJobs) as caught:
        client.submit_file(
            recording, kind="audio", conversation_id="42", content_type=None, options={}
        )
    assert (len(script.seen), time.sleeps, caught.value.retry_after) == (1, [], 3.0)


def test_submit_file_without_a_token_proves_that_nothing_was_sent(recording: Path) -> None:
    script = Script(*[httpx.ReadTimeout("slow")] * 3)
    calls: list[tuple[int, int]] = []
    with (
        client_of(script, tokens=MemoryTokenStore()) as client,
        pytest.raises(ServerError) as caught,
    ):
        client.submit_file(
            recording,
            kind="audio",
            conversation_id="42",
            content_type=None,
            options={},
            on_chunk=lambda *progress: calls.append(progress),
        )
    assert (caught.value.nothing_sent, caught.value.retryable, calls) == (True, True, [])


def test_submit_file_of_a_missing_file_connects_to_nothing(tmp_path: Path) -> None:
    script = Script()
    with client_of(script) as client, pytest.raises(FileNotFoundError):
        client.submit_file(
            tmp_path / "gone", kind="audio", conversation_id=None, content_type=None, options={}
        )
    assert script.seen == []


def test_submit_file_to_an_empty_id_never_makes_a_new_conversation(recording: Path) -> None:
    script = Script()
    with client_of(script) as client, pytest.raises(ValueError, match="cannot be the id"):
        client.submit_file(
            recording, kind="audio", conversation_id="", content_type=None, options={}
        )
    assert script.seen == []


def test_job_asks_for_progress() -> None:
    script = Script({**JOB, "progress": {"stage": "writing", "done": 1}})
    with client_of(script) as client:
        assert client.job("a/7") == Job(id="7", status="completed", stage="writing", done=1.0)
    assert script.lines == ["GET /v1/job/a%2F7?progress=true"]


@pytest.mark.parametrize(
    ("email", "body"),
    [
        (None, {"id": "m1", "name": "Ida"}),
        ("  ", {"id": "m1", "name": "Ida"}),
        (" Ida@Example.test ", {"id": "m1", "name": "Ida", "email": "ida@example.test"}),
    ],
)
def test_update_member_sends_the_id_again_and_the_address_in_one_form(
    email: str | None, body: dict[str, str]
) -> None:
    script = Script(httpx.Response(200, content=b"done"))
    with client_of(script) as client:
        client.update_member("42", "m1", name="Ida", email=email)
    assert script.lines == ["PUT /v1/conversations/42/members/m1"]
    assert (body_of(script.seen[0]), script.seen[0].content_type) == (body, "application/json")


def test_update_member_is_repeated_after_a_401_only() -> None:
    script = Script(httpx.Response(401), grant("new"), {"message": "updated"})
    with client_of(script) as client:
        client.update_member("42", "m1", name="Ida")
    assert [seen.token for seen in script.seen] == ["Bearer kept", None, "Bearer new"]
    down = Script(httpx.Response(502))
    with client_of(down) as client, pytest.raises(OutcomeUnknown):
        client.update_member("42", "m1", name="Ida")
    assert len(down.seen) == 1


def test_read_is_repeated_until_the_server_answers() -> None:
    script = Script(httpx.ConnectError("refused"), httpx.Response(503), JOB)
    time = FakeTime()
    with client_of(script, time=time) as client:
        assert client.job("7") == Job(id="7", status="completed")
    assert len(time.sleeps) == 2


def test_read_obeys_the_date_the_server_names() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "Mon, 05 Jan 2026 10:00:04 GMT"})
    time = FakeTime(now=NOW)
    with client_of(Script(busy, JOB), time=time) as client:
        client.job("7")
    assert time.sleeps == [4.0]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404, json={"message": "no such conversation"}), NotFound),
        (httpx.Response(200, content=b"<html>"), Unreadable),
        ({"conversations": []}, Unreadable),
    ],
)
def test_read_is_not_repeated_where_that_cannot_help(
    answer: object, error: type[Exception]
) -> None:
    script = Script(answer)
    with client_of(script) as client, pytest.raises(error):
        client.conversation("42")
    assert len(script.seen) == 1


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "symbl",
        "ftp://host",
        "http://",
        "http://user:word@host",
        "http://host/?a=b",
        "http://host/#part",
        "http://host:port",
    ],
)
def test_client_refuses_a_base_url_it_cannot_use(base_url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        SymblClient(base_url, "app", "secret")


def test_client_names_itself_and_ignores_a_trailing_slash() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=JOB if requests[1:] else grant("one"))

    with SymblClient(
        "http://host/engine/", "app", "secret", transport=httpx.MockTransport(answer)
    ) as client:
        client.job("7")
    assert [str(request.url) for request in requests] == [
        "http://host/engine/oauth2/token:generate",
        "http://host/engine/v1/job/7?progress=true",
    ]
    assert all(request.headers["User-Agent"].startswith("symbl-dashboard/") for request in requests)


def test_client_ignores_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    script = Script(JOB)
    with client_of(script) as client:
        assert client.job("7") == Job(id="7", status="completed")
