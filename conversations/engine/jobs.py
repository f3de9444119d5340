"""The life of a job: claimed by one worker under a lease, kept alive, and finished once.

    scheduled -> in_progress -> completed | failed
    in_progress -> scheduled    when the worker was lost and attempts are left, or was stopped

Called by `tasks`, and `hand_back` by its name in the settings. A lease has a token that
grows with every claim; each write names it, so a worker that was given up cannot write
over its successor.
"""

import datetime as dt

from django.db import transaction
from django.db.models import F

from conversations.engine import audio, transcript
from conversations.engine.models import Job, Status
from conversations.engine.recognition.protocol import Result

#: Recognition reports at least every 5 seconds, so a silent minute means it is gone.
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3

GIVEN_UP = "The recognition was interrupted three times and was given up."
NO_SPEECH = "No speech was found in this recording."
#: Below this share of the stated length, a recording counts as broken off.
_WHOLE = 0.9


class LeaseLost(Exception):
    """Another worker has the job by now, or it is finished."""


def claim(now: dt.datetime) -> Job | None:
    """Return the oldest job that can run, leased to the caller; None when there is none.

    A job that has lost its worker three times is failed on the way.
    """
    while job := Job.objects.runnable(now).first():
        if job.attempts >= MAX_ATTEMPTS:
            fail(job, GIVEN_UP)
        elif _update_held(
            job,
            status=Status.IN_PROGRESS,
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


def complete(job: Job, result: Result, *, recogniser: str) -> None:
    """Store the result and end the job, both or neither; raise LeaseLost when it is not ours."""
    with transaction.atomic():
        held = _update_held(
            job,
            status=Status.COMPLETED,
            lease_until=None,
            audio="",
            done=1.0,
            note=remarks(result),
        )
        if not held:
            raise LeaseLost
        transcript.add_result(job, result, recogniser=recogniser)
    audio.discard(job.audio)


def fail(job: Job, reason: str) -> None:
    """End the job without a result; `reason` is a sentence for people. Not ours: do nothing."""
    if _update_held(job, status=Status.FAILED, lease_until=None, audio="", reason=reason):
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
    """Return when a worker is next wanted: 0 at once, or when the first lease ends; None never."""
    if Job.objects.runnable(now).exists():
        return 0.0
    leased = Job.objects.filter(status=Status.IN_PROGRESS).order_by("lease_until").first()
    if leased is None or leased.lease_until is None:
        return None
    return max(0.0, (leased.lease_until - now).total_seconds())


def remarks(result: Result) -> str:
    """Return what people should know about a result: that the file broke off, or is silent."""
    sentences: list[str] = []
    stated = result.stated_seconds
    if stated and result.seconds < _WHOLE * stated:
        sentences.append(
            f"Only {_clock(result.seconds)} of the stated {_clock(stated)} could be read: "
            "the file breaks off."
        )
    if not result.pieces:
        sentences.append(NO_SPEECH)
    return " ".join(sentences)


def _clock(seconds: float) -> str:
    """Return a length as players show it: 0:12, 2:22, 1:00:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _update_held(job: Job, **fields: object) -> bool:
    """Update the row if it is still as `job` was read; return True if it was."""
    held = Job.objects.unfinished().filter(pk=job.pk, lease_token=job.lease_token)
    return held.update(**fields) == 1
