"""What the call for speaker events takes (contract 6.1, 6.2), read into plain events."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from conversations.engine.attribution import Event
from conversations.engine.digits import whole
from conversations.engine.parameters import Text
from conversations.engine.schemas import REFUSED, Email, Name, Wire, must

NANOS_PER_SECOND = 1_000_000_000
MAX_EVENTS = 50_000
_NANOS_PER_MS = 1_000_000
_MOST = 10**15


Whole = Annotated[
    int,
    Field(strict=True, ge=0, le=_MOST),
    BeforeValidator(whole),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": _MOST},
                {"type": "string", "pattern": "^[0-9]{1,15}$"},
            ]
        }
    ),
    must("be a whole number from 0 on."),
]


class EventUser(Wire):
    """Who starts or stops: `id` alone tells people apart; the rest is what they are called."""

    id: Name
    name: Annotated[
        Text | None, must("be a text of at most 200 characters without control characters.")
    ] = None
    email: Email | None = None


class EventOffset(Wire):
    """Time since the start of the conversation; a part that is left out is zero.

    The documents' own examples have 5,000,000,000 nanoseconds: they are five seconds.
    """

    seconds: Whole = 0
    nanos: Whole = 0

    @property
    def milliseconds(self) -> int:
        return self.seconds * 1000 + (self.nanos + _NANOS_PER_MS // 2) // _NANOS_PER_MS


class SpeakerEvent(Wire):
    type: Annotated[
        Literal["started_speaking", "stopped_speaking"],
        must("be started_speaking or stopped_speaking."),
    ]
    user: EventUser
    offset: EventOffset

    @property
    def plain(self) -> Event:
        return Event(self.user.id, self.type == "started_speaking", self.offset.milliseconds)


def listed(value: object) -> object:
    """Refuse what is no list or too long a one, and leave what is wrong inside to its place."""
    if not (isinstance(value, list) and len(value) <= MAX_EVENTS):
        raise PydanticCustomError(REFUSED, f"must be a list of at most {MAX_EVENTS:,} events.")
    return value


class SpeakerEvents(Wire):
    """The body that says who spoke when."""

    speaker_events: Annotated[
        list[SpeakerEvent], Field(max_length=MAX_EVENTS, fail_fast=True), BeforeValidator(listed)
    ]
