"""What a server concludes from the text: insights, topics, the summary (contract 4.4, 4.5, 4.9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from conversations.symbl import reading
from conversations.symbl.payloads.detections import rendered_value
from conversations.symbl.payloads.messages import Phrase, Sentiment, phrases_of, sentiment_of
from conversations.symbl.payloads.people import Person, person_at

_INSIGHT_FIELDS = frozenset(
    {
        *("id", "type", "text", "score", "messageIds", "messageRefs", "from", "assignee"),
        *("dueBy", "definitive", "phrases", "entities"),
    }
)
_TOPIC_FIELDS = frozenset(
    {"id", "text", "type", "score", "messageIds", "messageRefs", "sentiment", "parentRefs"}
)
_SUMMARY_FIELDS = frozenset({"id", "text", "messageIds", "messageRefs"})


@dataclass(frozen=True, slots=True)
class InsightEntity:
    """A person, date and the like within the text of an insight.

    `offset` counts characters from the beginning of that text; `value` is what the
    mention stands for, as text.
    """

    type: str
    text: str
    value: str
    offset: int | None


@dataclass(frozen=True, slots=True)
class Insight:
    """A question, an action item or a follow-up.

    `type` is the server's word, usually question, action_item or follow_up. `person`
    is who said it. The embedded names may be older than a renaming (contract 4.3),
    so people are looked up by id where there is one.
    """

    id: str
    type: str
    text: str
    score: float | None
    message_ids: tuple[str, ...]
    person: Person | None
    assignee: Person | None
    due_by: datetime | None
    definitive: bool | None
    phrases: tuple[Phrase, ...]
    entities: tuple[InsightEntity, ...]
    extra: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject of the conversation; some servers give it no id (""), parents are texts."""

    id: str
    text: str
    type: str
    score: float | None
    message_ids: tuple[str, ...]
    sentiment: Sentiment | None
    parents: tuple[str, ...]
    extra: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """One sentence of the summary and the messages it stands for."""

    id: str
    text: str
    message_ids: tuple[str, ...]
    extra: Mapping[str, object]


def read_insights(document: object) -> tuple[Insight, ...]:
    """Return insights of every kind in the order of the answer."""
    return _listed(document, "insights", partial(_read_insight, usual_type=""))


def read_questions(document: object) -> tuple[Insight, ...]:
    """Return the questions in the order of the answer."""
    return _listed(document, "questions", partial(_read_insight, usual_type="question"))


def read_action_items(document: object) -> tuple[Insight, ...]:
    """Return the action items in the order of the answer."""
    return _listed(document, "actionItems", partial(_read_insight, usual_type="action_item"))


def read_follow_ups(document: object) -> tuple[Insight, ...]:
    """Return the follow-ups in the order of the answer."""
    return _listed(document, "followUps", partial(_read_insight, usual_type="follow_up"))


def read_topics(document: object) -> tuple[Topic, ...]:
    """Return the topics in the order of the answer."""
    return _listed(document, "topics", _read_topic)


def read_summary(document: object) -> tuple[SummaryItem, ...]:
    """Return the sentences of the summary in their order."""
    return _listed(document, "summary", _read_summary_item)


def _listed(
    document: object, key: str, read: Callable[[object], reading.Value]
) -> tuple[reading.Value, ...]:
    return reading.each(reading.json_object(document).get(key), key, read)


def _read_insight(value: object, *, usual_type: str) -> Insight:
    raw = reading.json_object(value)
    return Insight(
        id=reading.identifier(raw.get("id"), "id"),
        type=reading.optional_text(raw.get("type"), "type") or usual_type,
        text=reading.text(raw.get("text"), "text"),
        score=reading.optional_number(raw.get("score"), "score"),
        message_ids=reading.message_ids(raw),
        person=person_at(raw, "from"),
        assignee=person_at(raw, "assignee"),
        due_by=reading.optional_moment(raw.get("dueBy"), "dueBy"),
        definitive=reading.optional_flag(raw.get("definitive"), "definitive"),
        phrases=phrases_of(raw) or (),
        entities=reading.optional_each(raw.get("entities"), "entities", _read_insight_entity) or (),
        extra=reading.remainder(raw, _INSIGHT_FIELDS),
    )


def _read_insight_entity(value: object) -> InsightEntity:
    raw = reading.json_object(value)
    text = reading.text(raw.get("text"), "text")
    return InsightEntity(
        type=reading.text(raw.get("type"), "type"),
        text=text,
        value=rendered_value(raw) or text,
        offset=reading.optional_integer(raw.get("offset"), "offset"),
    )


def _read_topic(value: object) -> Topic:
    raw = reading.json_object(value)
    return Topic(
        id=reading.optional_identifier(raw.get("id"), "id"),
        text=reading.text(raw.get("text"), "text"),
        type=reading.optional_text(raw.get("type"), "type"),
        score=reading.optional_number(raw.get("score"), "score"),
        message_ids=reading.message_ids(raw),
        sentiment=sentiment_of(raw),
        parents=reading.optional_each(raw.get("parentRefs"), "parentRefs", _read_parent) or (),
        extra=reading.remainder(raw, _TOPIC_FIELDS),
    )


def _read_parent(value: object) -> str:
    return reading.text(reading.json_object(value).get("text"), "text")


def _read_summary_item(value: object) -> SummaryItem:
    raw = reading.json_object(value)
    return SummaryItem(
        id=reading.optional_identifier(raw.get("id"), "id"),
        text=reading.text(raw.get("text"), "text"),
        message_ids=reading.message_ids(raw),
        extra=reading.remainder(raw, _SUMMARY_FIELDS),
    )
