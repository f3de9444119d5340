"""A conversation's transcript in the form that the rules of `insights` read.

Called by `intelligence_api`; three queries, however long the conversation is.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.engine.answers import in_english
from conversations.engine.insights import Said, Voice
from conversations.engine.models import Conversation, Member


@dataclass(frozen=True, slots=True)
class Part:
    """What one job brought, and what its submission asked for."""

    said: list[Said]
    options: Mapping[str, Any]

    @property
    def english(self) -> bool:
        return in_english(self.options)

    @property
    def threshold(self) -> float:
        threshold: float = self.options.get("confidenceThreshold", 0.5)
        return threshold

    @property
    def detects_entities(self) -> bool:
        return bool(self.options.get("detectEntities"))

    @property
    def custom_entities(self) -> list[tuple[str, str]]:
        wanted = self.options.get("entities", ())
        return [(entity["customType"], entity["text"]) for entity in wanted]

    @property
    def trackers(self) -> list[tuple[str, list[str]]]:
        wanted = self.options.get("trackers", ())
        return [(tracker["name"], tracker["vocabulary"]) for tracker in wanted]


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything said so far, job by job, and who is there; keys are the ids as text."""

    conversation: Conversation
    members: dict[str, Member]
    parts: list[Part]
    texts: dict[str, str]

    @property
    def started(self) -> dt.date:
        """The day, in UTC, that "tomorrow" is counted from."""
        return self.conversation.start_time.astimezone(dt.UTC).date()

    @property
    def said(self) -> list[Said]:
        return [one for part in self.parts for one in part.said]

    @property
    def said_in_english(self) -> list[Said]:
        """What the rules on texts are for."""
        return [one for part in self.parts if part.english for one in part.said]

    @property
    def voices(self) -> list[Voice]:
        return [Voice(pk, member.name, member.email) for pk, member in self.members.items()]


def read(conversation: Conversation) -> Transcript:
    """Return what the finished jobs brought, consistent whatever happens at the same time."""
    messages = list(conversation.messages.select_related("member").order_by("position"))
    members = {str(member.pk): member for member in conversation.members.all()}
    # Whoever was merged away since the messages were read is still who said them.
    members |= {str(one.member.pk): one.member for one in messages if one.member}
    jobs = conversation.jobs.order_by("seq").values_list("pk", "options")
    parts = {pk: Part([], options) for pk, options in jobs}
    for message in messages:
        speaker = str(message.member_id) if message.member_id else None
        part = parts.setdefault(message.job_id, Part([], {}))
        part.said.append(Said(message.id, message.text, speaker, message.start_ms, message.end_ms))
    texts = {message.id: message.text for message in messages}
    return Transcript(conversation, members, list(parts.values()), texts)
