"""Who speaks when: windows of speech, a voice vector for each, groups of alike voices.

The bundled Diarizer; `bundled` hands it to the child.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from conversations.engine.recognition import dvector
from conversations.engine.recognition.clustering import cluster
from conversations.engine.recognition.types import SAMPLE_RATE, Progress, Span
from conversations.engine.recognition.voice import speech

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conversations.engine.recognition.types import Pcm

    Labels: TypeAlias = NDArray[np.intp]

Stretch: TypeAlias = tuple[float, float]

_WINDOW = 1.6
_HOP = 0.4
_LONG_HOP = 0.8
_LONG_RECORDING = 1200.0
_LEAST_REST = 0.2

_FRAME = 0.1
_SHORTEST_TURN = 6
_FARTHEST_WEIGHT = 0.05

_BATCH = 64
_LEAST_SAMPLES = 800
# Level the network was trained on: -30 dB of full scale; louder sound is left alone.
_TRAINED_LEVEL = 10**-1.5

# Finding the voice takes about a fifth of the time of telling voices apart.
_VOICE_SHARE = 0.2


class _Window(NamedTuple):
    """A piece of one stretch of speech, short enough to hold one voice."""

    start: float
    end: float
    stretch: int


class SpectralDiarizer:
    """Diarizer of voice detection, d-vectors and spectral clustering (docs/engine.md)."""

    def __init__(self) -> None:
        self._encoder = dvector.Encoder(dvector.weights_path())

    def turns(self, pcm: Pcm, speakers: int | None, progress: Progress | None = None) -> list[Span]:
        """Return the turns in order of time, speakers numbered from 0 as they appear."""
        if speakers == 1:
            return [Span(start, end, 0) for start, end in speech(pcm, progress)]
        report = progress or _ignore
        stretches = speech(pcm, lambda done: report(done * _VOICE_SHARE))
        if not stretches:
            return []
        hop = _LONG_HOP if len(pcm) > _LONG_RECORDING * SAMPLE_RATE else _HOP
        windows = list(_windows(stretches, hop))
        vectors = self._embed(
            pcm, windows, lambda done: report(_VOICE_SHARE + done * (1.0 - _VOICE_SHARE))
        )
        return _renumbered(_spans(stretches, windows, cluster(vectors, speakers)))

    def _embed(
        self, pcm: Pcm, windows: Sequence[_Window], progress: Progress
    ) -> NDArray[np.float32]:
        gain = _gain(pcm)
        batches = []
        for first in range(0, len(windows), _BATCH):
            batch = windows[first : first + _BATCH]
            frames = np.stack([_frames(pcm, window, gain) for window in batch])
            batches.append(self._encoder.embed(frames))
            progress((first + len(batch)) / len(windows))
        return np.concatenate(batches)


def _ignore(_done: float) -> None:
    """Stand in for a progress function nobody gave."""


def _gain(pcm: Pcm) -> np.float32:
    level = float(np.sqrt(np.dot(pcm, pcm) / len(pcm)))
    return np.float32(_TRAINED_LEVEL / level if 0 < level < _TRAINED_LEVEL else 1.0)


def _frames(pcm: Pcm, window: _Window, gain: np.float32) -> NDArray[np.float32]:
    """Return exactly 160 mel frames; a shorter window is repeated until it fills them."""
    first = int(window.start * SAMPLE_RATE)
    last = max(first + _LEAST_SAMPLES, int(window.end * SAMPLE_RATE))
    frames = dvector.mel_frames(pcm[first:last] * gain)
    repeats = -(-dvector.FRAMES // len(frames))
    return np.tile(frames, (repeats, 1))[: dvector.FRAMES]


def _windows(stretches: Sequence[Stretch], hop: float) -> Iterator[_Window]:
    """Yield overlapping windows that cover every stretch to its end."""
    for index, (start, end) in enumerate(stretches):
        if end - start <= _WINDOW:
            yield _Window(start, end, index)
            continue
        count = int((end - start - _WINDOW) / hop + 1e-6) + 1
        for step in range(count):
            yield _Window(start + step * hop, start + step * hop + _WINDOW, index)
        covered = start + (count - 1) * hop + _WINDOW
        if covered < end - _LEAST_REST:
            yield _Window(end - _WINDOW, end, index)


def _spans(stretches: Sequence[Stretch], windows: Sequence[_Window], labels: Labels) -> list[Span]:
    """Return the stretches cut where the speaker changes."""
    speakers = int(labels.max()) + 1
    labelled = zip(windows, labels.tolist(), strict=True)
    grouped = groupby(labelled, key=lambda pair: pair[0].stretch)
    return [
        span
        for index, members in grouped
        for span in _cut(stretches[index], list(members), speakers)
    ]


def _cut(stretch: Stretch, members: Sequence[tuple[_Window, int]], speakers: int) -> Iterator[Span]:
    """Yield the turns of one stretch, each tenth of a second given to the nearest windows."""
    start, end = stretch
    runs = _without_short(_runs(_votes(stretch, members, speakers).argmax(axis=1)))
    frame = 0
    for position, (speaker, length) in enumerate(runs):
        is_last = position == len(runs) - 1
        finish = end if is_last else start + (frame + length) * _FRAME
        yield Span(start + frame * _FRAME, finish, speaker)
        frame += length


def _votes(
    stretch: Stretch, members: Sequence[tuple[_Window, int]], speakers: int
) -> NDArray[np.float64]:
    """Return how much the windows over each tenth of a second speak for each speaker."""
    start, end = stretch
    votes = np.zeros((max(1, int((end - start) / _FRAME)), speakers))
    for window, speaker in members:
        first = max(0, int((window.start - start) / _FRAME))
        last = min(len(votes), max(first + 1, int(np.ceil((window.end - start) / _FRAME))))
        times = start + (np.arange(first, last) + 0.5) * _FRAME
        distance = np.abs(times - (window.start + window.end) / 2) / _WINDOW
        votes[first:last, speaker] += np.maximum(_FARTHEST_WEIGHT, 1.0 - distance)
    return votes


def _runs(speakers: Labels) -> list[tuple[int, int]]:
    """Return (speaker, number of frames) for each run of the same speaker."""
    return [(speaker, len(list(same))) for speaker, same in groupby(speakers.tolist())]


def _without_short(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the runs with those under 0.6 s, which are noise, given to a neighbour."""
    merged: list[tuple[int, int]] = []
    waiting = 0
    for speaker, length in runs:
        if merged and (length < _SHORTEST_TURN or merged[-1][0] == speaker):
            merged[-1] = (merged[-1][0], merged[-1][1] + length)
        elif length < _SHORTEST_TURN and len(runs) > 1:
            waiting += length
        else:
            merged.append((speaker, length + waiting))
            waiting = 0
    return merged or [(runs[0][0], waiting)]


def _renumbered(spans: Sequence[Span]) -> list[Span]:
    """Return the spans with speakers numbered from 0 in order of appearance."""
    numbers: dict[int, int] = {}
    return [span._replace(speaker=numbers.setdefault(span.speaker, len(numbers))) for span in spans]
