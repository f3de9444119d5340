"""Measures the bundled speech engine against its targets, on real child processes.

`python -m tests.benchmarks.recognition [FOLDER]`: the samples of the repository, or the
FLAC files of a folder with their JSON truth. Exit status 1 when a target is missed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from conversations.engine.recognition.runner import recognise
from conversations.samples import SAMPLES, Turn
from tests.benchmarks.scoring import Stretch, diarization_error_rate, word_error_rate, words

MOST_DER = 0.02
MOST_WER = 0.10
LEAST_SPEED = 8.0
MOST_MEMORY_MB = 500


class Case(NamedTuple):
    """A recording and what is really said in it."""

    path: Path
    turns: Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Score:
    """How well and how fast one recording was recognised."""

    name: str
    seconds: float
    speakers_found: int
    speakers_true: int
    der: float
    wer: float
    speed: float
    memory_mb: float

    def misses(self) -> list[str]:
        """Return the names of the targets that were missed."""
        checks = {
            "speakers": self.speakers_found == self.speakers_true,
            "DER": self.der <= MOST_DER,
            "WER": self.wer <= MOST_WER,
            "speed": self.speed >= LEAST_SPEED,
            "memory": self.memory_mb <= MOST_MEMORY_MB,
        }
        return [name for name, is_met in checks.items() if not is_met]

    def row(self) -> str:
        """Return the line of the table."""
        return (
            f"{self.name:<18} {self.seconds:7.1f}  {self.speakers_found}/{self.speakers_true}  "
            f"{self.der:6.1%}  {self.wer:6.1%}  {self.speed:5.1f}x  {self.memory_mb:6.0f}  "
            f"{', '.join(self.misses()) or 'met'}"
        )


def measure(case: Case) -> Score:
    """Recognise one recording, number of speakers unknown, and score it."""
    started = time.perf_counter()
    result = recognise(case.path)
    wall = time.perf_counter() - started
    truth = [Stretch(turn.start, turn.end, turn.speaker) for turn in case.turns]
    found = [Stretch(piece.start, piece.end, str(piece.speaker)) for piece in result.pieces]
    return Score(
        name=case.path.name,
        seconds=result.seconds,
        speakers_found=result.speakers,
        speakers_true=len({turn.speaker for turn in case.turns}),
        der=diarization_error_rate(truth, found),
        wer=word_error_rate(
            words(" ".join(turn.text for turn in case.turns)),
            words(" ".join(piece.text for piece in result.pieces)),
        ),
        speed=result.seconds / wall,
        memory_mb=result.peak_memory / 2**20,
    )


def cases(folder: Path | None) -> Iterator[Case]:
    """Yield the samples, or the FLAC files of the folder."""
    if folder is None:
        yield from (Case(sample.path, sample.truth().turns) for sample in SAMPLES)
        return
    for path in sorted(folder.glob("*.flac")):
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        yield Case(
            path,
            [
                Turn(
                    str(turn.get("speaker", turn.get("spk"))),
                    turn["start"],
                    turn["end"],
                    turn["text"],
                )
                for turn in truth["turns"]
            ],
        )


def main(arguments: Sequence[str]) -> int:
    """Print the table and return the exit status."""
    sys.stdout.write("file               seconds  spk     DER     WER   speed  MB      targets\n")
    missed = False
    for case in cases(Path(arguments[0]) if arguments else None):
        score = measure(case)
        missed = missed or bool(score.misses())
        sys.stdout.write(f"{score.row()}\n")
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
