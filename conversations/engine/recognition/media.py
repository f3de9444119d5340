"""Decoding of any audio or video file into 16 kHz mono samples, with PyAV.

Called by the child process only: native decoders see files that strangers made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import av
import numpy as np
from av.error import FFmpegError

from conversations.engine.recognition.types import (
    MAX_SECONDS,
    SAMPLE_RATE,
    Progress,
    RecognitionError,
)

if TYPE_CHECKING:
    from av.container import InputContainer

    from conversations.engine.recognition.types import Pcm

# A playlist or a list of files makes the demuxer open other files and addresses,
# so only formats that carry their own sound are let in, and only from disk.
_FORMATS = (
    "aac,ac3,aiff,amr,asf,au,avi,caf,eac3,flac,flv,matroska,webm,matroska\\,webm,mov,mp4,m4a,"
    "mov\\,mp4\\,m4a\\,3gp\\,3g2\\,mj2,mp3,mpeg,mpegts,ogg,w64,wav"
)
_OPEN_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}

_BLOCK = 120 * SAMPLE_RATE
# Every channel is decoded again, so a file of hundreds would keep a worker for ever.
_MOST_CHANNELS = 16


class Decoded(NamedTuple):
    """The sound of a file: samples, their length, and the length the file claims (seconds)."""

    pcm: Pcm
    seconds: float
    stated_seconds: float | None


def decode(
    path: Path,
    *,
    channel: int | None = None,
    max_seconds: float = MAX_SECONDS,
    progress: Progress | None = None,
) -> Decoded:
    """Return the first choice of audio stream of the file as 16 kHz mono.

    All channels are mixed down, or `channel`, counted from 0, is taken alone; where the
    stream has no such channel there is silence.
    A file that breaks off in the middle gives what could be decoded.
    Raise RecognitionError `unreadable`, `no_audio` or `too_long`.
    """
    with _opened(path) as container:
        stated = container.duration / av.time_base if container.duration else None
        pcm = _collect(_samples(container, channel), max_seconds, stated, progress)
    if not len(pcm):
        raise RecognitionError("unreadable", "The sound in the file could not be decoded.")
    return Decoded(pcm, len(pcm) / SAMPLE_RATE, stated)


def count_channels(path: Path) -> int:
    """Return how many channels `decode` can take alone from the file.

    Raise RecognitionError `unreadable` or `no_audio`, and `too_many_channels` for more than 16.
    """
    with _opened(path) as container:
        count = max(1, _sound(container).layout.nb_channels)
    if count > _MOST_CHANNELS:
        raise RecognitionError(
            "too_many_channels",
            f"The recording has {count} channels; "
            f"at most {_MOST_CHANNELS} can be recognised one by one.",
        )
    return count


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    """Open a file that has sound; raise RecognitionError for any other."""
    try:
        # Titles and artists of old files are in every encoding; nobody reads them here.
        container = av.open(
            f"file:{path.resolve()}", options=dict(_OPEN_OPTIONS), metadata_errors="replace"
        )
    except (FFmpegError, OSError) as error:
        raise RecognitionError(
            "unreadable", "The file is damaged or is not a known audio or video format."
        ) from error
    with container:
        if not container.streams.audio:
            raise RecognitionError("no_audio", "The file contains no sound.")
        yield container


def _sound(container: InputContainer) -> av.AudioStream:
    best = container.streams.best("audio")
    return best if isinstance(best, av.AudioStream) else container.streams.audio[0]


def _collect(
    blocks: Iterator[Pcm],
    max_seconds: float,
    stated: float | None,
    progress: Progress | None,
) -> Pcm:
    """Return the blocks as one array, grown in place so that memory is never doubled."""
    limit = int(max_seconds * SAMPLE_RATE)
    pcm = np.empty(_BLOCK, np.float32)
    length = 0
    for block in blocks:
        end = length + len(block)
        if end > limit:
            raise RecognitionError(
                "too_long", f"The recording is longer than {_duration_words(max_seconds)}."
            )
        if end > len(pcm):
            pcm.resize(end + _BLOCK, refcheck=False)
        pcm[length:end] = block
        length = end
        if progress and stated:
            progress(min(1.0, length / SAMPLE_RATE / stated))
    pcm.resize(length, refcheck=False)
    return pcm


def _samples(container: InputContainer, channel: int | None) -> Iterator[Pcm]:
    """Yield the sound in order; stop where the file can no longer be read."""
    for frame in _resampled(container, None if channel is not None else "mono"):
        yield _row(frame, channel or 0)


def _resampled(container: InputContainer, layout: str | None) -> Iterator[av.AudioFrame]:
    """Yield the frames at 16 kHz in the layout; None keeps the channels as they are."""
    resampler = _resampler(layout)
    for frame in _frames(container):
        try:
            resampled = resampler.resample(frame)
        except ValueError:
            # The stream changed its rate or its channels: finish what is inside and start anew.
            yield from resampler.resample(None)
            resampler = _resampler(layout)
            resampled = resampler.resample(frame)
        yield from resampled
    yield from resampler.resample(None)


def _frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    """Yield the decoded frames, leaving out damaged packets and everything after a break."""
    packets = container.demux(_sound(container))
    while True:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        try:
            frames = packet.decode()
        except FFmpegError:
            continue
        for frame in frames:
            if isinstance(frame, av.AudioFrame):
                yield frame


def _resampler(layout: str | None) -> av.AudioResampler:
    # Without the maximum, mixing two equal channels makes floats 1.4 times as loud.
    return av.AudioResampler(
        format="fltp", layout=layout, rate=SAMPLE_RATE, options={"rematrix_maxval": "1.0"}
    )


def _row(frame: av.AudioFrame, channel: int) -> Pcm:
    """Return one channel of a frame; silence when the frame has fewer channels."""
    rows = frame.to_ndarray()
    if channel >= len(rows):
        return np.zeros(frame.samples, np.float32)
    samples: Pcm = rows[channel].astype(np.float32, copy=False)
    return samples


def _duration_words(seconds: float) -> str:
    """Return a length as people say it: "4 hours", "90 minutes", "20 seconds"."""
    for size, word in ((3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return f"{seconds:g} seconds"
