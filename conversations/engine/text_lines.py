"""The lines of a submitted text: read back from its file, and laid out on a time axis.

Called by `tasks`, `jobs` and `results`. `texts` has checked what it wrote.
"""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

WORDS_PER_MINUTE = 150


class Unreadable(Exception):
    """The file of a text is gone or damaged. `reason` is a sentence for people."""

    reason = "The submitted text could not be read any more. Submit it again."


@dataclass(frozen=True, slots=True)
class Line:
    """One submitted message; times in milliseconds since 1970, None where none was given."""

    text: str
    name: str = ""
    user_id: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


def read(path: Path) -> list[Line]:
    """Return the lines of a submitted text, in its order; raise Unreadable."""
    try:
        return [_line(message) for message in json.loads(path.read_bytes())]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise Unreadable from error


def placed(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each line, in milliseconds from the start of the text.

    Given times keep their distances, the earliest being the start. A line without times
    begins where the line before it ended. A length that was not given is what the words
    take at 150 a minute.
    """
    lengths, starts = _measured(lines)
    origin = _origin(lengths, starts) or 0
    end = 0
    for line, start, length in zip(lines, starts, lengths, strict=True):
        begin = end if start is None else start - origin
        end = begin + length if line.end_ms is None else line.end_ms - origin
        yield begin, end


def started_at(lines: Sequence[Line]) -> dt.datetime | None:
    """Return the moment the text begins, None when none of its lines has a time."""
    origin = _origin(*_measured(lines))
    return None if origin is None else dt.datetime.fromtimestamp(origin / 1000, dt.UTC)


def remarks(lines: Sequence[Line]) -> str:
    """Return what people should know about the times of a text; "" when all starts were given."""
    if all(line.start_ms is not None for line in lines):
        return ""
    return f"Times that were not given are estimated at {WORDS_PER_MINUTE} words a minute."


def _line(message: dict[str, Any]) -> Line:
    return Line(
        text=message["content"],
        name=message["name"],
        user_id=message["userId"],
        start_ms=_milliseconds(message["start"]),
        end_ms=_milliseconds(message["end"]),
    )


def _milliseconds(time: str | None) -> int | None:
    return None if time is None else round(dt.datetime.fromisoformat(time).timestamp() * 1000)


def _measured(lines: Sequence[Line]) -> tuple[list[int], list[int | None]]:
    """Return how long each line takes to say, and when it begins as far as that is given."""
    lengths = [_spoken_ms(line.text) for line in lines]
    return lengths, [_given_start(*pair) for pair in zip(lines, lengths, strict=True)]


def _origin(lengths: Sequence[int], starts: Sequence[int | None]) -> int | None:
    """Return when the text begins: the earliest given start, less the lines said before any."""
    given = [start for start in starts if start is not None]
    leading = takewhile(lambda pair: pair[0] is None, zip(starts, lengths, strict=True))
    return min(given) - sum(length for _, length in leading) if given else None


def _given_start(line: Line, length: int) -> int | None:
    if line.start_ms is None and line.end_ms is not None:
        return line.end_ms - length
    return line.start_ms


def _spoken_ms(text: str) -> int:
    return len(text.split()) * 60_000 // WORDS_PER_MINUTE
