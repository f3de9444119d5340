"""Measures the bundled speech engine alone against its targets, on real child processes.

`python -m tests.benchmarks.recognition [FOLDER]`: the samples of the repository, or the
FLAC files of a folder with their JSON truth. Exit status 1 when a target is missed.
"""

import sys
import time

from conversations.engine.recognition.runner import recognise
from tests.benchmarks.scoring import Stretch
from tests.benchmarks.targets import Case, Heard, report


def measure(case: Case) -> Heard:
    """Recognise one recording, number of speakers unknown."""
    started = time.perf_counter()
    result = recognise(case.path)
    return Heard(
        stretches=[Stretch(piece.start, piece.end, str(piece.speaker)) for piece in result.pieces],
        text=" ".join(piece.text for piece in result.pieces),
        seconds=result.seconds,
        wall=time.perf_counter() - started,
        memory_mb=result.peak_memory / 2**20,
    )


if __name__ == "__main__":
    sys.exit(report(measure, "Measure the recogniser alone."))
