"""Pairing speaker events into turns, and giving lines to turns (contract 6.3, 6.4)."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.attribution import Event, Ignored, Span, Stretch, attribute, pair


def test_pairing_settles_what_events_leave_open() -> None:
    events = [
        Event("a", True, 2000),
        Event("b", False, 500),
        Event("a", True, 3000),
        Event("a", False, 4000),
        Event("a", True, 4000),
        Event("b", True, 1000),
        Event("c", True, 6000),
        Event("c", False, 6000),
        Event("d", True, 9000),
    ]
    assert pair(events, end_ms=9000) == (
        [Span("a", 2000, 4000), Span("b", 1000, 9000), Span("a", 4000, 9000)],
        [
            Ignored(6, "starts a turn without length"),
            Ignored(1, "stops somebody who is not speaking"),
            Ignored(2, "starts somebody who is already speaking"),
            Ignored(8, "starts a turn after the conversation's end that nothing stops"),
        ],
    )


@pytest.mark.parametrize(
    ("spans", "user"),
    [
        ([Span("a", 0, 1000)], None),
        ([Span("a", 2000, 3000)], None),
        ([Span("a", 0, 1001)], "a"),
        ([Span("a", 1000, 1400), Span("b", 1400, 2000)], "b"),
        ([Span("a", 1000, 1300), Span("b", 1300, 1700), Span("a", 1700, 2000)], "a"),
        ([Span("a", 1000, 1500), Span("b", 1500, 2000)], "b"),
        ([Span("a", 1500, 2000), Span("b", 1000, 1500)], "a"),
        ([Span("b", 0, 9000), Span("a", 500, 9000)], "a"),
        ([Span("b", 0, 9000), Span("a", 0, 9000)], "a"),
    ],
)
def test_a_line_goes_to_who_is_heard_most(spans: list[Span], user: str | None) -> None:
    assert attribute([Stretch(1000, 2000)], spans) == [user]


_TIMES = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted)


@given(
    lines=st.lists(_TIMES.map(lambda times: Stretch(*times)), max_size=12),
    spans=st.lists(
        st.builds(Event, st.sampled_from("abc"), st.booleans(), st.integers(0, 50)), max_size=24
    ).map(lambda events: pair(events, end_ms=50)[0]),
)
def test_attribution_agrees_with_the_rule_spelled_out(
    lines: list[Stretch], spans: list[Span]
) -> None:
    def heard(line: Stretch, span: Span) -> int:
        return max(0, min(line.end_ms, span.end_ms) - max(line.start_ms, span.start_ms))

    def rank(line: Stretch, user: str) -> tuple[int, int, int]:
        own = [span for span in spans if span.user == user and heard(line, span)]
        latest = max(span.start_ms for span in own)
        return -sum(heard(line, span) for span in own), -latest, ord(user)

    expected = [
        min(
            {span.user for span in spans if heard(line, span)},
            key=lambda user: rank(line, user),
            default=None,
        )
        for line in lines
    ]
    assert attribute(lines, spans) == expected


def _seconds(lines: list[Stretch], spans: list[Span]) -> float:
    before = time.process_time()
    attribute(lines, spans)
    return time.process_time() - before


def _one_line_over_all(size: int) -> tuple[list[Stretch], list[Span]]:
    lines = [Stretch(n * 100, n * 100 + 90) for n in range(size)]
    spans = [Span(f"u{n % 10}", n * 100, n * 100 + 100) for n in range(size)]
    return [Stretch(0, size * 100), *lines], spans


def _everybody_all_the_time(size: int) -> tuple[list[Stretch], list[Span]]:
    lines = [Stretch(n * 100, n * 100 + 90) for n in range(size)]
    return lines, [Span(f"u{n}", 0, size * 100) for n in range(size)]


def _every_line_over_all(size: int) -> tuple[list[Stretch], list[Span]]:
    lines = [Stretch(n, size * 100 - n) for n in range(size)]
    return lines, [Span(f"u{n % 10}", n * 100, n * 100 + 100) for n in range(size)]


@pytest.mark.parametrize(
    "talk", [_one_line_over_all, _everybody_all_the_time, _every_line_over_all]
)
def test_four_times_the_talk_takes_about_four_times_as_long(
    talk: Callable[[int], tuple[list[Stretch], list[Span]]],
) -> None:
    """Square time would take sixteen times as long, and hold the conversation for minutes."""
    short, long = (min(_seconds(*talk(size)) for _ in range(2)) for size in (1000, 4000))
    assert long < 9 * short


@given(
    st.lists(
        st.builds(Event, st.sampled_from("ab"), st.booleans(), st.integers(0, 20)), max_size=20
    )
)
def test_pairing_yields_turns_that_do_not_overlap_and_accounts_for_every_event(
    events: list[Event],
) -> None:
    spans, ignored = pair(events, end_ms=15)
    for user in "ab":
        own = sorted(span for span in spans if span.user == user)
        assert all(span.start_ms < span.end_ms for span in own)
        assert all(one.end_ms <= two.start_ms for one, two in pairwise(own))
    assert len(ignored) == len({one.place for one in ignored})
    assert len(events) >= len(spans) + len(ignored)
