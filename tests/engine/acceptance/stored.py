"""What the engine's database holds, in the words of the API as the vendor's client reads them."""

import datetime as dt
from typing import Any

from conversations.engine.models import Conversation, Member, Message


def moment(conversation: Conversation, milliseconds: int) -> str:
    return (conversation.start_time + dt.timedelta(milliseconds=milliseconds)).isoformat()


def person(member: Member, email: str = "email") -> dict[str, str]:
    """Return a member; `email` is what the address is called, left out where none is known."""
    known = {"id": str(member.pk), "name": member.name, email: member.email}
    return {name: value for name, value in known.items() if value}


def members(conversation_id: str) -> dict[str, Any]:
    found = Member.objects.filter(conversation=conversation_id).order_by("position")
    return {"members": [person(member) for member in found]}


def messages(conversation_id: str) -> dict[str, Any]:
    """Return the messages of a conversation whose jobs asked for nothing besides."""
    found = Message.objects.filter(conversation=conversation_id).order_by("position")
    return {"messages": [_message(message) for message in found.select_related("conversation")]}


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "text": message.text,
        "from": person(message.member) if message.member else {},
        "startTime": moment(message.conversation, message.start_ms),
        "endTime": moment(message.conversation, message.end_ms),
        "conversationId": message.conversation_id,
        "phrases": [],
    }


def conversation(conversation_id: str) -> dict[str, Any]:
    found = Conversation.objects.get(pk=conversation_id)
    return {
        "id": found.id,
        "type": "meeting",
        "name": found.name,
        "startTime": moment(found, 0),
        "endTime": moment(found, found.duration_ms),
        **members(conversation_id),
    }
