"""The one way in which an append changes its state, and the history it leaves behind."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from conversations.models import Append, AppendEvent, State
from conversations.models.append import TRANSITIONS
from conversations.symbl import Accepted

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Cause:
    """Why a state changed: a sentence, what it rests on, and the person if one decided."""

    text: str
    evidence: dict[str, Any] = field(default_factory=dict)
    actor: "User | None" = None


def record_move(
    append: Append, to: State, cause: Cause, *, now: dt.datetime, **fields: Any
) -> bool:
    """Return True if `append` moved from the state it was read in to `to`.

    State and event are written in one transaction; False means that somebody else was
    faster and nothing was written. On success the object carries the new values.
    """
    before = State(append.state)
    if to not in TRANSITIONS[before]:
        raise ValueError(f"An append cannot go from {before} to {to}.")
    values: dict[str, Any] = {"state": to, "state_since": now, "tries": 0, **fields}
    with transaction.atomic():
        here = Append.objects.filter(
            pk=append.pk, state=before, attempts=append.attempts, state_since=append.state_since
        )
        if here.update(**values) != 1:
            return False
        for name, value in values.items():
            setattr(append, name, value)
        _record(append, before, to, cause, now)
    return True


def record_start(append: Append, cause: Cause, *, now: dt.datetime) -> None:
    """Write the first event of a new append."""
    _record(append, "", State(append.state), cause, now)


def record_late_answer(append: Append, accepted: Accepted, now: dt.datetime) -> None:
    """Keep what a worker learned after losing its lease; it may not change the state any more."""
    state = State(append.state)
    ids = {"conversation_id": accepted.conversation_id, "job_id": accepted.job_id}
    cause = Cause("The server's answer came after the lease was lost.", ids)
    _record(append, state, state, cause, now)


def late_answer(append: Append) -> Accepted | None:
    """Return what a worker without a lease learned about the present attempt."""
    events = AppendEvent.objects.filter(append=append, attempt_id=append.attempt_id)
    event = events.filter(evidence__has_key="conversation_id").order_by("-pk").first()
    if event is None:
        return None
    return Accepted(event.evidence["conversation_id"], event.evidence["job_id"])


def _record(append: Append, before: str, to: State, cause: Cause, now: dt.datetime) -> None:
    AppendEvent.objects.create(
        append=append,
        at=now,
        from_state=before,
        to_state=to,
        cause=cause.text[:200],
        actor=cause.actor,
        attempt_id=append.attempt_id,
        evidence=cause.evidence,
    )
