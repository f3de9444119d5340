"""Fetching a conversation from the API and writing down what changed, in one transaction."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from conversations.models import (
    Append,
    Conversation,
    Member,
    Message,
    Recording,
    Source,
    State,
)
from conversations.pipeline import texts
from conversations.pipeline.engine_status import made_by
from conversations.pipeline.findings import Findings, fetch_findings, write_findings
from conversations.pipeline.journal import Cause
from conversations.pipeline.lease import Lease
from conversations.pipeline.plan import Plan, plan_members, plan_messages
from conversations.pipeline.unreadable import kept_if_unreadable
from conversations.symbl import Conversation as RemoteConversation
from conversations.symbl import Message as RemoteMessage
from conversations.symbl import Person, SymblClient

MEMBER_COLUMNS = ("remote_name", "remote_email", "name", "email", "gone")
MESSAGE_COLUMNS = (
    "remote_text", "text", "remote_member", "member", "start_ms", "end_ms", "position",
    "phrases", "gone",
)  # fmt: skip
BATCH = 500
#: In these an append may be adding lines, or have added some that are not told apart yet.
HOLDING = (State.SUBMITTING, State.PROCESSING, State.SYNCING, State.UNKNOWN, State.STALLED)
#: After so many failed tries a sync does without insights and reports that cannot be read.
PATIENCE = 5


@dataclass(frozen=True)
class Fetched:
    """What the API holds of one conversation."""

    conversation: RemoteConversation
    members: tuple[Person, ...]
    messages: tuple[RemoteMessage, ...]


def read(client: SymblClient, remote_id: str, *, before_each: Callable[[], None]) -> Fetched:
    """Read the conversation; nothing is written but answers that make no sense.

    `before_each` is called before each call of the API. Raises SymblError.
    """
    with kept_if_unreadable():
        before_each()
        conversation = client.conversation(remote_id)
        before_each()
        members = client.members(remote_id)
        before_each()
        # Nobody here shows single words or their tone, and they are most of what there is.
        messages = client.messages(remote_id, verbose=False, sentiment=False)
        return Fetched(conversation, members, messages)


def fetch(lease: Lease, client: SymblClient, remote_id: str) -> Fetched:
    """Read the conversation as `read` does, as the one who may act on it."""
    return read(client, remote_id, before_each=lease.keep)


def sync(lease: Lease, append: Append, client: SymblClient) -> None:
    """Bring the rows up to the API's answer and call the append synced.

    Raises SymblError, then nothing is written. What still could not be read beside the
    transcript after a few tries stands in the conversation's `sync_error`.
    """
    conversation = append.conversation
    patient = append.tries + 1 < PATIENCE
    fetched, found = _fetch_all(lease, conversation, client, patient=patient)
    times = remarks_on(append.recording)
    now = timezone.now()
    with transaction.atomic():
        # The conversation's row first, as corrections do: whoever holds it decides
        # alone what its members are called.
        lease.renew(now, **_about(conversation, fetched, now), sync_error=found.remarks)
        plan = write(conversation, fetched, append_id=append.pk)
        write_findings(conversation, found, now=now)
        added = "" if plan.new_messages else "The server added no lines for this recording."
        evidence = {"messages": len(plan.new_messages), "members": len(plan.new)}
        lease.move(
            append,
            State.SYNCED,
            Cause("The transcript is here.", evidence),
            now=now,
            next_at=None,
            error="",
            error_code="",
            note=" ".join(filter(None, (times, append.note or added))),
        )


def remarks_on(recording: Recording) -> str:
    """Return what was done to the times of a transcript; "" for nothing, and for other sources."""
    if recording.source != Source.TEXT:
        return ""
    try:
        return texts.remarks(Path(recording.file.path).read_bytes())
    except (OSError, ValueError, OverflowError):
        # It was sent and has been read: what became of the file here no longer matters.
        return ""


def refresh(lease: Lease, conversation: Conversation, client: SymblClient) -> Plan:
    """Bring the rows up to the API's answer outside an append; return what was written.

    What could not be read beside the transcript stands in the conversation's `sync_error`.
    New lines are left to an append that may have brought them, if there is one.
    """
    fetched, found = _fetch_all(lease, conversation, client, patient=False)
    now = timezone.now()
    with transaction.atomic():
        lease.renew(now, **_about(conversation, fetched, now), sync_error=found.remarks)
        held = Append.objects.filter(conversation=conversation, state__in=HOLDING).exists()
        plan = write(conversation, fetched, append_id=None, adding=not held)
        write_findings(conversation, found, now=now)
    return plan


def _fetch_all(
    lease: Lease, conversation: Conversation, client: SymblClient, *, patient: bool
) -> tuple[Fetched, Findings]:
    fetched = fetch(lease, client, conversation.remote_id or "")
    return fetched, fetch_findings(lease, client, conversation, patient=patient)


def write(
    conversation: Conversation, fetched: Fetched, *, append_id: int | None, adding: bool = True
) -> Plan:
    """Write the differences and return them; lines not seen before only if `adding`.

    The conversation's row must be locked.
    """
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
        origin=origin_of(conversation, fetched),
        append_id=append_id,
    )
    if not adding:
        plan.new_messages.clear()
    for message in plan.new_messages:
        message.conversation = conversation
    Message.objects.bulk_create(plan.new_messages, batch_size=BATCH)
    Message.objects.bulk_update(plan.changed_messages, MESSAGE_COLUMNS, batch_size=BATCH)
    return plan


def origin_of(conversation: Conversation, fetched: Fetched) -> dt.datetime:
    """Return the moment that positions in time are counted from (contract 6.4)."""
    start = fetched.conversation.start_time or conversation.started_at
    if start is not None:
        return start
    return min((line.start_time for line in fetched.messages), default=conversation.created_at)


def _about(conversation: Conversation, fetched: Fetched, now: dt.datetime) -> dict[str, object]:
    told = fetched.conversation
    about = {"started_at": told.start_time, "duration_ms": told.duration_ms}
    known = {name: value for name, value in about.items() if value is not None}
    return {"made_by": made_by(told.metadata)[:120], "synced_at": now, **known}
