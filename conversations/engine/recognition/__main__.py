"""The child process: one recording in, JSON lines out, then it ends.

`python -m conversations.engine.recognition PATH [--factory MODULE] [--request]`; started
by `runner`, usable by hand. With `--request` standard input says what is asked, as one
JSON object of the members of `types.Request`. Events, one object per line:

    {"event": "stage", "stage": "decoding|separating|recognising", "done": 0.0 to 1.0}
    {"event": "audio", "seconds": s, "stated_seconds": s or null}
    {"event": "piece", "start": s, "end": s, "speaker": n, "text": "..."}
    {"event": "done", "seconds": s, "stated_seconds": s or null, "speakers": n,
     "channels": n or 0 for a mix, "uses_vocabulary": true or false}
    {"event": "failed", "code": "...", "reason": "..."}          with exit status 1

Speakers are numbered from 0 as they appear; channels recognised one by one come one
after another, and the number of a speaker is that of the channel.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TextIO

from conversations.engine.recognition import confine
from conversations.engine.recognition.types import (
    BUNDLED,
    MAX_SECONDS,
    Diarizer,
    Piece,
    Progress,
    RecognitionError,
    Recognizer,
    Request,
    Span,
)

if TYPE_CHECKING:
    from conversations.engine.recognition.media import Decoded
    from conversations.engine.recognition.types import Pcm

_STAGE_INTERVAL = 0.2


class Reporter:
    """Writes events to the parent; `clock` gives seconds that never go back."""

    def __init__(self, output: TextIO, clock: Callable[[], float]) -> None:
        self._output = output
        self._clock = clock
        self._stage = ""
        self._told_at = 0.0

    def event(self, name: str, **fields: object) -> None:
        self._output.write(json.dumps({"event": name, **fields}) + "\n")
        self._output.flush()

    def stage(self, name: str, done: float) -> None:
        """Tell the progress of a stage, at most five times a second within the stage."""
        now = self._clock()
        if name == self._stage and done < 1.0 and now - self._told_at < _STAGE_INTERVAL:
            return
        self._stage, self._told_at = name, now
        self.event("stage", stage=name, done=round(min(max(done, 0.0), 1.0), 3))


def main(arguments: Sequence[str] | None = None) -> int:
    """Recognise one recording and return the exit status."""
    options = _parser().parse_args(arguments)
    reporter = Reporter(_private_stdout(), time.monotonic)
    if options.parent is not None:
        confine.die_with(options.parent)
    confine.limit(memory_bytes=options.memory_bytes, cpu_seconds=options.cpu_seconds)
    try:
        request = Request(**json.load(sys.stdin)) if options.request else Request()
        recognise(options, request, reporter)
    except RecognitionError as error:
        traceback.print_exc()
        reporter.event("failed", code=error.code, reason=error.reason)
        return 1
    except MemoryError:
        reporter.event("failed", code="memory", reason="The recording needs too much memory.")
        return 1
    return 0


def recognise(options: argparse.Namespace, request: Request, reporter: Reporter) -> None:
    """Take the recording through decoding, separating and recognising."""
    reporter.stage("decoding", 0.0)
    hearing = _Hearing(options, request, reporter)
    if request.per_channel:
        hearing.channels()
    else:
        hearing.mixed()


class _Hearing:
    """One recording heard by one engine, and told piece by piece."""

    def __init__(self, options: argparse.Namespace, request: Request, reporter: Reporter) -> None:
        self._path: Path = options.path
        self._max_seconds: float = options.max_seconds
        self._request = request
        self._reporter = reporter
        self._diarizer, self._recognizer = _engine(options.factory)
        # Imported late so that a missing package is reported like a missing engine.
        self._media = _module("conversations.engine.recognition.media")

    def mixed(self) -> None:
        """Hear all channels at once and tell the speakers apart."""
        tell = self._reporter.stage
        sound = self._decoded(None, lambda done: tell("decoding", done))
        self._reporter.event("audio", **_length(sound))
        tell("separating", 0.0)
        spans = self._diarizer.turns(
            sound.pcm, self._request.speakers, lambda done: tell("separating", done)
        )
        tell("recognising", 0.0)
        numbers: dict[int, int] = {}
        for piece in self._pieces(sound.pcm, spans):
            self._tell(piece, numbers.setdefault(piece.speaker, len(numbers)))
            tell("recognising", piece.end / sound.seconds)
        self._end(_length(sound), speakers=len(numbers), channels=0)

    def channels(self) -> None:
        """Hear one channel after the other, each of them one speaker."""
        count: int = self._media.count_channels(self._path)
        heard: set[int] = set()
        length: dict[str, float | None] = {}
        for channel in range(count):
            length = self._channel(channel, count, heard)
        self._end(length, speakers=len(heard), channels=count)

    def _channel(self, channel: int, count: int, heard: set[int]) -> dict[str, float | None]:
        """Hear one channel, add it to `heard` when somebody speaks, and return its length.

        Its samples are let go at the end: two channels are never in memory together.
        """
        sound = self._decoded(channel, None)
        self._reporter.event("audio", **_length(sound))
        for piece in self._pieces(sound.pcm, self._diarizer.turns(sound.pcm, 1)):
            heard.add(channel)
            self._tell(piece, channel)
            self._reporter.stage("recognising", (channel + piece.end / sound.seconds) / count)
        return _length(sound)

    def _decoded(self, channel: int | None, progress: Progress | None) -> Decoded:
        sound: Decoded = self._media.decode(
            self._path, channel=channel, max_seconds=self._max_seconds, progress=progress
        )
        return sound

    def _pieces(self, pcm: Pcm, spans: list[Span]) -> Iterator[Piece]:
        request = self._request
        return self._recognizer.text(pcm, spans, request.language, request.vocabulary)

    def _tell(self, piece: Piece, speaker: int) -> None:
        self._reporter.event(
            "piece",
            start=round(piece.start, 3),
            end=round(piece.end, 3),
            speaker=speaker,
            text=piece.text,
        )

    def _end(self, length: dict[str, float | None], *, speakers: int, channels: int) -> None:
        self._reporter.stage("recognising", 1.0)
        self._reporter.event(
            "done",
            **length,
            speakers=speakers,
            channels=channels,
            uses_vocabulary=self._recognizer.uses_vocabulary,
        )


def _length(sound: Decoded) -> dict[str, float | None]:
    return {"seconds": round(sound.seconds, 3), "stated_seconds": sound.stated_seconds}


def _engine(factory: str) -> tuple[Diarizer, Recognizer]:
    engine: tuple[Diarizer, Recognizer] = _module(factory).engine()
    return engine


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        raise RecognitionError(
            "not_installed", "A part of the speech engine is not installed on this computer."
        ) from error


def _private_stdout() -> TextIO:
    """Return the real standard output, and let everybody else write to standard error.

    Native libraries print to descriptor 1, which would spoil the protocol.
    """
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "w", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m conversations.engine.recognition")
    parser.add_argument("path", type=Path)
    parser.add_argument(
        "--request", action="store_true", help="read what is asked from standard input"
    )
    parser.add_argument("--factory", default=BUNDLED, help="module with engine()")
    parser.add_argument("--max-seconds", type=float, default=MAX_SECONDS)
    parser.add_argument("--memory-bytes", type=int, help="limit of address space")
    parser.add_argument("--cpu-seconds", type=int, help="limit of processor time")
    parser.add_argument("--parent", type=int, help="process to die with")
    return parser


if __name__ == "__main__":
    sys.exit(main())
