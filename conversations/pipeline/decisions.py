"""What a person may decide about an append; each decision counts only for what was seen.

Called by the views. `seen_version` is the version the person was shown (Append.version): a
double click, or a second reviewer, finds it outdated and changes nothing.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations import queue
from conversations.models import Append, State
from conversations.pipeline.journal import Cause, record_move
from conversations.pipeline.recover import settled_at


def retry(append: Append, *, user: User, seen_version: str) -> bool:
    """Send it again: a failed append, or one of unknown outcome once nothing can turn up.

    Returns False if the append has moved on since `seen_version`, or it is too early.
    """
    if append.state in (State.UNKNOWN, State.STALLED) and timezone.now() < settled_at(append):
        return False
    allowed = (State.FAILED, State.UNKNOWN, State.STALLED)
    return _decide(append, seen_version, allowed, State.QUEUED, Cause("Sent again.", actor=user))


def give_up(append: Append, *, user: User, seen_version: str) -> bool:
    """Leave it as it is; the conversation's next append may go. Returns False as `retry`."""
    allowed = (State.FAILED, State.UNKNOWN, State.STALLED)
    return _decide(append, seen_version, allowed, State.CANCELLED, Cause("Given up.", actor=user))


def it_is_there(append: Append, *, user: User, seen_version: str) -> bool:
    """The recording arrived, fetch the transcript. Returns False as `retry`."""
    if append.conversation.remote_id is None:
        return False
    allowed = (State.UNKNOWN, State.STALLED)
    return _decide(append, seen_version, allowed, State.SYNCING, Cause("It is there.", actor=user))


def cancel(append: Append, *, user: User, seen_version: str) -> bool:
    """Take it out of the line before it is sent. Returns False as `retry`."""
    cause = Cause("Taken out of the line.", actor=user)
    return _decide(append, seen_version, (State.QUEUED,), State.CANCELLED, cause)


def _decide(
    append: Append, seen_version: str, allowed: tuple[State, ...], to: State, cause: Cause
) -> bool:
    if append.state not in allowed or append.version != seen_version:
        return False
    now = timezone.now()
    going_on = to in (State.QUEUED, State.SYNCING)
    with transaction.atomic():
        moved = record_move(
            append,
            to,
            cause,
            now=now,
            next_at=now if going_on else None,
            **({"job_id": None, "error": "", "error_code": ""} if to == State.QUEUED else {}),
        )
        if moved:
            queue.wake(append.conversation_id)
    return moved
