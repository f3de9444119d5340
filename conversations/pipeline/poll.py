"""Watching a job at the API until it ends; a poll is one GET and a new due time."""

import datetime as dt

from django.utils import timezone

from conversations.models import Append, State
from conversations.pipeline.journal import Cause
from conversations.pipeline.lease import Lease
from conversations.pipeline.unreadable import kept_if_unreadable
from conversations.pipeline.waiting import backoff, next_poll
from conversations.symbl import NotFound, SymblClient

OLDEST_JOB = dt.timedelta(hours=12)
MISSES_BEFORE_STALLED = 5


def poll(lease: Lease, append: Append, client: SymblClient) -> None:
    """Ask once how the job is doing and write down the answer."""
    try:
        with kept_if_unreadable():
            job = client.job(append.job_id or "")
    except NotFound:
        return miss(lease, append)
    now = timezone.now()
    running_for = now - append.state_since
    if job.is_completed:
        evidence = {"status": job.status}
        cause = Cause("The server has finished the job.", evidence)
        lease.move(append, State.SYNCING, cause, now=now, next_at=now, note=job.note or "")
    elif job.is_failed:
        cause = Cause("The server could not process the recording.", {"status": job.status})
        reason = job.reason or "The server gave no reason."
        lease.stop(append, State.FAILED, cause, code="job_failed", sentence=reason)
    elif running_for > OLDEST_JOB:
        stall(lease, append, f"The job has been running for {OLDEST_JOB.seconds // 3600} hours.")
    else:
        lease.note(
            append,
            now=now,
            next_at=now + next_poll(running_for),
            tries=0,
            stage=(job.stage or job.status)[:40],
            stage_done=job.done,
            error="",
        )
    return None


def miss(lease: Lease, append: Append) -> None:
    """The server does not know the job: look again a few times, then ask a person."""
    now = timezone.now()
    if append.tries + 1 >= MISSES_BEFORE_STALLED:
        return stall(lease, append, "The server no longer knows this job.")
    lease.note(append, now=now, next_at=now + backoff(append.tries), tries=append.tries + 1)
    return None


def stall(lease: Lease, append: Append, sentence: str) -> None:
    cause = Cause(sentence, {"job_id": append.job_id})
    lease.stop(append, State.STALLED, cause, code="stalled", sentence=sentence)
