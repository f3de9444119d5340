"""The life of a job: claimed by one worker under a lease, kept alive, and finished once.

    scheduled -> in_progress -> completed | failed
    in_progress -> scheduled    when the worker was lost and attempts are left, or was stopped

Called by `tasks`, and `hand_back` by its name in the settings. A lease has a token that
grows with every claim; each write names it, so a worker that was given up cannot write
over its successor. Each status is announced to the webhook when the job first has it, in
the same transaction; the way back is not, nor what repeats after it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from conversations.engine import audio, faults, results, text_lines, webhooks
from conversations.engine.models import Conversation, Job, JobQuerySet, Status
from conversations.engine.recognition.protocol import Result

#: Recognition reports at least every 5 seconds, so a silent minute means it is gone.
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3

GIVEN_UP = "The recognition was interrupted three times and was given up."


class LeaseLost(Exception):
    """Another worker has the job by now, or it is finished."""


def claim(now: dt.datetime) -> Job | None:
    """Return the oldest job that can run, leased to the caller; None when there is none.

    A job that has lost its worker three times is failed on the way.
    """
    while job := _claimable(now).first():
        if job.attempts >= MAX_ATTEMPTS:
            fail(job, GIVEN_UP)
        elif _advance(
            job,
            Status.IN_PROGRESS,
            lease_until=now + LEASE,
            lease_token=job.lease_token + 1,
            attempts=job.attempts + 1,
            stage="starting",
            done=0.0,
        ):
            return Job.objects.get(pk=job.pk)
    return None


def renew(job: Job, *, stage: str, done: float, now: dt.datetime) -> None:
    """Keep the lease and tell the progress; raise LeaseLost when the job is not ours any more."""
    if not _update_held(job, stage=stage, done=done, lease_until=now + LEASE):
        raise LeaseLost


def keep_recording(job: Job, name: str) -> None:
    """Note that the recording was fetched and is kept as `name`: a retry takes it from there.

    Raise LeaseLost when the job is not ours; then the recording is deleted.
    """
    if not _update_held(job, audio=name, url=""):
        audio.discard(name)
        raise LeaseLost
    job.audio, job.url = name, ""


def complete(job: Job, result: Result, *, recogniser: str) -> None:
    """Store the result and end the job, both or neither; raise LeaseLost when it is not ours."""
    with _completed(job, note=results.remarks(result, job.options)) as conversation:
        results.add_result(conversation, job, result, recogniser=recogniser)


def complete_text(job: Job, lines: Sequence[text_lines.Line]) -> None:
    """Store a submitted text and end the job, as `complete` does for a recording."""
    with _completed(job, note=text_lines.remarks(lines)) as conversation:
        results.add_text(conversation, job, lines)


@contextmanager
def _completed(job: Job, *, note: str) -> Iterator[Conversation]:
    """End the job in one transaction with the writing to its conversation, which it locks."""
    with transaction.atomic():
        # Locked before the job, as by everybody who writes to both: nobody waits in a circle.
        conversations = Conversation.objects.select_for_update()
        conversation = conversations.filter(pk=job.conversation_id).first()
        ended = {"lease_until": None, "audio": "", "done": 1.0, "note": note}
        if conversation is None or not _advance(job, Status.COMPLETED, **ended):
            raise LeaseLost
        yield conversation
    audio.discard(job.audio)


def fail(job: Job, reason: str) -> None:
    """End the job without a result; `reason` is a sentence for people. Not ours: do nothing."""
    ended = _advance(job, Status.FAILED, lease_until=None, audio="", url="", reason=reason)
    if ended and job.audio:
        audio.discard(job.audio)


def release_expired(now: dt.datetime) -> int:
    """Give the jobs of lost workers back, or up after three attempts; return how many."""
    jobs = list(Job.objects.expired(now))
    for job in jobs:
        if job.attempts >= MAX_ATTEMPTS:
            fail(job, GIVEN_UP)
        else:
            _update_held(job, status=Status.SCHEDULED, lease_until=None, stage="waiting", done=0.0)
    return len(jobs)


def hand_back() -> int:
    """Put the running jobs back in line, their attempts not counted; return how many.

    For whoever has just stopped the workers on purpose: only a worker that crashed or
    hung has failed. To be called once they have ended.
    """
    return Job.objects.filter(status=Status.IN_PROGRESS).update(
        status=Status.SCHEDULED,
        lease_until=None,
        lease_token=F("lease_token") + 1,
        attempts=F("attempts") - 1,
        stage="waiting",
        done=0.0,
    )


def seconds_to_next(now: dt.datetime) -> float | None:
    """Return in how many seconds a worker is next wanted: 0 now, None never."""
    oldest = Job.objects.runnable(now).first()
    if oldest is not None:
        return max(0.0, (oldest.created_at - _old_enough(now)).total_seconds())
    leased = Job.objects.filter(status=Status.IN_PROGRESS).order_by("lease_until").first()
    if leased is None or leased.lease_until is None:
        return None
    return max(0.0, (leased.lease_until - now).total_seconds())


def _claimable(now: dt.datetime) -> JobQuerySet:
    """Return the jobs a worker may take now: faults can hold young ones back."""
    return Job.objects.runnable(now).filter(created_at__lte=_old_enough(now))


def _old_enough(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(seconds=faults.seconds("schedule_seconds"))


def _advance(job: Job, status: Status, **fields: object) -> bool:
    """Give the job its next status and announce it, if it is still ours; return True if it was."""
    with transaction.atomic():
        if not _update_held(job, status=status, **fields):
            return False
        job.status = status
        is_taken_again = status == Status.IN_PROGRESS and job.lease_token > 0
        if not is_taken_again:
            webhooks.announce(job)
    return True


def _update_held(job: Job, **fields: object) -> bool:
    """Update the row if it is still as `job` was read; return True if it was."""
    held = Job.objects.unfinished().filter(pk=job.pk, lease_token=job.lease_token)
    return held.update(**fields) == 1
