"""Conversations, one or a page of them (contract 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from conversations.symbl import reading
from conversations.symbl.payloads.people import Person, read_person

_FIELDS = frozenset({"id", "name", "startTime", "endTime", "members", "metadata"})


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation; the times are None until something was processed.

    Members may lack an id here (contract 4.1), unlike those of `read_members`.
    """

    id: str
    name: str
    start_time: datetime | None
    end_time: datetime | None
    members: tuple[Person, ...]
    metadata: Mapping[str, object]
    extra: Mapping[str, object]

    @property
    def duration_ms(self) -> int | None:
        """The time from start to end, never negative; None until both are told."""
        if self.start_time is None or self.end_time is None:
            return None
        return max(0, round((self.end_time - self.start_time).total_seconds() * 1000))


def read_conversation(document: object) -> Conversation:
    """Return a conversation; its name is its id when it has none."""
    raw = reading.json_object(document)
    conversation_id = reading.identifier(raw.get("id"), "id")
    metadata = raw.get("metadata")
    listed = reading.optional_each(raw.get("members"), "members", read_person)
    return Conversation(
        id=conversation_id,
        name=reading.optional_text(raw.get("name"), "name") or conversation_id,
        start_time=reading.optional_moment(raw.get("startTime"), "startTime"),
        end_time=reading.optional_moment(raw.get("endTime"), "endTime"),
        members=tuple(filter(None, listed or ())),
        metadata={} if metadata is None else reading.json_object(metadata, "metadata"),
        extra=reading.remainder(raw, _FIELDS),
    )


def read_conversations(document: object) -> tuple[Conversation, ...]:
    """Return one page of conversations in the order of the answer."""
    raw = reading.json_object(document)
    return reading.each(raw.get("conversations"), "conversations", read_conversation)
