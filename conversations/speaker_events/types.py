"""The nouns of this package: speakers, their events and turns, and input that cannot be read.

All times are integer milliseconds from the start of the recording.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Row = TypeVar("Row")


class BadInput(ValueError):
    """The source cannot be read: one sentence for people, and the line where it is known."""

    def __init__(self, sentence: str, *, line: int | None = None) -> None:
        """`line` counts from 1."""
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line

    def __str__(self) -> str:
        return self.sentence if self.line is None else f"line {self.line}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks. `id` alone tells two speakers apart; the rest is what they are called."""

    id: str
    name: str = ""
    email: str = ""

    @property
    def label(self) -> str:
        """What to call the speaker: the name, else the e-mail, else the id."""
        return self.name or self.email or self.id


class EventType(StrEnum):
    """The API's words for the two kinds of speaker event (contract 6.1)."""

    STARTED = "started_speaking"
    STOPPED = "stopped_speaking"


@dataclass(frozen=True, slots=True)
class Event:
    """One speaker event as the API takes it. As read, the offset may be negative."""

    type: EventType
    speaker: Speaker
    offset_ms: int

    @property
    def order(self) -> tuple[int, bool]:
        """The sort key of contract 6.3: by offset, a stop before a start."""
        return self.offset_ms, self.type is EventType.STARTED


@dataclass(frozen=True, slots=True)
class Span:
    """One turn: `speaker` speaks from `start_ms` up to `end_ms`.

    What `pair` and everything after it returns keeps 0 <= start < end.
    """

    speaker: Speaker
    start_ms: int
    end_ms: int

    @property
    def order(self) -> tuple[int, int, str]:
        """The sort key of spans: by start, then end, then speaker."""
        return self.start_ms, self.end_ms, self.speaker.id


def at_most(most: int | None, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows of a source; raise BadInput as soon as they are more than `most`."""
    for number, row in enumerate(rows, 1):
        if most is not None and number > most:
            raise BadInput(f"More than {most:,} turns or events are listed; that is too much.")
        yield row


def one_speaker_per_id(speakers: Iterable[Speaker]) -> dict[str, Speaker]:
    """Return each id's speaker, with the first name and the first e-mail given for that id."""
    known: dict[str, Speaker] = {}
    for speaker in speakers:
        earlier = known.get(speaker.id, speaker)
        known[speaker.id] = Speaker(
            speaker.id, earlier.name or speaker.name, earlier.email or speaker.email
        )
    return known
