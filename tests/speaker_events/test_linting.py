"""What lint finds, in which words, and what each fix does."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.speaker_events import (
    FIXABLE,
    Code,
    Problem,
    Span,
    Speaker,
    Timeline,
    find_person,
    fix,
    lint,
    read,
    rename,
)
from tests.speaker_events.people import ANA, BEN, CLEO, start, stop, turns

EVERYBODY = (ANA, BEN, CLEO)


def found(timeline: Timeline, duration_ms: int | None = 60_000) -> list[tuple[str, str]]:
    problems = lint(timeline, duration_ms=duration_ms, people=EVERYBODY)
    return [(problem.code, problem.sentence) for problem in problems]


def test_clean_events_have_no_problem() -> None:
    timeline = Timeline((start(ANA, 0), stop(ANA, 5000), start(BEN, 5000), stop(BEN, 60_000)))
    assert found(timeline) == []


def test_each_problem_is_told_in_order_of_time() -> None:
    timeline = Timeline(
        (
            start(ANA, -1000), stop(ANA, 5000), start(BEN, 4000), stop(BEN, 9000),
            stop(CLEO, 10_000), start(CLEO, 11_000), stop(CLEO, 11_000),
            start(ANA, 20_000), start(ANA, 21_000), stop(ANA, 22_000), start(BEN, 30_000),
            start(CLEO, 40_000), stop(CLEO, 70_000),
        )
    )  # fmt: skip
    assert found(timeline) == [
        ("negative", "A turn begins before the recording does, at -00:00:01.000."),
        (
            "overlap",
            "Two people speak at once from 00:00:04.000 to 00:00:05.000, and the API expects one.",
        ),
        ("stop_before_start", "A stop at 00:00:10.000 has no start before it."),
        ("zero", "A turn at 00:00:11.000 has no length."),
        (
            "start_twice",
            "A start at 00:00:21.000 comes while the same person is already speaking.",
        ),
        ("beyond_end", "A turn goes on until 00:01:10.000, past the end of the recording."),
        (
            "unclosed",
            "A start at 00:00:30.000 is never stopped, so it counts until 00:01:10.000.",
        ),
        ("beyond_end", "A turn goes on until 00:01:10.000, past the end of the recording."),
        (
            "overlap",
            "Two people speak at once from 00:00:40.000 to 00:01:10.000, and the API expects one.",
        ),
    ]


def test_an_overlap_names_both_speakers() -> None:
    spans = [Span(ANA, 0, 9000), Span(BEN, 1000, 2000), Span(CLEO, 3000, 12_000)]
    assert lint(spans, duration_ms=None, people=EVERYBODY) == (
        Problem(Code.OVERLAP, BEN, 1000, 2000, other=ANA),
        Problem(Code.OVERLAP, CLEO, 3000, 9000, other=ANA),
    )


def test_a_speaker_nobody_knows_is_told_once() -> None:
    stranger = Speaker("x", "Xen")
    spans = [Span(stranger, 0, 1000), Span(ANA, 1000, 2000), Span(stranger, 2000, 3000)]
    (problem,) = lint(spans, duration_ms=3000, people=EVERYBODY)
    assert problem == Problem(Code.UNKNOWN_PERSON, stranger, 0, 1000)
    assert (problem.sentence, problem.fix) == (
        "This person is not one of the conversation's speakers.", None,
    )  # fmt: skip


def test_a_file_without_speech_is_told_so() -> None:
    assert found(Timeline(())) == [("empty", "Nobody speaks in it.")]
    assert found(Timeline((stop(ANA, 5000),))) == [
        ("stop_before_start", "A stop at 00:00:05.000 has no start before it."),
        ("empty", "Nobody speaks in it."),
    ]


def test_a_lone_start_is_speech_once_the_end_is_known() -> None:
    sentence = "A start at 00:00:05.000 is never stopped and nothing comes after it."
    assert found(Timeline((start(ANA, 5000),))) == [("unclosed", sentence)]


def test_what_the_reader_settled_is_told_too() -> None:
    entries = [
        {"type": kind, "user": {"id": "a"}, "offset": {"seconds": at, "nanos": 5_000_000_000}}
        for kind, at in (("started_speaking", 0), ("stopped_speaking", 9))
    ]
    assert found(read(json.dumps(entries), "symbl")) == [
        (
            "nanos_carry",
            "At 00:00:05.000 there are 1,000,000,000 nanoseconds or more, read as seconds.",
        )
    ]
    assert found(read("start,end,speaker\n5,2,Ana\n1,2,Ana", "csv")) == [
        (
            "stop_before_start",
            "A turn that starts at 00:00:05.000 stops before that, at 00:00:02.000.",
        )
    ]


def test_every_problem_but_a_persons_own_decision_has_a_fix() -> None:
    assert {code for code in Code if Problem(code).fix is None} == {
        Code.UNKNOWN_PERSON, Code.EMPTY,
    }  # fmt: skip


def test_a_speaker_is_found_by_id_then_email_then_name() -> None:
    assert find_person(Speaker("b", "Ana", "ana@example.test"), EVERYBODY) == BEN
    assert find_person(Speaker("z", "Ben", "ANA@example.test"), EVERYBODY) == ANA
    assert find_person(Speaker("z", "cleo"), EVERYBODY) == CLEO
    assert find_person(Speaker("z", "Cleo"), (CLEO, Speaker("d", "Cleo"))) is None
    assert find_person(Speaker("z"), EVERYBODY) is None


def test_an_unclosed_turn_stops_at_the_end_of_the_recording_if_asked() -> None:
    timeline = Timeline((start(ANA, 1000), start(BEN, 2000), stop(BEN, 3000)))
    assert turns(fix(timeline, {"unclosed"}, duration_ms=60_000)) == [
        ("a", 1000, 60_000), ("b", 2000, 3000),
    ]  # fmt: skip
    assert turns(fix(timeline, (), duration_ms=60_000)) == [("a", 1000, 3000), ("b", 2000, 3000)]


def test_what_is_beyond_the_end_is_cut_there() -> None:
    spans = [Span(ANA, 1000, 9000), Span(BEN, 5000, 6000)]
    assert turns(fix(spans, {"beyond_end"}, duration_ms=5000)) == [
        ("a", 1000, 5000), ("b", 5000, 6000),
    ]  # fmt: skip
    assert fix(spans, {"beyond_end", "after_end"}, duration_ms=None) == tuple(spans)


def test_what_lies_wholly_after_the_end_is_told_apart_and_left_out() -> None:
    spans = [Span(ANA, 1000, 9000), Span(BEN, 5000, 6000), Span(CLEO, 5000, 7000)]
    problems = lint(spans, duration_ms=5000, people=EVERYBODY)
    ends = [one for one in problems if one.code is not Code.OVERLAP]
    assert [(one.speaker, one.fix, one.sentence) for one in ends] == [
        (
            ANA,
            "Cut at the end of the recording",
            "A turn goes on until 00:00:09.000, past the end of the recording.",
        ),
        (
            BEN,
            "Leave out what lies after the end",
            "A turn from 00:00:05.000 to 00:00:06.000 lies wholly after the end of the recording.",
        ),
        (
            CLEO,
            "Leave out what lies after the end",
            "A turn from 00:00:05.000 to 00:00:07.000 lies wholly after the end of the recording.",
        ),
    ]
    assert turns(fix(spans, {"after_end"}, duration_ms=5000)) == [("a", 1000, 9000)]


def test_an_overlap_goes_to_whoever_started_later_and_the_longer_turn_goes_on() -> None:
    spans = [Span(ANA, 0, 10), Span(BEN, 2, 3), Span(CLEO, 8, 14), Span(BEN, 12, 20)]
    assert turns(fix(spans, {"overlap"}, duration_ms=None)) == [
        ("a", 0, 2), ("b", 2, 3), ("a", 3, 8), ("c", 8, 12), ("b", 12, 20),
    ]  # fmt: skip


def test_of_two_who_start_together_the_shorter_turn_comes_first() -> None:
    spans = [Span(ANA, 0, 10), Span(BEN, 0, 4)]
    assert turns(fix(spans, {"overlap"}, duration_ms=None)) == [("b", 0, 4), ("a", 4, 10)]


SPANS = st.lists(
    st.builds(
        lambda speaker, start, length: Span(speaker, start, start + length),
        st.sampled_from(EVERYBODY),
        st.integers(0, 60),
        st.integers(1, 30),
    ),
    max_size=15,
)


def moments(spans: tuple[Span, ...]) -> list[int]:
    return [moment for span in spans for moment in range(span.start_ms, span.end_ms)]


@settings(deadline=None)
@given(spans=SPANS)
def test_without_overlap_every_moment_of_speech_is_still_there_once(spans: list[Span]) -> None:
    fixed = fix(spans, {"overlap"}, duration_ms=None)
    assert sorted(moments(fixed)) == sorted(set(moments(tuple(spans))))
    assert all(
        any(
            span.speaker == piece.speaker
            and span.start_ms <= piece.start_ms < piece.end_ms <= span.end_ms
            for span in fix(spans, (), duration_ms=None)
        )
        for piece in fixed
    )


@settings(deadline=None)
@given(spans=SPANS, duration_ms=st.integers(0, 100))
def test_what_was_fixed_is_not_found_again(spans: list[Span], duration_ms: int) -> None:
    fixed = fix(spans, FIXABLE, duration_ms=duration_ms)
    left = {p.code for p in lint(fixed, duration_ms=duration_ms, people=EVERYBODY)}
    assert left <= {Code.EMPTY}


def test_two_speakers_who_are_one_person_get_one_name() -> None:
    spans = [Span(ANA, 0, 10), Span(BEN, 5, 15), Span(CLEO, 15, 20)]
    assert rename(spans, {"a": CLEO, "b": CLEO}) == (Span(CLEO, 0, 15), Span(CLEO, 15, 20))
    assert rename(spans, {}) == tuple(spans)
