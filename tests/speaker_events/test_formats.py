"""Reading and writing RTTM, WebVTT, CSV and the API's own JSON."""

import json
import time
from itertools import chain
from pathlib import Path

import pytest

from conversations.speaker_events import (
    BadInput,
    Code,
    Problem,
    Span,
    Speaker,
    decode,
    detect_format,
    read,
    symbl_document,
    write,
)
from conversations.speaker_events.clock import clock, parse_clock, parse_signed_clock
from tests.speaker_events.people import ANA, CLEO, start, stop, turns

SPANS = (Span(ANA, 1250, 6000), Span(CLEO, 3_600_000, 3_661_001))

SYMBL = {
    "speakerEvents": [
        {
            "type": "started_speaking",
            "user": {"id": "a", "name": "Ana", "email": "ana@example.test"},
            "offset": {"seconds": 1, "nanos": 250_000_000},
        },
        {
            "type": "stopped_speaking",
            "user": {"id": "a", "name": "Ana", "email": "ana@example.test"},
            "offset": {"seconds": 6, "nanos": 0},
        },
        {
            "type": "started_speaking",
            "user": {"id": "c", "name": "Cleo"},
            "offset": {"seconds": 3600, "nanos": 0},
        },
        {
            "type": "stopped_speaking",
            "user": {"id": "c", "name": "Cleo"},
            "offset": {"seconds": 3661, "nanos": 1_000_000},
        },
    ]
}


def test_writes_each_format() -> None:
    assert json.loads(write(SPANS, "symbl")) == symbl_document(SPANS) == SYMBL
    assert write(SPANS, "rttm") == (
        "SPEAKER recording 1 1.250 4.750 <NA> <NA> Ana <NA> <NA>\n"
        "SPEAKER recording 1 3600.000 61.001 <NA> <NA> Cleo <NA> <NA>\n"
    )
    assert write(SPANS, "vtt") == (
        "WEBVTT\n\n00:00:01.250 --> 00:00:06.000\n<v Ana></v>\n"
        "\n01:00:00.000 --> 01:01:01.001\n<v Cleo></v>\n"
    )
    assert write(SPANS, "csv") == (
        "start,end,speaker,email,id\r\n"
        "1.250,6.000,Ana,ana@example.test,a\r\n"
        "3600.000,3661.001,Cleo,,c\r\n"
    )


def test_an_event_list_is_written_as_it_is() -> None:
    events = [stop(CLEO, 61_001), start(CLEO, 5)]
    assert [entry["offset"] for entry in symbl_document(events)["speakerEvents"]] == [
        {"seconds": 61, "nanos": 1_000_000}, {"seconds": 0, "nanos": 5_000_000},
    ]  # fmt: skip
    assert symbl_document([]) == {"speakerEvents": []}


def test_namesakes_keep_apart_where_only_a_name_is_written() -> None:
    spans = [Span(Speaker("1", "Kim"), 0, 1000), Span(Speaker("2", "Kim"), 1000, 2000)]
    assert turns(read(write(spans, "rttm"), "rttm").spans()) == [
        ("Kim (1)", 0, 1000), ("Kim (2)", 1000, 2000),
    ]  # fmt: skip


def test_the_documents_own_example_is_five_seconds_later_than_it_looks() -> None:
    offsets = [("a", 0, 15), ("b", 10, 20)]
    entries = [
        {
            "type": kind,
            "user": {"id": key},
            "offset": {"seconds": seconds, "nanos": 5_000_000_000},
        }
        for key, first, last in offsets
        for kind, seconds in (("started_speaking", first), ("stopped_speaking", last))
    ]
    timeline = read(json.dumps({"speakerEvents": entries}), "symbl")
    assert turns(timeline.spans()) == [("a", 5000, 20_000), ("b", 15_000, 25_000)]
    assert timeline.remarks == (Problem(Code.NANOS_CARRY, Speaker("a"), 5000, index=0),)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ({}, 0),
        ({"seconds": 4}, 4000),
        ({"nanos": 250_000_000}, 250),
        ({"seconds": "3", "nanos": "800000000"}, 3800),
        ({"seconds": 4, "nanos": 99_999_999}, 4100),
        ({"seconds": 4, "nanos": 5e9}, 9000),
        ({"seconds": -5, "nanos": 0}, -5000),
        ({"seconds": 2**31 - 1}, 2_147_483_647_000),
    ],
)
def test_offsets_are_read_however_they_are_spelled(
    offset: dict[str, object], expected: int
) -> None:
    entry = {"type": "started_speaking", "user": {"id": "a"}, "offset": offset}
    assert read(json.dumps([entry]), "symbl").events == (start(Speaker("a"), expected),)


def test_events_of_one_id_carry_one_speaker() -> None:
    entries = [
        {"type": kind, "user": user, "offset": {}}
        for kind, user in (
            ("started_speaking", {"id": "a"}),
            ("stopped_speaking", {"id": "a", "name": "Ana"}),
            ("started_speaking", {"id": "a", "name": "Anna", "email": "ana@example.test"}),
            ("started_speaking", {"name": "Ben"}),
        )
    ]
    assert [event.speaker for event in read(json.dumps(entries), "symbl").events] == [
        ANA, ANA, ANA, Speaker("Ben", "Ben"),
    ]  # fmt: skip


GOOD = {"type": "started_speaking", "user": {"id": "a"}, "offset": {"seconds": 1}}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"events": []}, 'Speaker events are a list, alone or as "speakerEvents" of an object.'),
        ([GOOD, 7], "speakerEvents[1] is not an object."),
        (
            [GOOD, GOOD | {"type": "joined"}],
            "speakerEvents[1].type is neither started_speaking nor stopped_speaking.",
        ),
        ([GOOD | {"user": "a"}], "speakerEvents[0].user is not an object."),
        ([GOOD | {"user": {"id": ""}}], "speakerEvents[0].user.id is missing."),
        ([GOOD | {"user": {"id": 1.5}}], "speakerEvents[0].user.id is not a text."),
        ([GOOD | {"offset": None}], "speakerEvents[0].offset is not an object."),
        (
            [GOOD | {"offset": {"seconds": 1.5}}],
            "speakerEvents[0].offset.seconds is not a whole number.",
        ),
        (
            [GOOD | {"offset": {"nanos": True}}],
            "speakerEvents[0].offset.nanos is not a whole number.",
        ),
        (
            [GOOD | {"offset": {"nanos": float("nan")}}],
            "speakerEvents[0].offset.nanos is not a whole number.",
        ),
        (
            [GOOD | {"offset": {"seconds": 10**4298}}],
            "speakerEvents[0].offset.seconds has more than 18 digits.",
        ),
        (
            [GOOD | {"offset": {"nanos": -1e308}}],
            "speakerEvents[0].offset.nanos has more than 18 digits.",
        ),
        (
            [GOOD | {"offset": {"seconds": 2**31}}],
            "speakerEvents[0].offset is 68 years or more.",
        ),
        (
            [GOOD | {"offset": {"seconds": "9" * 18}}],
            "speakerEvents[0].offset is 68 years or more.",
        ),
    ],
)
def test_an_event_that_cannot_be_read_is_named(document: object, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(json.dumps(document), "symbl")
    assert str(caught.value) == sentence


def test_rttm_of_other_tools_is_read() -> None:
    text = (
        "\ufeff;; made by hand\r\n"
        "SPKR-INFO meeting 1 <NA> <NA> <NA> unknown spk00 <NA>\r\n"
        "SPEAKER meeting 1 1.2504 4.75 <NA> <NA> spk00 <NA> <NA>\r\n"
        "\r\n"
        "SPEAKER\tmeeting\t1\t7\t0.5\t<NA>\t<NA>\tspk01\t<NA>\r\n"
    )
    timeline = read(text, "rttm")
    assert timeline.spans() == (
        Span(Speaker("spk00", "spk00"), 1250, 6000),
        Span(Speaker("spk01", "spk01"), 7000, 7500),
    )
    assert timeline.remarks == ()


@pytest.mark.parametrize(
    ("format", "header", "row"),
    [
        ("csv", "start,end,speaker\n", "5,5,Ana\n"),
        ("rttm", "", "SPEAKER a 1 5 0 <NA> <NA> Ana <NA> <NA>\n"),
        ("vtt", "WEBVTT\n", "\n00:05.000 --> 00:05.000\n<v Ana>\n"),
        ("symbl", "", json.dumps(GOOD)),
    ],
)
def test_no_more_is_read_than_was_allowed(format: str, header: str, row: str) -> None:
    def text(rows: int) -> str:
        if format == "symbl":
            return f"[{','.join([row] * rows)}]"
        return header + row * rows

    timeline = read(text(3), format, most=3)
    assert len(timeline.events) + len(timeline.remarks) == 3
    with pytest.raises(BadInput, match="More than 3 turns or events are listed"):
        read(text(4), format, most=3)


def test_turns_that_go_nowhere_are_remarks() -> None:
    text = "start,end,speaker\n5,5,Ana\n9,7,Ben\n10,12,Ana\n-2,1,Ben\n"
    ana, ben = Speaker("Ana", "Ana"), Speaker("Ben", "Ben")
    timeline = read(text, "csv")
    assert timeline.remarks == (
        Problem(Code.ZERO, ana, 5000, index=0),
        Problem(Code.STOP_BEFORE_START, ben, 9000, 7000, 1),
    )
    assert timeline.pairing().problems == (Problem(Code.NEGATIVE, ben, -2000, 1000),)
    assert timeline.spans() == (Span(ben, 0, 1000), Span(ana, 10_000, 12_000))


def test_webvtt_is_read_with_all_that_may_stand_in_it() -> None:
    text = (
        "\ufeffWEBVTT - Weekly\r\nKind: captions\r\n\r\n"
        "STYLE\r\n::cue(v) { color: red }\r\n\r\n"
        "NOTE 00:01.000 --> 00:02.000\r\nnot a cue\r\n\r\n"
        "intro\r\n00:01.000 --> 00:02.500 align:start line:0\r\n"
        "<v.loud   Zo\u00eb &amp; Co>Hi &lt;v Nobody&gt;</v>\r\n\r\n"
        "01:00:00.000 --> 01:00:03.000\r\n<v Ana>Yes.</v>\r\n<v Ben>No.</v> <v Ana>Yes!\r\n\r\n"
        "02:00:00.000 --> 02:00:01.000\r\n(laughter)\r\n\r\nno times here\r\n"
    )
    assert turns(read(text, "vtt").spans()) == [
        ("Zo\u00eb & Co", 1000, 2500),
        ("Ana", 3_600_000, 3_603_000),
        ("Ben", 3_600_000, 3_603_000),
    ]


@pytest.mark.parametrize(
    "words", ["<v a" * 100_000, "<v a\n" * 100_000, "<v" + " " * 400_000, "<v." * 100_000]
)
def test_a_cue_made_to_take_long_takes_no_time(words: str) -> None:
    began = time.process_time()
    with pytest.raises(BadInput, match="No cue says who speaks"):
        read(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}", "vtt")
    assert time.process_time() - began < 1


def test_a_cue_right_below_the_header_is_read() -> None:
    text = "WEBVTT\n00:01.000 --> 00:02.000\n<v Ana>Hi"
    assert turns(read(text, "vtt").spans()) == [("Ana", 1000, 2000)]


def test_csv_is_read_as_spreadsheets_write_it() -> None:
    text = (
        '\ufeffEnd;Speaker;"Start";Room;E-mail;Email\r\n'
        '1:02:03,5;"Ana; the\r\nfirst";75,25;7;x;ana@example.test\r\n\r\n'
    )
    speaker = Speaker("ana@example.test", "Ana; the\r\nfirst", "ana@example.test")
    assert read(text, "csv").spans() == (Span(speaker, 75_250, 3_723_500),)


def test_a_formula_is_disarmed_in_a_table_and_comes_back_as_it_was() -> None:
    names = ["=1+1", "+31 6", "-x", "@home", "'=1", "'Brien", "\tx"]
    spans = tuple(
        Span(Speaker(str(place), name), place * 1000, place * 1000 + 500)
        for place, name in enumerate(names)
    )
    text = write(spans, "csv")
    assert [line.split(",")[2] for line in text.splitlines()[1:]] == [
        "'=1+1", "'+31 6", "'-x", "'@home", "''=1", "'Brien", "'\tx",
    ]  # fmt: skip
    assert read(text, "csv").spans() == spans


@pytest.mark.parametrize(
    ("format", "text", "sentence"),
    [
        ("rttm", "SPEAKER a 1 2 3", "line 1: A SPEAKER line has 10 fields, this has 5."),
        (
            "rttm",
            "\nSPEAKER a 1 x 3 <NA> <NA> s <NA> <NA>",
            "line 2: Start and duration are seconds, such as 12.5.",
        ),
        (
            "rttm",
            "SPEAKER a 1 1 3 <NA> <NA> <NA> <NA> <NA>",
            "line 1: The eighth field has to name the speaker.",
        ),
        ("vtt", "", "line 1: A WebVTT file begins with the line WEBVTT."),
        ("vtt", "WEBVTTX\n", "line 1: A WebVTT file begins with the line WEBVTT."),
        (
            "vtt",
            "WEBVTT\n\nfirst\n00:01 -->\n<v A>x",
            "line 4: A cue has times such as 00:01.000 --> 00:02.500.",
        ),
        (
            "vtt",
            f"WEBVTT\n\n00:01.000 --> 00:02.000\n<v &#{'9' * 5000};>hi",
            "line 3: A voice has a character reference with too many digits.",
        ),
        (
            "vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nAna: hi",
            "No cue says who speaks with a voice tag, such as <v Anna>.",
        ),
        ("csv", "", "line 1: The first line has to name the columns: start,end,speaker."),
        (
            "csv",
            "from,to,who\n1,2,a",
            "line 1: The first line has to name the columns: start,end,speaker.",
        ),
        (
            "csv",
            'start,end,speaker\n1,2,"a\nb"\n1:75:00,2,c',
            "line 4: Start and end are times such as 75.5 or 0:01:15.500.",
        ),
        (
            "csv",
            "start,end,speaker\n1",
            "line 2: Start and end are times such as 75.5 or 0:01:15.500.",
        ),
        ("csv", "start,end,speaker\n1,2,", "line 2: The speaker is missing."),
        ("csv", "start,end,speaker\n1,2,a,b", "line 2: The header has 3 columns, this row 4."),
        (
            "csv",
            'start,end,speaker\n1,2,a\n1,2,"b',
            "line 3: This row cannot be read: unexpected end of data.",
        ),
        (
            "csv",
            '"start,end,speaker',
            "line 1: This row cannot be read: unexpected end of data.",
        ),
        ("symbl", "speakerEvents", "line 1: This is not JSON: Expecting value."),
    ],
)
def test_bad_input_is_told_in_one_sentence_with_its_line(
    format: str, text: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(text, format)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "file_name", "expected"),
    [
        ("\ufeffWEBVTT\n", "x.txt", "vtt"),
        (";; c\nSPEAKER\ta 1 2 3", "x", "rttm"),
        ("Start,End,Speaker\n", "x.rttm", "csv"),
        (' {"speakerEvents": []}', "x.json", "symbl"),
        ('[{"type": "started_speaking", "offset": {}}]', "x.json", "symbl"),
        ('{"version": 100, "timeline": []}', "x.json", "zoom"),
        ('[{"ts": "00:01", "users": []}]', "x", "zoom"),
        ("", "meeting.RTTM", "rttm"),
        ("", "meeting.vtt", "vtt"),
        ("[]", "x.json", None),
        ("[", "x.csv", None),
        ("[7]", "x.json", None),
        ("Dear all,\n", "letter.txt", None),
    ],
)
def test_the_format_is_told_from_the_content_and_then_the_name(
    text: str, file_name: str, expected: str | None
) -> None:
    assert detect_format(text, file_name) == expected


def test_an_unknown_format_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        read("", "srt")
    with pytest.raises(KeyError):
        write((), "zoom")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_files_bytes_are_decoded(encoding: str) -> None:
    assert decode("Zo\u00eb".encode(encoding)) == "Zo\u00eb"


@pytest.mark.parametrize("content", [b"Zo\xeb", b"\xff\xfeZ"])
def test_bytes_that_are_no_text_are_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match=r"This is not text in UTF-8 or UTF-16\."):
        decode(content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 90_000),
        ("01:30", 90_000),
        ("90:00", 5_400_000),
        ("1:01:01,5", 3_661_500),
        ("0.0004", 0),
        ("4.0999999999", 4100),
        ("59.9995", 60_000),
        (" 2 ", 2000),
        ("1:60", None),
        ("1:60:00", None),
        ("1e3", None),
        ("\u0661", None),
        ("-1", None),
        ("", None),
    ],
)
def test_times_are_read_in_whole_milliseconds(text: str, expected: int | None) -> None:
    assert parse_clock(text) == expected


def test_a_minus_sign_is_kept_where_it_may_stand() -> None:
    assert (parse_signed_clock("-1:30"), parse_signed_clock("--1"), clock(-90_250)) == (
        -90_000, None, "-00:01:30.250",
    )  # fmt: skip


def test_the_package_knows_nothing_of_the_project() -> None:
    package = Path(__file__).resolve().parents[2] / "conversations/speaker_events"
    imports = chain.from_iterable(
        (line for line in file.read_text().splitlines() if line.startswith(("import ", "from ")))
        for file in package.rglob("*.py")
    )
    words = {line.split()[1] for line in imports}
    own = {word for word in words if word.startswith("conversations.speaker_events")}
    assert not {word for word in words - own if word.startswith(("conversations", "django"))}
