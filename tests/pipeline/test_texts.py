"""Transcripts that people bring along, in each way of writing one down."""

import contextlib
import datetime as dt
import json
import time
from dataclasses import asdict

import pytest

from conversations.exports import write_text
from conversations.models import Conversation, Member, Message
from conversations.pipeline import texts
from conversations.pipeline.texts import Said, UnreadableText, decode, read
from conversations.symbl import TextMessage

TEN = "2026-01-05T10:00:00+00:00"


def refusal(text: str) -> str:
    with pytest.raises(UnreadableText) as refused:
        read(text)
    return str(refused.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Ana: Good morning.", Said("Good morning.", "Ana")),
        ("  Ana :  Good: morning.  ", Said("Good: morning.", "Ana")),
        ("[0:01:05] Ana: Hi.", Said("Hi.", "Ana", start=65_000)),
        ("[01:30] Ana: Hi.", Said("Hi.", "Ana", start=90_000)),
        ("(00:00:01.5) Ana: Hi.", Said("Hi.", "Ana", start=1_500)),
        ("00:02,250 Ana: Hi.", Said("Hi.", "Ana", start=2_250)),
        ("Ana Lopes <ana@example.com>: Hi.", Said("Hi.", "Ana Lopes", "ana@example.com")),
        ("[0:05] nobody knows who", Said("nobody knows who", start=5_000)),
        ("Zoë שלום: Hi.", Said("Hi.", "Zoë שלום")),
    ],
)
def test_a_line_has_a_time_a_name_and_words(line: str, said: Said) -> None:
    assert read(line) == [said]


def test_a_line_without_a_name_goes_on_with_the_one_before() -> None:
    text = (
        "Ana: Good morning.\n\nIt is 10:30, see https://a.test/b.\n[0:09] Next topic.\nJoe: Yes.\n"
    )
    assert read(text.replace("\n", "\r\n")) == [
        Said("Good morning. It is 10:30, see https://a.test/b.", "Ana"),
        Said("Next topic.", "Ana", start=9_000),
        Said("Yes.", "Joe"),
    ]


def test_a_sentence_before_a_colon_is_no_name() -> None:
    text = "Ana: He said to me this very important thing: go."
    following = "And then she said to everybody in there: stay."
    assert read(f"{text}\n{following}") == [Said(f"{text[5:]} {following}", "Ana")]


def test_the_text_that_is_exported_here_can_be_read_again(conversation: Conversation) -> None:
    ana = Member.objects.create(conversation=conversation, remote_id="m1", name="Ana")
    for position, member in enumerate((ana, None)):
        Message.objects.create(
            conversation=conversation, remote_id=f"l{position}", position=position, text="Hello.",
            member=member, start_ms=position * 61_000, end_ms=position * 61_000 + 1000,
        )  # fmt: skip
    assert read(write_text(conversation)) == [
        Said("Hello.", "Ana", start=0),
        Said("Hello.", "Unknown speaker", start=61_000),
    ]


def test_captions_with_voices_are_read() -> None:
    text = """\ufeffWEBVTT - weekly

NOTE nobody reads this

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start
<v.loud Ana &amp; Co>Good <i>morning</i>,
all &lt;of&gt; you.</v>

1:00:03.000 --> 1:00:04.000
<v Ana>Well?<v Joe>Fine.

00:05.000 --> 00:06.000
Joe: No tag here.

00:07.000 --> 00:08.000
<b></b>
"""
    assert read(text) == [
        Said("Good morning, all <of> you.", "Ana & Co", "", 1_000, 2_500),
        Said("Well?", "Ana", "", 3_603_000, 3_604_000),
        Said("Fine.", "Joe", "", 3_603_000, 3_604_000),
        Said("No tag here.", "Joe", "", 5_000, 6_000),
    ]


def test_subtitles_are_read() -> None:
    text = "1\r\n00:00:01,000 --> 00:00:02,000\r\nAna: <i>Hi.</i>\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nBye.\r\n"  # noqa: E501
    assert read(text) == [
        Said("Hi.", "Ana", "", 1_000, 2_000),
        Said("Bye.", "", "", 3_000, 4_000),
    ]


def test_captions_without_an_empty_line_between_them_are_all_read() -> None:
    text = (
        "1\n00:01,000 --> 00:02,000\nAna: Hi.\n2\n00:03,000 --> 00:04,000\nIt is\n7\n"
        "00:05,000 --> 00:06,000\nBye."
    )
    said = [
        Said("Hi.", "Ana", "", 1_000, 2_000),
        Said("It is", "", "", 3_000, 4_000),
        Said("Bye.", "", "", 5_000, 6_000),
    ]
    assert read(text) == said
    assert read(f"WEBVTT\nKind: captions\n\n{text}") == said
    # Right below the header, the number is a part of the header's block.
    assert read(f"WEBVTT\n{text}") == said


def test_a_voice_may_be_named_on_two_lines() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v  Ana\nLopes>Hi, a < b.</v>"
    assert read(text) == [Said("Hi, a < b.", "Ana Lopes", "", 1_000, 2_000)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1\n00:01,000 --> 00:02,000\nHi.\n\nHo.\n\n2\n00:03,000 --> 00:04,000\nBye.", 5),
        ("1\n00:01,000 --> 00:02,000\n\nHi.", 4),
        ("00:01,000 --> 00:02,000\nHi.\n\nHo.\n00:03,000 --> 00:04,000\nBye.", 4),
        ("00:01,000 --> 00:02,000\nHi.\n\nNOTE this", 4),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi.\n\nHo.", 6),
        ("WEBVTT\n\nHo.\nintro\n00:01.000 --> 00:02.000\nHi.", 3),
    ],
)
def test_words_that_belong_to_no_times_are_refused(text: str, line: int) -> None:
    assert refusal(text) == (
        f"Line {line} belongs to no pair of times. Put it right below the line that it goes on "
        "with, or write times above it."
    )


TIMED = "WEBVTT\n\n00:01.000 --> 00:02.000\n"


@pytest.mark.parametrize(
    "text",
    [
        TIMED + "<v a" * 100_000,
        TIMED + "<v a\n" * 100_000,
        TIMED + "<v" + " " * 400_000,
        TIMED + "<" * 400_000,
        TIMED + "x <" + "@" * 400_000,
        "a <" + "@" * 400_000,
        "a: b\n" + ("a <" + "@" * 40_000 + "\n") * 10,
        "a: b\n" + ("a" + " " * 40_000 + "b\n") * 10,
    ],
)
def test_a_text_made_to_take_long_takes_no_time(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(UnreadableText):
        read(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "words", ["<v a" * 12_000, "<v" + " " * 49_000, "<" * 49_000, "x <" + "@" * 49_000]
)
def test_a_caption_as_long_as_may_be_takes_no_time(words: str) -> None:
    began = time.process_time()
    for _ in range(10):
        with contextlib.suppress(UnreadableText):
            read(TIMED + words)
    assert time.process_time() - began < 1


def test_messages_of_the_api_are_read_bare_and_in_their_body() -> None:
    messages = [
        {
            "payload": {"content": " We ship on Friday. ", "contentType": "text/plain"},
            "from": {"name": "Ida", "userId": "ida@example.test"},
            "duration": {"startTime": "2026-01-05T10:00:00.00Z", "endTime": "2026-01-05T10:00:04"},
        },
        {"payload": {"content": "Good."}},
    ]
    said = [
        Said("We ship on Friday.", "Ida", "ida@example.test", TEN, "2026-01-05T10:00:04+00:00"),
        Said("Good."),
    ]
    assert read(json.dumps(messages)) == said
    assert read("\n" + json.dumps({"name": "Weekly", "messages": messages}, indent=1)) == said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There are no words in this transcript."),
        ("WEBVTT\n", "There are no words in this transcript."),
        ("[]", "There are no words in this transcript."),
        ("\nGood morning.\nAna: Hi.", "Line 2 does not say who speaks."),
        ("Ana: Hi.\n[00:75] Ana: Ho.", "Line 2: 00:75 is not a time."),
        ("Ana: Hi.\n[1:60:00] Ana: Ho.", "Line 2: 1:60:00 is not a time."),
        ("Ana: Hi.\nJoe: " + "x" * 10_001, "Line 2 is longer than 10,000 characters."),
        ("Ana: Hi.\n" + "x" * 60 + " <" + "y" * 200 + "@z>: Ho.", "Line 2: a name is longer than"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nHi.", "Line 3 ends before it begins."),
        ("WEBVTT\n\n0:2 --> 00:03.000\nHi.", "Line 3 is no pair of times"),
        ("Ana: Hi.\n" + "x" * 50_001, "Line 2 is longer than 10,000 characters."),
        (TIMED + "x\n" * 25_002, "Line 3 is longer than 10,000 characters."),
        (TIMED + f"&#{'9' * 5000};", "Line 3 has a character reference with too many digits."),
        (
            TIMED + f"<v &#{'9' * 5000};>Hi.",
            "Line 3 has a character reference with too many digits.",
        ),
        ('{"messages": ' + "[" * 100_000, "This JSON is nested too deeply to be a transcript."),
        (
            '[{"payload": {"content": "a"}, '
            '"duration": {"startTime": "0001-01-01T00:00:00+14:00"}}]',
            "messages[0]: startTime is not a time",
        ),
        (
            '[{"payload": {"content": "a"}, "duration": {"endTime": "9999-12-31T23:59:59-01:00"}}]',
            "messages[0]: endTime is not a time",
        ),
        ('{"messages": 3}', "This JSON has no list of messages."),
        ('{"messages":\n[}', "Line 2 is not JSON"),
        ('[{"payload": {"content": "Hi."}}, {"payload": {}}]', "messages[1] has no words"),
        ('[{"payload": []}]', "messages[0] has no words"),
        (
            '[{"payload": {"content": "a"}, "duration": {"startTime": "noon"}}]',
            "messages[0]: startTime is not a time",
        ),
        (
            '[{"payload": {"content": "a"}, "duration": {"startTime": "2026-01-05T10:00:01Z", '
            '"endTime": "2026-01-05T10:00:00Z"}}]',
            "messages[0] ends before it begins.",
        ),
    ],
)
def test_what_cannot_be_read_is_named(text: str, sentence: str) -> None:
    assert refusal(text).startswith(sentence)


def test_too_many_lines_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_MESSAGES", 2)
    assert refusal("Ana: a\nAna: b\nAna: c").startswith("This transcript has 3 lines")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_files_are_decoded(encoding: str) -> None:
    assert decode("Zoë: Hi.".encode(encoding)) == "Zoë: Hi."


@pytest.mark.parametrize("data", [b"\x00\x01", b"Zo\xeb: Hi.", b"ID3\x04\x00\x00"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableText, match="not text"):
        decode(data)


def test_messages_hold_nothing_that_cannot_be_kept() -> None:
    text = (
        r'[{"payload": {"content": "a\ud800\u0000b"}, "from": {"name": "Ana\udfff", '
        r'"userId": "\u0000ana"}, "duration": {"startTime": "2026-01-05T12:00:00+02:00"}}]'
    )
    (said,) = read(text)
    assert said == Said("a?b", "Ana?", "ana", TEN)
    assert json.loads(texts.to_json([said])) == [asdict(said)]


def test_kept_messages_are_sent_with_moments() -> None:
    origin = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
    kept = texts.to_json([Said("Hi.", "Ana", "a@b", 1_500, None), Said("Ho.", start=TEN)])
    assert texts.from_json(kept, origin=origin) == [
        TextMessage("Hi.", "Ana", "a@b", origin, None),
        TextMessage("Ho.", "", "", dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC), None),
    ]


def test_the_earliest_time_is_the_beginning_wherever_it_stands() -> None:
    origin = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
    kept = texts.to_json(read("Ana: Hi.\n[0:05] Joe: Ho.\n[0:02] Ana: Bye."))
    sent = [message.start for message in texts.from_json(kept, origin=origin)]
    assert sent == [None, origin + dt.timedelta(seconds=3), origin]


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        ("Ana: Hi.\nJoe: Ho.", ""),
        ("[0:00:00.9] Ana: Hi.\nJoe: Ho.\n[0:07] Ana: Bye.", ""),
        ("[0:01:05] Ana: Hi.", "Times count from the first line, at 1:05 in the text."),
        ("[1:00:05] Ana: Hi.", "Times count from the first line, at 1:00:05 in the text."),
        ("[0:05] Ana: Hi.\n[0:00] Joe: Ho.", "Lines were put in order of their times."),
        (
            "[0:05:00] Ana: Hi.\nJoe: Ho.\n[0:01:00] Joe: Ho.",
            "Times count from the first line, at 1:00 in the text. "
            "Lines were put in order of their times.",
        ),
        (
            json.dumps(
                [
                    {"payload": {"content": "b"}, "duration": {"startTime": f"{TEN[:-6]}.5Z"}},
                    {"payload": {"content": "a"}, "duration": {"startTime": TEN}},
                ]
            ),
            "Lines were put in order of their times.",
        ),
    ],
)
def test_what_is_done_to_times_is_said(text: str, remarks: str) -> None:
    assert texts.remarks(texts.to_json(read(text))) == remarks
