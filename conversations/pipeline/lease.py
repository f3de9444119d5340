"""The lease on a conversation: who may act on it, proven by a fencing token; used by `advance`.

One conditional UPDATE on either database. A worker that slept through its lease finds
its token outdated at the next write and drops everything.
"""

import datetime as dt
import os
import socket
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Least
from django.utils import timezone

from conversations.models import Append, Conversation, State
from conversations.models.conversation import NEVER
from conversations.pipeline.heartbeat import beat
from conversations.pipeline.journal import Cause, record_move

# Above the longest time that one call to the API may take (pipeline/api.py): the lease
# is renewed before each of them.
TTL = dt.timedelta(seconds=90)


class LeaseLost(Exception):
    """Somebody else holds the conversation now, or the row moved on; nothing may be written."""


@dataclass(frozen=True)
class Lease:
    """The right to act on one conversation, as long as `token` is its newest."""

    conversation_id: int
    owner: str
    token: int

    def renew(self, now: dt.datetime, **fields: Any) -> None:
        """Extend the lease and write `fields` of the conversation; LeaseLost if it is gone."""
        mine = Conversation.objects.filter(
            pk=self.conversation_id, lease_owner=self.owner, lease_token=self.token
        )
        if mine.update(lease_until=now + TTL, **fields) != 1:
            raise LeaseLost

    def keep(self) -> None:
        """Renew before something slow, and show the worker's supervisor a sign of life."""
        self.renew(timezone.now())
        beat()

    def release(self) -> None:
        """Give the conversation back; does nothing if it was taken over."""
        Conversation.objects.filter(
            pk=self.conversation_id, lease_owner=self.owner, lease_token=self.token
        ).update(lease_until=NEVER)

    def move(
        self, append: Append, to: State, cause: Cause, *, now: dt.datetime, **fields: Any
    ) -> None:
        """Move `append` from the state it was read in; LeaseLost if anything changed meanwhile."""
        with transaction.atomic():
            self.renew(now)
            if not record_move(append, to, cause, now=now, **fields):
                raise LeaseLost

    def stop(self, append: Append, to: State, cause: Cause, *, code: str, sentence: str) -> None:
        """Move `append` to where it waits for a person, who is told `sentence`."""
        now = timezone.now()
        self.move(append, to, cause, now=now, next_at=None, error_code=code, error=sentence)

    def note(self, append: Append, *, now: dt.datetime, **fields: Any) -> None:
        """Write `fields` of `append` without moving it; LeaseLost if it moved meanwhile.

        A `next_at` that somebody else set since `append` was read stays if it is the earlier.
        """
        if "next_at" in fields:
            fields["next_at"] = Case(
                When(next_at=append.next_at, then=Value(fields["next_at"])),
                default=Least(F("next_at"), Value(fields["next_at"])),
            )
        with transaction.atomic():
            self.renew(now)
            here = Append.objects.filter(pk=append.pk, state=append.state)
            if here.update(**fields) != 1:
                raise LeaseLost


def claim(conversation_id: int, now: dt.datetime) -> Lease | None:
    """Return the lease on a conversation, or None while somebody else holds it."""
    owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    with transaction.atomic():
        free = Conversation.objects.filter(pk=conversation_id, lease_until__lt=now)
        claimed = free.update(
            lease_token=F("lease_token") + 1, lease_owner=owner, lease_until=now + TTL
        )
        if not claimed:
            return None
        token = Conversation.objects.values_list("lease_token", flat=True).get(pk=conversation_id)
    return Lease(conversation_id, owner, token)
