"""The drawing of who speaks when: joined to what can be seen, with round marks."""

import pytest

from conversations.views.lanes import path_of, ticks


def test_a_path_joins_what_is_narrower_than_a_unit() -> None:
    spans = [(0, 1), (1, 2), (500, 501), (900, 1200), (1300, 1400)]
    assert path_of(spans, 1200) == "M0 0H2V10H0zM500 0H501V10H500zM900 0H1200V10H900z"
    assert path_of([(0, 1), (3, 4)], 1_200_000) == "M0 0H1V10H0z"


@pytest.mark.parametrize(
    ("total_ms", "minutes"),
    [(1, [0]), (480_000, [0, 1, 2, 3, 4, 5, 6, 7]), (3_600_001, [0, 10, 20, 30, 40, 50, 60])],
)
def test_the_axis_has_at_most_eight_marks_at_round_times(total_ms: int, minutes: list[int]) -> None:
    assert [tick.at_ms for tick in ticks(total_ms)] == [minute * 60_000 for minute in minutes]


def test_a_recording_of_weeks_has_marks_too() -> None:
    assert len(ticks(30 * 24 * 3_600_000)) <= 8
