"""Spans survive every format, up to what the format can carry."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.speaker_events import (
    FORMATS_OUT,
    Span,
    Speaker,
    detect_format,
    events_of,
    pair,
    read,
    symbl_document,
    write,
)
from conversations.speaker_events.pairing import unite

HOSTILE = (
    "Ana\nBen", "a\r\nb", "a\u2028b\x85c", "\x00\x1c\x0c", "  two  spaces ", "\ufeff",
    "<v Ben>", "R&D &lt;", "x --> y", "NOTE", 'Said "so", then left', ";", "=SUM(A1)", "'=1",
    "50 % &amp; %20", "NA", "<NA>", "nan", "\u202eevil", "\u05d0", "\U0001f469\u200d\U0001f4bb",
)  # fmt: skip
NAMES = st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=12)
OPTIONAL = st.just("") | NAMES


@st.composite
def spans_of(draw: st.DrawFn, speakers: st.SearchStrategy[list[Speaker]]) -> tuple[Span, ...]:
    people = draw(speakers)
    spans = draw(
        st.lists(
            st.builds(
                lambda speaker, start, length: Span(speaker, start, start + length),
                st.sampled_from(people),
                st.integers(0, 500_000),
                st.integers(1, 20_000),
            ),
            max_size=12,
        )
    )
    return unite(spans)


FULL = st.lists(
    st.builds(Speaker, NAMES, OPTIONAL, OPTIONAL), min_size=1, unique_by=lambda who: who.id
)
BY_NAME = st.lists(NAMES.map(lambda name: Speaker(name, name)), min_size=1, unique=True)


@settings(max_examples=300, deadline=None)
@given(spans=spans_of(FULL))
@example(spans=tuple(Span(Speaker(n, n, n), i, i + 1) for i, n in enumerate(HOSTILE)))
def test_ids_names_and_emails_survive_symbl_and_csv(spans: tuple[Span, ...]) -> None:
    for format in ("symbl", "csv"):
        pairing = read(write(spans, format), format).pairing()
        assert (pairing.spans, pairing.problems) == (spans, ())


@settings(max_examples=300, deadline=None)
@given(spans=spans_of(BY_NAME))
@example(spans=tuple(Span(Speaker(n, n), i, i + 1) for i, n in enumerate(HOSTILE)))
def test_names_survive_rttm_and_webvtt(spans: tuple[Span, ...]) -> None:
    for format in ("rttm", "vtt"):
        pairing = read(write(spans, format), format).pairing()
        assert (pairing.spans, pairing.problems) == (spans, ())


@settings(deadline=None)
@given(spans=spans_of(FULL).filter(len))
def test_what_is_written_is_known_again_and_can_be_stored(spans: tuple[Span, ...]) -> None:
    for format in FORMATS_OUT:
        text = write(spans, format)
        assert detect_format(text.encode().decode(), "x") == format


@settings(deadline=None)
@given(spans=spans_of(FULL))
def test_events_and_spans_are_two_spellings_of_one_thing(spans: tuple[Span, ...]) -> None:
    assert pair(events_of(spans)).spans == spans
    assert symbl_document(events_of(spans)) == symbl_document(spans)


NUMBERS = st.integers(0, 10**7) | st.integers(0, 10**7).map(str)
NANOS = st.integers(0, 10**10) | st.just(5_000_000_000) | st.integers(0, 10**10).map(str)


@settings(deadline=None)
@given(seconds=NUMBERS, nanos=NANOS)
@example(seconds=0, nanos=5_000_000_000)
def test_any_offset_is_written_normalised(seconds: int | str, nanos: int | str) -> None:
    entry = {
        "type": "started_speaking",
        "user": {"id": "a"},
        "offset": {"seconds": seconds, "nanos": nanos},
    }
    events = read(json.dumps([entry]), "symbl").events
    offset = symbl_document(events)["speakerEvents"][0]["offset"]
    assert 0 <= offset["nanos"] < 10**9
    written = offset["seconds"] * 10**9 + offset["nanos"]
    assert abs(written - (int(seconds) * 10**9 + int(nanos))) <= 500_000
