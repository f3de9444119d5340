"""Naming a member; the first of the corrections, and what all of them share."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations import queue
from conversations.models import (
    Change,
    ChangeKind,
    Conversation,
    Member,
    PushState,
    ReviewStatus,
)


class Conflict(Exception):
    """Somebody else changed the member meanwhile; `change` says who and when, if known."""

    def __init__(self, member: Member) -> None:
        super().__init__(f"{member.name} was changed meanwhile.")
        self.member = member
        self.change = (
            Change.objects.filter(conversation=member.conversation_id, member=member)
            .select_related("actor")
            .order_by("-pk")
            .first()
        )


class EmailTaken(Exception):
    """Another member has this e-mail: at the API, naming would be a merge."""

    def __init__(self, other: Member) -> None:
        super().__init__(f"{other.name} has this e-mail.")
        self.other = other


def rename(
    member: Member, *, name: str, email: str, version: int, actor: User | None
) -> Change | None:
    """Give the member a name and e-mail everywhere in its conversation; None if it has them.

    One row is written, however many messages there are, and the API is told in the
    background. Raises Conflict if `version` is not the newest any more, EmailTaken if
    another member of the conversation has the e-mail (compared without case).
    """
    name, email = name.strip(), clean_email(email)
    with transaction.atomic():
        lock_conversation(member.conversation_id)
        row = current(member.pk, version)
        other = holder(row.conversation_id, email, besides=row)
        if other is not None:
            raise EmailTaken(other)
        if (row.name, row.email, row.decided) == (name, email, True):
            return None
        before = {"name": row.name, "email": row.email}
        give(row, name=name, email=email)
        return record(ChangeKind.RENAME, row, before, {"name": name, "email": email}, actor=actor)


def clean_email(email: str) -> str:
    """Return the address as it is stored and sent: trimmed, lower case (contract 4.3, 5)."""
    return email.strip().lower()


def holder(conversation_id: int, email: str, *, besides: Member) -> Member | None:
    """Return the other speaker of the conversation who is shown with `email`."""
    if not email:
        return None
    others = Member.objects.shown().filter(conversation_id=conversation_id, email__iexact=email)
    return others.exclude(pk=besides.pk).first()


def lock_conversation(pk: int) -> None:
    """Hold the conversation's row until the transaction ends.

    Always before its members: a sync does the same, so neither overwrites the other,
    and two people cannot give one e-mail to two speakers in the same instant.
    """
    Conversation.objects.select_for_update().get(pk=pk)


def current(pk: int, version: int) -> Member:
    """Return the member as it is; Conflict if `version` is outdated or it was merged away.

    To be called under the conversation's lock.
    """
    member = Member.objects.get(pk=pk)
    if member.version != version or member.merged_into_id is not None:
        raise Conflict(member)
    return member


def give(member: Member, *, name: str, email: str) -> None:
    """Write a person's decision on the member's name."""
    member.name, member.email, member.decided = name, email, True
    member.version += 1
    member.save(update_fields=["name", "email", "decided", "version"])


def record(
    kind: ChangeKind,
    member: Member,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    actor: User | None,
    into: Member | None = None,
) -> Change:
    """Add a step to the correction log and have the API told. To be called in a transaction."""
    now = timezone.now()
    unsent = Change.objects.filter(member=member, kind=ChangeKind.RENAME)
    unsent.filter(push_state__in=(PushState.PENDING, PushState.FAILED)).update(
        push_state=PushState.SUPERSEDED, next_at=None
    )
    change = Change.objects.create(
        conversation_id=member.conversation_id,
        kind=kind,
        at=now,
        actor=actor,
        member=member,
        into=into,
        before=before,
        after=after,
        next_at=now,
    )
    Conversation.objects.filter(
        pk=member.conversation_id, review_status=ReviewStatus.UNREVIEWED
    ).update(review_status=ReviewStatus.IN_REVIEW)
    queue.wake(member.conversation_id)
    return change
