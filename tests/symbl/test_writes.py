"""The calls that submit or change something, over real HTTP on loopback."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.symbl import (
    CHUNK_BYTES,
    Accepted,
    NotFound,
    OutcomeUnknown,
    Rejected,
    SpeakerEvent,
    SymblClient,
    SymblError,
    TextMessage,
    TooManyJobs,
    Unauthorised,
    Unreadable,
)
from conversations.symbl.bodies import speaker_events_body
from tests.symbl.conftest import Call, Server

START = datetime(2026, 1, 5, 11, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
END = datetime(2026, 1, 6, tzinfo=UTC)
ACCEPTED = {"conversationId": "42", "jobId": "7"}

SUBMISSIONS: list[tuple[Call, str, object]] = [
    (
        lambda client: client.submit_url(
            "https://files.example.test/a.mp3",
            kind="audio",
            conversation_id=None,
            options={
                "enableSpeakerDiarization": True,
                "diarizationSpeakerCount": 2,
                "name": "Weekly sync",
                "customVocabulary": ["deck"],
                "languageCode": None,
            },
        ),
        "POST /v1/process/audio/url?enableSpeakerDiarization=true&diarizationSpeakerCount=2",
        {
            "url": "https://files.example.test/a.mp3",
            "name": "Weekly sync",
            "customVocabulary": ["deck"],
        },
    ),
    (
        lambda client: client.submit_url(
            "https://files.example.test/a.mp4", kind="video", conversation_id="42", options={}
        ),
        "PUT /v1/process/video/url/42",
        {"url": "https://files.example.test/a.mp4"},
    ),
    (
        lambda client: client.submit_text(
            [
                TextMessage("We ship.", "Ida", "ida@example.test", START, END),
                TextMessage("Good."),
                TextMessage("When?", name="Bo", end=END),
            ],
            conversation_id=None,
            options={"detectPhrases": True},
        ),
        "POST /v1/process/text",
        {
            "detectPhrases": True,
            "messages": [
                {
                    "payload": {"content": "We ship.", "contentType": "text/plain"},
                    "from": {"name": "Ida", "userId": "ida@example.test"},
                    "duration": {
                        "startTime": "2026-01-05T10:00:00.999Z",
                        "endTime": "2026-01-06T00:00:00.000Z",
                    },
                },
                {"payload": {"content": "Good.", "contentType": "text/plain"}},
                {
                    "payload": {"content": "When?", "contentType": "text/plain"},
                    "from": {"name": "Bo"},
                    "duration": {"endTime": "2026-01-06T00:00:00.000Z"},
                },
            ],
        },
    ),
    (
        lambda client: client.submit_text(
            [TextMessage("Good.")], conversation_id="4/2", options={}
        ),
        "PUT /v1/process/text/4%2F2",
        {"messages": [{"payload": {"content": "Good.", "contentType": "text/plain"}}]},
    ),
]


@pytest.mark.parametrize(("call", "line", "body"), SUBMISSIONS)
def test_submission_is_json_and_returns_the_ids(
    server: Server, client: SymblClient, call: Call, line: str, body: object
) -> None:
    server.status, server.answers = 201, [ACCEPTED]
    assert call(client) == Accepted(conversation_id="42", job_id="7")
    assert (server.lines, server.documents) == ([line], [body])
    assert (server.tokens, server.types) == (["Bearer kept"], ["application/json"])


ACTIONS: list[tuple[Call, str, object]] = [
    (
        lambda client: client.update_metadata("42", {"agentId": "ida"}),
        "PUT /v1/conversations/42",
        {"metadata": {"agentId": "ida"}},
    ),
    (lambda client: client.delete_conversation("42"), "DELETE /v1/conversations/42", None),
    (
        lambda client: client.update_member("42", "m1", name="Ida", email=" Ida@Example.test "),
        "PUT /v1/conversations/42/members/m1",
        {"id": "m1", "name": "Ida", "email": "ida@example.test"},
    ),
    (
        lambda client: client.update_speakers(
            "42",
            [
                SpeakerEvent(True, "u1", "Ida", " Ida@Example.test", 1250),
                SpeakerEvent(False, "u1", "Ida", "", 5000),
                SpeakerEvent(True, "u2", "", " ", 0),
            ],
        ),
        "PUT /v1/conversations/42/speakers",
        {
            "speakerEvents": [
                {
                    "type": "started_speaking",
                    "user": {"id": "u1", "name": "Ida", "email": "ida@example.test"},
                    "offset": {"seconds": 1, "nanos": 250_000_000},
                },
                {
                    "type": "stopped_speaking",
                    "user": {"id": "u1", "name": "Ida"},
                    "offset": {"seconds": 5, "nanos": 0},
                },
                {
                    "type": "started_speaking",
                    "user": {"id": "u2"},
                    "offset": {"seconds": 0, "nanos": 0},
                },
            ]
        },
    ),
]


def test_text_asks_before_each_chunk_whether_it_may_go_on(
    server: Server, client: SymblClient
) -> None:
    server.status, server.answers = 201, [ACCEPTED]
    calls: list[tuple[int, int]] = []
    client.submit_text(
        [TextMessage("Good. " * 100_000)],
        conversation_id=None,
        options={},
        on_chunk=lambda *progress: calls.append(progress),
    )
    size = len(server.bodies[0])
    assert calls == [(sent, size) for sent in (0, *range(0, size, CHUNK_BYTES))]
    assert len(calls) == 4


@pytest.mark.parametrize("last", [1, 2, 3])
def test_text_that_may_not_go_on_is_never_complete(
    server: Server, client: SymblClient, last: int
) -> None:
    class NoRight(Exception):
        pass

    left = iter(range(last))

    def refuse(sent: int, size: int) -> None:
        if next(left, None) is None:
            raise NoRight

    server.status, server.answers = 201, [ACCEPTED]
    with pytest.raises(NoRight):
        client.submit_text(
            [TextMessage("Good. " * 100_000)],
            conversation_id=None,
            options={},
            on_chunk=refuse,
        )
    assert server.documents == []


def test_address_asks_before_it_is_sent(server: Server, client: SymblClient) -> None:
    calls: list[tuple[int, int]] = []
    server.status, server.answers = 201, [ACCEPTED]
    client.submit_url(
        "https://files.example.test/a.mp3",
        kind="audio",
        conversation_id="42",
        options={},
        on_chunk=lambda *progress: calls.append(progress),
    )
    assert calls == [(0, len(server.bodies[0]))] * 2


WEBHOOK: dict[str, object] = {"webhookUrl": "https://host.example.test/hooks/t0ken/"}


@pytest.mark.parametrize(
    "call",
    [
        lambda client, path: client.submit_url(
            "https://files.example.test/a", kind="audio", conversation_id=None, options=WEBHOOK
        ),
        lambda client, path: client.submit_text([], conversation_id="42", options=WEBHOOK),
        lambda client, path: client.submit_file(
            path, kind="audio", conversation_id=None, content_type=None, options=WEBHOOK
        ),
    ],
)
def test_refusal_that_quotes_the_webhook_does_not_tell_its_token(
    server: Server,
    client: SymblClient,
    tmp_path: Path,
    call: Callable[[SymblClient, Path], object],
) -> None:
    (tmp_path / "a").write_bytes(b"RIFF")
    server.status, server.answers = 400, [{"message": "bad hook /hooks/t0ken/"}]
    with pytest.raises(Rejected) as caught:
        call(client, tmp_path / "a")
    assert caught.value.excerpt == "bad hook /hooks/[secret]/"


@pytest.mark.parametrize(("call", "line", "body"), ACTIONS)
def test_action_is_sent_once_and_any_2xx_is_success(
    server: Server, client: SymblClient, call: Call, line: str, body: object
) -> None:
    server.answers = [b"<html>done</html>"]
    assert call(client) is None
    assert (server.lines, server.documents) == ([line], [body])
    assert server.types == ["application/json" if body else None]


@pytest.mark.parametrize(
    ("status", "error", "nothing_sent"),
    [
        (400, Rejected, True),
        (404, NotFound, True),
        (413, Rejected, True),
        (415, Rejected, True),
        (422, Rejected, True),
        (429, TooManyJobs, True),
        (500, OutcomeUnknown, False),
        (504, OutcomeUnknown, False),
    ],
)
@pytest.mark.parametrize("call", [call for call, *_ in [*SUBMISSIONS, *ACTIONS]])
def test_failed_submission_or_action_is_never_repeated(
    *,
    server: Server,
    client: SymblClient,
    call: Call,
    status: int,
    error: type[SymblError],
    nothing_sent: bool,
) -> None:
    server.status, server.answers = status, [{"message": "no"}]
    with pytest.raises(SymblError) as caught:
        call(client)
    assert (type(caught.value), caught.value.nothing_sent) == (error, nothing_sent)
    assert len(server.lines) == 1


def test_action_whose_token_is_refused_asks_once_for_another(
    server: Server, client: SymblClient
) -> None:
    server.status, server.answers = 401, [{"message": "token validation failed"}]
    with pytest.raises(Unauthorised):
        client.delete_conversation("42")
    assert server.lines == ["DELETE /v1/conversations/42", "POST /oauth2/token:generate"]


def test_submission_accepted_without_a_job_is_unknown_and_its_answer_kept(
    server: Server, client: SymblClient
) -> None:
    server.status, server.answers = 201, [{"conversationId": "42"}]
    with pytest.raises(OutcomeUnknown) as caught:
        client.submit_text([TextMessage("Good.")], conversation_id="42", options={})
    cause = caught.value.__cause__
    assert isinstance(cause, Unreadable)
    assert (caught.value.accepted, cause.request, cause.path, cause.body) == (
        True,
        "PUT /v1/process/text/42",
        "jobId",
        b'{"conversationId": "42"}',
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.submit_url("u", kind="audio", conversation_id="", options={}),
        lambda client: client.submit_text([], conversation_id="..", options={}),
        lambda client: client.submit_text(
            [TextMessage("Good.", start=datetime(2026, 1, 5))],  # noqa: DTZ001  what is refused
            conversation_id=None,
            options={},
        ),
        lambda client: client.submit_text(
            [], conversation_id=None, options={"confidenceThreshold": float("nan")}
        ),
        lambda client: client.update_speakers("42", [SpeakerEvent(True, "u", "", "", -1)]),
    ],
)
def test_what_cannot_be_expressed_is_refused_before_anything_is_sent(
    server: Server, client: SymblClient, call: Call
) -> None:
    with pytest.raises(ValueError, match=r"cannot|JSON"):
        call(client)
    assert server.lines == []


@given(offset_ms=st.integers(0, 10**12))
def test_offset_of_a_speaker_event_is_exact_and_normalised(offset_ms: int) -> None:
    body = speaker_events_body([SpeakerEvent(True, "u", "Ida", "", offset_ms)])
    events = body["speakerEvents"]
    assert isinstance(events, list)
    offset = events[0]["offset"]
    assert 0 <= offset["nanos"] < 1_000_000_000
    assert offset["seconds"] * 1_000_000_000 + offset["nanos"] == offset_ms * 1_000_000
