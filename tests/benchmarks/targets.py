"""What the benchmarks of recognition share: the cases, the scores and the targets.

Used by `recognition` (the child process alone) and `end_to_end` (upload, queue, HTTP).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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


class Heard(NamedTuple):
    """What was recognised: who spoke when, the text, and what it took."""

    stretches: Sequence[Stretch]
    text: str
    seconds: float
    wall: float
    memory_mb: float


def score(case: Case, heard: Heard) -> Score:
    """Compare what was recognised with the truth."""
    truth = [Stretch(turn.start, turn.end, turn.speaker) for turn in case.turns]
    return Score(
        name=case.path.name,
        seconds=heard.seconds,
        speakers_found=len({stretch.speaker for stretch in heard.stretches}),
        speakers_true=len({turn.speaker for turn in case.turns}),
        der=diarization_error_rate(truth, heard.stretches),
        wer=word_error_rate(words(" ".join(turn.text for turn in case.turns)), words(heard.text)),
        speed=heard.seconds / heard.wall,
        memory_mb=heard.memory_mb,
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


def report(measure: Callable[[Case], Heard], description: str) -> int:
    """Measure each case, print the table, and return the exit status: 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", nargs="?", type=Path, help="FLAC files with their JSON truth")
    parser.add_argument(
        "--ignore-speed",
        action="store_true",
        help="print the speed without judging it: for machines with other work to do",
    )
    arguments = parser.parse_args()
    ignored = {"speed"} if arguments.ignore_speed else set()
    sys.stdout.write("file               seconds  spk     DER     WER   speed  MB      targets\n")
    missed = False
    for case in cases(arguments.folder):
        found = score(case, measure(case))
        missed = missed or bool(set(found.misses()) - ignored)
        sys.stdout.write(f"{found.row()}\n")
        sys.stdout.flush()
    return 1 if missed else 0
