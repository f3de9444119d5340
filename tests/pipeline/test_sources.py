"""What the API is sent for a file, an address and a transcript."""

import datetime as dt
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from werkzeug import Response

from conversations.models import (
    Append,
    AppendEvent,
    Conversation,
    Message,
    Recording,
    State,
    Team,
    UnreadableAnswer,
)
from conversations.pipeline.accept import (
    accept_text,
    accept_url,
    append_recording,
    start_conversation,
)
from conversations.pipeline.activity import activities
from conversations.pipeline.advance import advance
from conversations.pipeline.lease import Lease
from conversations.pipeline.options import AppendOptions
from conversations.pipeline.texts import Said, read
from tests.doubles.scripted_recognition import Turn, recording
from tests.doubles.symbl_server import Api
from tests.pipeline.conftest import Submit
from tests.support import run_queue

STARTED = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
OPTIONS = AppendOptions(speakers=2, summary=True, vocabulary=("Sonar",))
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(conversation: Conversation) -> Conversation:
    """A conversation of one minute that the API has, too."""
    conversation.started_at, conversation.duration_ms = STARTED, 60_000
    conversation.synced_at = timezone.now()
    conversation.save()
    return conversation


def sent(api: Api) -> tuple[str, dict[str, str]]:
    """Return path and query of the only submission."""
    (url,) = api.urls
    parts = urlsplit(url)
    return parts.path, dict(parse_qsl(parts.query))


def put(to: Conversation, handed_over: Recording) -> Append:
    append = append_recording(to, handed_over, options=OPTIONS, user=None)
    advance(to.pk)
    append.refresh_from_db()
    return append


def begun(handed_over: Recording) -> Append:
    """Return the first append of a new conversation, once a worker has looked at it."""
    append = start_conversation(handed_over, name="", options=OPTIONS, user=None)
    advance(append.conversation_id)
    append.refresh_from_db()
    return append


def test_an_address_goes_as_json_with_diarization_in_the_query(
    here: Conversation, team: Team, api: Api
) -> None:
    api.accepts()
    url = "https://media.example.org/weekly.mp4"
    append = put(here, accept_url(url, kind="video", team=team, user=None))
    assert sent(api) == (
        "/v1/process/video/url/5120345678901234",
        {"enableSpeakerDiarization": "true", "diarizationSpeakerCount": "2"},
    )
    assert json.loads(api.bodies[0]) == {
        "url": url, "enableSummary": True, "customVocabulary": ["Sonar"],
    }  # fmt: skip
    assert append.state == State.PROCESSING


def test_a_transcript_begins_where_the_conversation_ends(
    here: Conversation, team: Team, api: Api, settings: Settings
) -> None:
    settings.WEBHOOK_BASE_URL = "https://meetings.example.org"
    api.accepts()
    said = [
        Said("Hi.", "Ana", "ana@example.com", 1_000, 2_500),
        Said("Then.", "Joe", start="2026-01-04T08:00:00+00:00"),
        Said("Nobody knows when."),
    ]
    put(here, accept_text(said, team=team, user=None))
    assert sent(api) == ("/v1/process/text/5120345678901234", {})
    body = json.loads(api.bodies[0])
    assert body.pop("webhookUrl").startswith("https://meetings.example.org/hooks/")
    plain = {"contentType": "text/plain"}
    assert body == {
        "enableSummary": True,
        "messages": [
            {
                "payload": {"content": "Hi.", **plain},
                "from": {"name": "Ana", "userId": "ana@example.com"},
                "duration": {
                    "startTime": "2026-01-05T10:01:00.000Z",
                    "endTime": "2026-01-05T10:01:01.500Z",
                },
            },
            {
                "payload": {"content": "Then.", **plain},
                "from": {"name": "Joe"},
                "duration": {"startTime": "2026-01-04T08:00:00.000Z"},
            },
            {"payload": {"content": "Nobody knows when.", **plain}},
        ],
    }


def test_a_file_goes_with_everything_in_the_query(
    here: Conversation, submit: Submit, api: Api
) -> None:
    api.accepts()
    append = submit(recording(Turn(0.5, 2.0, 0, "Hello."), seconds=3.0), to=here, speakers=2)
    Append.objects.update(options=OPTIONS.to_json())
    advance(append.conversation_id)
    assert sent(api) == (
        "/v1/process/audio/5120345678901234",
        {
            "enableSpeakerDiarization": "true", "diarizationSpeakerCount": "2",
            "enableSummary": "true", "customVocabulary": '["Sonar"]',
        },
    )  # fmt: skip


@pytest.mark.parametrize("renamed", ["", "Kick-off\x1f of Sonar"])
def test_a_new_conversation_is_called_at_the_api_as_it_is_here(
    team: Team, api: Api, renamed: str
) -> None:
    api.accepts()
    handed_over = accept_text([Said("Hi.", "Ana")], name="weekly.vtt", team=team, user=None)
    append = start_conversation(handed_over, name="", options=AppendOptions(), user=None)
    if renamed:
        Conversation.objects.update(name=renamed)
    advance(append.conversation_id)
    told = json.loads(api.bodies[0])["name"]
    assert told == ("Kick-off  of Sonar" if renamed else "weekly")


def test_what_is_appended_names_no_conversation(here: Conversation, team: Team, api: Api) -> None:
    api.accepts()
    handed_over = accept_text([Said("Hi.", "Ana")], team=team, user=None)
    append_recording(here, handed_over, options=AppendOptions(name="Weekly"), user=None)
    advance(here.pk)
    assert "name" not in json.loads(api.bodies[0])


def test_a_transcript_begins_when_it_is_sent_and_says_what_became_of_its_times(
    scripted: LiveServer, team: Team, ana: User
) -> None:
    said = read("[0:05:00] Ana: Then.\n[0:01:05] Joe: First.")
    before = timezone.now()
    append = begun(accept_text(said, team=team, user=ana))
    run_queue()
    append.refresh_from_db()
    assert (append.state, append.note) == (
        State.SYNCED,
        "Times count from the first line, at 1:05 in the text. "
        "Lines were put in order of their times.",
    )
    conversation = append.conversation
    conversation.refresh_from_db()
    assert conversation.started_at is not None
    # The API's times have milliseconds.
    since = before.replace(microsecond=before.microsecond // 1000 * 1000)
    assert since <= conversation.started_at <= timezone.now()
    lines = Message.objects.order_by("position").values_list("text", "start_ms")
    assert list(lines) == [("First.", 0), ("Then.", 235_000)]


def test_what_became_of_times_stands_before_what_the_server_says(
    scripted: LiveServer, team: Team, ana: User
) -> None:
    append = begun(accept_text(read("[0:09] Ana: Hi.\nJoe: Ho."), team=team, user=ana))
    run_queue()
    append.refresh_from_db()
    assert append.note == (
        "Times count from the first line, at 0:09 in the text. "
        "Times that were not given are estimated at 150 words a minute."
    )


def test_a_transcript_that_is_gone_once_it_was_sent_is_ready_without_a_remark(
    scripted: LiveServer, team: Team, ana: User
) -> None:
    append = begun(accept_text(read("[0:09] Ana: Hi."), team=team, user=ana))
    Path(append.recording.file.path).unlink()
    run_queue()
    append.refresh_from_db()
    assert (append.state, append.note) == (State.SYNCED, "")


def test_a_transcript_that_was_damaged_is_not_sent(
    here: Conversation, team: Team, api: Api
) -> None:
    handed_over = accept_text([Said("Hi.", "Ana")], team=team, user=None)
    with handed_over.file.open("wb") as stored:
        stored.write(b"[]")
    append = put(here, handed_over)
    assert (append.state, append.error_code, api.urls) == (State.FAILED, "damaged", [])


def test_a_transcript_that_cannot_be_put_into_a_request_is_not_sent(
    here: Conversation, team: Team, api: Api
) -> None:
    said = [Said("Hi.", "Ana", start="0001-01-01T00:00:00+14:00")]
    append = put(here, accept_text(said, team=team, user=None))
    assert (append.state, append.error_code, append.attempts, api.urls) == (
        State.FAILED, "damaged", 0, [],
    )  # fmt: skip
    assert append.error == (
        "What is kept here cannot be put into a request, so nothing was sent. (OverflowError)"
    )


def test_a_transcript_waits_for_no_recogniser(
    scripted: LiveServer, team: Team, ana: User, settings: Settings
) -> None:
    settings.ENGINE_FACTORY = "tests.doubles.missing_recognition"
    settings.ENGINE_STATUS = f"{settings.ENGINE_FACTORY}.status"
    append = begun(accept_text([Said("Hi.", "Ana")], team=team, user=ana))
    assert (append.state, append.error) == (State.PROCESSING, "")


@pytest.mark.parametrize("source", ["text", "url"])
def test_what_goes_as_json_is_never_completed_without_the_lease(
    team: Team, api: Api, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    api.accepts()
    real = Lease.keep

    def overtaken(lease: Lease) -> None:
        Conversation.objects.filter(pk=lease.conversation_id).update(lease_token=10**6)
        real(lease)

    monkeypatch.setattr(Lease, "keep", overtaken)
    if source == "text":
        append = begun(accept_text([Said("Hi.", "Ana")], team=team, user=None))
    else:
        url = "https://media.example.org/weekly.mp3"
        append = begun(accept_url(url, kind="audio", team=team, user=None))
    assert (append.state, api.bodies) == (State.SUBMITTING, [])


def test_a_transcript_past_its_deadline_is_not_sent(
    here: Conversation, team: Team, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.accepts()
    monkeypatch.setattr(
        "conversations.pipeline.submit.attempt_time", lambda size: dt.timedelta(seconds=-1)
    )
    append = put(here, accept_text([Said("Hi.", "Ana")], team=team, user=None))
    assert (append.state, api.bodies) == (State.UNKNOWN, [])


def test_an_answer_that_does_not_name_the_job_is_kept(
    here: Conversation, team: Team, api: Api
) -> None:
    api.answer = Response('{"conversationId": "5120345678901234", "job": 7}', status=201)
    append = put(here, accept_text([Said("Hi.", "Ana")], team=team, user=None))
    assert append.state == State.UNKNOWN
    kept = UnreadableAnswer.objects.get()
    assert (kept.request, kept.place, kept.body) == (
        "PUT /v1/process/text/5120345678901234",
        "jobId",
        '{"conversationId": "5120345678901234", "job": 7}',
    )


def test_what_signs_an_address_is_told_to_the_api_alone(
    here: Conversation, team: Team, api: Api
) -> None:
    api.answer = Response(status=500)
    signed = "https://media.example.org/weekly.mp3?X-Signature=s1gned#t=9"
    append = put(here, accept_url(signed, kind="audio", team=team, user=None))
    assert json.loads(api.bodies[0])["url"] == signed
    (shown,) = activities(here)
    assert ("Address", "https://media.example.org/weekly.mp3") in shown.evidence
    began = AppendEvent.objects.filter(append=append).earliest("pk")
    assert began.evidence == {"url": "https://media.example.org/weekly.mp3"}
    assert "s1gned" not in str([shown, *AppendEvent.objects.values()])


def test_the_page_says_what_is_going_on_with_an_address(
    here: Conversation, team: Team, api: Api
) -> None:
    api.accepts()
    url = "https://media.example.org/weekly.mp3"
    append = put(here, accept_url(url, kind="audio", team=team, user=None))
    Append.objects.filter(pk=append.pk).update(stage="fetching")
    (shown,) = activities(here)
    assert (shown.title, shown.sentence, shown.steps[0]) == (
        "weekly.mp3", "The server is fetching the recording", "Noted",
    )  # fmt: skip
    Append.objects.filter(pk=append.pk).update(state=State.FAILED, error_code="job_failed")
    (shown,) = activities(here)
    assert shown.problem is not None
    assert shown.problem.safe == "The address is kept here, and the recording is where it was."
    assert ("Address", url) in shown.evidence
