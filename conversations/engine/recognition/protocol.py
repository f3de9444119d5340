"""The parent's side of the child's JSON lines: read strictly, believed only when whole.

Called by `runner`. The child may have been confused by a hostile file, so every
field is checked before it is used.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass, field
from typing import Any

from conversations.engine.recognition.types import Piece, RecognitionError

#: The code of a recognition that ended in no way it should.
CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Result:
    """A recognised recording; times in seconds, memory in bytes (0 where unknown).

    The pieces are in order of time. Where channels were recognised one by one, `channels`
    is how many there are and the speaker of a piece is its channel, counted from 0; a
    silent channel has no piece. `channels` is 0 for a recording that was mixed down.
    """

    pieces: tuple[Piece, ...]
    seconds: float
    stated_seconds: float | None
    speakers: int
    peak_memory: int
    channels: int = 0
    uses_vocabulary: bool = False


@dataclass(slots=True)
class Draft:
    """What the child has told so far."""

    stage: str = "decoding"
    progress: float = 0.0
    seconds: float | None = None
    stated_seconds: float | None = None
    speakers: int | None = None
    channels: int = 0
    uses_vocabulary: bool = False
    failure: RecognitionError | None = None
    pieces: list[Piece] = field(default_factory=list)

    def read(self, line: bytes) -> bool:
        """Take in one line and return True if it told progress.

        Raise RecognitionError `crashed` for anything but an event of the protocol.
        """
        try:
            event = json.loads(line)
            kind = event["event"]
            self._take(kind, event)
        except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
            raise nonsense() from error
        return bool(kind == "stage")

    def result(self, status: int, peak_memory: int) -> Result:
        """Return the finished result of a child that ended with this exit status.

        Raise RecognitionError: the child's own, or `crashed` (also when its pieces are
        not those of its speakers or channels, numbered from 0), or `timeout` when the
        system stopped it for its processor time.
        """
        if self.failure:
            raise self.failure
        if status == -signal.SIGXCPU:
            raise RecognitionError("timeout", "The recognition took too long and was stopped.")
        if status or self.speakers is None or self.seconds is None:
            how = f"signal {-status}" if status < 0 else f"status {status}"
            raise RecognitionError(CRASHED, f"The speech engine stopped unexpectedly ({how}).")
        heard = {piece.speaker for piece in self.pieces}
        numbers = self.channels or self.speakers
        if len(heard) != self.speakers or max(heard, default=-1) >= numbers:
            raise nonsense()
        return Result(
            # Sorting keeps the order of what begins at once: the lower channel first.
            pieces=tuple(sorted(self.pieces, key=lambda piece: piece.start)),
            seconds=self.seconds,
            stated_seconds=self.stated_seconds,
            speakers=self.speakers,
            peak_memory=peak_memory,
            channels=self.channels,
            uses_vocabulary=self.uses_vocabulary,
        )

    def _take(self, kind: str, event: dict[str, Any]) -> None:
        match kind:
            case "stage":
                self.stage, self.progress = _text(event["stage"]), _number(event["done"])
            case "audio":
                self.seconds = _number(event["seconds"])
            case "piece":
                self.pieces.append(_piece(event))
            case "done":
                stated = event["stated_seconds"]
                self.stated_seconds = None if stated is None else _number(stated)
                self.seconds = _number(event["seconds"])
                self.speakers = _count(event["speakers"])
                self.channels = _count(event["channels"])
                self.uses_vocabulary = event["uses_vocabulary"] is True
            case "failed":
                self.failure = RecognitionError(_text(event["code"]), _text(event["reason"]))
            case _:
                raise ValueError(kind)


def nonsense() -> RecognitionError:
    """Return the error for output that is not of the protocol."""
    return RecognitionError(CRASHED, "The speech engine wrote nonsense.")


def _piece(event: dict[str, Any]) -> Piece:
    start, end = _number(event["start"]), _number(event["end"])
    if end < start:
        raise ValueError("a piece ends before it starts")
    return Piece(start, end, _count(event["speaker"]), _text(event["text"]))


def _count(value: object) -> int:
    """Return a whole number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    if value < 0:
        raise ValueError(value)
    return value


def _number(value: object) -> float:
    """Return a number that is not negative, not infinite and not NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    if not 0 <= value < float("inf"):
        raise ValueError(value)
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
