"""Messages and what belongs to one: words, phrases, sentiment (contract 4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from conversations.symbl import reading
from conversations.symbl.payloads.people import Person, person_at

_FIELDS = frozenset({"id", "text", "from", "startTime", "endTime", "words", "sentiment", "phrases"})


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


def read_messages(document: object) -> tuple[Message, ...]:
    """Return the messages of a conversation in the order of the answer."""
    raw = reading.json_object(document)
    return reading.each(raw.get("messages"), "messages", _read_message)


def phrases_of(raw: reading.JsonObject) -> tuple[Phrase, ...] | None:
    """Return the `phrases` of a message or an insight, None when there is no such field."""
    return reading.optional_each(raw.get("phrases"), "phrases", _read_phrase)


def sentiment_of(raw: reading.JsonObject) -> Sentiment | None:
    """Return the `sentiment` of a message or a topic, None when there is none."""
    value = raw.get("sentiment")
    return None if value is None else reading.nested(value, "sentiment", _read_sentiment)


def _read_message(value: object) -> Message:
    raw = reading.json_object(value)
    return Message(
        id=reading.identifier(raw.get("id"), "id"),
        text=reading.text(raw.get("text"), "text"),
        person=person_at(raw, "from"),
        start_time=reading.moment(raw.get("startTime"), "startTime"),
        end_time=reading.moment(raw.get("endTime"), "endTime"),
        words=reading.optional_each(raw.get("words"), "words", _read_word),
        sentiment=sentiment_of(raw),
        phrases=phrases_of(raw),
        extra=reading.remainder(raw, _FIELDS),
    )


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
