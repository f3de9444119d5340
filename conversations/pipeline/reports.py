"""What the API says about a conversation as a whole, in the form in which it is kept.

Written by the sync, read by the panels. People are members by their ids at the API, and
lines are messages by theirs: names and texts are looked up when they are shown, so that a
correction shows everywhere at once (contract 4.3, 4.5 to 4.9).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from conversations import symbl
from conversations.models import Conversation, Report, ReportKind
from conversations.pipeline.plan import FindMember, clean_document


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject; `parents` are the texts of the topics above it, `score` is from 0 to 1."""

    text: str
    score: float | None
    message_ids: tuple[str, ...]
    parents: tuple[str, ...]
    sentiment: float | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a line: `offset` in characters of what the API says, None if not told.

    A tracker's offset of -1 means that the words are only similar.
    """

    message_id: str
    offset: int | None


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named: `text` as it was said, `value` what it stands for."""

    type: str
    value: str
    text: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class TrackerMatch:
    """Words of a tracker and where they were heard; insights are the API's ids."""

    value: str
    mentions: tuple[Mention, ...]
    insight_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tracker:
    """A tracker that was asked for, and what it met."""

    name: str
    matches: tuple[TrackerMatch, ...]


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One sentence of the summary, and the lines that it stands for."""

    text: str
    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure about the whole conversation; `percent` is from 0 to 100."""

    type: str
    percent: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """How long somebody else talked at the same time."""

    member: str
    name: str
    percent: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Talk:
    """One member's figures; None for what the server does not measure.

    `member` is the API's id, "" for somebody who is no member; only then `name` is needed.
    """

    member: str
    name: str
    words_per_minute: float | None
    talk_percent: float
    talk_seconds: float
    listen_percent: float
    listen_seconds: float
    overlap_seconds: float | None
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class Analytics:
    """How long and how fast people talked."""

    metrics: tuple[Metric, ...]
    members: tuple[Talk, ...]


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of one conversation; None for one that has never been read."""

    topics: tuple[Topic, ...] | None = None
    entities: tuple[Entity, ...] | None = None
    trackers: tuple[Tracker, ...] | None = None
    summary: tuple[SummaryLine, ...] | None = None
    analytics: Analytics | None = None


FORMS: dict[ReportKind, TypeAdapter[Any]] = {
    ReportKind.TOPICS: TypeAdapter(tuple[Topic, ...]),
    ReportKind.ENTITIES: TypeAdapter(tuple[Entity, ...]),
    ReportKind.TRACKERS: TypeAdapter(tuple[Tracker, ...]),
    ReportKind.SUMMARY: TypeAdapter(tuple[SummaryLine, ...]),
    ReportKind.ANALYTICS: TypeAdapter(Analytics),
}


def load(conversation: Conversation) -> Reports:
    """Return the conversation's reports, in one query."""
    rows = Report.objects.filter(conversation=conversation)
    read = {row.kind: FORMS[ReportKind(row.kind)].validate_python(row.document) for row in rows}
    return Reports(**read)


def document_of(kind: ReportKind, answer: Any, find: FindMember) -> Any:
    """Return the client's `answer` as the JSON document of a report of that kind."""
    report = _READERS[kind](answer, find)
    return clean_document(FORMS[kind].dump_python(report, mode="json"))


def _topics(answer: Sequence[symbl.Topic], find: FindMember) -> tuple[Topic, ...]:
    return tuple(
        Topic(
            text=topic.text,
            score=topic.score,
            message_ids=topic.message_ids,
            parents=topic.parents,
            sentiment=topic.sentiment.score if topic.sentiment else None,
        )
        for topic in answer
    )


def _entities(answer: Sequence[symbl.Entity], find: FindMember) -> tuple[Entity, ...]:
    return tuple(
        Entity(
            type=entity.custom_type or entity.type,
            value=entity.value,
            text=entity.text,
            mentions=tuple(Mention(ref.message_id, ref.offset) for ref in entity.refs),
        )
        for entity in answer
    )


def _trackers(answer: Sequence[symbl.Tracker], find: FindMember) -> tuple[Tracker, ...]:
    return tuple(
        Tracker(
            name=tracker.name,
            matches=tuple(
                TrackerMatch(
                    value=match.value,
                    mentions=tuple(Mention(ref.id, ref.offset) for ref in match.message_refs),
                    insight_ids=tuple(ref.id for ref in match.insight_refs),
                )
                for match in tracker.matches
            ),
        )
        for tracker in answer
    )


def _summary(answer: Sequence[symbl.SummaryItem], find: FindMember) -> tuple[SummaryLine, ...]:
    return tuple(SummaryLine(item.text, item.message_ids) for item in answer)


def _analytics(answer: symbl.Analytics, find: FindMember) -> Analytics:
    def who(person: symbl.Person) -> tuple[str, str]:
        member = find(person)
        return (member.remote_id if member else "", person.name)

    def talk(figures: symbl.MemberAnalytics) -> Talk:
        member, name = who(figures.person)
        return Talk(
            member=member,
            name=name,
            words_per_minute=figures.words_per_minute,
            talk_percent=figures.talk_percent,
            talk_seconds=figures.talk_seconds,
            listen_percent=figures.listen_percent,
            listen_seconds=figures.listen_seconds,
            overlap_seconds=figures.overlap_seconds,
            overlaps=tuple(
                Overlap(*who(other.person), percent=other.percent, seconds=other.seconds)
                for other in figures.overlaps
            ),
        )

    return Analytics(
        metrics=tuple(Metric(one.type, one.percent, one.seconds) for one in answer.metrics),
        members=tuple(talk(figures) for figures in answer.members),
    )


_READERS: dict[ReportKind, Callable[[Any, FindMember], object]] = {
    ReportKind.TOPICS: _topics,
    ReportKind.ENTITIES: _entities,
    ReportKind.TRACKERS: _trackers,
    ReportKind.SUMMARY: _summary,
    ReportKind.ANALYTICS: _analytics,
}
