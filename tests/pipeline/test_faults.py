"""What goes wrong on the way to the API and back: nothing is sent twice, nothing is lost."""

import datetime as dt
import socket
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from pytest_httpserver import HTTPServer
from werkzeug import Response

from conversations.models import Append, AppendEvent, Conversation, Gate, State
from conversations.pipeline import decisions
from conversations.pipeline import submit as submission
from conversations.pipeline.activity import activities
from conversations.pipeline.advance import advance, due_conversations
from conversations.pipeline.engine_status import recognition_notice
from conversations.pipeline.journal import record_late_answer
from conversations.pipeline.lease import TTL, Lease, claim
from conversations.pipeline.submit import begin
from conversations.symbl import Accepted
from tests.doubles.scripted_recognition import Turn, recording
from tests.doubles.symbl_server import Api
from tests.pipeline.conftest import Submit
from tests.support import hurry, run_queue

HELLO = recording(Turn(0.5, 2.0, 0, "Hello."), seconds=3.0)
pytestmark = pytest.mark.django_db(transaction=True)


def fresh(append: Append) -> Append:
    return Append.objects.select_related("conversation", "recording").get(pk=append.pk)


def moved(append: Append) -> list[str]:
    """Return the states that the append went through."""
    return list(AppendEvent.objects.filter(append=append).values_list("to_state", flat=True))


def test_a_server_that_cannot_be_reached_costs_nothing(
    scripted: LiveServer, submit: Submit, settings: Settings
) -> None:
    there = settings.SYMBL_BASE_URL
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.SYMBL_BASE_URL = f"http://127.0.0.1:{unused.getsockname()[1]}/engine"
        append = submit(HELLO)
        advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.error_code) == (State.QUEUED, "unreachable")
    assert row.next_at is not None
    assert row.next_at > timezone.now()
    (shown,) = activities(row.conversation)
    assert shown.problem is not None
    assert shown.problem.safe == "The recording is safe here."
    settings.SYMBL_BASE_URL = there
    run_queue()
    row = fresh(append)
    assert (row.state, row.error, row.messages.count()) == (State.SYNCED, "", 1)


def test_wrong_credentials_are_said_and_the_recording_waits(
    scripted: LiveServer, submit: Submit, settings: Settings
) -> None:
    right, settings.SYMBL_APP_SECRET = settings.SYMBL_APP_SECRET, "wrong"
    append = submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.error_code) == (State.QUEUED, "credentials")
    (shown,) = activities(row.conversation)
    assert shown.problem is not None
    assert "SYMBL_APP_SECRET" in shown.problem.todo
    settings.SYMBL_APP_SECRET = right
    run_queue()
    assert fresh(append).state == State.SYNCED


def test_without_a_recogniser_the_recording_waits_and_the_page_says_why(
    scripted: LiveServer, submit: Submit, settings: Settings
) -> None:
    there = settings.ENGINE_STATUS
    settings.ENGINE_STATUS = "tests.doubles.missing_recognition.status"
    append = submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.attempts, row.error_code) == (State.QUEUED, 0, "no_engine")
    assert row.error == recognition_notice()
    settings.ENGINE_STATUS = there
    run_queue()
    assert fresh(append).state == State.SYNCED


def test_a_crash_of_the_recogniser_is_said_and_can_be_tried_again(
    scripted: LiveServer, submit: Submit, ana: User
) -> None:
    append = submit(recording(crash=True))
    run_queue()
    row = fresh(append)
    assert (row.state, row.error_code) == (State.FAILED, "job_failed")
    (shown,) = activities(row.conversation)
    assert [action.name for action in shown.actions] == ["retry", "give_up"]
    assert decisions.retry(row, user=ana, seen_version=shown.version)
    assert fresh(append).state == State.QUEUED


def test_a_recording_that_breaks_off_is_kept_with_a_note(
    scripted: LiveServer, submit: Submit
) -> None:
    whole = recording(Turn(0.5, 2.0, 0, "Hello."), seconds=12.0, stated_seconds=142.0)
    append = submit(whole)
    run_queue()
    row = fresh(append)
    assert row.state == State.SYNCED
    assert row.note == "Only 0:12 of the stated 2:22 could be read: the file breaks off."


def test_silence_gives_an_empty_transcript_and_says_so(
    scripted: LiveServer, submit: Submit
) -> None:
    append = submit(recording(seconds=3.0))
    run_queue()
    row = fresh(append)
    assert (row.state, row.note) == (State.SYNCED, "No speech was found in this recording.")


def test_too_many_jobs_holds_everybody_back_for_a_while(api: Api, submit: Submit) -> None:
    api.answer = Response('{"statusCode": 429, "message": "limit of 2"}', status=429)
    append, other = submit(HELLO), submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.attempts) == (State.QUEUED, 1)
    assert Gate.objects.get().pause_until > timezone.now()
    advance(other.conversation_id)
    assert fresh(other).attempts == 0
    assert len(api.bodies) == 1


def test_a_failing_server_leaves_the_outcome_unknown(api: Api, submit: Submit) -> None:
    append = submit(HELLO)
    advance(append.conversation_id)
    assert fresh(append).state == State.UNKNOWN
    for _ in range(5):
        hurry()
        advance(append.conversation_id)
    assert fresh(append).state == State.UNKNOWN
    assert api.bodies == [HELLO]
    (shown,) = activities(append.conversation)
    assert [action.name for action in shown.actions] == ["retry", "give_up"]
    assert dict(shown.evidence)["Attempts"] == "1"


def test_an_answer_without_a_job_leaves_the_outcome_unknown(api: Api, submit: Submit) -> None:
    api.answer = Response("<html>", status=201)
    append = submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    assert row.state == State.UNKNOWN
    assert AppendEvent.objects.filter(append=row).last().evidence["accepted"] is True  # type: ignore[union-attr]


def test_an_answer_that_belongs_to_another_recording_is_not_believed(
    api: Api, submit: Submit, conversation: Conversation
) -> None:
    api.accepts(str(conversation.remote_id))
    append = submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.job_id, row.conversation.remote_id) == (State.UNKNOWN, None, None)


def test_growth_at_the_server_settles_an_unknown_outcome(
    api: Api, submit: Submit, conversation: Conversation
) -> None:
    append = submit(HELLO, to=conversation)
    advance(append.conversation_id)
    assert fresh(append).state == State.UNKNOWN
    api.says("Hello.")
    hurry()
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.messages.count()) == (State.SYNCED, 1)
    assert moved(row) == ["queued", "submitting", "unknown", "syncing", "synced"]
    assert len(api.bodies) == 1


def test_an_unknown_outcome_blocks_its_own_conversation_only(
    api: Api, submit: Submit, conversation: Conversation, ana: User
) -> None:
    append = submit(HELLO, to=conversation)
    behind = submit(HELLO, to=conversation)
    advance(append.conversation_id)
    hurry()
    advance(append.conversation_id)
    api.accepts("5120345678905678")
    elsewhere = submit(HELLO)
    advance(elsewhere.conversation_id)
    assert (fresh(append).state, fresh(behind).state) == (State.UNKNOWN, State.QUEUED)
    assert fresh(elsewhere).state == State.PROCESSING
    assert decisions.give_up(fresh(append), user=ana, seen_version=fresh(append).version)
    hurry()
    advance(append.conversation_id)
    assert (fresh(append).state, fresh(behind).attempts) == (State.CANCELLED, 1)


def test_a_refusal_is_said_in_the_servers_words(api: Api, submit: Submit) -> None:
    api.answer = Response('{"message": "This engine recognises English only."}', status=400)
    append = submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.error_code) == (State.FAILED, "refused")
    assert "This engine recognises English only." in row.error


def test_a_worker_that_died_while_sending_leaves_the_outcome_unknown(
    api: Api, submit: Submit
) -> None:
    api.accepts()
    append = fresh(submit(HELLO))
    now = timezone.now()
    dead = claim(append.conversation_id, now - 2 * TTL)
    assert dead is not None
    assert begin(dead, append, {"messages": 0, "members": [], "duration_ms": 0})
    Append.objects.update(next_at=now)
    # Its lease was renewed with the last step; an hour later nobody has it any more.
    later = now + dt.timedelta(hours=1)
    assert due_conversations(later) == [append.conversation_id]
    type(append.conversation).objects.update(lease_until=now - TTL)
    advance(append.conversation_id)
    assert fresh(append).state == State.UNKNOWN
    assert api.bodies == []


def test_a_late_answer_settles_an_unknown_outcome(api: Api, submit: Submit) -> None:
    append = submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    record_late_answer(row, Accepted("5120345678901234", "j1"), timezone.now())
    api.job_status = "in_progress"
    hurry()
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.job_id, row.conversation.remote_id) == (
        State.PROCESSING, "j1", "5120345678901234",
    )  # fmt: skip
    api.job_status = "completed"
    hurry()
    advance(append.conversation_id)
    assert fresh(append).state == State.SYNCED


def test_a_job_that_the_server_forgot_stalls_after_a_few_looks(
    api: Api, submit: Submit, httpserver: HTTPServer
) -> None:
    api.accepts(job_id="gone")
    httpserver.expect_request("/v1/job/gone").respond_with_json({"message": "none"}, status=404)
    append = submit(HELLO)
    for _ in range(6):
        advance(append.conversation_id)
        hurry()
    row = fresh(append)
    assert (row.state, row.error) == (State.STALLED, "The server no longer knows this job.")


def test_a_decision_counts_once_and_only_for_what_was_seen(
    api: Api, submit: Submit, ana: User
) -> None:
    api.answer = Response('{"message": "No."}', status=400)
    append = submit(HELLO)
    advance(append.conversation_id)
    seen = fresh(append)
    assert not decisions.retry(seen, user=ana, seen_version="failed.0.0")
    assert decisions.retry(fresh(append), user=ana, seen_version=seen.version)
    assert not decisions.retry(fresh(append), user=ana, seen_version=seen.version)
    assert not decisions.give_up(seen, user=ana, seen_version=seen.version)
    assert moved(append) == ["queued", "submitting", "failed", "queued"]
    assert AppendEvent.objects.filter(append=append).latest("pk").actor == ana


def test_sending_again_must_wait_until_nothing_can_turn_up(
    api: Api, submit: Submit, ana: User
) -> None:
    append = submit(HELLO)
    advance(append.conversation_id)
    row = fresh(append)
    assert not decisions.retry(row, user=ana, seen_version=row.version)
    Append.objects.update(deadline_at=timezone.now() - dt.timedelta(hours=1))
    api.accepts()
    row = fresh(append)
    assert decisions.retry(row, user=ana, seen_version=row.version)
    advance(append.conversation_id)
    assert fresh(append).state == State.PROCESSING
    assert len(api.bodies) == 2


def test_an_answer_that_makes_no_sense_ends_where_a_person_can_decide(
    api: Api, submit: Submit, ana: User
) -> None:
    api.accepts()
    api.says("Hello.")
    api.messages[0]["startTime"] = "in the morning"
    append = submit(HELLO)
    for _ in range(12):
        hurry()
        advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.error_code) == (State.STALLED, "stalled")
    assert "messages[0].startTime" in row.error
    (shown,) = activities(row.conversation)
    assert [action.name for action in shown.actions] == ["it_is_there", "retry", "give_up"]
    api.messages.clear()
    assert decisions.it_is_there(row, user=ana, seen_version=shown.version)
    advance(append.conversation_id)
    assert fresh(append).state == State.SYNCED


def test_a_server_that_is_down_for_a_while_stalls_nothing(
    api: Api, submit: Submit, httpserver: HTTPServer
) -> None:
    api.accepts(job_id="slow")
    httpserver.expect_request("/v1/job/slow").respond_with_data("", status=503)
    append = submit(HELLO)
    for _ in range(3):
        hurry()
        advance(append.conversation_id)
    assert fresh(append).state == State.PROCESSING
    Append.objects.update(state_since=timezone.now() - dt.timedelta(hours=13))
    hurry()
    advance(append.conversation_id)
    assert fresh(append).state == State.STALLED


@pytest.mark.parametrize("harm", ["cut", "changed", "gone"])
def test_bytes_that_are_not_those_handed_over_are_never_sent(
    api: Api, submit: Submit, harm: str
) -> None:
    api.accepts()
    append = submit(HELLO)
    path = Path(append.recording.file.path)
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(HELLO[:100] if harm == "cut" else HELLO[:-1] + b"x")
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.error_code, api.bodies) == (State.FAILED, "damaged", [])


def test_the_lease_is_renewed_before_the_last_byte(
    api: Api, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that lost its lease meanwhile must not complete the body."""
    api.accepts()
    append = submit(HELLO)
    real = Lease.keep

    def overtaken(lease: Lease) -> None:
        Conversation.objects.filter(pk=lease.conversation_id).update(lease_token=10**6)
        real(lease)

    monkeypatch.setattr(Lease, "keep", overtaken)
    advance(append.conversation_id)
    assert (fresh(append).state, api.bodies) == (State.SUBMITTING, [])


def test_an_answer_survives_a_database_that_fails_for_a_moment(
    api: Api, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.accepts()
    append = submit(HELLO)
    real, failures = submission.enter_processing, iter([OperationalError("locked")])

    def once(*arguments: Any) -> None:
        for failure in failures:
            raise failure
        real(*arguments)

    # The database is the outermost edge there is.
    monkeypatch.setattr(submission, "enter_processing", once)
    monkeypatch.setattr(submission, "COMMIT_PAUSES", (0.0,))
    advance(append.conversation_id)
    row = fresh(append)
    assert (row.state, row.job_id) == (State.PROCESSING, "j1")
    assert len(api.bodies) == 1
