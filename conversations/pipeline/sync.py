"""Fetching a conversation from the API and writing down what changed, in one transaction."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from conversations.models import Append, Conversation, Member, Message, State
from conversations.pipeline.engine_status import recogniser
from conversations.pipeline.journal import Cause
from conversations.pipeline.lease import Lease
from conversations.pipeline.plan import Plan, plan_members, plan_messages
from conversations.symbl import Conversation as RemoteConversation
from conversations.symbl import Message as RemoteMessage
from conversations.symbl import Person, SymblClient

MEMBER_COLUMNS = ("remote_name", "remote_email", "name", "email", "gone")
MESSAGE_COLUMNS = (
    "remote_text", "text", "remote_member", "member", "start_ms", "end_ms", "position"
)  # fmt: skip
BATCH = 500


@dataclass(frozen=True)
class Fetched:
    """What the API holds of one conversation."""

    conversation: RemoteConversation
    members: tuple[Person, ...]
    messages: tuple[RemoteMessage, ...]


def fetch(lease: Lease, client: SymblClient, remote_id: str) -> Fetched:
    """Read the conversation; nothing is written."""
    lease.keep()
    conversation = client.conversation(remote_id)
    lease.keep()
    members = client.members(remote_id)
    lease.keep()
    return Fetched(conversation, members, client.messages(remote_id))


def sync(lease: Lease, append: Append, client: SymblClient) -> None:
    """Bring the rows up to the API's answer and call the append synced."""
    conversation = append.conversation
    fetched = fetch(lease, client, conversation.remote_id or "")
    now = timezone.now()
    with transaction.atomic():
        # The conversation's row first, as corrections do: whoever holds it decides
        # alone what its members are called.
        lease.renew(now, **_about(conversation, fetched))
        plan = write(conversation, fetched, append_id=append.pk)
        note = append.note
        if not plan.new_messages and not note:
            note = "The server added no lines for this recording."
        evidence = {"messages": len(plan.new_messages), "members": len(plan.new)}
        lease.move(
            append,
            State.SYNCED,
            Cause("The transcript is here.", evidence),
            now=now,
            next_at=None,
            error="",
            error_code="",
            note=note,
        )


def refresh(lease: Lease, conversation: Conversation, client: SymblClient) -> Plan:
    """Bring the rows up to the API's answer outside an append; return what was written."""
    fetched = fetch(lease, client, conversation.remote_id or "")
    with transaction.atomic():
        lease.renew(timezone.now())
        return write(conversation, fetched, append_id=None)


def write(conversation: Conversation, fetched: Fetched, *, append_id: int | None) -> Plan:
    """Write the differences and return them. The conversation's row must be locked."""
    rows = list(Member.objects.filter(conversation=conversation).order_by("pk"))
    plan = plan_members(conversation.pk, rows, fetched.members)
    # Saved one by one: a conversation has a handful, and the messages need their keys.
    for member in plan.new:
        member.save()
    Member.objects.bulk_update(plan.changed, MEMBER_COLUMNS)
    plan_messages(
        plan,
        Message.objects.filter(conversation=conversation),
        fetched.messages,
        members={row.remote_id: row for row in (*rows, *plan.new)},
        origin=_origin(conversation, fetched),
        append_id=append_id,
    )
    for message in plan.new_messages:
        message.conversation = conversation
    Message.objects.bulk_create(plan.new_messages, batch_size=BATCH)
    Message.objects.bulk_update(plan.changed_messages, MESSAGE_COLUMNS, batch_size=BATCH)
    return plan


def _origin(conversation: Conversation, fetched: Fetched) -> dt.datetime:
    """Return the moment that positions in time are counted from (contract 6.4)."""
    start = fetched.conversation.start_time or conversation.started_at
    if start is not None:
        return start
    return min((line.start_time for line in fetched.messages), default=conversation.created_at)


def _about(conversation: Conversation, fetched: Fetched) -> dict[str, object]:
    told = fetched.conversation
    about = {"started_at": told.start_time, "duration_ms": told.duration_ms}
    known = {name: value for name, value in about.items() if value is not None}
    return {"made_by": recogniser()[:120], **known}
