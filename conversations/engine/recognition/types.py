"""The words shared by every part of recognition, free of any import that costs time.

The parent process imports this module, so numpy is named for type checking only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm: TypeAlias = NDArray[np.float32]

SAMPLE_RATE = 16_000
MAX_SECONDS = 4 * 3600.0
BUNDLED = "conversations.engine.recognition.bundled"

Progress: TypeAlias = Callable[[float], None]


class Span(NamedTuple):
    """One stretch of speech of one speaker; start and end in seconds of the recording."""

    start: float
    end: float
    speaker: int


class Piece(NamedTuple):
    """The text of one stretch of speech; start and end in seconds of the recording."""

    start: float
    end: float
    speaker: int
    text: str


class Diarizer(Protocol):
    """Finds who speaks when."""

    def turns(self, pcm: Pcm, speakers: int | None, progress: Progress | None = None) -> list[Span]:
        """Return the turns in order of time, speakers numbered from 0 as they appear.

        `pcm` is 16 kHz mono. `speakers` is the number of people when it is known.
        `progress` is called with the share of the work done, 0.0 to 1.0.
        """


class Recognizer(Protocol):
    """Finds what is said."""

    def text(self, pcm: Pcm, spans: list[Span], language: str) -> Iterator[Piece]:
        """Yield the text of the spans in order of time, each as soon as it is known.

        Raise RecognitionError with code `language` for a language it does not know.
        """


class RecognitionError(Exception):
    """A recording could not be recognised.

    `code` is for programs, `reason` is one sentence for people.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"
