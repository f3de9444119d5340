"""JSON for programs: members and messages, times in seconds from the conversation's start."""

from typing import Any

from conversations.exports.lines import lines
from conversations.models import Conversation


def write_json(conversation: Conversation) -> dict[str, Any]:
    """Return `members` (id, name, email) and `messages` (id, start, end, member_id, text).

    A member's id is the API's. Members that were merged are left out; their messages
    carry the id of the member they were merged into. `member_id` is null where nobody is known.
    """
    members: dict[int, dict[str, str]] = {
        member.pk: {"id": member.remote_id, "name": member.name, "email": member.email}
        for member in conversation.members.shown().order_by("pk")
    }
    return {
        "id": str(conversation.uuid),
        "name": conversation.name,
        "started_at": conversation.started_at.isoformat() if conversation.started_at else None,
        "duration": conversation.duration_ms / 1000,
        "made_by": conversation.made_by,
        "members": list(members.values()),
        "messages": [
            {
                "id": message.remote_id,
                "start": message.start_ms / 1000,
                "end": message.end_ms / 1000,
                "member_id": member.remote_id if member else None,
                "text": message.text,
            }
            for message, member in lines(conversation)
        ],
    }
