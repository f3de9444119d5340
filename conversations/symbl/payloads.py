"""What a Symbl server says, as frozen dataclasses, and how each is read from JSON.

Used by client.py; the classes are also what the pipeline works with. The readers
are tolerant where servers of the protocol are known to differ, and otherwise
raise `Unreadable` naming the place. Rules and their sources: the wire contract,
sections 2.1, 3.1, 4.1 to 4.3 and 7 (rows C3, C4, C5, C13).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from conversations.symbl import reading
from conversations.symbl.errors import Unreadable

COMPLETED_WORDS = frozenset({"completed", "complete"})
"""The reference says completed, the vendor's tutorial once says complete."""

FAILED_WORD = "failed"

_CONVERSATION_FIELDS = frozenset({"id", "name", "startTime", "endTime", "members", "metadata"})
_MESSAGE_FIELDS = frozenset(
    {"id", "text", "from", "startTime", "endTime", "words", "sentiment", "phrases"}
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took a recording: the conversation it belongs to and the job to watch."""

    conversation_id: str
    job_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """The state of a job; everything but id and status is None where servers tell no more.

    `status` is the server's own word. `stage`, `done` (0 to 1), `reason` and `note`
    come from the `progress` object that the bundled engine adds.
    """

    id: str
    status: str
    stage: str | None = None
    done: float | None = None
    reason: str | None = None
    note: str | None = None

    @property
    def is_completed(self) -> bool:
        """Whether the job ended well and its results are complete."""
        return self.status in COMPLETED_WORDS

    @property
    def is_failed(self) -> bool:
        """Whether the job ended without a result."""
        return self.status == FAILED_WORD

    @property
    def is_running(self) -> bool:
        """Whether the job has not ended; a word we do not know counts as running."""
        return not (self.is_completed or self.is_failed)


@dataclass(frozen=True, slots=True)
class Person:
    """Who spoke, or a member of a conversation; "" stands for what the server did not say."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation; the times are None until something was processed.

    Members may lack an id here (contract 4.1), unlike those of `read_members`.
    """

    id: str
    name: str
    start_time: datetime | None
    end_time: datetime | None
    members: tuple[Person, ...]
    metadata: Mapping[str, object]
    extra: Mapping[str, object]

    @property
    def duration_ms(self) -> int | None:
        """The time from start to end, never negative; None until both are told."""
        if self.start_time is None or self.end_time is None:
            return None
        return max(0, round((self.end_time - self.start_time).total_seconds() * 1000))


class Word(NamedTuple):
    """One recognised word; a tuple, because a meeting has hundreds of thousands."""

    text: str
    start_time: datetime
    end_time: datetime
    score: float | None
    speaker_tag: float | None


class Phrase(NamedTuple):
    """A key phrase of a message; `type` is "" where servers send the text alone."""

    type: str
    text: str


class Sentiment(NamedTuple):
    """Polarity from -1 to 1, and the server's word for it ("" when it sends none)."""

    score: float
    suggested: str


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence by one person; None for the parts that were not asked for or not sent."""

    id: str
    text: str
    person: Person | None
    start_time: datetime
    end_time: datetime
    words: tuple[Word, ...] | None
    sentiment: Sentiment | None
    phrases: tuple[Phrase, ...] | None
    extra: Mapping[str, object]


def read_accepted(document: object) -> Accepted:
    """Return the two ids that answer a submission."""
    raw = reading.json_object(document)
    return Accepted(
        conversation_id=reading.identifier(raw.get("conversationId"), "conversationId"),
        job_id=reading.identifier(raw.get("jobId"), "jobId"),
    )


def read_job(document: object) -> Job:
    """Return a job; progress that makes no sense is left out, it is only decoration."""
    raw = reading.json_object(document)
    named = raw["id"] if raw.get("id") is not None else raw.get("jobId")
    progress = raw.get("progress")
    told: Mapping[str, object] = progress if isinstance(progress, dict) else {}
    return Job(
        id=reading.identifier(named, "id"),
        status=reading.text(raw.get("status"), "status"),
        stage=_text_or_none(told.get("stage")),
        done=_fraction_or_none(told.get("done")),
        reason=_text_or_none(told.get("reason")),
        note=_text_or_none(told.get("note")),
    )


def read_person(value: object) -> Person | None:
    """Return a person, None for an object that names nobody.

    The same address is called `email` in members and messages and `userId` in
    insights; a `userId` need not be an address.
    """
    raw = reading.json_object(value)
    person_id = reading.optional_identifier(raw.get("id"), "id")
    name = reading.optional_text(raw.get("name"), "name")
    email = reading.optional_text(raw.get("email"), "email")
    if not email and "userId" in raw:
        user = reading.optional_identifier(raw["userId"], "userId")
        email = user if "@" in user else ""
    return Person(person_id, name, email) if person_id or name or email else None


def read_conversation(document: object) -> Conversation:
    """Return a conversation; its name is its id when it has none."""
    raw = reading.json_object(document)
    conversation_id = reading.identifier(raw.get("id"), "id")
    metadata = raw.get("metadata")
    listed = reading.optional_each(raw.get("members"), "members", read_person)
    return Conversation(
        id=conversation_id,
        name=reading.optional_text(raw.get("name"), "name") or conversation_id,
        start_time=reading.optional_moment(raw.get("startTime"), "startTime"),
        end_time=reading.optional_moment(raw.get("endTime"), "endTime"),
        members=tuple(filter(None, listed or ())),
        metadata={} if metadata is None else reading.json_object(metadata, "metadata"),
        extra=reading.remainder(raw, _CONVERSATION_FIELDS),
    )


def read_members(document: object) -> tuple[Person, ...]:
    """Return the members of a conversation; each has an id, which is what names it."""
    raw = reading.json_object(document)
    return reading.each(raw.get("members"), "members", _read_member)


def read_messages(document: object) -> tuple[Message, ...]:
    """Return the messages of a conversation in the order of the answer."""
    raw = reading.json_object(document)
    return reading.each(raw.get("messages"), "messages", _read_message)


def _read_message(value: object) -> Message:
    raw = reading.json_object(value)
    speaker = raw.get("from")
    sentiment = raw.get("sentiment")
    return Message(
        id=reading.identifier(raw.get("id"), "id"),
        text=reading.text(raw.get("text"), "text"),
        person=None if speaker is None else reading.nested(speaker, "from", read_person),
        start_time=reading.moment(raw.get("startTime"), "startTime"),
        end_time=reading.moment(raw.get("endTime"), "endTime"),
        words=reading.optional_each(raw.get("words"), "words", _read_word),
        sentiment=(
            None if sentiment is None else reading.nested(sentiment, "sentiment", _read_sentiment)
        ),
        phrases=reading.optional_each(raw.get("phrases"), "phrases", _read_phrase),
        extra=reading.remainder(raw, _MESSAGE_FIELDS),
    )


def _read_member(value: object) -> Person:
    person = read_person(value)
    if person is None or not person.id:
        raise Unreadable.at("id", "an id is expected")
    return person


def _read_word(value: object) -> Word:
    raw = reading.json_object(value)
    return Word(
        reading.text(raw.get("word"), "word"),
        reading.moment(raw.get("startTime"), "startTime"),
        reading.moment(raw.get("endTime"), "endTime"),
        reading.optional_number(raw.get("score"), "score"),
        reading.optional_number(raw.get("speakerTag"), "speakerTag"),
    )


def _read_phrase(value: object) -> Phrase:
    if isinstance(value, str):
        return Phrase("", value)
    raw = reading.json_object(value)
    return Phrase(
        reading.optional_text(raw.get("type"), "type"), reading.text(raw.get("text"), "text")
    )


def _read_sentiment(value: object) -> Sentiment:
    raw = reading.json_object(value)
    polarity = reading.json_object(raw.get("polarity"), "polarity")
    return Sentiment(
        reading.number(polarity.get("score"), "polarity.score"),
        reading.optional_text(raw.get("suggested"), "suggested"),
    )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _fraction_or_none(value: object) -> float | None:
    try:
        return min(1.0, max(0.0, reading.number(value, "done")))
    except Unreadable:
        return None
