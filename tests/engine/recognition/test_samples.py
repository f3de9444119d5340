"""The recordings of the repository fit their descriptions."""

from __future__ import annotations

import pytest

from conversations.engine.recognition.media import decode
from conversations.samples import SAMPLES, Sample


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_sample_agrees_with_its_truth(sample: Sample) -> None:
    truth = sample.truth()

    assert (sample.title, sample.series) == (truth.title, truth.series)
    assert decode(sample.path).seconds == pytest.approx(truth.duration, abs=0.1)
    assert list(truth.turns) == sorted(truth.turns, key=lambda turn: turn.start)
    assert truth.turns[-1].end < truth.duration


def test_samples_are_small() -> None:
    assert sum(sample.path.stat().st_size for sample in SAMPLES) < 2_000_000


def test_samples_of_the_interview_share_one_voice() -> None:
    first, second = (
        {turn.speaker for turn in sample.truth().turns}
        for sample in SAMPLES
        if sample.series == "Interviews about note taking"
    )

    assert (first, second) == ({"Anna", "John"}, {"John", "May"})
