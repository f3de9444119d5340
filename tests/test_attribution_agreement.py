"""The dry run says what the engine does: the rule is written twice, and must be one rule."""

from hypothesis import given
from hypothesis import strategies as st

from conversations import speaker_events as ours
from conversations.engine import attribution as theirs

USERS = st.sampled_from(["ana", "bo", "cy"])
MOMENTS = st.integers(0, 12_000)
EVENTS = st.lists(st.tuples(USERS, st.booleans(), MOMENTS), max_size=14)
LINES = st.lists(st.tuples(MOMENTS, st.integers(1, 4_000)), max_size=8)
END_MS = 15_000


@given(events=EVENTS, lines=LINES)
def test_the_dry_run_pairs_and_attributes_as_the_engine_does(
    events: list[tuple[str, bool, int]], lines: list[tuple[int, int]]
) -> None:
    read = [
        ours.Event(
            ours.EventType.STARTED if starts else ours.EventType.STOPPED, ours.Speaker(user), at
        )
        for user, starts, at in events
    ]
    spans = ours.pair(read, end_ms=END_MS).spans
    engine_spans, _ = theirs.pair([theirs.Event(*event) for event in events], end_ms=END_MS)
    expected = theirs.attribute(
        [theirs.Stretch(start, start + length) for start, length in lines], engine_spans
    )
    told = ours.attribute(
        [ours.Line(str(n), start, start + length, None) for n, (start, length) in enumerate(lines)],
        spans,
    )
    assert [one.speaker.id if one.speaker else None for one in told] == expected
