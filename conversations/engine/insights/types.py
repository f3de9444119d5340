"""What the rules read and what they find. Plain values: no ids of the API, no wire names."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["question", "action_item", "follow_up"]
Suggested = Literal["negative", "neutral", "positive"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `speaker` is the member's id, None where nobody is known."""

    id: str
    text: str
    speaker: str | None
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Voice:
    """One member of the conversation."""

    id: str
    name: str
    email: str = ""


class Phrase(NamedTuple):
    """Words that say what is to be done. `type` is always "action_phrase"."""

    type: str
    text: str


class Ref(NamedTuple):
    """Where something was said: in the message whose text is `text`, at character `offset`."""

    message_id: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A date or a person named in a finding; `offset` counts from the finding's text.

    A date has `value` as YYYY-MM-DD, or `start` and `end` (inclusive) and no value when the
    words mean several days. A person has the member's name as `value`; `assignee` tells
    whether the finding is theirs.
    """

    type: Literal["date", "person"]
    text: str
    offset: int
    value: str | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    assignee: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A question, an action item or a follow-up: one sentence that was said.

    `score` is 0..1. A question has no assignee, no due date, no phrases and no entities.
    """

    kind: Kind
    text: str
    score: float
    message_id: str
    speaker: str | None
    assignee: str | None = None
    due: dt.date | None = None
    definitive: bool = False
    phrases: tuple[Phrase, ...] = ()
    entities: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A term said repeatedly; `parents` are the texts of the shorter topics inside it."""

    text: str
    score: float
    message_ids: tuple[str, ...]
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityFound:
    """One thing named in the conversation, with its first place in each message.

    `value` is None for a span of days, which has `start` and `end` (inclusive) instead.
    `custom_type` is set where the entity is one of those the caller asked for.
    """

    type: str
    text: str
    value: str | None
    custom_type: str | None
    refs: tuple[Ref, ...]
    start: dt.date | None = None
    end: dt.date | None = None


class TrackerMatch(NamedTuple):
    """One vocabulary entry of a tracker, with its first place in each message."""

    value: str
    refs: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class TrackerFound:
    name: str
    matches: tuple[TrackerMatch, ...]


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A sentence taken from the conversation as it was said."""

    text: str
    message_ids: tuple[str, ...]


class Share(NamedTuple):
    """Seconds, and what part of the whole they are in percent; both to 3 decimals."""

    seconds: float
    percent: float


@dataclass(frozen=True, slots=True)
class TalkTime:
    """How long one member talked. `id` is None for the unknown speaker."""

    id: str | None
    name: str
    email: str
    words_per_minute: int
    talk: Share
    listen: Share


@dataclass(frozen=True, slots=True)
class Analytics:
    """How the time was spent. `overlap` is always zero: it is not measured."""

    silence: Share
    talk: Share
    overlap: Share
    members: tuple[TalkTime, ...]
