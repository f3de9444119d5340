"""What is said: Moonshine tiny-en over the turns of the speakers.

The bundled Recognizer; `bundled` hands it to the child. English only: the models of
other languages are not free for commercial use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from conversations.engine.recognition.native import Transcriber
from conversations.engine.recognition.types import SAMPLE_RATE, Piece, RecognitionError, Span

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm

# The turn is already speech, so voice detection inside it is switched off.
_OPTIONS = {"vad_threshold": "0", "vad_max_segment_duration": "60"}

_JOINED_GAP = 0.6
_LONGEST_JOINED = 14.0
_LONGEST = 20.0
_MARGIN = 0.15
_SHORTEST = 0.12
_QUIET = 0.1


class MoonshineRecognizer:
    """Recognizer of English; loads the model at the first use of `text`."""

    uses_vocabulary = False

    def text(
        self, pcm: Pcm, spans: list[Span], language: str, vocabulary: Sequence[str] = ()
    ) -> Iterator[Piece]:
        """Yield a piece for each turn with words in it, in order of time."""
        if language.lower().partition("-")[0] != "en":
            raise RecognitionError("language", "The bundled speech engine knows English only.")
        return _pieces(pcm, spans)


def _pieces(pcm: Pcm, spans: Sequence[Span]) -> Iterator[Piece]:
    if not spans:
        return
    parts = [part for span in joined(spans) for part in divided(pcm, span)]
    with Transcriber(_OPTIONS) as transcriber:
        for index, part in enumerate(parts):
            if part.end - part.start < _SHORTEST:
                continue
            before = parts[index - 1].end if index else 0.0
            after = parts[index + 1].start if index + 1 < len(parts) else part.end + _MARGIN
            lines = transcriber.lines(_sound(pcm, part, before, after))
            # The model sometimes writes a comma twice.
            text = " ".join(line.text for line in lines if line.text).replace(",,", ",")
            if text:
                yield Piece(part.start, part.end, part.speaker, text)


def joined(spans: Sequence[Span]) -> list[Span]:
    """Return the spans with short pauses of the same speaker closed, up to 14 s each.

    The model is better with whole sentences, and worse with long ones.
    """
    result: list[Span] = []
    for span in spans:
        last = result[-1] if result else None
        if (
            last
            and last.speaker == span.speaker
            and span.start - last.end <= _JOINED_GAP
            and span.end - last.start <= _LONGEST_JOINED
        ):
            result[-1] = last._replace(end=max(last.end, span.end))
        else:
            result.append(span)
    return result


def divided(pcm: Pcm, span: Span) -> Iterator[Span]:
    """Yield the span in parts of at most 20 s, cut at the quietest tenth of a second."""
    start = span.start
    while span.end - start > _LONGEST:
        cut = _quietest(pcm, start + _LONGEST_JOINED / 2, start + _LONGEST_JOINED)
        yield span._replace(start=start, end=cut)
        start = cut
    yield span._replace(start=start)


def _quietest(pcm: Pcm, earliest: float, latest: float) -> float:
    """Return the middle, in seconds, of the quietest tenth of a second in between."""
    length = int(_QUIET * SAMPLE_RATE)
    first = int(earliest * SAMPLE_RATE)
    count = (int(latest * SAMPLE_RATE) - first) // length
    blocks = pcm[first : first + count * length].reshape(count, length)
    quietest = int(np.argmin((blocks**2).sum(axis=1)))
    return earliest + (quietest + 0.5) * _QUIET


def _sound(pcm: Pcm, part: Span, before: float, after: float) -> Pcm:
    """Return the samples of a part with a margin that never reaches into a neighbour.

    At least one second long: the model fails on inputs of some tens of milliseconds.
    """
    start = max(part.start - _MARGIN, min(before, part.start), 0.0)
    end = min(part.end + _MARGIN, max(after, part.end))
    sound = pcm[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
    return np.pad(sound, (0, max(0, SAMPLE_RATE - len(sound))))
