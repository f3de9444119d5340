"""What a finished job brings to its conversation: messages, members, and remarks."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from conversations.engine import results
from conversations.engine.models import Conversation, Job, Member, Message
from conversations.engine.recognition.protocol import Result
from conversations.engine.recognition.types import Piece
from conversations.engine.text_lines import Line
from tests.engine.support import result

HELLO = Piece(0.5, 1.25, 0, "Hello.")
HI = Piece(1.5, 2.0, 1, "Hi.")
BYE = Piece(3.0, 3.5, 2, "Bye.")
JOHN = {"channel": 1, "speaker": {"name": "John", "email": "john@example.test"}}
MAY = {"channel": 2, "speaker": {"name": "May", "email": ""}}
NOBODY = {"channel": 3, "speaker": {"name": "", "email": ""}}


def of_channels(*pieces: Piece, count: int) -> Result:
    return replace(result(*pieces), channels=count)


def add_channels(job: Job, found: Result, people: list[dict[str, Any]]) -> None:
    job.options = {"enableSeparateRecognitionPerChannel": True, "channelMetadata": people}
    results.add_result(job.conversation, job, found, recogniser="x")


def members() -> list[tuple[str, str, str]]:
    return list(Member.objects.values_list("name", "email", "external_id"))


def said() -> list[tuple[str | None, str]]:
    return list(Message.objects.values_list("member__name", "text"))


def test_add_result_remembers_what_recognition_found(job: Job) -> None:
    results.add_result(job.conversation, job, result(HELLO, HI), recogniser="x")
    Member.objects.filter(position=1).update(name="Anna")
    rows = Message.objects.values_list("member__name", "detected_member__first_name", "text")
    assert list(rows) == [("Anna", "Speaker 1", "Hello."), ("Speaker 2", "Speaker 2", "Hi.")]


def test_each_channel_is_one_member_named_as_asked(job: Job) -> None:
    add_channels(job, of_channels(HELLO, HI, BYE, count=3), [JOHN, MAY, NOBODY])
    assert members() == [("John", "john@example.test", ""), ("May", "", ""), ("Channel 3", "", "")]
    assert said() == [("John", "Hello."), ("May", "Hi."), ("Channel 3", "Bye.")]


def test_a_channel_known_by_its_address_alone_is_called_by_it(job: Job) -> None:
    people = [{"channel": 1, "speaker": {"name": "", "email": "john@example.test"}}]
    add_channels(job, of_channels(HELLO, count=1), people)
    assert members() == [("john@example.test", "john@example.test", "")]


def test_a_silent_channel_is_a_member_only_when_named(job: Job) -> None:
    add_channels(job, of_channels(BYE, count=4), [JOHN, MAY, NOBODY])
    assert members() == [("John", "john@example.test", ""), ("May", "", ""), ("Channel 3", "", "")]


def test_a_channel_of_a_known_address_is_the_member_that_has_it(job: Job) -> None:
    add_channels(job, of_channels(HELLO, HI, count=2), [JOHN, MAY])
    Member.objects.filter(email="john@example.test").update(name="John Smith")
    add_channels(job, of_channels(HI, HELLO, count=2), [JOHN, MAY])
    assert members() == [
        ("John Smith", "john@example.test", ""), ("May", "", ""), ("May", "", ""),
    ]  # fmt: skip
    assert list(Message.objects.values_list("member__position", flat=True)) == [1, 2, 3, 1]


def test_two_channels_with_one_address_are_one_member(job: Job) -> None:
    add_channels(job, of_channels(HELLO, HI, count=2), [JOHN, {**JOHN, "channel": 2}])
    assert members() == [("John", "john@example.test", "")]
    assert said() == [("John", "Hello."), ("John", "Hi.")]


def test_members_of_a_text_are_known_by_user_id_and_else_by_name(job: Job) -> None:
    lines = [
        Line("One.", name="Ida", user_id="ida@example.test"),
        Line("Two.", name="Ida B.", user_id="ida@example.test"),
        Line("Three.", name="Bo", user_id="u-17"),
        Line("Four.", user_id="u-17"),
        Line("Five.", user_id="u-18"),
        Line("Six.", name="Bo"),
        Line("Seven.", name="Cy"),
        Line("Eight.", name="Cy"),
        Line("Nine."),
    ]
    results.add_text(job.conversation, job, lines)
    assert members() == [
        ("Ida", "ida@example.test", ""), ("Bo", "", "u-17"), ("u-18", "", "u-18"), ("Cy", "", ""),
    ]  # fmt: skip
    assert [name for name, _ in said()] == [
        "Ida", "Ida", "Bo", "Bo", "u-18", "Bo", "Cy", "Cy", None,
    ]  # fmt: skip


def test_a_text_finds_the_members_that_are_there(job: Job) -> None:
    conversation = job.conversation
    for position, (name, email, external_id) in enumerate(
        [("Ida", "ida@example.test", ""), ("Bo", "", "u-17"), ("Cy", "", ""), ("Cy", "", "u-19")], 1
    ):
        Member.objects.create(
            conversation=conversation, position=position, name=name, email=email,
            external_id=external_id,
        )  # fmt: skip
    lines = [
        Line("One.", name="I.", user_id="ida@example.test"),
        Line("Two.", user_id="u-17"),
        Line("Three.", name="Cy"),
        Line("Four.", name="Di"),
    ]
    results.add_text(conversation, job, lines)
    assert list(Message.objects.values_list("member__position", flat=True)) == [1, 2, 3, 5]
    assert members()[:4] == [
        ("Ida", "ida@example.test", ""), ("Bo", "", "u-17"), ("Cy", "", ""), ("Cy", "", "u-19"),
    ]  # fmt: skip


def test_members_of_another_conversation_are_strangers(job: Job) -> None:
    other = Conversation.objects.create(name="Other", start_time=job.created_at)
    Member.objects.create(conversation=other, position=1, name="Cy", email="ida@example.test")
    results.add_text(job.conversation, job, [Line("One.", user_id="ida@example.test")])
    assert job.conversation.members.get().name == "ida@example.test"


def test_the_first_text_says_when_the_conversation_began(job: Job) -> None:
    lines = [Line("One.", start_ms=70_000, end_ms=72_000)]
    results.add_text(job.conversation, job, lines)
    kept = Conversation.objects.get()
    assert kept.start_time == dt.datetime(1970, 1, 1, 0, 1, 10, tzinfo=dt.UTC)
    assert list(Message.objects.values_list("start_ms", "end_ms")) == [(0, 2000)]


def test_a_text_without_times_leaves_the_beginning_as_it_was(job: Job) -> None:
    began = job.conversation.start_time
    results.add_text(job.conversation, job, [Line("One.")])
    assert Conversation.objects.get().start_time == began


def test_an_append_leaves_the_clock_of_messages_that_take_no_time(job: Job) -> None:
    results.add_text(job.conversation, job, [Line("One.", start_ms=70_000, end_ms=70_000)])
    results.add_text(job.conversation, job, [Line("Two.", start_ms=90_000, end_ms=95_000)])
    conversation = Conversation.objects.get()
    assert (conversation.start_time, conversation.duration_ms) == (
        dt.datetime(1970, 1, 1, 0, 1, 10, tzinfo=dt.UTC),
        5_000,
    )


def test_the_messages_of_a_text_are_in_the_order_of_their_times(job: Job) -> None:
    lines = [
        Line("Last.", start_ms=80_000, end_ms=81_000),
        Line("First, and long.", start_ms=70_000, end_ms=79_000),
        Line("First.", start_ms=70_000, end_ms=71_000),
        Line("First, too.", start_ms=70_000, end_ms=71_000),
    ]
    results.add_text(job.conversation, job, lines)
    rows = Message.objects.order_by("position").values_list("text", "start_ms", "end_ms")
    assert list(rows) == [
        ("First.", 0, 1_000),
        ("First, too.", 0, 1_000),
        ("First, and long.", 0, 9_000),
        ("Last.", 10_000, 11_000),
    ]


def test_a_text_starts_where_the_conversation_ended(job: Job) -> None:
    conversation = job.conversation
    results.add_result(conversation, job, result(HELLO, seconds=4.5), recogniser="moonshine 1")
    lines = [Line("One.", start_ms=70_000, end_ms=72_000), Line("Two three.", start_ms=75_000)]
    results.add_text(conversation, job, lines)
    assert list(Message.objects.values_list("position", "text", "start_ms", "end_ms")) == [
        (1, "Hello.", 500, 1250),
        (2, "One.", 4500, 6500),
        (3, "Two three.", 9500, 10_300),
    ]
    conversation.refresh_from_db()
    assert (conversation.duration_ms, conversation.metadata) == (
        10_300,
        {"recogniser": "moonshine 1"},
    )


@pytest.mark.parametrize(
    ("seconds", "stated", "pieces", "note"),
    [
        (12.4, 142.0, [HELLO], "Only 0:12 of the stated 2:22 could be read: the file breaks off."),
        (90.0, 100.0, [HELLO], ""),
        (50.0, None, [HELLO], ""),
        (50.0, 50.0, [], "No speech was found in this recording."),
        (
            5.0,
            3605.0,
            [],
            "Only 0:05 of the stated 1:00:05 could be read: the file breaks off. "
            "No speech was found in this recording.",
        ),
    ],
)
def test_remarks_tell_of_what_is_missing(
    seconds: float, stated: float | None, pieces: list[Piece], note: str
) -> None:
    found = result(*pieces, seconds=seconds, stated_seconds=stated)
    assert results.remarks(found, {}) == note


@pytest.mark.parametrize(
    ("count", "channels", "note"),
    [
        (2, [1, 2], ""),
        (
            1,
            [1, 2],
            "The recording has 1 channel; the speakers named for channel 2 were left out.",
        ),
        (
            2,
            [5, 3, 4],
            "The recording has 2 channels; the speakers named for channels 3, 4 and 5 "
            "were left out.",
        ),
    ],
)
def test_remarks_tell_of_channels_that_are_not_there(
    count: int, channels: list[int], note: str
) -> None:
    people = [{"channel": channel, "speaker": {"name": "May"}} for channel in channels]
    nobody = {**NOBODY, "channel": 9}
    found = of_channels(HELLO, count=count)
    assert results.remarks(found, {"channelMetadata": [*people, nobody]}) == note


def test_remarks_say_nothing_of_channels_that_were_mixed() -> None:
    assert results.remarks(result(HELLO), {"channelMetadata": [JOHN]}) == ""


@pytest.mark.parametrize(
    ("uses_vocabulary", "vocabulary", "note"),
    [
        (False, ["Acme"], "This recogniser cannot use custom vocabulary; it was left out."),
        (False, [], ""),
        (True, ["Acme"], ""),
    ],
)
def test_remarks_tell_of_vocabulary_that_was_left_out(
    uses_vocabulary: bool, vocabulary: list[str], note: str
) -> None:
    found = replace(result(HELLO), uses_vocabulary=uses_vocabulary)
    assert results.remarks(found, {"customVocabulary": vocabulary}) == note
