"""Naming a member; the first of the corrections, and what all of them share."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations import queue
from conversations.models import Change, ChangeKind, Conversation, Member, ReviewStatus


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
        current = lock(member.pk, version)
        other = holder(current.conversation_id, email, besides=current)
        if other is not None:
            raise EmailTaken(other)
        if (current.name, current.email, current.decided) == (name, email, True):
            return None
        before = {"name": current.name, "email": current.email}
        give(current, name=name, email=email)
        return record(
            ChangeKind.RENAME, current, before, {"name": name, "email": email}, actor=actor
        )


def clean_email(email: str) -> str:
    """Return the address as it is stored and sent: trimmed, lower case (contract 4.3, 5)."""
    return email.strip().lower()


def holder(conversation_id: int, email: str, *, besides: Member) -> Member | None:
    """Return the other speaker of the conversation who is shown with `email`."""
    if not email:
        return None
    others = Member.objects.shown().filter(conversation_id=conversation_id, email__iexact=email)
    return others.exclude(pk=besides.pk).first()


def lock(pk: int, version: int) -> Member:
    """Return the member, locked until the transaction ends; Conflict if `version` is outdated."""
    member = Member.objects.select_for_update(of=("self",)).get(pk=pk)
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
    now: dt.datetime = timezone.now()
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
