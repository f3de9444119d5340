"""Events into spans and back: the rules of contract 6.3."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.speaker_events import (
    Code,
    Event,
    EventType,
    Pairing,
    Problem,
    Span,
    Speaker,
    events_of,
    pair,
)
from conversations.speaker_events.pairing import unite
from tests.speaker_events.people import ANA, BEN, CLEO, start, stop, turns


def test_overlapping_events_in_any_order_make_their_spans() -> None:
    pairing = pair([start(ANA, 0), stop(ANA, 15), start(BEN, 10), stop(BEN, 20)])
    assert (turns(pairing.spans), pairing.problems) == ([("a", 0, 15), ("b", 10, 20)], ())
    assert pair([stop(BEN, 20), stop(ANA, 15), start(BEN, 10), start(ANA, 0)]) == pairing


def test_a_turn_may_end_where_the_next_one_of_the_same_speaker_begins() -> None:
    pairing = pair([start(ANA, 0), start(ANA, 5), stop(ANA, 5), stop(ANA, 9)])
    assert turns(pair([start(ANA, 0), stop(ANA, 5), start(ANA, 5), stop(ANA, 9)]).spans) == [
        ("a", 0, 5), ("a", 5, 9),
    ]  # fmt: skip
    assert turns(pairing.spans) == [("a", 0, 9)]


def test_a_start_while_speaking_keeps_the_earlier_one() -> None:
    pairing = pair([start(ANA, 0), start(ANA, 4), stop(ANA, 9)])
    assert turns(pairing.spans) == [("a", 0, 9)]
    assert pairing.problems == (Problem(Code.START_TWICE, ANA, 4, index=1),)


def test_a_stop_without_a_start_is_left_out() -> None:
    pairing = pair([stop(ANA, 3), start(ANA, 4), stop(ANA, 9), stop(ANA, 12)])
    assert turns(pairing.spans) == [("a", 4, 9)]
    assert pairing.problems == (
        Problem(Code.STOP_BEFORE_START, ANA, 3, index=0),
        Problem(Code.STOP_BEFORE_START, ANA, 12, index=3),
    )


def test_what_is_open_at_the_end_is_closed_there() -> None:
    events = [start(ANA, 2), start(BEN, 5), stop(BEN, 8)]
    assert turns(pair(events).spans) == [("a", 2, 8), ("b", 5, 8)]
    pairing = pair(events, end_ms=30)
    assert turns(pairing.spans) == [("a", 2, 30), ("b", 5, 8)]
    assert pairing.problems == (Problem(Code.UNCLOSED, ANA, 2, 30, index=0),)


def test_a_lone_start_without_a_known_end_is_left_out_and_told() -> None:
    pairing = pair([start(ANA, 2)])
    assert (pairing.spans, pairing.problems) == ((), (Problem(Code.UNCLOSED, ANA, 2, index=0),))


def test_a_turn_without_a_length_does_not_stay_open() -> None:
    pairing = pair([start(ANA, 5), stop(ANA, 5), start(BEN, 0), stop(BEN, 90)])
    assert turns(pairing.spans) == [("b", 0, 90)]
    assert pairing.problems == (Problem(Code.ZERO, ANA, 5, index=0),)


def test_what_lies_before_the_recording_is_cut_off() -> None:
    pairing = pair([start(ANA, -5), stop(ANA, 7), start(BEN, -9), stop(BEN, -3)])
    assert turns(pairing.spans) == [("a", 0, 7)]
    assert pairing.problems == (
        Problem(Code.NEGATIVE, BEN, -9, -3),
        Problem(Code.NEGATIVE, ANA, -5, 7),
    )


def test_speakers_are_told_apart_by_id_alone() -> None:
    assert turns(pair([start(ANA, 0), stop(Speaker("a", "Anna"), 4)]).spans) == [("a", 0, 4)]


def test_overlapping_spans_of_one_speaker_become_one_turn() -> None:
    spans = [Span(ANA, 0, 10), Span(ANA, 5, 15), Span(BEN, 3, 4), Span(ANA, 15, 20)]
    assert events_of(spans) == (
        start(ANA, 0), start(BEN, 3), stop(BEN, 4), stop(ANA, 15), start(ANA, 15), stop(ANA, 20),
    )  # fmt: skip


EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(EventType),
        st.sampled_from([ANA, BEN, CLEO]),
        st.integers(min_value=-20, max_value=40),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(events=EVENTS, end_ms=st.none() | st.integers(min_value=0, max_value=60))
def test_any_events_make_clean_spans(events: list[Event], end_ms: int | None) -> None:
    spans = pair(events, end_ms=end_ms).spans
    assert all(0 <= span.start_ms < span.end_ms for span in spans)
    assert unite(spans) == spans
    assert pair(events_of(spans)) == Pairing(spans, ())
