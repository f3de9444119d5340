"""Merging two members that are one person."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations import queue
from conversations.models import Change, ChangeKind, Member, PushState
from conversations.review.naming import current, give, lock_conversation, record
from conversations.review.speakers import speakers


@dataclass(frozen=True)
class MergePreview:
    """What a merge will do: how many messages each side brings, and the name that stays."""

    member: Member
    into: Member
    member_count: int
    into_count: int
    name: str


def preview(member: Member, into: Member) -> MergePreview:
    """Return what merging `member` into `into` will do; nothing is changed."""
    counts = {row.member.pk: row.count for row in speakers(member.conversation)}
    name = into.name if into.is_identified else member.name
    return MergePreview(member, into, counts.get(member.pk, 0), counts.get(into.pk, 0), name)


def merge(
    member: Member,
    into: Member,
    *,
    name: str,
    version: int,
    into_version: int,
    actor: User | None,
) -> Change:
    """Fold `member` into `into`, which keeps its e-mail and is called `name`.

    Messages stay where they are; they are shown with the member that theirs is merged
    into. Raises Conflict if either version is outdated, ValueError for members that
    are not two of one conversation.
    """
    if member.pk == into.pk or member.conversation_id != into.conversation_id:
        raise ValueError("Only two members of one conversation can be merged.")
    with transaction.atomic():
        lock_conversation(member.conversation_id)
        source, target = current(member.pk, version), current(into.pk, into_version)
        before = {
            "name": source.name,
            "email": source.email,
            "into_name": target.name,
            "into_email": target.email,
        }
        email = target.email or source.email
        give(target, name=name.strip() or target.name, email=email)
        source.merged_into = target
        source.version += 1
        source.save(update_fields=["merged_into", "version"])
        after = {"name": target.name, "email": email}
        return record(ChangeKind.MERGE, source, before, after, actor=actor, into=target)


def retry_push(change: Change) -> bool:
    """Return True if a correction that did not reach the API is sent again."""
    with transaction.atomic():
        lock_conversation(change.conversation_id)
        about = Q(member=change.member_id) | Q(into=change.member_id)
        later = Change.objects.filter(about, pk__gt=change.pk).exists()
        if later:
            # It would undo at the API what has been decided since.
            return False
        failed = Change.objects.filter(pk=change.pk, push_state=PushState.FAILED)
        again = failed.update(
            push_state=PushState.PENDING, push_error="", push_attempts=0, next_at=timezone.now()
        )
        if again:
            queue.wake(change.conversation_id)
    return bool(again)
