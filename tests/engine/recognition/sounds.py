"""Recordings made on the fly for the tests of recognition."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm


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


def write_channels(path: Path, *hertz: float, seconds: float, rate: int = 16_000) -> Path:
    """Write a WAV file with a tone on each of its channels; 0 Hz is silence."""
    times = np.arange(int(seconds * rate)) / rate
    tones = np.sin(2 * np.pi * np.outer(times, hertz)) * 8000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(hertz))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tones.astype("<i2").tobytes())
    return path


def write_media(
    path: Path,
    *,
    codec: str | None,
    seconds: float = 3.0,
    rate: int = 48_000,
    with_video: bool = False,
    title: str | None = None,
    layout: str = "stereo",
) -> Path:
    """Write a tone of 440 Hz with PyAV in the container of the file's ending."""
    with av.open(str(path), "w") as container:
        if title:
            container.metadata["title"] = title
        # The header is written with the first packet, so every stream must be known by then.
        film = container.add_stream("mpeg4", rate=10) if with_video else None
        sound = container.add_stream(codec, rate=rate, layout=layout) if codec else None
        if isinstance(film, av.VideoStream):
            _write_black(container, film, seconds)
        if isinstance(sound, av.AudioStream):
            _write_tone(container, sound, seconds)
    return path


def write_stereo(path: Path, left: Pcm, right: Pcm) -> Path:
    """Write two sounds of 16 kHz and one length as the channels of a FLAC file with PyAV."""
    samples = (np.stack([left, right], axis=1).reshape(-1) * 32767).astype("<i2")
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=16_000, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        _write_samples(container, stream, samples)
    return path


def _write_tone(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: float
) -> None:
    times = np.arange(int(seconds * stream.rate)) / stream.rate
    tone = (np.sin(2 * np.pi * 440 * times) * 8000).astype("<i2")
    _write_samples(container, stream, np.repeat(tone, stream.layout.nb_channels))


def _write_samples(
    container: av.container.OutputContainer,
    stream: av.AudioStream,
    samples: np.ndarray[tuple[int], np.dtype[np.int16]],
) -> None:
    """Write samples that alternate between the channels of the stream."""
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout=stream.layout.name)
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
