"""The moonshine library behind a small typed wall.

Used by `voice` and `moonshine`. Version 0.1.0 is pinned exactly, which is why its
inner functions may be called: the public one turns every sample into a Python float.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from conversations.engine.recognition.types import SAMPLE_RATE

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm


class Line(NamedTuple):
    """A stretch of speech; start and length in seconds of the samples handed in."""

    start: float
    seconds: float
    text: str


class Transcriber:
    """A loaded moonshine tiny-en model with Silero voice detection in front of it.

    `options` are the library's own, by name. Use as a context manager: the model
    holds about 150 MB outside Python.
    """

    def __init__(self, options: Mapping[str, str]) -> None:
        # The package is untyped and slow to import, and only the child needs it.
        self._package: Any = importlib.import_module("moonshine_voice.transcriber")
        assets = importlib.import_module("moonshine_voice.utils").get_assets_path()
        self._inner: Any = self._package.Transcriber(
            assets / "tiny-en",
            self._package.ModelArch.TINY,
            options={"return_audio_data": "false", **options},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._inner.close()

    def lines(self, pcm: Pcm) -> list[Line]:
        """Return the stretches of speech in the samples, in order."""
        samples = np.ascontiguousarray(pcm, np.float32)
        transcript = ctypes.POINTER(self._package.TranscriptC)()
        status = self._inner._lib.moonshine_transcribe_without_streaming(
            self._inner._handle,
            samples.ctypes.data_as(ctypes.POINTER(ctypes.c_float)),
            len(samples),
            SAMPLE_RATE,
            0,
            ctypes.byref(transcript),
        )
        self._package.check_error(status)
        return [
            Line(line.start_time, line.duration, line.text.strip())
            for line in self._inner._parse_transcript(transcript).lines
        ]
