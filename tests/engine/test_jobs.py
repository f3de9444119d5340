"""The life of a job: order, leases, fencing, attempts, and what a result becomes."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from conversations.engine import jobs
from conversations.engine.models import Conversation, Delivery, Job, Member, Message, Status
from conversations.engine.recognition.types import Piece
from conversations.engine.text_lines import Line
from tests.engine.support import NOW, result, stored_files

SECOND = dt.timedelta(seconds=1)
HELLO = Piece(0.5, 1.25, 0, "Hello.")


def add_job(conversation: Conversation, seq: int, minutes: int = 0) -> Job:
    created_at = NOW + dt.timedelta(minutes=minutes)
    return Job.objects.create(
        conversation=conversation, seq=seq, audio=f"audio/{seq}", created_at=created_at
    )


def claim(now: dt.datetime = NOW) -> Job:
    job = jobs.claim(now)
    assert job is not None
    return job


def test_claim_takes_the_oldest_job_first(job: Job) -> None:
    other = Conversation.objects.create(name="Other", start_time=NOW)
    older = add_job(other, 1, minutes=-1)
    assert [claim().id, claim().id, jobs.claim(NOW)] == [older.id, job.id, None]


def test_claim_leases_the_job(job: Job) -> None:
    claimed = claim()
    assert (claimed.id, claimed.status, claimed.stage) == (job.id, "in_progress", "starting")
    assert (claimed.lease_until, claimed.attempts) == (NOW + jobs.LEASE, 1)


def test_jobs_of_one_conversation_run_one_after_another(job: Job) -> None:
    second = add_job(job.conversation, 2)
    first = claim()
    assert (first.id, jobs.claim(NOW)) == (job.id, None)
    jobs.complete(first, result(HELLO), recogniser="x")
    assert claim().id == second.id


def test_a_failed_job_does_not_hold_back_the_next(job: Job) -> None:
    second = add_job(job.conversation, 2)
    jobs.fail(claim(), "It is damaged.")
    assert claim().id == second.id


def test_a_job_that_lost_its_worker_is_taken_again_after_its_lease(job: Job) -> None:
    claim()
    assert jobs.claim(NOW + jobs.LEASE - SECOND) is None
    again = claim(NOW + jobs.LEASE)
    assert (again.id, again.attempts) == (job.id, 2)


def test_renew_moves_the_lease_and_tells_the_progress(job: Job) -> None:
    jobs.renew(claim(), stage="decoding", done=0.5, now=NOW + SECOND)
    job.refresh_from_db()
    assert (job.stage, job.done, job.lease_until) == ("decoding", 0.5, NOW + SECOND + jobs.LEASE)


def test_a_worker_that_was_given_up_writes_nothing(job: Job, tmp_path: Path) -> None:
    lost = claim()
    successor = claim(NOW + jobs.LEASE)
    with pytest.raises(jobs.LeaseLost):
        jobs.renew(lost, stage="decoding", done=0.5, now=NOW + jobs.LEASE)
    with pytest.raises(jobs.LeaseLost):
        jobs.complete(lost, result(HELLO), recogniser="x")
    jobs.fail(lost, "It is damaged.")
    job.refresh_from_db()
    assert (job.status, job.stage, job.reason) == ("in_progress", "starting", "")
    assert (Message.objects.count(), stored_files(tmp_path)) == (0, ["first"])
    jobs.complete(successor, result(HELLO), recogniser="x")
    assert Message.objects.count() == 1


def test_complete_is_done_once(job: Job) -> None:
    claimed = claim()
    jobs.complete(claimed, result(HELLO), recogniser="x")
    with pytest.raises(jobs.LeaseLost):
        jobs.complete(claimed, result(HELLO), recogniser="x")
    assert Message.objects.count() == 1


def test_a_job_that_lost_three_workers_fails(job: Job, tmp_path: Path) -> None:
    for attempt in range(3):
        claim(NOW + attempt * jobs.LEASE)
    assert jobs.claim(NOW + 3 * jobs.LEASE) is None
    job.refresh_from_db()
    assert (job.status, job.reason, job.audio) == ("failed", jobs.GIVEN_UP, "")
    assert stored_files(tmp_path) == []


def test_complete_writes_members_messages_and_duration(job: Job, tmp_path: Path) -> None:
    pieces = [HELLO, Piece(1.3, 2.0, 1, "Hi."), Piece(2.0, 3.0, 0, "Bye.\x00")]
    jobs.complete(claim(), result(*pieces, seconds=4.5), recogniser="moonshine 1")
    job.refresh_from_db()
    assert (job.status, job.done, job.audio, job.lease_until) == ("completed", 1.0, "", None)
    assert (job.conversation.duration_ms, job.conversation.metadata) == (
        4500,
        {"recogniser": "moonshine 1"},
    )
    rows = Message.objects.order_by("position").values_list(
        "position", "member__name", "text", "start_ms", "end_ms"
    )
    assert list(rows) == [
        (1, "Speaker 1", "Hello.", 500, 1250),
        (2, "Speaker 2", "Hi.", 1300, 2000),
        (3, "Speaker 1", "Bye.", 2000, 3000),
    ]
    assert stored_files(tmp_path) == []


def test_an_append_starts_where_the_conversation_ended_with_speakers_of_its_own(job: Job) -> None:
    jobs.complete(claim(), result(HELLO, seconds=4.5), recogniser="x")
    second = add_job(job.conversation, 2)
    Job.objects.filter(pk=second.pk).update(options={"enableSpeakerDiarization": True})
    jobs.complete(claim(), result(HELLO, seconds=2.0), recogniser="x")
    rows = Message.objects.order_by("position").values_list("position", "start_ms", "end_ms")
    assert list(rows) == [(1, 500, 1250), (2, 5000, 5750)]
    assert list(Member.objects.values_list("position", "name")) == [
        (1, "Speaker 1"),
        (2, "Speaker 1"),
    ]
    job.conversation.refresh_from_db()
    assert job.conversation.duration_ms == 6500


def test_a_failed_job_leaves_the_time_axis_alone(job: Job, tmp_path: Path) -> None:
    jobs.fail(claim(), "It is damaged.")
    job.refresh_from_db()
    assert (job.status, job.reason, job.audio) == ("failed", "It is damaged.", "")
    assert (job.conversation.duration_ms, stored_files(tmp_path)) == (0, [])


def test_a_fetched_recording_is_kept_for_the_next_attempt(job: Job, tmp_path: Path) -> None:
    Job.objects.update(audio="", url="https://media.example.org/call.mp3")
    claimed = claim()
    jobs.keep_recording(claimed, "audio/first")
    again = claim(NOW + jobs.LEASE)
    assert (claimed.audio, claimed.url) == (again.audio, again.url) == ("audio/first", "")
    assert stored_files(tmp_path) == ["first"]


def test_a_recording_fetched_by_a_worker_that_was_given_up_is_deleted(
    job: Job, tmp_path: Path
) -> None:
    Job.objects.update(audio="", url="https://media.example.org/call.mp3")
    lost = claim()
    claim(NOW + jobs.LEASE)
    with pytest.raises(jobs.LeaseLost):
        jobs.keep_recording(lost, "audio/first")
    job.refresh_from_db()
    assert (job.audio, job.url) == ("", "https://media.example.org/call.mp3")
    assert stored_files(tmp_path) == []


def test_complete_text_writes_its_lines_and_ends_the_job(job: Job, tmp_path: Path) -> None:
    jobs.complete_text(claim(), [Line("We ship on Friday.", name="Ida")])
    job.refresh_from_db()
    assert (job.status, job.done, job.audio, job.lease_until) == ("completed", 1.0, "", None)
    assert job.note == "Times that were not given are estimated at 150 words a minute."
    assert Message.objects.values_list("text", "member__name").get() == (
        "We ship on Friday.",
        "Ida",
    )
    assert stored_files(tmp_path) == []


def test_a_job_of_a_deleted_conversation_is_lost(job: Job) -> None:
    claimed = claim()
    job.conversation.delete()
    with pytest.raises(jobs.LeaseLost):
        jobs.renew(claimed, stage="decoding", done=0.5, now=NOW)
    with pytest.raises(jobs.LeaseLost):
        jobs.complete(claimed, result(HELLO), recogniser="x")
    jobs.fail(claimed, "It is damaged.")
    assert (Conversation.objects.count(), Message.objects.count()) == (0, 0)


def announced() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


@pytest.fixture
def watched(job: Job) -> Job:
    """Return a scheduled job whose webhook hears of it."""
    job.webhook = "sealed"
    job.save()
    return job


def test_the_webhook_hears_of_each_status_a_job_gets(watched: Job) -> None:
    claimed = claim()
    assert announced() == ["in_progress"]
    jobs.complete(claimed, result(HELLO), recogniser="x")
    assert announced() == ["in_progress", "completed"]


def test_the_webhook_hears_of_a_failure_once(watched: Job) -> None:
    claimed = claim()
    jobs.fail(claimed, "It is damaged.")
    jobs.fail(claimed, "It is damaged.")
    assert announced() == ["in_progress", "failed"]


def test_the_webhook_does_not_hear_of_attempts(watched: Job) -> None:
    claim()
    jobs.release_expired(NOW + jobs.LEASE)
    claim()
    jobs.hand_back()
    claim()
    claim(NOW + jobs.LEASE)
    assert announced() == ["in_progress"]
    jobs.release_expired(NOW + 2 * jobs.LEASE)
    assert announced() == ["in_progress", "failed"]


def test_what_is_not_stored_is_not_announced(watched: Job) -> None:
    backwards = Piece(2.0, 1.0, 0, "Hello.")
    claimed = claim()
    with pytest.raises(IntegrityError):
        jobs.complete(claimed, result(backwards), recogniser="x")
    watched.refresh_from_db()
    assert (watched.status, announced()) == (Status.IN_PROGRESS, ["in_progress"])


def test_release_expired_gives_jobs_back_or_up(job: Job) -> None:
    claim()
    assert jobs.release_expired(NOW + jobs.LEASE - SECOND) == 0
    assert jobs.release_expired(NOW + jobs.LEASE) == 1
    job.refresh_from_db()
    assert (job.status, job.stage, job.lease_until) == ("scheduled", "waiting", None)
    for attempt in (1, 2):
        claim(NOW + attempt * jobs.LEASE)
    jobs.release_expired(NOW + 3 * jobs.LEASE)
    job.refresh_from_db()
    assert (job.status, job.reason) == ("failed", jobs.GIVEN_UP)


def test_stopping_the_worker_is_no_failed_attempt(job: Job, tmp_path: Path) -> None:
    for _ in range(4):
        claim()
        assert jobs.hand_back() == 1
    job.refresh_from_db()
    assert (job.status, job.attempts, job.lease_until) == ("scheduled", 0, None)
    assert (job.stage, job.done, stored_files(tmp_path)) == ("waiting", 0.0, ["first"])


def test_hand_back_leaves_other_jobs_alone(job: Job) -> None:
    second = add_job(job.conversation, 2)
    jobs.fail(claim(), "It is damaged.")
    assert jobs.hand_back() == 0
    rows = Job.objects.order_by("seq").values_list("id", "status", "attempts")
    assert list(rows) == [(job.id, "failed", 1), (second.id, "scheduled", 0)]


def test_a_worker_whose_job_was_handed_back_writes_nothing(job: Job) -> None:
    lost = claim()
    jobs.hand_back()
    with pytest.raises(jobs.LeaseLost):
        jobs.complete(lost, result(HELLO), recogniser="x")
    assert Message.objects.count() == 0


def test_seconds_to_next_is_now_then_the_end_of_the_lease_then_never(job: Job) -> None:
    assert jobs.seconds_to_next(NOW) == 0.0
    claimed = claim()
    assert jobs.seconds_to_next(NOW + 10 * SECOND) == 50.0
    jobs.fail(claimed, "It is damaged.")
    assert jobs.seconds_to_next(NOW) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "lost"},
        {"status": Status.IN_PROGRESS},
        {"audio": ""},
        {"done": 1.5},
    ],
)
def test_the_database_refuses_a_job_that_cannot_be(job: Job, fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(**fields)
