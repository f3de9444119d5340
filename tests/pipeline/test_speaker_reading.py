"""Texts of speaker events: which format they are, and what is too much or cannot be kept."""

import pytest

from conversations.pipeline import speaker_reading
from conversations.speaker_events import BadInput, ZoomOptions
from tests.pipeline.speaker_lines import HEADER

OPTIONS = ZoomOptions()
SRT = "1\r\n00:00:01,000 --> 00:00:02,000\r\nAna: Hello.\r\n"


def read(text: str, shift_ms: int = 0) -> tuple[str, list[tuple[str, int, int]]]:
    found, timeline = speaker_reading.read_events(
        text, format="", file_name="a.csv", options=OPTIONS, shift_ms=shift_ms
    )
    spans = timeline.spans()
    return found, [(span.speaker.id, span.start_ms, span.end_ms) for span in spans]


def test_the_format_is_found_out_and_times_may_begin_at_a_later_recording() -> None:
    assert read(f"{HEADER}1,2,Ana,,a\n", shift_ms=60_000) == ("csv", [("a", 61_000, 62_000)])


def test_a_text_of_no_format_is_refused() -> None:
    with pytest.raises(speaker_reading.UnknownFormat):
        speaker_reading.read_events("?", format="", file_name="notes.txt", options=OPTIONS)


def test_more_than_a_conversation_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"{n},{n + 1},Ana {n},,a{n}\n" for n in range(3))
    monkeypatch.setattr(speaker_reading, "MAX_SPEAKERS", 2)
    with pytest.raises(BadInput, match="3 people speak here; 2 are the most"):
        read(HEADER + rows)
    monkeypatch.setattr(speaker_reading, "MAX_EVENTS", 5)
    with pytest.raises(BadInput, match="These are 6 events; 5 are the most at once"):
        read(HEADER + rows)


def test_turns_that_go_nowhere_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaker_reading, "MAX_EVENTS", 5)
    rows = "5,5,Ana,,a\n" * 6
    with pytest.raises(BadInput, match="More than 5 turns or events are listed"):
        read(HEADER + rows)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (f"1,2,Ana,,{'a' * 201}", "is longer than 200 characters"),
        (f"1,1,Ana,,{'a' * 201}", "is longer than 200 characters"),
        ("1,2,Ana,,\x00", "has only characters that cannot be stored"),
        ("1,2,Ana,,a\n3,4,Bo,,a\x00", "differ only in characters that cannot be stored"),
        ("1,2,Ana,,a\n3,3,Bo,,a\x00", "differ only in characters that cannot be stored"),
    ],
)
def test_an_id_that_cannot_be_kept_as_it_is_is_refused(rows: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read(f"{HEADER}{rows}\n")


def test_the_length_of_an_id_is_that_of_what_is_kept() -> None:
    assert read(f"{HEADER}1,2,Ana,,\x00{'a' * 200}\n") == ("csv", [("a" * 200, 1000, 2000)])


def test_a_text_of_another_format_than_the_chosen_one_is_told_apart() -> None:
    def reading(text: str, format: str) -> None:
        speaker_reading.read_events(text, format=format, file_name="a.csv", options=OPTIONS)

    table = f"{HEADER}1,2,Ana,,a\n"
    for text, format, found in (
        (table, "rttm", "csv"), (table, "vtt", "csv"), (table, "zoom", "csv"),
        ("WEBVTT\n", "rttm", "vtt"), ("SPEAKER", "csv", "rttm"),
        ('{"speakerEvents": []}', "zoom", "symbl"), ('[{"ts": "1"}]', "symbl", "zoom"),
    ):  # fmt: skip
        with pytest.raises(speaker_reading.AnotherFormat) as caught:
            reading(text, format)
        assert caught.value.found == found
    with pytest.raises(BadInput, match="No line begins with SPEAKER"):
        reading("Good morning", "rttm")
    for format in ("", "vtt", "rttm"):
        with pytest.raises(speaker_reading.NotTaken):
            speaker_reading.read_events(SRT, format=format, file_name="a.srt", options=OPTIONS)
