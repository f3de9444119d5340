"""Reading conversations, messages, members and jobs: the vendor's samples and their variants."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from conversations.symbl import (
    Accepted,
    Conversation,
    Job,
    Message,
    Person,
    Phrase,
    Sentiment,
    Unreadable,
    Word,
)
from conversations.symbl.payloads import (
    read_accepted,
    read_conversation,
    read_conversations,
    read_job,
    read_members,
    read_messages,
    read_person,
)
from conversations.symbl.reading import decode
from tests.symbl.samples import CONVERSATION, FULL_MESSAGE, JOB

# From the vendor's tutorial on speaker separation.
TUTORIAL_MESSAGES = """{"messages": [
  {"id": "4591723946704896",
   "text": "You're hired two words, everybody loves to hear.",
   "from": {"id": "2f69f1c8-bf0a-48ef-b47f-95ae5a4de325", "email": "john@example.com",
            "name": "John Doe"},
   "startTime": "2020-08-04T07:18:17.573Z", "endTime": "2020-08-04T07:18:21.573Z",
   "conversationId": "5105430690791424"},
  {"id": "6328236401229824",
   "text": "But before we hear these words comes the interview.",
   "from": {"id": "2f69f1c8-bf0a-48ef-b47f-95ae5a4de325", "name": "Speaker 2"},
   "startTime": "2020-08-04T07:18:21.973Z", "endTime": "2020-08-04T07:18:30.473Z",
   "conversationId": "5105430690791424"}]}"""


def at(second: int, millisecond: int) -> datetime:
    return datetime(2026, 1, 5, 10, 0, second, millisecond * 1000, tzinfo=UTC)


def problem_path(read: Callable[[object], object], document: object) -> str:
    """Return the place that `read` complains about."""
    with pytest.raises(Unreadable) as caught:
        read(document)
    return caught.value.path


def test_messages_of_the_tutorial_are_read() -> None:
    john = "2f69f1c8-bf0a-48ef-b47f-95ae5a4de325"
    day = datetime(2020, 8, 4, 7, 18, tzinfo=UTC)
    assert read_messages(decode(TUTORIAL_MESSAGES.encode())) == (
        Message(
            id="4591723946704896",
            text="You're hired two words, everybody loves to hear.",
            person=Person(id=john, name="John Doe", email="john@example.com"),
            start_time=day.replace(second=17, microsecond=573_000),
            end_time=day.replace(second=21, microsecond=573_000),
            words=None,
            sentiment=None,
            phrases=None,
            extra={"conversationId": "5105430690791424"},
        ),
        Message(
            id="6328236401229824",
            text="But before we hear these words comes the interview.",
            person=Person(id=john, name="Speaker 2", email=""),
            start_time=day.replace(second=21, microsecond=973_000),
            end_time=day.replace(second=30, microsecond=473_000),
            words=None,
            sentiment=None,
            phrases=None,
            extra={"conversationId": "5105430690791424"},
        ),
    )


def test_message_with_everything_is_read() -> None:
    assert read_messages({"messages": [FULL_MESSAGE]}) == (
        Message(
            id="4711000000000001",
            text="We ship on Friday.",
            person=Person(id="9a1c", name="Speaker 1", email=""),
            start_time=at(5, 200),
            end_time=at(7, 900),
            words=(Word("We", at(5, 200), at(5, 380), 0.94, 1.0),),
            sentiment=Sentiment(0.41, "positive"),
            phrases=(Phrase("action_phrase", "ship on Friday"), Phrase("", "Friday")),
            extra={"conversationId": "5120345678901234", "timeOffset": 5.2, "duration": 2.7},
        ),
    )


def test_conversation_is_read() -> None:
    assert read_conversation(CONVERSATION) == Conversation(
        id="5120345678901234",
        name="Weekly sync",
        start_time=at(0, 0),
        end_time=datetime(2026, 1, 5, 10, 41, 12, 300_000, tzinfo=UTC),
        members=(Person(id="0b5e", name="Ida", email="ida@example.test"),),
        metadata={"agentId": "ida"},
        extra={"type": "meeting"},
    )


def test_conversation_without_anything_but_an_id_is_read() -> None:
    document = {"id": 5120345678901234, "members": [{}], "metadata": None}
    assert read_conversation(document) == Conversation(
        id="5120345678901234",
        name="5120345678901234",
        start_time=None,
        end_time=None,
        members=(),
        metadata={},
        extra={},
    )


def test_members_of_the_tutorial_are_read() -> None:
    document = {
        "members": [
            {"id": "9d6d34d9", "name": "Speaker 1"},
            {"id": "2f69f1c8", "email": "john@example.com", "name": "John Doe"},
        ]
    }
    assert read_members(document) == (
        Person(id="9d6d34d9", name="Speaker 1", email=""),
        Person(id="2f69f1c8", name="John Doe", email="john@example.com"),
    )


@pytest.mark.parametrize(
    ("value", "person"),
    [
        ({}, None),
        ({"id": None, "name": None, "email": ""}, None),
        ({"talkTime": {}}, None),
        ({"name": "Ida", "email": "ida@example.test"}, Person("", "Ida", "ida@example.test")),
        (
            {"id": 7, "name": "Ida", "userId": "ida@example.test"},
            Person("7", "Ida", "ida@example.test"),
        ),
        ({"id": "7", "email": "a@b.test", "userId": "c@d.test"}, Person("7", "", "a@b.test")),
        ({"id": "7", "name": "Ida", "userId": 4711}, Person("7", "Ida", "")),
        (
            {"id": "7", "userId": f"{'i' * 90}@example.test"},
            Person("7", "", f"{'i' * 90}@example.test"),
        ),
    ],
)
def test_person_is_read_however_it_is_spelled(value: object, person: Person | None) -> None:
    assert read_person(value) == person


@pytest.mark.parametrize("absent", [{}, None])
def test_message_without_a_speaker_has_no_person(absent: object) -> None:
    without = {key: value for key, value in FULL_MESSAGE.items() if key != "from"}
    for message in (without, {**without, "from": absent}):
        assert read_messages({"messages": [message]})[0].person is None


@pytest.mark.parametrize("impossible", ["m" * 81, "m\x00", "m\ud800", "", True, 1.5, None])
def test_an_id_that_cannot_be_kept_is_refused(impossible: object) -> None:
    message = {**FULL_MESSAGE, "id": impossible}
    assert problem_path(read_messages, {"messages": [message]}) == "messages[0].id"
    accepted = {"conversationId": impossible, "jobId": "j1"}
    assert problem_path(read_accepted, accepted) == "conversationId"


def test_ids_are_read_up_to_the_length_that_is_kept() -> None:
    (message,) = read_messages({"messages": [{**FULL_MESSAGE, "id": "m" * 80}]})
    assert message.id == "m" * 80
    assert read_accepted({"conversationId": "c" * 64, "jobId": 7}) == Accepted("c" * 64, "7")
    assert problem_path(read_accepted, {"conversationId": "c", "jobId": "j" * 65}) == "jobId"


def test_accepted_is_read_with_ids_as_text() -> None:
    # Both from the vendor's page on appending audio, the second with a bare number.
    expected = Accepted("5815170693595136", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d")
    job = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"
    assert read_accepted({"conversationId": "5815170693595136", "jobId": job}) == expected
    assert read_accepted({"conversationId": 5815170693595136, "jobId": job}) == expected


@pytest.mark.parametrize(
    ("status", "flags"),
    [
        ("scheduled", (True, False, False)),
        ("in_progress", (True, False, False)),
        ("completed", (False, True, False)),
        ("complete", (False, True, False)),
        ("failed", (False, False, True)),
        ("paused", (True, False, False)),
    ],
)
def test_job_status_is_kept_and_an_unknown_one_is_still_running(
    status: str, flags: tuple[bool, bool, bool]
) -> None:
    job = read_job({"id": "7", "status": status})
    assert job == Job(id="7", status=status)
    assert (job.is_running, job.is_completed, job.is_failed) == flags


def test_job_of_the_engine_tells_its_progress() -> None:
    assert read_job(JOB) == Job(
        id="3f0d1c52", status="in_progress", stage="transcribing", done=0.4, note="2 speakers"
    )


def test_job_is_read_by_the_name_of_the_webhook_too() -> None:
    assert read_job({"jobId": "7", "status": "failed"}) == Job(id="7", status="failed")


@pytest.mark.parametrize(
    ("progress", "done"),
    [(40, None), ({"done": "half", "stage": 3}, None), ({"done": 1.5}, 1.0), ({"done": -1}, 0.0)],
)
def test_job_progress_of_another_shape_does_no_harm(progress: object, done: float | None) -> None:
    document = {"id": "7", "status": "scheduled", "progress": progress}
    assert read_job(document) == Job(id="7", status="scheduled", done=done)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-05T10:00:05.200Z", at(5, 200)),
        ("2026-01-05T10:00:05.20Z", at(5, 200)),
        ("2026-01-05T12:00:05.2+02:00", at(5, 200)),
        ("2026-01-05T10:00:05.200", at(5, 200)),
        ("2026-01-05T10:00:05Z", at(5, 0)),
    ],
)
def test_times_are_aware_and_in_utc(written: str, meant: datetime) -> None:
    read = read_conversation({"id": "1", "startTime": written}).start_time
    assert read is not None
    assert (read, read.tzinfo) == (meant, UTC)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"startTime": None}, "messages[1].startTime"),
        ({"startTime": "yesterday"}, "messages[1].startTime"),
        ({"endTime": "0001-01-01T00:00:00+14:00"}, "messages[1].endTime"),
        ({"id": 1.5}, "messages[1].id"),
        ({"id": True}, "messages[1].id"),
        ({"id": ""}, "messages[1].id"),
        ({"text": None}, "messages[1].text"),
        ({"from": "Speaker 1"}, "messages[1].from"),
        ({"from": {"name": 1}}, "messages[1].from.name"),
        ({"words": {}}, "messages[1].words"),
        ({"words": [{"word": "We"}]}, "messages[1].words[0].startTime"),
        ({"sentiment": {"polarity": {}}}, "messages[1].sentiment.polarity.score"),
        (
            {"sentiment": {"polarity": {"score": float("nan")}}},
            "messages[1].sentiment.polarity.score",
        ),
        ({"phrases": [{"type": "x"}]}, "messages[1].phrases[0].text"),
    ],
)
def test_unreadable_message_is_located(changed: dict[str, object], path: str) -> None:
    assert problem_path(read_messages, {"messages": [FULL_MESSAGE, FULL_MESSAGE | changed]}) == path


@pytest.mark.parametrize(
    ("read", "document", "path"),
    [
        (read_messages, [], ""),
        (read_messages, {}, "messages"),
        (read_messages, {"messages": [None]}, "messages[0]"),
        (read_members, {"members": [{"id": "1"}, {"name": "Ida"}]}, "members[1].id"),
        (read_accepted, {"conversationId": "1"}, "jobId"),
        (read_accepted, {"jobId": "1", "conversationId": None}, "conversationId"),
        (read_job, {"id": "1"}, "status"),
        (read_job, {"status": "failed"}, "id"),
        (read_conversation, {"id": "1", "metadata": []}, "metadata"),
        (read_conversation, {"id": "1", "members": [1]}, "members[0]"),
        (read_conversations, {"conversations": {}}, "conversations"),
        (read_conversations, {"conversations": [{"id": "1"}, {}]}, "conversations[1].id"),
    ],
)
def test_unreadable_document_is_located(
    read: Callable[[object], object], document: object, path: str
) -> None:
    assert problem_path(read, document) == path


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"messages": [', b"\xff\xfe\xfd", b"[" * 100_000, b"9" * 5000]
)
def test_decode_of_anything_but_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(body)
    assert str(caught.value) == "The server's answer cannot be read: it is not JSON."
