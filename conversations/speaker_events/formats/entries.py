"""Checked values out of the JSON that two of the formats are made of."""

import json
from collections.abc import Iterable, Iterator

from conversations.speaker_events.types import BadInput

JsonObject = dict[str, object]


def parse_json(text: str) -> object:
    """Return the JSON document in `text`. Raises BadInput."""
    try:
        document: object = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise BadInput(f"This is not JSON: {error.msg}.", line=error.lineno) from None
    except (ValueError, RecursionError):
        raise BadInput(
            "This JSON is nested too deeply, or has a number that is too long."
        ) from None
    return document


def objects(entries: Iterable[object], name: str) -> Iterator[tuple[str, JsonObject]]:
    """Yield each entry with its place, such as `timeline[2]`.

    Raises BadInput for one that is not an object.
    """
    for index, entry in enumerate(entries):
        place = f"{name}[{index}]"
        if not isinstance(entry, dict):
            raise BadInput(f"{place} is not an object.")
        yield place, entry


def text_of(record: JsonObject, key: str, place: str) -> str:
    """Return a text or a whole number as text, "" when there is none. Raises BadInput."""
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadInput(f"{place}.{key} is not a text.")
    # JSON can spell half a character, which nothing could write out again.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
