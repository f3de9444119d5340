"""Zoom timelines: the measured behaviour of the vendor's converter, and where ours differs."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.speaker_events import BadInput, Code, Problem, Speaker, ZoomOptions, pair, read
from conversations.speaker_events.clock import clock
from tests.speaker_events.people import turns

Entries = list[tuple[float, str]]


def user(name: str) -> dict[str, Any]:
    return {"user_id": ord(name), "username": name, "email_address": f"{name}@example.test"}


def timeline(entries: Entries) -> str:
    """Return a file of (seconds, letters of the people who speak from then on)."""
    return json.dumps(
        [
            {"ts": clock(round(seconds * 1000)), "users": [user(name) for name in names]}
            for seconds, names in entries
        ]
    )


def spoken(text: str, **options: Any) -> list[tuple[str, int, int]]:
    """Return (letter, start, end) in milliseconds."""
    end_ms = options.get("end_ms")
    spans = read(text, "zoom", options=ZoomOptions(**options)).spans(end_ms)
    return [(key[0], start, end) for key, start, end in turns(spans)]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(
            [(1, "A"), (5, "B"), (9, "")], [("a", 1000, 5000), ("b", 5000, 9000)], id="two turns"
        ),
        pytest.param(
            [(1, "A"), (2, "A"), (6, "B"), (8, "")],
            [("a", 1000, 6000), ("b", 6000, 8000)],
            id="repeated entries are one turn",
        ),
        pytest.param(
            [(1, "A"), (4, "A")], [("a", 1000, 4000)], id="the last entry is known speech"
        ),
        pytest.param(
            [(1, "A"), (5, ""), (5.5, "B"), (9, "")],
            [("a", 1000, 5000), ("b", 5500, 9000)],
            id="a short pause stays",
        ),
        pytest.param(
            [(1, "A"), (5, ""), (5.75, "B"), (9, "")],
            [("a", 1000, 5000), ("b", 5750, 9000)],
            id="a pause of exactly 0.75 s stays",
        ),
        pytest.param(
            [(1, "A"), (5, ""), (7, "B"), (9, "")],
            [("a", 1000, 7000), ("b", 7000, 9000)],
            id="a pause of 2 s goes to the speaker before",
        ),
        pytest.param(
            [(1, "A"), (5, "B"), (5.4, "A"), (9, "")], [("a", 1000, 9000)], id="a blip is removed"
        ),
        pytest.param(
            [(1, "A"), (5, "B"), (5.5, "A"), (9, "")],
            [("a", 1000, 9000)],
            id="a blip of exactly 0.5 s is removed",
        ),
        pytest.param([(1, "AB"), (5, "")], [("a", 1000, 5000)], id="one of two at once"),
        pytest.param(
            [(1, "A"), (1.4, ""), (1.7, "A"), (2.1, "")],
            [("a", 1000, 2100)],
            id="two blips that belong together are a turn",
        ),
    ],
)
def test_reads_as_the_vendors_converter_does(
    entries: Entries, expected: list[tuple[str, int, int]]
) -> None:
    assert spoken(timeline(entries)) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(
            [(1, "A"), (5, ""), (300, "A"), (304, "")],
            [("a", 1000, 5000), ("a", 300_000, 304_000)],
            id="295 s of silence are not swallowed",
        ),
        pytest.param(
            [(1, "A"), (5, ""), (10, "A"), (12, ""), (17.001, "A"), (19, "")],
            [("a", 1000, 12_000), ("a", 17_001, 19_000)],
            id="5 s of silence inside a turn are the most",
        ),
        pytest.param(
            [(1, "A"), (5, ""), (15, "B"), (19, "")],
            [("a", 1000, 5000), ("b", 15_000, 19_000)],
            id="10 s of silence go to nobody",
        ),
        pytest.param([(1, "BA"), (5, "")], [("a", 1000, 5000)], id="nor who is listed first"),
        pytest.param(
            [(1, "AB"), (3, "BA"), (6, "")],
            [("a", 1000, 6000)],
            id="the order within an entry decides nothing",
        ),
        pytest.param(
            [(2.060, "A"), (2.990, "B"), (6, "")],
            [("a", 2060, 2990), ("b", 2990, 6000)],
            id="a turn of 0.93 s is kept",
        ),
        pytest.param(
            [(1, "C"), (2.950, "A"), (3.050, "B"), (6, "")],
            [("c", 1000, 2950), ("b", 3050, 6000)],
            id="a turn of 0.10 s is dropped",
        ),
    ],
)
def test_differs_from_the_vendors_converter_on_purpose(
    entries: Entries, expected: list[tuple[str, int, int]]
) -> None:
    assert spoken(timeline(entries)) == expected


def test_a_speaker_who_first_appears_in_the_last_entry_is_not_lost() -> None:
    text = timeline([(1, "A"), (5, "B")])
    assert spoken(text, end_ms=8000) == [("a", 1000, 5000), ("b", 5000, 8000)]
    open_ended = read(text, "zoom")
    assert turns(open_ended.spans(8000)) == [
        ("a@example.test", 1000, 5000), ("b@example.test", 5000, 8000),
    ]  # fmt: skip
    speaker = Speaker("b@example.test", "B", "B@example.test")
    unclosed = (Problem(Code.UNCLOSED, speaker, 5000, index=2),)
    assert open_ended.pairing().problems == unclosed
    too_short = read(text, "zoom", options=ZoomOptions(end_ms=4000))
    assert too_short.pairing(4000).problems == unclosed


def test_the_smoothing_is_what_the_options_say() -> None:
    text = timeline([(1, "A"), (5, "B"), (5.4, "A"), (9, ""), (12, "B"), (20, "")])
    assert spoken(text, floor_ms=399, stretch_cap_ms=3000) == [
        ("a", 1000, 5000), ("b", 5000, 5400), ("a", 5400, 12_000), ("b", 12_000, 20_000),
    ]  # fmt: skip
    assert spoken(text, bridge_cap_ms=399) == [
        ("a", 1000, 5000), ("a", 5400, 9000), ("b", 12_000, 20_000),
    ]  # fmt: skip
    assert spoken(text, bridge_cap_ms=0, floor_ms=400, stretch_over_ms=100)[:2] == [
        ("a", 1000, 5000), ("a", 5400, 9000),
    ]  # fmt: skip
    assert spoken(text, stretch_over_ms=3000, stretch_cap_ms=9000)[0] == ("a", 1000, 9000)


def test_everybody_is_read_where_that_is_asked_for() -> None:
    text = timeline([(1, "AB"), (3, "B"), (4, "BC"), (7, "C"), (9, "")])
    assert spoken(text, first_only=False) == [
        ("a", 1000, 3000),
        ("b", 1000, 7000),
        ("c", 4000, 9000),
    ]


def test_a_pause_is_one_only_where_nobody_speaks() -> None:
    text = timeline([(0, "B"), (1, "AB"), (3, "B"), (5, "BC"), (8, "B"), (20, "")])
    assert spoken(text, first_only=False) == [
        ("b", 0, 20_000),
        ("a", 1000, 3000),
        ("c", 5000, 8000),
    ]


def test_who_speaks_already_goes_on() -> None:
    text = timeline([(1, "B"), (3, "AB"), (5, "A"), (9, "")])
    assert spoken(text) == [("b", 1000, 5000), ("a", 5000, 9000)]


def test_people_without_a_user_id_are_told_apart() -> None:
    people: list[dict[str, Any]] = [
        {"username": "Ana"},
        {"zoom_userid": "z1", "username": "Ben", "email_address": ""},
        {"user_id": 7, "username": "Cleo", "zoom_userid": ""},
        {
            "user_id": 8,
            "zoom_userid": "z2",
            "username": "Dan",
            "email_address": " Dan@Example.test",
        },
    ]
    entries = [{"ts": f"00:00:{at:02}", "users": [who]} for at, who in enumerate(people)]
    read_back = read(json.dumps({"timeline": [*entries, {"ts": "00:00:04", "users": []}]}), "zoom")
    assert [span.speaker for span in read_back.spans()] == [
        Speaker("Ana", "Ana"),
        Speaker("z1", "Ben"),
        Speaker("7", "Cleo"),
        Speaker("dan@example.test", "Dan", "Dan@Example.test"),
    ]


def test_a_person_who_comes_back_with_a_new_user_id_is_one_speaker() -> None:
    back = {**user("A"), "user_id": 99}
    entries = [
        {"ts": "00:01", "users": [user("A")]},
        {"ts": "00:03", "users": [user("B")]},
        {"ts": "00:06", "users": [back]},
        {"ts": "00:09", "users": []},
    ]
    assert spoken(json.dumps(entries)) == [("a", 1000, 3000), ("b", 3000, 6000), ("a", 6000, 9000)]


def test_a_stamp_of_two_parts_is_minutes_and_seconds() -> None:
    text = json.dumps([{"ts": "01:30", "users": [user("A")]}, {"ts": "00:02:00.5", "users": []}])
    assert spoken(text) == [("a", 90_000, 120_500)]


def test_entries_out_of_order_are_put_in_order_with_a_remark() -> None:
    text = timeline([(5, "B"), (1, "A"), (9, "")])
    assert spoken(text) == [("a", 1000, 5000), ("b", 5000, 9000)]
    assert read(text, "zoom").remarks == (Problem(Code.OUT_OF_ORDER, at_ms=1000, index=1),)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, 'A Zoom timeline is a list, alone or as "timeline" of an object.'),
        ([7], "timeline[0] is not an object."),
        ([{"users": []}], "timeline[0].ts is not a time such as 00:01:30.250."),
        (
            [{"ts": "00:01", "users": []}, {"ts": "abc", "users": []}],
            "timeline[1].ts is not a time such as 00:01:30.250.",
        ),
        ([{"ts": "00:75:00", "users": []}], "timeline[0].ts is not a time such as 00:01:30.250."),
        ([{"ts": "-00:01", "users": []}], "timeline[0].ts is not a time such as 00:01:30.250."),
        ([{"ts": "00:01"}], "timeline[0].users is not a list."),
        ([{"ts": "00:01", "users": [None]}], "timeline[0].users[0] is not an object."),
        ([{"ts": "00:01", "users": [{}]}], "timeline[0].users[0] has no e-mail, id or name."),
        (
            [{"ts": "00:01", "users": [{"username": ["A"]}]}],
            "timeline[0].users[0].username is not a text.",
        ),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(document: object, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(json.dumps(document), "zoom")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[\n{"ts": "00:01",}]', "line 2: This is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "a number that is too long"),
    ],
)
def test_broken_json_is_told_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read(text, "zoom")


def test_half_a_character_in_a_name_can_be_written_out_again() -> None:
    text = '[{"ts": "00:01", "users": [{"username": "A\\ud800"}]}, {"ts": "00:09", "users": []}]'
    assert read(text, "zoom").spans()[0].speaker.name == "A\ufffd"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["timeline", "ts", "users", "user_id", "username"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
NEARLY = st.lists(
    st.fixed_dictionaries(
        {
            "ts": st.integers(0, 90_000).map(clock) | st.sampled_from(["00:01", "1:2", "abc", ""]),
            "users": st.lists(st.sampled_from("ABC").map(user) | ANY_JSON, max_size=3),
        }
    ),
    max_size=12,
)
VALID = st.lists(
    st.fixed_dictionaries(
        {
            "ts": st.integers(0, 90_000).map(clock),
            "users": st.lists(st.sampled_from("ABC").map(user), max_size=3),
        }
    ),
    max_size=30,
)
OPTIONS = st.builds(
    ZoomOptions,
    floor_ms=st.integers(0, 2000),
    stretch_over_ms=st.integers(0, 3000),
    stretch_cap_ms=st.integers(0, 9000),
    bridge_cap_ms=st.integers(0, 9000),
    first_only=st.booleans(),
    end_ms=st.none() | st.integers(0, 100_000),
)


@settings(max_examples=500, deadline=None)
@given(document=VALID | NEARLY | ANY_JSON, options=OPTIONS)
@example(document=json.loads(timeline([(1, "A"), (5, "B")])), options=ZoomOptions())
def test_whatever_it_is_fed_spans_are_whole(document: object, options: ZoomOptions) -> None:
    try:
        read_back = read(json.dumps(document), "zoom", options=options)
    except BadInput:
        return
    pairing = pair(read_back.events, end_ms=read_back.until_ms)
    assert {problem.code for problem in pairing.problems} <= {Code.UNCLOSED}
    assert all(0 <= span.start_ms < span.end_ms for span in pairing.spans)
    if options.first_only:
        assert all(span.end_ms <= after.start_ms for span, after in pairwise(pairing.spans))


@settings(deadline=None)
@given(text=st.text())
def test_whatever_the_text_nothing_but_bad_input_is_raised(text: str) -> None:
    try:
        read(text, "zoom")
    except BadInput as error:
        assert error.sentence
