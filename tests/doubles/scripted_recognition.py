"""A speech engine that hears what the test wrote into the recording.

Name this module as ENGINE_FACTORY and submit what `recording` returns: a real WAV file
(16 kHz, mono), whose first samples spell a script and whose rest is silence. The real
child process decodes it and follows the script, so everything around the models is
tested without them; one recognition takes about half a second.

    recording(Turn(0.0, 1.5, 0, "Hello."), Turn(2.0, 3.0, 1, "Hi."), seconds=4.0)
    recording(fail=("unreadable", "The file is damaged."))
    recording(crash=True)
    recording(Turn(...), pause=30.0)      # stays "in progress" for 30 seconds
    recording(Turn(...), seconds=12.0, stated_seconds=142.0)      # breaks off
    channels([Turn(...)], [Turn(...), Turn(...)])      # each channel has a script of its own

Asked for N speakers, the engine folds higher speaker numbers into N - 1. Channels that
are mixed down are heard if their scripts are the same.
"""

import array
import io
import json
import os
import struct
import time
import wave
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from conversations.engine.recognition.bundled import Status
from conversations.engine.recognition.types import (
    SAMPLE_RATE,
    Diarizer,
    Piece,
    Progress,
    RecognitionError,
    Recognizer,
    Span,
)

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm

_MARK = b"script:"
_LENGTH = struct.Struct(">I")
# 16000 as a floating-point number of 80 bits, which the format wants.
_AIFF_RATE = bytes.fromhex("400cfa00000000000000")
# One byte a sample, in steps that survive the way from 16 bits to floats exactly.
_STEP = 64


class Turn(NamedTuple):
    """What is heard: seconds from the start, speaker from 0, text."""

    start: float
    end: float
    speaker: int
    text: str


def recording(
    *turns: Turn,
    seconds: float = 5.0,
    stated_seconds: float | None = None,
    pause: float = 0.0,
    fail: tuple[str, str] | None = None,
    crash: bool = False,
) -> bytes:
    """Return a sound file of `seconds` whose recognition follows the script.

    It is a WAV file, or with `stated_seconds` an AIFF file that claims that length.
    """
    script = {"turns": turns, "pause": pause, "fail": fail, "crash": crash}
    samples = _spelled(script, seconds)
    return _wav(samples) if stated_seconds is None else _aiff(samples, stated_seconds)


def channels(*scripts: Sequence[Turn], seconds: float = 5.0) -> bytes:
    """Return a WAV file with a channel for each script; nobody speaks in an empty one."""
    spelled = [
        _spelled({"turns": turns, "pause": 0.0, "fail": None, "crash": False}, seconds)
        for turns in scripts
    ]
    frames = zip(*spelled, strict=True)
    return _wav(array.array("h", (sample for frame in frames for sample in frame)), len(scripts))


def _spelled(script: dict[str, Any], seconds: float) -> "array.array[int]":
    """Return samples that spell the script, and silence up to the end."""
    text = json.dumps(script).encode()
    spelled = _MARK + _LENGTH.pack(len(text)) + text
    samples = array.array("h", (byte * _STEP for byte in spelled))
    samples.extend([0] * max(0, int(seconds * SAMPLE_RATE) - len(samples)))
    return samples


def _wav(samples: "array.array[int]", count: int = 1) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((count, 2, SAMPLE_RATE, len(samples) // count, "NONE", ""))
        file.writeframes(samples.tobytes())
    return data.getvalue()


def _aiff(samples: "array.array[int]", stated_seconds: float) -> bytes:
    """Return an AIFF file whose head states another length; of a WAV file nobody reads it."""
    samples.byteswap()
    frames = int(stated_seconds * SAMPLE_RATE)
    common = struct.pack(">hLh", 1, frames, 16) + _AIFF_RATE
    sound = struct.pack(">4sLLL", b"SSND", 8 + frames * 2, 0, 0) + samples.tobytes()
    body = struct.pack(">4s4sL", b"AIFF", b"COMM", len(common)) + common + sound
    return struct.pack(">4sL", b"FORM", len(body)) + body


def script_of(pcm: "Pcm") -> dict[str, Any]:
    """Return the script spelled by the first samples; raise RecognitionError without one."""
    start = len(_MARK) + _LENGTH.size
    head = _bytes(pcm, 0, start)
    if not head.startswith(_MARK):
        raise RecognitionError("unreadable", "The recording has no script.")
    (length,) = _LENGTH.unpack(head[len(_MARK) :])
    script: dict[str, Any] = json.loads(_bytes(pcm, start, start + length))
    return script


def _bytes(pcm: "Pcm", start: int, end: int) -> bytes:
    return bytes(round(float(sample) * 32768 / _STEP) & 0xFF for sample in pcm[start:end])


class ScriptedDiarizer:
    def turns(
        self, pcm: "Pcm", speakers: int | None, progress: Progress | None = None
    ) -> list[Span]:
        script = script_of(pcm)
        if script["crash"]:
            os.abort()
        if script["fail"]:
            raise RecognitionError(*script["fail"])
        time.sleep(script["pause"])
        if progress:
            progress(1.0)
        highest = 99 if speakers is None else speakers - 1
        return [
            Span(start, end, min(speaker, highest)) for start, end, speaker, _ in script["turns"]
        ]


class ScriptedRecognizer:
    uses_vocabulary = False

    def text(
        self, pcm: "Pcm", spans: list[Span], language: str, vocabulary: Sequence[str] = ()
    ) -> Iterator[Piece]:
        for span, (_, _, _, text) in zip(spans, script_of(pcm)["turns"], strict=True):
            yield Piece(span.start, span.end, span.speaker, text)


def engine() -> tuple[Diarizer, Recognizer]:
    return ScriptedDiarizer(), ScriptedRecognizer()


def status() -> Status:
    return Status("scripted", "1", available=True, reason=None)
