"""Whole numbers as callers write them."""

import pytest

from conversations.engine.digits import digits, whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("12", 12)])
def test_a_text_of_digits_is_a_number(text: str, number: int) -> None:
    assert [digits(text), whole(text)] == [number, number]


@pytest.mark.parametrize(
    "value", [True, None, 5, 1.5, float("inf"), "", " 1", "-1", "1.0", "1_0", "\u0662", [1]]
)
def test_anything_else_stays_as_it_is(value: object) -> None:
    assert digits(value) is value
    assert whole(value) is value


def test_a_number_without_a_fraction_is_whole_in_json() -> None:
    assert type(whole(2.0)) is int
    assert type(digits(2.0)) is float
