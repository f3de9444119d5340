"""Calls of an attempt's own webhook address: early, late, doubled, out of order, or not ours."""

import datetime as dt
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from conversations.models import (
    Append,
    AppendEvent,
    Conversation,
    Gate,
    State,
    UnreadableAnswer,
    WebhookHit,
)
from conversations.pipeline import hooks
from conversations.pipeline.activity import activities
from conversations.pipeline.advance import advance
from conversations.pipeline.hooks import receive, told_by
from tests.doubles.scripted_recognition import Turn, recording
from tests.doubles.symbl_server import Api
from tests.pipeline.conftest import Submit
from tests.support import hurry, run_queue

HELLO = recording(Turn(0.5, 2.0, 0, "Hello."), seconds=3.0)
BASE = "https://meetings.example.org"
TOKEN = "token-of-this-attempt"
LATER = timezone.now() + dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def base(settings: Settings) -> str:
    settings.WEBHOOK_BASE_URL = BASE
    return BASE


@pytest.fixture
def append(conversation: Conversation, api: Api, submit: Submit) -> Append:
    """An attempt to append whose answer was lost; it knows its webhook's token."""
    Conversation.objects.filter(pk=conversation.pk).update(synced_at=timezone.now())
    append = submit(HELLO, to=conversation)
    advance(append.conversation_id)
    append.refresh_from_db()
    assert append.state == State.UNKNOWN
    Append.objects.update(webhook_hash=hashlib.sha256(TOKEN.encode()).hexdigest(), next_at=LATER)
    OrmQ.objects.all().delete()
    return Append.objects.get(pk=append.pk)


def call(**told: object) -> None:
    receive(TOKEN, json.dumps(told).encode())


def hits() -> list[tuple[str, str]]:
    return list(WebhookHit.objects.values_list("job_id", "status"))


def fresh(append: Append) -> Append:
    return Append.objects.get(pk=append.pk)


def asked_for(api: Api) -> list[str]:
    """Return the webhook addresses that the API was told, in order."""
    return [parse_qs(urlsplit(url).query)["webhookUrl"][0] for url in api.urls]


def test_each_attempt_tells_the_api_an_address_of_its_own(
    base: str, api: Api, submit: Submit
) -> None:
    api.answer = Response("{}", status=429)
    append = submit(HELLO)
    seen = []
    for _ in range(2):
        hurry()
        Gate.objects.update(pause_until=timezone.now())
        advance(append.conversation_id)
        seen.append(fresh(append).webhook_hash)
    first, second = asked_for(api)
    assert first.startswith(f"{base}/hooks/")
    tokens = [address.removeprefix(f"{base}/hooks/").rstrip("/") for address in (first, second)]
    assert [hashlib.sha256(token.encode()).hexdigest() for token in tokens] == seen
    assert min(map(len, tokens)) == 43
    assert tokens[0] != tokens[1]
    rows = [*Append.objects.values(), *AppendEvent.objects.values()]
    assert [token for token in tokens if token in str(rows)] == []


def test_no_webhook_is_asked_for_unless_it_is_set_up(api: Api, submit: Submit) -> None:
    api.accepts()
    append = submit(HELLO)
    advance(append.conversation_id)
    assert ["webhookUrl" in url for url in api.urls] == [False]
    assert fresh(append).webhook_hash is None


def test_a_call_is_kept_and_makes_somebody_look_now(append: Append) -> None:
    call(id="j1", status="scheduled")
    hit = WebhookHit.objects.get()
    assert (hit.job_id, hit.status, hit.attempt_id) == ("j1", "scheduled", append.attempt_id)
    row = fresh(append)
    assert row.next_at is not None
    assert (row.state, row.next_at <= timezone.now()) == (State.UNKNOWN, True)
    assert [task.task["args"] for task in OrmQ.objects.all()] == [(append.conversation_id,)]


def test_a_call_that_was_made_before_is_not_kept_twice(append: Append) -> None:
    for _ in range(100):
        call(jobId="j1", status="completed")
    call(id="j1", status="scheduled")
    assert hits() == [("j1", "completed"), ("j1", "scheduled")]
    assert OrmQ.objects.count() == 2


def test_only_so_many_calls_are_kept(append: Append) -> None:
    for number in range(50):
        call(id=f"j{number}", status="scheduled")
    assert len(hits()) == hooks.MOST_HITS


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.SUBMITTING, State.SYNCED, State.FAILED, State.CANCELLED]
)
def test_a_call_leaves_what_is_not_waiting_for_the_api_alone(append: Append, state: State) -> None:
    Append.objects.update(state=state)
    call(id="j1", status="failed")
    row = fresh(append)
    assert (row.state, row.next_at, hits()) == (state, LATER, [("j1", "failed")])
    assert not OrmQ.objects.exists()


def test_a_call_that_says_it_is_over_ends_nothing(append: Append, api: Api) -> None:
    api.job_status = "in_progress"
    Append.objects.update(state=State.PROCESSING, job_id="j1")
    call(id="j1", status="completed")
    call(id="j1", status="failed")
    advance(append.conversation_id)
    assert fresh(append).state == State.PROCESSING


@pytest.mark.parametrize("status", [200, 404, 503])
def test_a_call_during_a_look_at_the_job_makes_somebody_look_again(
    status: int, append: Append, api: Api, httpserver: HTTPServer
) -> None:
    looks = []

    def job(request: Request) -> Response:
        looks.append(request.path)
        if len(looks) == 1:
            call(id="slow", status="completed")
            connection.close()
            wait = {"Retry-After": "60"}
            return Response('{"id": "slow", "status": "in_progress"}', status, wait)
        return Response('{"id": "slow", "status": "completed"}')

    httpserver.expect_request("/v1/job/slow").respond_with_handler(job)
    Append.objects.update(state=State.PROCESSING, job_id="slow", next_at=timezone.now())
    advance(append.conversation_id)
    assert (fresh(append).state, len(looks)) == (State.SYNCED, 2)


def test_a_call_of_an_address_that_there_is_not_changes_nothing(append: Append) -> None:
    receive("another-token", b'{"id": "j1", "status": "completed"}')
    assert (hits(), fresh(append).next_at, OrmQ.objects.count()) == ([], LATER, 0)


def test_a_call_proves_a_lost_answer_once_the_api_knows_the_job(append: Append, api: Api) -> None:
    call(id="j1", status="scheduled")
    advance(append.conversation_id)
    moved = AppendEvent.objects.filter(append=append, to_state=State.PROCESSING).get()
    assert (moved.cause, moved.evidence) == (
        "The server told by webhook that it has the job.", {"job_id": "j1"},
    )  # fmt: skip
    api.says("Hello.")
    run_queue()
    row = fresh(append)
    assert (row.state, row.job_id, row.messages.count()) == (State.SYNCED, "j1", 1)
    assert len(api.bodies) == 1


def test_a_call_before_the_answer_is_evidence_when_the_answer_is_lost(
    append: Append, api: Api
) -> None:
    Append.objects.update(state=State.SUBMITTING)
    call(jobId="j1", status="scheduled")
    # The worker that was sending is gone; the next one finds out about it.
    Append.objects.update(next_at=timezone.now())
    advance(append.conversation_id)
    assert fresh(append).job_id == "j1"


@pytest.mark.parametrize("job_id", ["j2", "../j1", ".", "", "x" * 65])
def test_a_job_that_the_api_does_not_know_proves_nothing(
    append: Append, api: Api, job_id: str
) -> None:
    call(id=job_id, status="completed")
    advance(append.conversation_id)
    assert (fresh(append).state, fresh(append).job_id) == (State.UNKNOWN, None)


def test_an_answer_about_the_named_job_that_makes_no_sense_is_kept(
    append: Append, api: Api, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/v1/job/odd").respond_with_data('{"status": 7}')
    call(id="odd", status="completed")
    advance(append.conversation_id)
    assert fresh(append).state == State.UNKNOWN
    kept = UnreadableAnswer.objects.get()
    assert (kept.request, kept.body) == ("GET /v1/job/odd", '{"status": 7}')


def test_a_job_of_another_append_proves_nothing(append: Append, api: Api) -> None:
    other = Conversation.objects.create(team=append.conversation.team, name="Other")
    Append.objects.create(
        conversation=other, seq=1, recording=append.recording, state=State.SYNCED,
        state_since=timezone.now(), job_id="j1",
    )  # fmt: skip
    call(id="j1", status="completed")
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.error_code, row.tries) == (State.UNKNOWN, "unknown", 0)


def test_a_call_about_an_earlier_attempt_proves_nothing(append: Append, api: Api) -> None:
    call(id="j1", status="scheduled")
    Append.objects.update(attempt_id="00000000-0000-4000-8000-000000000002")
    hurry()
    advance(append.conversation_id)
    assert fresh(append).state == State.UNKNOWN


def test_a_new_conversation_that_was_lost_stays_unknown_with_the_call_as_evidence(
    append: Append, api: Api
) -> None:
    Conversation.objects.update(remote_id=None)
    call(id="j1", status="scheduled")
    advance(append.conversation_id)
    row = Append.objects.select_related("conversation").get(pk=append.pk)
    assert (row.state, row.job_id) == (State.UNKNOWN, None)
    (shown,) = activities(row.conversation)
    assert ("The server called", "in line (job j1)") in shown.evidence


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"id": "a", "status": "completed"}', ("a", "completed")),
        (b'{"jobId": "b", "status": "in_progress"}', ("b", "in_progress")),
        (b'{"id": 7, "jobId": "b"}', ("b", "")),
        (b'{"id": "a b", "status": "<i>done</i>"}', ("", "idonei")),
        (b'{"status": ["x"]}', ("", "")),
        (b'["a"]', ("", "")),
        (b"null", ("", "")),
        (b"", ("", "")),
        (b"\xff\xfe", ("", "")),
        (b"[" * 15_000, ("", "")),
    ],
)
def test_whatever_a_call_says_is_read(body: bytes, told: tuple[str, str]) -> None:
    assert told_by(body) == told
