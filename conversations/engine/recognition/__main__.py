"""The child process: one recording in, JSON lines out, then it ends.

`python -m conversations.engine.recognition PATH [--speakers N] [--factory MODULE]`;
started by `runner`, usable by hand. Events, one object per line:

    {"event": "stage", "stage": "decoding|separating|recognising", "done": 0.0 to 1.0}
    {"event": "audio", "seconds": s, "stated_seconds": s or null}
    {"event": "piece", "start": s, "end": s, "speaker": n, "text": "..."}
    {"event": "done", "seconds": s, "stated_seconds": s or null, "speakers": n}
    {"event": "failed", "code": "...", "reason": "..."}          with exit status 1
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TextIO

from conversations.engine.recognition import confine
from conversations.engine.recognition.types import (
    BUNDLED,
    MAX_SECONDS,
    Diarizer,
    RecognitionError,
    Recognizer,
)

_LANGUAGE = "en"
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
        recognise(options, reporter)
    except RecognitionError as error:
        traceback.print_exc()
        reporter.event("failed", code=error.code, reason=error.reason)
        return 1
    except MemoryError:
        reporter.event("failed", code="memory", reason="The recording needs too much memory.")
        return 1
    return 0


def recognise(options: argparse.Namespace, reporter: Reporter) -> None:
    """Take the recording through decoding, separating and recognising."""
    reporter.stage("decoding", 0.0)
    diarizer, recognizer = _engine(options.factory)
    # Imported late so that a missing package is reported like a missing engine.
    media = _module("conversations.engine.recognition.media")
    sound = media.decode(
        options.path,
        max_seconds=options.max_seconds,
        progress=lambda done: reporter.stage("decoding", done),
    )
    length = {"seconds": round(sound.seconds, 3), "stated_seconds": sound.stated_seconds}
    reporter.event("audio", **length)
    reporter.stage("separating", 0.0)
    spans = diarizer.turns(
        sound.pcm, options.speakers, lambda done: reporter.stage("separating", done)
    )
    reporter.stage("recognising", 0.0)
    numbers: dict[int, int] = {}
    for piece in recognizer.text(sound.pcm, spans, _LANGUAGE):
        reporter.event(
            "piece",
            start=round(piece.start, 3),
            end=round(piece.end, 3),
            speaker=numbers.setdefault(piece.speaker, len(numbers)),
            text=piece.text,
        )
        reporter.stage("recognising", piece.end / sound.seconds)
    reporter.stage("recognising", 1.0)
    reporter.event("done", **length, speakers=len(numbers))


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
    parser.add_argument("--speakers", type=int, help="number of people, when known")
    parser.add_argument("--factory", default=BUNDLED, help="module with engine()")
    parser.add_argument("--max-seconds", type=float, default=MAX_SECONDS)
    parser.add_argument("--memory-bytes", type=int, help="limit of address space")
    parser.add_argument("--cpu-seconds", type=int, help="limit of processor time")
    parser.add_argument("--parent", type=int, help="process to die with")
    return parser


if __name__ == "__main__":
    sys.exit(main())
