"""An engine that hears two people taking turns of one second, speaker 5 first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from conversations.engine.recognition.types import SAMPLE_RATE, Piece, Progress, Span

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm


class Talker:
    """Both halves of the engine."""

    uses_vocabulary = False

    def turns(self, pcm: Pcm, speakers: int | None, progress: Progress | None = None) -> list[Span]:
        if progress:
            progress(0.5)
            progress(1.0)
        seconds = len(pcm) // SAMPLE_RATE
        return [Span(start, start + 1, 5 - start % (speakers or 2)) for start in range(seconds)]

    def text(
        self, pcm: Pcm, spans: list[Span], language: str, vocabulary: Sequence[str] = ()
    ) -> Iterator[Piece]:
        for span in spans:
            yield Piece(*span, f"{language} {span.start:g}")


def engine() -> tuple[Talker, Talker]:
    return Talker(), Talker()
