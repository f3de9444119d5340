"""The scores of the benchmark, on cases small enough to score by hand."""

from __future__ import annotations

import pytest

from tests.benchmarks.scoring import Stretch, diarization_error_rate, word_error_rate, words

TWO = [Stretch(0, 10, "a"), Stretch(10, 20, "b")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't, it's 16 o'clock!", "do not it is sixteen o'clock"),
        ("The 24th costs $300.", "the twenty fourth costs three hundred dollars"),
        ("9% of 1,250", "nine percent of one two hundred fifty"),
        ("the 20th and the 1st", "the twentieth and the first"),
        ("I\u2019ll see John's dog, okay? Goodbye", "i will see john's dog ok good bye"),
        ("sixty-five", "sixty five"),
        ("", ""),
    ],
)
def test_words_are_spelled_in_full(text: str, expected: str) -> None:
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("hypothesis", "errors"),
    [("a b c d", 0), ("a x c d", 1), ("a c d", 1), ("a b b c d", 1), ("", 4), ("d a b c", 2)],
)
def test_word_error_rate_counts_the_fewest_edits(hypothesis: str, errors: int) -> None:
    assert word_error_rate(["a", "b", "c", "d"], hypothesis.split()) == errors / 4


@pytest.mark.parametrize(
    ("hypothesis", "rate"),
    [
        (TWO, 0.0),
        ([Stretch(0, 10, "0"), Stretch(10, 20, "1")], 0.0),
        ([Stretch(0, 10, "1"), Stretch(10, 20, "0")], 0.0),
        ([Stretch(0, 20, "0")], 0.5),
        ([Stretch(0, 10, "0")], 0.5),
        ([], 1.0),
        ([*TWO, Stretch(20, 25, "a")], 0.25),
        ([Stretch(0, 10, "0"), Stretch(10, 15, "1"), Stretch(15, 20, "2")], 0.25),
        ([Stretch(0, 20, "0"), Stretch(0, 20, "1")], 1.0),
    ],
)
def test_diarization_error_rate_without_collar(hypothesis: list[Stretch], rate: float) -> None:
    assert diarization_error_rate(TWO, hypothesis, collar=0.0) == pytest.approx(rate)


def test_diarization_error_rate_forgives_within_the_collar() -> None:
    near = [Stretch(0.2, 10.2, "0"), Stretch(10.2, 20.2, "1")]

    assert diarization_error_rate(TWO, near, collar=0.25) == 0.0
    assert diarization_error_rate(TWO, near, collar=0.0) == pytest.approx(0.6 / 20)


def test_diarization_error_rate_counts_both_of_two_at_once() -> None:
    together = [Stretch(0, 10, "a"), Stretch(0, 10, "b")]

    assert diarization_error_rate(together, [Stretch(0, 10, "0")], collar=0.0) == 0.5
