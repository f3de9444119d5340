"""Texts that are submitted in place of a recording: what was said, message by message.

Called by the `process` views (contract 2.5). A job keeps them as a file, a JSON list of
objects with `content`, `name`, `userId`, `start` and `end`; names are "" and times null
where none was given.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from conversations.engine.parameters import CLEAN, Parameters, Text, refusal
from conversations.engine.schemas import Wire, must

MEDIA_TYPE = "application/json"
MAX_MESSAGES = 50_000
#: Further apart, the times of one submission are a mistake.
MAX_SPAN = dt.timedelta(days=366)
# Beyond, a time is a mistake, and adding lengths to it could leave the calendar.
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


def _moment(value: object) -> object:
    """Read a time of ISO 8601 as one of UTC, which it is when it names no other zone."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("a time is written as a text")  # noqa: TRY004 - pydantic wants it so
    moment = dt.datetime.fromisoformat(value)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(value) from error


Moment = Annotated[
    dt.datetime | None,
    BeforeValidator(_moment),
    must("be a time such as 2026-01-05T10:00:00.000Z."),
]


def _plausible(moment: dt.datetime | None) -> dt.datetime | None:
    if moment and not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise refusal(f"must lie in the years {_FIRST_YEAR} to {_LAST_YEAR}.")
    return moment


class Payload(Wire):
    content: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000, pattern=CLEAN),
        must("be a text of 1 to 10,000 characters."),
    ]
    content_type: Annotated[Literal["text/plain"] | None, must("be text/plain.")] = None


class Sender(Wire):
    """Who said it; an e-mail address is the preferred `userId`."""

    name: Annotated[
        Text | None, must("be a text of at most 200 characters without control characters.")
    ] = None
    user_id: Annotated[
        Text | None, must("be a text of at most 200 characters without control characters.")
    ] = None


class Duration(Wire):
    start_time: Annotated[Moment, AfterValidator(_plausible)] = None
    end_time: Annotated[Moment, AfterValidator(_plausible)] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start_time and self.end_time and self.end_time < self.start_time:
            raise refusal("must not end before it starts.")
        return self


class Message(Wire):
    payload: Payload
    sender: Annotated[Sender | None, Field(alias="from")] = None
    duration: Duration | None = None


def _listed(value: object) -> object:
    if not (isinstance(value, list) and 1 <= len(value) <= MAX_MESSAGES):
        raise refusal(f"must be a JSON list of 1 to {MAX_MESSAGES:,} messages.")
    return value


def _near(messages: list[Message]) -> list[Message]:
    spans = [message.duration for message in messages if message.duration]
    moments = [time for span in spans for time in (span.start_time, span.end_time) if time]
    if moments and max(moments) - min(moments) > MAX_SPAN:
        raise refusal(f"must lie within {MAX_SPAN.days} days of each other.")
    return messages


class TextParameters(Parameters):
    """The body of a submission of a text."""

    messages: Annotated[
        list[Message],
        Field(min_length=1, max_length=MAX_MESSAGES, fail_fast=True),
        BeforeValidator(_listed),
        AfterValidator(_near),
    ]


def encoded(messages: list[Message]) -> Iterator[bytes]:
    """Yield the messages as a job keeps them, piece by piece."""
    for index, message in enumerate(messages):
        yield b"," if index else b"["
        yield json.dumps(_kept(message)).encode()
    yield b"]"


def _kept(message: Message) -> dict[str, str | None]:
    sender = message.sender or Sender()
    span = message.duration or Duration()
    return {
        "content": message.payload.content,
        "name": sender.name or "",
        "userId": sender.user_id or "",
        "start": span.start_time.isoformat() if span.start_time else None,
        "end": span.end_time.isoformat() if span.end_time else None,
    }
