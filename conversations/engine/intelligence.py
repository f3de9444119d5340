"""What the API computes from the text: insights, topics, entities, trackers, times, a summary.

Called by `intelligence_api`. Nothing is stored: the rules of `insights` run on each read,
so a member that was named or merged is right everywhere at once. The ids are derived from
what they name and stay the same as long as that does.
"""

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings

from conversations.engine import insights
from conversations.engine.answers import scored, speaker_answer
from conversations.engine.insights import EntityFound, Finding, Mention, Ref, Room, Said
from conversations.engine.insights.types import Kind
from conversations.engine.intelligence_schemas import (
    AnalyticsAnswer,
    EntityAnswer,
    InsightAnswer,
    InsightRefAnswer,
    MentionAnswer,
    MessageIdAnswer,
    MessageRefAnswer,
    MetricAnswer,
    NamedAnswer,
    OverlapAnswer,
    PaceAnswer,
    ParentAnswer,
    SaidByAnswer,
    SummaryLineAnswer,
    TalkAnswer,
    TimeAnswer,
    TopicAnswer,
    TrackerAnswer,
    TrackerMatchAnswer,
)
from conversations.engine.models import Member
from conversations.engine.reading import Part, Transcript
from conversations.engine.schemas import PhraseAnswer, SentimentAnswer, SpeakerAnswer


class Ids:
    """Gives what is computed an id of 16 digits that is the same at each reading."""

    def __init__(self, transcript: Transcript) -> None:
        self._conversation = transcript.conversation.id
        self._times: Counter[tuple[str, ...]] = Counter()

    def of(self, *parts: str) -> str:
        """Return the id; the same parts a second time, such as a repeated sentence, get another."""
        self._times[parts] += 1
        name = "\x00".join((self._conversation, *parts, str(self._times[parts])))
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
        return str(10**15 + number % (9 * 10**15))


def findings(transcript: Transcript) -> list[Finding]:
    """Return what each job's `confidenceThreshold` lets through, in the order it was said."""
    voices = transcript.voices
    return [
        finding
        for part in transcript.parts
        if part.english
        for finding in insights.findings(
            part.said, voices, started=transcript.started, threshold=part.threshold
        )
    ]


def insight_answers(transcript: Transcript, kind: Kind | None = None) -> list[InsightAnswer]:
    """Return the insights, all or of one kind, in the order they were said (contract 4.4)."""
    ids = Ids(transcript)
    return [
        _insight_answer(transcript, found, ids.of(found.kind, found.message_id, found.text))
        for found in findings(transcript)
        if kind in {None, found.kind}
    ]


def topic_answers(
    transcript: Transcript, *, sentiment: bool, parents: bool, vocabulary: Sequence[str]
) -> list[TopicAnswer]:
    """Return the topics, best first (contract 4.5).

    They belong to the whole conversation, so the lowest threshold of its jobs holds.
    """
    parts = [part for part in transcript.parts if part.english]
    threshold = min((part.threshold for part in parts), default=0.5)
    said = [one for part in parts for one in part.said]
    ids = Ids(transcript)
    answers: list[TopicAnswer] = []
    for topic in insights.topics(said, vocabulary=vocabulary, threshold=threshold):
        more: dict[str, Any] = {}
        tone = _tone(transcript, topic.message_ids) if sentiment else None
        if tone:
            more["sentiment"] = tone
        if parents:
            more["parent_refs"] = [ParentAnswer(type="topic", text=text) for text in topic.parents]
        answers.append(
            TopicAnswer(
                id=ids.of("topic", topic.text),
                text=topic.text,
                type="topic",
                score=topic.score,
                message_ids=list(topic.message_ids),
                **more,
            )
        )
    return answers


def entity_answers(transcript: Transcript) -> list[EntityAnswer]:
    """Return what was named where jobs looked for it, in the older shape (contract 4.6)."""
    found: dict[tuple[object, ...], list[EntityFound]] = {}
    for entity in _entities(transcript):
        name = entity.value or entity.text.casefold()
        key = (entity.type, entity.custom_type, name, entity.start, entity.end)
        found.setdefault(key, []).append(entity)
    return [_entity_answer(transcript, same) for same in found.values()]


def tracker_answers(transcript: Transcript) -> list[TrackerAnswer]:
    """Return the trackers of each job that found something in what it brought (contract 4.7)."""
    found = _tracked((part.said, part) for part in transcript.parts)
    if not found:
        return []
    answers = insight_answers(transcript)
    by_id = {insight.id: insight for insight in answers}
    in_insights = _tracked(_insights_said(transcript, answers))
    ids = Ids(transcript)
    return [
        TrackerAnswer(
            id=ids.of("tracker", name),
            name=name,
            matches=[
                TrackerMatchAnswer(
                    type="vocabulary",
                    value=value,
                    message_refs=_message_refs(transcript, places),
                    insight_refs=_insight_refs(by_id, in_insights.get(name, {}).get(value, ())),
                )
                for value, places in matches.items()
            ],
        )
        for name, matches in found.items()
    ]


def analytics_answer(transcript: Transcript) -> AnalyticsAnswer:
    """Return how the time was spent (contract 4.8)."""
    times = insights.analytics(
        transcript.said, transcript.voices, duration_ms=transcript.conversation.duration_ms
    )
    shares = (
        ("total_silence", times.silence),
        ("total_talk_time", times.talk),
        ("total_overlap", times.overlap),
    )
    return AnalyticsAnswer(
        metrics=[
            MetricAnswer.model_validate({"type": kind, **share._asdict()}) for kind, share in shares
        ],
        members=[
            TalkAnswer.model_validate(
                {
                    **(_called(transcript.members[one.id]) if one.id else {"name": one.name}),
                    "pace": PaceAnswer(wpm=one.words_per_minute),
                    "talk_time": TimeAnswer(percentage=one.talk.percent, seconds=one.talk.seconds),
                    "listen_time": TimeAnswer(
                        percentage=one.listen.percent, seconds=one.listen.seconds
                    ),
                    "overlap": OverlapAnswer(),
                }
            )
            for one in times.members
        ],
    )


def summary_answers(transcript: Transcript) -> list[SummaryLineAnswer]:
    """Return the sentences that say most, as they were said (contract 4.9)."""
    ids = Ids(transcript)
    said = transcript.said_in_english
    return [
        SummaryLineAnswer(
            id=ids.of("summary", *line.message_ids, line.text),
            text=line.text,
            message_refs=[MessageIdAnswer(id=message_id) for message_id in line.message_ids],
        )
        for line in insights.summary(said)
    ]


def _insight_answer(transcript: Transcript, finding: Finding, answer_id: str) -> InsightAnswer:
    more: dict[str, Any] = {}
    if finding.kind != "question":
        more = {
            "definitive": finding.definitive,
            "phrases": [
                PhraseAnswer(type="action_phrase", text=text) for _, text in finding.phrases
            ],
            "entities": [_mention_answer(mention) for mention in finding.entities],
            "assignee": _assignee(transcript, finding),
        }
    if finding.due:
        more["due_by"] = f"{finding.due.isoformat()}T00:00:00.000Z"
    speaker = transcript.members[finding.speaker] if finding.speaker else None
    return InsightAnswer(
        id=answer_id,
        type=finding.kind,
        text=finding.text,
        score=finding.score,
        message_ids=[finding.message_id],
        speaker=SaidByAnswer.model_validate(_called(speaker) if speaker else {}),
        **more,
    )


def _assignee(transcript: Transcript, finding: Finding) -> SpeakerAnswer:
    """Return whose task it is, under the name recognition gave where that is wanted (C25)."""
    if finding.assignee is None:
        return SpeakerAnswer()
    member = transcript.members[finding.assignee]
    answer = speaker_answer(member)
    if settings.ENGINE_STALE_ASSIGNEES and member.first_name:
        answer.name = member.first_name
    return answer


def _mention_answer(mention: Mention) -> MentionAnswer:
    value: dict[str, object] = {}
    if mention.value is not None:
        person = mention.type == "person"
        named = NamedAnswer(name=mention.value, assignee=mention.assignee)
        value = {"value": named if person else mention.value}
    return MentionAnswer.model_validate(
        {"type": mention.type, "text": mention.text, "offset": mention.offset}
        | value
        | _days(mention.start, mention.end)
    )


def _entities(transcript: Transcript) -> Iterator[EntityFound]:
    room = Room()
    for part in transcript.parts:
        if not (part.english and (part.detects_entities or part.custom_entities)):
            continue
        for entity in insights.entities(
            part.said,
            custom=part.custom_entities,
            voices=transcript.voices,
            started=transcript.started,
            room=room,
        ):
            if part.detects_entities or entity.custom_type is not None:
                yield entity


def _entity_answer(transcript: Transcript, same: Sequence[EntityFound]) -> EntityAnswer:
    entity = same[0]
    given = {"value": entity.value, "custom_type": entity.custom_type}
    refs = [ref for one in same for ref in one.refs]
    return EntityAnswer.model_validate(
        {
            "type": entity.type,
            "text": entity.text,
            **{name: value for name, value in given.items() if value is not None},
            **_days(entity.start, entity.end),
            "message_refs": _message_refs(transcript, refs),
        }
    )


def _message_refs(transcript: Transcript, refs: Iterable[Ref]) -> list[MessageRefAnswer]:
    return [
        MessageRefAnswer(
            id=ref.message_id, text=transcript.texts[ref.message_id], offset=ref.offset
        )
        for ref in refs
    ]


def _tracked(spoken: Iterable[tuple[Sequence[Said], Part]]) -> dict[str, dict[str, list[Ref]]]:
    """Return where each phrase of each tracker was said, in one answer's room."""
    room = Room()
    found: dict[str, dict[str, list[Ref]]] = {}
    for said, part in spoken:
        for tracker in insights.trackers(said, part.trackers, room=room):
            matches = found.setdefault(tracker.name, {})
            for value, places in tracker.matches:
                matches.setdefault(value, []).extend(places)
    return found


def _insights_said(
    transcript: Transcript, answers: Iterable[InsightAnswer]
) -> Iterator[tuple[list[Said], Part]]:
    """Yield the insights of each job, under their own ids, as if they alone had been said."""
    said: defaultdict[str, list[Said]] = defaultdict(list)
    for insight in answers:
        said[insight.message_ids[0]].append(Said(insight.id, insight.text, None, 0, 0))
    for part in transcript.parts:
        yield [insight for one in part.said for insight in said[one.id]], part


def _insight_refs(
    insights_by_id: Mapping[str, InsightAnswer], refs: Iterable[Ref]
) -> list[InsightRefAnswer]:
    return [
        InsightRefAnswer(
            id=ref.message_id,
            type=insights_by_id[ref.message_id].type,
            text=ref.text,
            offset=ref.offset,
        )
        for ref in refs
    ]


def _tone(transcript: Transcript, message_ids: Iterable[str]) -> SentimentAnswer | None:
    """Return the mean tone of messages, None where none has words."""
    scores = [insights.sentiment(transcript.texts[message_id]) for message_id in message_ids]
    known = [score for score in scores if score is not None]
    return scored(round(sum(known) / len(known), 3)) if known else None


def _called(member: Member) -> dict[str, object]:
    """Return who a member is; insights and times call the address `userId` (contract C13)."""
    known: dict[str, object] = {"id": member.id, "name": member.name}
    user_id = member.email or member.external_id
    return {**known, "user_id": user_id} if user_id else known


def _days(start: dt.date | None, end: dt.date | None) -> dict[str, str]:
    days = {"start": start, "end": end}
    return {name: day.isoformat() for name, day in days.items() if day}
