"""The API's own JSON (contract 6.1 and 6.2)."""

import json
import re
from collections.abc import Sequence
from typing import Any

from conversations.speaker_events.formats.entries import JsonObject, objects, parse_json, text_of
from conversations.speaker_events.pairing import events_of
from conversations.speaker_events.problems import Code, Problem
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import (
    BadInput,
    Event,
    EventType,
    Span,
    Speaker,
    at_most,
)

_DIGITS = re.compile(r"-?\d{1,18}", re.ASCII)
_MOST = 10**18
_SECOND = 1_000_000_000
_LATEST_MS = 2**31 * 1000
"""The API takes offsets of fewer seconds than this (contract 6.2): its numbers are 32 bits wide."""


def read_symbl(text: str, most: int | None = None) -> Timeline:
    """Return the events of an object with `speakerEvents`, or of a bare list.

    Seconds and nanos may be whole numbers or digits in a text, and either may be missing.
    Nanos of 1e9 and more carry into the seconds, which is a remark. Raises BadInput, also
    for more than `most` events.
    """
    document = parse_json(text)
    entries = document.get("speakerEvents") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise BadInput('Speaker events are a list, alone or as "speakerEvents" of an object.')
    events: list[Event] = []
    remarks: list[Problem] = []
    for place, entry in at_most(most, objects(entries, "speakerEvents")):
        event, carries = _event(entry, place)
        if carries and not remarks:
            remarks.append(
                Problem(Code.NANOS_CARRY, event.speaker, event.offset_ms, index=len(events))
            )
        events.append(event)
    return Timeline.of_events(events, remarks=remarks)


def _event(entry: JsonObject, place: str) -> tuple[Event, bool]:
    """Return the event and whether its nanos had to be carried."""
    try:
        kind = EventType(text_of(entry, "type", place))
    except ValueError:
        raise BadInput(f"{place}.type is neither started_speaking nor stopped_speaking.") from None
    user, offset = entry.get("user"), entry.get("offset")
    if not isinstance(user, dict):
        raise BadInput(f"{place}.user is not an object.")
    if not isinstance(offset, dict):
        raise BadInput(f"{place}.offset is not an object.")
    seconds = _whole(offset, "seconds", place)
    nanos = _whole(offset, "nanos", place)
    # Rounding repairs offsets that a binary fraction left one nanosecond low.
    offset_ms = (seconds * _SECOND + nanos + 500_000) // 1_000_000
    if abs(offset_ms) >= _LATEST_MS:
        raise BadInput(f"{place}.offset is 68 years or more.")
    return Event(kind, _speaker(user, f"{place}.user"), offset_ms), nanos >= _SECOND


def _speaker(user: JsonObject, place: str) -> Speaker:
    identifier, name, email = (text_of(user, key, place) for key in ("id", "name", "email"))
    if not (identifier or email or name):
        raise BadInput(f"{place}.id is missing.")
    return Speaker(identifier or email or name, name, email)


def _whole(offset: JsonObject, key: str, place: str) -> int:
    whole = _integer(offset.get(key, 0))
    if whole is None:
        raise BadInput(f"{place}.offset.{key} is not a whole number.")
    if abs(whole) >= _MOST:
        raise BadInput(f"{place}.offset.{key} has more than 18 digits.")
    return whole


def _integer(value: object) -> int | None:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def symbl_document(items: Sequence[Span] | Sequence[Event]) -> dict[str, Any]:
    """Return the body of the API's speaker events call for spans, or for events as they are.

    Offsets are whole seconds and 0 <= nanos < 1e9. A name or e-mail that is empty is
    left out rather than sent as "".
    """
    spans = [item for item in items if isinstance(item, Span)]
    events = events_of(spans) if spans else [item for item in items if isinstance(item, Event)]
    return {"speakerEvents": [_entry(event) for event in events]}


def _entry(event: Event) -> dict[str, Any]:
    seconds, ms = divmod(event.offset_ms, 1000)
    user = {"id": event.speaker.id, "name": event.speaker.name, "email": event.speaker.email}
    return {
        "type": event.type.value,
        "user": {key: value for key, value in user.items() if value},
        "offset": {"seconds": seconds, "nanos": ms * 1_000_000},
    }


def write_symbl(spans: Sequence[Span]) -> str:
    """Return the body of the API's speaker events call as text."""
    return json.dumps(symbl_document(spans), indent=2, ensure_ascii=False) + "\n"
