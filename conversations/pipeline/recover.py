"""Appends whose outcome is unknown: nobody sends again, everybody looks for evidence."""

import datetime as dt

from django.utils import timezone

from conversations.models import Append, State
from conversations.pipeline.hooks import confirmed_job
from conversations.pipeline.journal import Cause, late_answer
from conversations.pipeline.lease import Lease
from conversations.pipeline.submit import enter_processing, take_snapshot
from conversations.pipeline.waiting import SETTLE
from conversations.symbl import Accepted, SymblClient

LOOK_SOON = dt.timedelta(seconds=10)
LOOK_LATER = dt.timedelta(minutes=5)


def orphaned(lease: Lease, append: Append, client: SymblClient) -> None:
    """The one who was sending is gone without a word. Never send again by oneself."""
    now = timezone.now()
    lease.move(
        append,
        State.UNKNOWN,
        Cause("The worker that was sending stopped without an answer."),
        now=now,
        next_at=now,
        error_code="unknown",
        error="The worker that was sending this recording stopped before the server answered.",
    )


def gather(lease: Lease, append: Append, client: SymblClient) -> None:
    """Look for evidence of what became of an attempt; act only on proof."""
    now = timezone.now()
    accepted = late_answer(append)
    if accepted is not None:
        enter_processing(lease, append, accepted)
        return
    before = append.snapshot or {}
    remote_id = append.conversation.remote_id
    if remote_id:
        # Of a new conversation, a job's id alone would not lead to the transcript.
        job_id = confirmed_job(append, client)
        if job_id is not None:
            told = Cause("The server told by webhook that it has the job.", {"job_id": job_id})
            enter_processing(lease, append, Accepted(remote_id, job_id), cause=told)
            return
        after = take_snapshot(lease, append.conversation, client)
        grown = after["messages"] > before.get("messages", 0) or after["duration_ms"] > before.get(
            "duration_ms", 0
        )
        if grown:
            cause = Cause("The conversation has grown.", {"before": before, "after": after})
            lease.move(append, State.SYNCING, cause, now=now, next_at=now)
            return
    wait = LOOK_SOON if now < settled_at(append) else LOOK_LATER
    lease.note(append, now=now, next_at=now + wait)


def settled_at(append: Append) -> dt.datetime:
    """Return when nothing of the attempt can turn up any more, so that sending again is safe."""
    return (append.deadline_at or append.state_since) + SETTLE
