"""Small readers that turn decoded JSON into checked Python values.

Used by payloads/ and tokens.py. Every reader takes the value and the key it was
found under, and raises `Unreadable` naming that key when the value will not do;
`nested` and `each` put the enclosing place in front of it, so that paths are only
spelled out when something is wrong.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from conversations.symbl.errors import Unreadable

Value = TypeVar("Value")

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

JsonObject = Mapping[str, object]

LONGEST_ID = 80
"""Characters of an id at most: whoever keeps one has room for no more."""


def decode(body: bytes) -> object:
    """Return the JSON document in `body`."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable.at("", "it is not JSON") from None
    return document


def json_object(value: object, key: str = "") -> JsonObject:
    """Return `value` as a JSON object."""
    if not isinstance(value, dict):
        raise Unreadable.at(key, "an object is expected")
    return value


def identifier(value: object, key: str, *, longest: int = LONGEST_ID) -> str:
    """Return an id as text; servers send numbers too, and ids are opaque to us.

    Refused, as cutting would make two ids one: more than `longest` characters, and NUL
    and lone surrogates, which no database stores.
    """
    said = _text_or_digits(value)
    if not said:
        raise Unreadable.at(key, "an id is expected")
    if len(said) > longest:
        raise Unreadable.at(key, f"an id of at most {longest} characters is expected")
    if _UNSTORABLE.search(said):
        raise Unreadable.at(key, "an id without NUL and lone surrogates is expected")
    return said


def optional_identifier(value: object, key: str) -> str:
    """Return an id as text, "" when there is none."""
    return "" if value is None or value == "" else identifier(value, key)


def optional_handle(value: object, key: str) -> str:
    """Return what somebody goes by elsewhere, such as an address; "" when there is nothing."""
    said = "" if value is None else _text_or_digits(value)
    if said is None:
        raise Unreadable.at(key, "a text is expected")
    return said


def text(value: object, key: str) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise Unreadable.at(key, "a text is expected")
    return value


def optional_text(value: object, key: str) -> str:
    """Return a text, "" when there is none."""
    return "" if value is None else text(value, key)


def number(value: object, key: str) -> float:
    """Return a finite number; JSON as Python reads it also knows NaN and Infinity."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            converted = float(value)
        except OverflowError:
            converted = math.inf
        if math.isfinite(converted):
            return converted
    raise Unreadable.at(key, "a number is expected")


def optional_number(value: object, key: str) -> float | None:
    """Return a finite number, None when there is none."""
    return None if value is None else number(value, key)


def optional_integer(value: object, key: str) -> int | None:
    """Return a whole number, None when there is none; servers may write it as 3.0."""
    if value is None:
        return None
    exact = number(value, key)
    if not exact.is_integer():
        raise Unreadable.at(key, "a whole number is expected")
    return int(exact)


def optional_flag(value: object, key: str) -> bool | None:
    """Return true or false, None when neither is said."""
    if value is None or isinstance(value, bool):
        return value
    raise Unreadable.at(key, "true or false is expected")


def moment(value: object, key: str) -> datetime:
    """Return an ISO 8601 time as an aware UTC datetime; without an offset it is UTC."""
    try:
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value)
            if parsed.tzinfo is UTC:
                return parsed
            if parsed.tzinfo is None:
                return parsed.replace(tzinfo=UTC)
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unreadable.at(key, "a time in ISO 8601 is expected")


def optional_moment(value: object, key: str) -> datetime | None:
    """Return a time as an aware UTC datetime, None when there is none."""
    return None if value is None or value == "" else moment(value, key)


def nested(value: object, key: str, read: Callable[[object], Value]) -> Value:
    """Return `read(value)`, with `key` in front of the place of any error."""
    try:
        return read(value)
    except Unreadable as error:
        raise error.inside(key) from None


def each(value: object, key: str, read: Callable[[object], Value]) -> tuple[Value, ...]:
    """Return `read` of every item of the list `value`."""
    if not isinstance(value, list):
        raise Unreadable.at(key, "a list is expected")
    items: list[Value] = []
    for position, item in enumerate(value):
        try:
            items.append(read(item))
        except Unreadable as error:
            raise error.inside(f"{key}[{position}]") from None
    return tuple(items)


def optional_each(
    value: object, key: str, read: Callable[[object], Value]
) -> tuple[Value, ...] | None:
    """Return `read` of every item of the list `value`, None when there is no list."""
    return None if value is None else each(value, key, read)


def message_ids(raw: JsonObject) -> tuple[str, ...]:
    """Return the messages that something is from: `messageIds`, or else `messageRefs`."""
    ids = optional_each(raw.get("messageIds"), "messageIds", lambda item: identifier(item, ""))
    return ids or optional_each(raw.get("messageRefs"), "messageRefs", _referred_id) or ()


def remainder(raw: JsonObject, known: frozenset[str]) -> dict[str, object]:
    """Return the fields of `raw` that have no reader of their own."""
    return {key: value for key, value in raw.items() if key not in known}


def _text_or_digits(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _referred_id(value: object) -> str:
    return identifier(json_object(value).get("id"), "id")
