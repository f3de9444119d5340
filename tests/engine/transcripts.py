"""Conversations as finished jobs leave them, for what is read from them afterwards."""

from collections.abc import Mapping
from typing import Any

from conversations.engine.models import Conversation, Job, Member, Message, Status
from tests.engine.support import NOW, Api

Line = tuple[Member | None, int, int, str]


def add_member(conversation: Conversation, name: str, **fields: Any) -> Member:
    position = conversation.members.count() + 1
    return Member.objects.create(conversation=conversation, position=position, name=name, **fields)


def add_job(
    conversation: Conversation, *lines: Line, options: Mapping[str, Any] | None = None
) -> list[Message]:
    """Add a completed job that brought the lines: who, start and end in milliseconds, what.

    The ids of messages count up from 4711000000000001, whatever their conversation.
    """
    job = Job.objects.create(
        conversation=conversation,
        seq=conversation.jobs.count() + 1,
        status=Status.COMPLETED,
        options=dict(options or {}),
        created_at=NOW,
    )
    before = conversation.messages.count()
    others = Message.objects.count() - before
    messages = [
        Message(
            id=str(4_711_000_000_000_000 + others + position),
            conversation=conversation,
            job=job,
            member=member,
            detected_member=member,
            position=position,
            text=text,
            start_ms=start_ms,
            end_ms=end_ms,
        )
        for position, (member, start_ms, end_ms, text) in enumerate(lines, before + 1)
    ]
    Message.objects.bulk_create(messages, batch_size=500)
    conversation.duration_ms = max(
        [conversation.duration_ms, *(message.end_ms for message in messages)]
    )
    conversation.save(update_fields=["duration_ms"])
    return messages


def read(api: Api, conversation: Conversation, what: str) -> Any:
    """Return what the API answers for a part of a conversation."""
    answer = api.get(f"v1/conversations/{conversation.id}/{what}")
    assert answer.status == 200
    return answer.body
