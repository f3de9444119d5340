"""Recordings made on the fly for the tests of recognition."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_wave(path: Path, *, seconds: float, hertz: float = 440.0, rate: int = 16_000) -> Path:
    """Write a mono WAV file with a tone; 0 Hz is silence."""
    times = np.arange(int(seconds * rate)) / rate
    samples = (np.sin(2 * np.pi * hertz * times) * 8000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def write_media(
    path: Path,
    *,
    codec: str | None,
    seconds: float = 3.0,
    rate: int = 48_000,
    with_video: bool = False,
    title: str | None = None,
) -> Path:
    """Write a stereo tone of 440 Hz with PyAV, in the container of the file's ending."""
    with av.open(str(path), "w") as container:
        if title:
            container.metadata["title"] = title
        # The header is written with the first packet, so every stream must be known by then.
        film = container.add_stream("mpeg4", rate=10) if with_video else None
        sound = container.add_stream(codec, rate=rate, layout="stereo") if codec else None
        if isinstance(film, av.VideoStream):
            _write_black(container, film, seconds)
        if isinstance(sound, av.AudioStream):
            _write_tone(container, sound, seconds)
    return path


def _write_tone(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: float
) -> None:
    times = np.arange(int(seconds * stream.rate)) / stream.rate
    tone = (np.sin(2 * np.pi * 440 * times) * 8000).astype("<i2")
    frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2)[None], format="s16", layout="stereo")
    frame.sample_rate = stream.rate
    frame.pts = 0
    frame.time_base = Fraction(1, stream.rate)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _write_black(
    container: av.container.OutputContainer, stream: av.VideoStream, seconds: float
) -> None:
    stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
    for number in range(int(seconds * 10)):
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        frame.pts = number
        frame.time_base = Fraction(1, 10)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
