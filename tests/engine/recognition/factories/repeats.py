"""An engine that can be told words, and says what it was told and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from conversations.engine.recognition.types import Piece, Progress, Span

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm


class Repeater:
    """Both halves of the engine."""

    uses_vocabulary = True

    def turns(self, pcm: Pcm, speakers: int | None, progress: Progress | None = None) -> list[Span]:
        return []

    def text(
        self, pcm: Pcm, spans: list[Span], language: str, vocabulary: Sequence[str] = ()
    ) -> Iterator[Piece]:
        yield Piece(0.0, 1.0, 0, f"{language}: {' '.join(vocabulary)}")


def engine() -> tuple[Repeater, Repeater]:
    return Repeater(), Repeater()
