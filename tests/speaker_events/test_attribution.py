"""Which speaker a line gets: the rule of contract 6.4."""

from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.speaker_events import Attribution, Line, Span, Speaker, attribute
from conversations.speaker_events.pairing import unite
from tests.speaker_events.people import ANA, BEN, CLEO


def test_a_line_goes_to_whoever_speaks_longest_in_it() -> None:
    spans = [Span(ANA, 0, 4), Span(BEN, 4, 9), Span(ANA, 9, 12)]
    lines = [
        Line(2, 3, 11, "b"),
        Line(1, 0, 12, "b"),
        Line(3, 12, 20, "a"),
        Line(4, 9, 9, None),
        Line("5", 0, 4, "a"),
    ]
    assert attribute(lines, spans) == (
        Attribution(2, BEN, 5, changed=False),
        Attribution(1, ANA, 7, changed=True),
        Attribution(3, None, 0, changed=False),
        Attribution(4, None, 0, changed=False),
        Attribution("5", ANA, 4, changed=False),
    )


def test_on_a_tie_the_one_who_started_later_gets_the_line() -> None:
    spans = [Span(CLEO, 0, 5), Span(ANA, 5, 10)]
    assert attribute([Line(1, 0, 10, None)], spans) == (Attribution(1, ANA, 5, changed=True),)
    again = [Span(CLEO, 0, 4), Span(ANA, 4, 9), Span(CLEO, 9, 10)]
    assert attribute([Line(1, 0, 10, None)], again) == (Attribution(1, CLEO, 5, changed=True),)
    both = [Span(BEN, 0, 5), Span(ANA, 0, 5)]
    assert attribute([Line(1, 0, 10, "b")], both) == (Attribution(1, ANA, 5, changed=True),)


def test_overlapping_spans_of_one_speaker_count_once() -> None:
    spans = [Span(ANA, 0, 6), Span(ANA, 1, 6), Span(BEN, 6, 14)]
    assert attribute([Line(1, 0, 14, None)], spans) == (Attribution(1, BEN, 8, changed=True),)


def one_by_one(line: Line, spans: tuple[Span, ...]) -> Attribution:
    best: tuple[int, int, Speaker] | None = None
    for speaker in sorted({span.speaker for span in spans}, key=lambda speaker: speaker.id):
        shared = [
            (min(span.end_ms, line.end_ms) - max(span.start_ms, line.start_ms), span.start_ms)
            for span in spans
            if span.speaker == speaker
        ]
        touched = [(overlap, start) for overlap, start in shared if overlap > 0]
        if touched:
            rank = sum(overlap for overlap, _ in touched), max(start for _, start in touched)
            if best is None or rank > best[:2]:
                best = (*rank, speaker)
    if best is None:
        return Attribution(line.id, None, 0, changed=False)
    return Attribution(line.id, best[2], best[0], changed=best[2].id != line.speaker_id)


TIMES = st.tuples(st.integers(0, 60), st.integers(0, 25))
SPANS = st.lists(
    st.builds(
        lambda speaker, times: Span(speaker, times[0], sum(times)),
        st.sampled_from([ANA, BEN, CLEO]),
        TIMES,
    ),
    max_size=15,
)
LINES = st.lists(
    st.builds(
        lambda key, times, speaker_id: Line(key, times[0], sum(times), speaker_id),
        st.integers(0, 99),
        TIMES,
        st.sampled_from(["a", "b", None]),
    ),
    max_size=15,
)


@settings(max_examples=300, deadline=None)
@given(lines=LINES, spans=SPANS)
def test_the_sweep_finds_what_looking_at_every_pair_finds(
    lines: list[Line], spans: list[Span]
) -> None:
    assert attribute(lines, spans) == tuple(one_by_one(line, unite(spans)) for line in lines)


def test_a_long_meeting_takes_no_time() -> None:
    people = [Speaker(str(number)) for number in range(12)]
    whole = Span(people[0], 0, 30_000_000)
    spans = [Span(people[n % 11 + 1], n * 3000, n * 3000 + 3500) for n in range(10_000)]
    lines = [Line(n, n * 3000 + 500, n * 3000 + 3200, None) for n in range(10_000)]
    began = perf_counter()
    results = attribute(lines, [whole, *spans])
    assert perf_counter() - began < 2
    assert {result.overlap_ms for result in results} == {2700}


def test_everybody_speaking_all_the_time_takes_no_time() -> None:
    spans = [Span(Speaker(f"{number:04}"), number, 30_000_000) for number in range(1_000)]
    lines = [Line(n, n * 3000 + 1000, n * 3000 + 3200, None) for n in range(10_000)]
    began = perf_counter()
    results = attribute(lines, spans)
    assert perf_counter() - began < 2
    assert {result.speaker for result in results} == {Speaker("0999")}
