"""Recordings that come with the dashboard, and the truth about them.

Used by the demo command, the tour of new users, tests and benchmarks. Imports nothing
of the project. The voices are synthetic and the text is our own; see README.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent


class Turn(NamedTuple):
    """What one person says without a break; start and end in seconds."""

    speaker: str
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What is really said in a recording; duration in seconds."""

    title: str
    series: str
    duration: float
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording of the repository. Samples of one series are meetings of one group."""

    name: str
    title: str
    series: str
    description: str

    @property
    def path(self) -> Path:
        """Where the MP3 file lies."""
        return _FOLDER / f"{self.name}.mp3"

    def truth(self) -> Truth:
        """Return what is really said, from the JSON file beside the recording."""
        return read_truth(self.path.with_suffix(".json"))


def read_truth(path: Path) -> Truth:
    """Return the truth written in a JSON file of the format README.md describes."""
    data = json.loads(path.read_text(encoding="utf-8"))
    turns = tuple(
        Turn(turn["speaker"], turn["start"], turn["end"], turn["text"]) for turn in data["turns"]
    )
    return Truth(data["title"], data["series"], data["duration"], turns)


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "interview-1",
        "First interview: Anna and John",
        "Interviews about note taking",
        "Two people talk about how interviews are recorded and written down.",
    ),
    Sample(
        "interview-2",
        "Second interview: John and May",
        "Interviews about note taking",
        "John is back, two weeks later, with somebody new.",
    ),
    Sample(
        "planning",
        "Planning meeting",
        "Planning of the spring release",
        "Three people decide on a release date, a new office and job interviews.",
    ),
    Sample(
        "neighbourhood",
        "Neighbourhood meeting",
        "Neighbourhood meetings",
        "Four neighbours talk about a playground, parking, a concert and the library.",
    ),
)
