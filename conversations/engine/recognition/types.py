"""The words shared by every part of recognition, free of any import that costs time.

The parent process imports this module, so numpy is named for type checking only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm: TypeAlias = NDArray[np.float32]

SAMPLE_RATE = 16_000
MAX_SECONDS = 4 * 3600.0
BUNDLED = "conversations.engine.recognition.bundled"

Progress: TypeAlias = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of one recognition, the same on both sides of the child's wall.

    `speakers` is the number of people when it is known. With `per_channel` each channel
    of the recording is one person and is recognised alone, whatever `speakers` says.
    `vocabulary` holds words to listen for.
    """

    speakers: int | None = None
    per_channel: bool = False
    language: str = "en"
    vocabulary: Sequence[str] = ()


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
    """Finds what is said. `uses_vocabulary` tells whether it can listen for given words."""

    uses_vocabulary: bool

    def text(
        self, pcm: Pcm, spans: list[Span], language: str, vocabulary: Sequence[str] = ()
    ) -> Iterator[Piece]:
        """Yield the text of the spans in order of time, each as soon as it is known.

        Without `uses_vocabulary` the words in `vocabulary` make no difference.
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
