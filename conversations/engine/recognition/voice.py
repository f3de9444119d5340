"""Where in a recording somebody speaks: Silero voice detection, as moonshine carries it.

Called by `turns`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.engine.recognition.native import Transcriber
from conversations.engine.recognition.types import SAMPLE_RATE, Progress

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm

# The library's own look-behind smears the edges of speech; these two settings
# were measured to keep them sharp. The long maximum keeps it from cutting
# inside speech: the speakers decide where a stretch ends.
_OPTIONS = {
    "skip_transcription": "true",
    "vad_window_duration": "0.2",
    "vad_look_behind_sample_count": "2048",
    "vad_max_segment_duration": "1000",
}

_BLOCK_SECONDS = 300
_TOUCHING = 0.05


def speech(pcm: Pcm, progress: Progress | None = None) -> list[tuple[float, float]]:
    """Return start and end, in seconds, of every stretch of speech, in order."""
    found: list[tuple[float, float]] = []
    block = _BLOCK_SECONDS * SAMPLE_RATE
    with Transcriber(_OPTIONS) as transcriber:
        for offset in range(0, len(pcm), block):
            base = offset / SAMPLE_RATE
            for line in transcriber.lines(pcm[offset : offset + block]):
                _append(found, base + line.start, base + line.start + line.seconds)
            if progress:
                progress(min(1.0, (offset + block) / len(pcm)))
    total = len(pcm) / SAMPLE_RATE
    return [(start, min(end, total)) for start, end in found if start < min(end, total)]


def _append(found: list[tuple[float, float]], start: float, end: float) -> None:
    """Add a stretch, joined to the one before when only a block's edge lies between."""
    if found and start - found[-1][1] < _TOUCHING:
        found[-1] = (found[-1][0], end)
    else:
        found.append((start, end))
