"""Plain text: one paragraph a turn, with the time it starts at."""

from itertools import groupby

from conversations.exports.lines import lines
from conversations.models import Conversation

UNKNOWN = "Unknown speaker"


def clock(milliseconds: int) -> str:
    """Return a position in time as `0:01:02`."""
    seconds = milliseconds // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def write_text(conversation: Conversation) -> str:
    """Return the transcript as text: the title, then `[0:00:05] Name: what was said` a turn."""
    paragraphs = [conversation.name]
    turns = groupby(lines(conversation), key=lambda pair: pair[1].pk if pair[1] else None)
    for _, pairs in turns:
        said = list(pairs)
        first, member = said[0]
        text = " ".join(message.text for message, _ in said)
        name = member.name if member else UNKNOWN
        paragraphs.append(f"[{clock(first.start_ms)}] {name}: {text}")
    return "\n\n".join(paragraphs) + "\n"
