"""The API's reads of what is computed from a conversation's text, and its formatted transcript."""

from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from ninja import Query
from pydantic import BeforeValidator, Field
from pydantic_core import from_json

from conversations.engine import formatted, intake, intelligence, reading
from conversations.engine.errors import ApiError
from conversations.engine.intelligence_schemas import (
    ActionItemsAnswer,
    AnalyticsAnswer,
    EntitiesAnswer,
    FollowUpsAnswer,
    FormattedAnswer,
    InsightsAnswer,
    QuestionsAnswer,
    SummaryAnswer,
    TopicsAnswer,
    TrackerAnswer,
    TranscriptRequest,
)
from conversations.engine.parameters import Flag, Word
from conversations.engine.reading import Transcript
from conversations.engine.routing import Paths
from conversations.engine.schemas import BODY_REFUSALS, REFUSALS, Wire, must

router = Paths(tags=["intelligence"])


def _texts(values: list[str]) -> list[object]:
    """Return the texts of a query's values, each a JSON list or one text; blank ones are none."""
    texts: list[object] = []
    for value in values:
        try:
            read = from_json(value)
        except ValueError:
            read = value
        texts.extend(read if isinstance(read, list) else [value])
    return [text for text in texts if not (isinstance(text, str) and not text.strip())]


Vocabulary = Annotated[
    list[Word],
    Field(max_length=500),
    BeforeValidator(_texts),
    must("be a JSON list of at most 500 texts of 1 to 200 characters."),
]


class TopicsQuery(Wire):
    """What a read of topics may ask for. `customVocabulary` is the older name."""

    sentiment: Flag = False
    parent_refs: Flag = False
    refresh: Annotated[
        Flag, Field(description="Without effect: topics are computed on each read.")
    ] = False
    custom_topic_vocabulary: Vocabulary = []
    custom_vocabulary: Vocabulary = []


@router.get("/{conversation_id}/insights", response={200: InsightsAnswer, **REFUSALS})
def insights(request: HttpRequest, conversation_id: str) -> InsightsAnswer:
    """Return questions, action items and follow-ups, found by rules on the text."""
    return InsightsAnswer(insights=intelligence.insight_answers(_read(conversation_id)))


@router.get("/{conversation_id}/questions", response={200: QuestionsAnswer, **REFUSALS})
def questions(request: HttpRequest, conversation_id: str) -> QuestionsAnswer:
    """Return the questions among the insights."""
    found = intelligence.insight_answers(_read(conversation_id), "question")
    return QuestionsAnswer(questions=found)


@router.get("/{conversation_id}/action-items", response={200: ActionItemsAnswer, **REFUSALS})
def action_items(request: HttpRequest, conversation_id: str) -> ActionItemsAnswer:
    """Return the action items among the insights."""
    found = intelligence.insight_answers(_read(conversation_id), "action_item")
    return ActionItemsAnswer(action_items=found)


@router.get("/{conversation_id}/follow-ups", response={200: FollowUpsAnswer, **REFUSALS})
def follow_ups(request: HttpRequest, conversation_id: str) -> FollowUpsAnswer:
    """Return the follow-ups among the insights."""
    found = intelligence.insight_answers(_read(conversation_id), "follow_up")
    return FollowUpsAnswer(follow_ups=found)


@router.get("/{conversation_id}/topics", response={200: TopicsAnswer, **REFUSALS})
def topics(request: HttpRequest, conversation_id: str, query: Query[TopicsQuery]) -> TopicsAnswer:
    """Return the terms that were said repeatedly."""
    if settings.ENGINE_STRICT and query.sentiment and query.parent_refs:
        raise ApiError(400, "sentiment and parentRefs cannot be asked for together.")
    found = intelligence.topic_answers(
        _read(conversation_id),
        sentiment=query.sentiment,
        parents=query.parent_refs,
        vocabulary=[*query.custom_topic_vocabulary, *query.custom_vocabulary],
    )
    return TopicsAnswer(topics=found)


@router.get("/{conversation_id}/entities", response={200: EntitiesAnswer, **REFUSALS})
def entities(request: HttpRequest, conversation_id: str) -> EntitiesAnswer:
    """Return what was named, for jobs with `detectEntities` or with `entities` of their own."""
    return EntitiesAnswer(entities=intelligence.entity_answers(_read(conversation_id)))


@router.get(
    "/{conversation_id}/trackers",
    response={200: list[TrackerAnswer], **REFUSALS},
    deprecated=True,
    operation_id="trackers_by_their_old_path",
)
@router.get("/{conversation_id}/trackers-detected", response={200: list[TrackerAnswer], **REFUSALS})
def trackers(request: HttpRequest, conversation_id: str) -> list[TrackerAnswer]:
    """Return where the trackers of each job were said, as a bare list."""
    return intelligence.tracker_answers(_read(conversation_id))


@router.get("/{conversation_id}/analytics", response={200: AnalyticsAnswer, **REFUSALS})
def analytics(request: HttpRequest, conversation_id: str) -> AnalyticsAnswer:
    """Return how the time was spent: silence, talk, and each member's share."""
    return intelligence.analytics_answer(_read(conversation_id))


@router.get("/{conversation_id}/summary", response={200: SummaryAnswer, **REFUSALS})
@router.post(
    "/{conversation_id}/summary",
    response={200: SummaryAnswer, **REFUSALS},
    operation_id="refresh_summary",
)
def summary(
    request: HttpRequest,
    conversation_id: str,
    refresh: Annotated[
        Flag, Field(description="Without effect: the summary is computed on each read.")
    ] = False,
) -> SummaryAnswer:
    """Return the sentences that say most, word for word; 404 while a job is running."""
    found = intake.existing(conversation_id)
    if found.jobs.unfinished().exists():
        raise ApiError(404, "There is no summary yet: a job of the conversation is running.")
    return SummaryAnswer(summary=intelligence.summary_answers(reading.read(found)))


@router.post("/{conversation_id}/transcript", response={200: FormattedAnswer, **BODY_REFUSALS})
def transcript(
    request: HttpRequest, conversation_id: str, wanted: TranscriptRequest
) -> FormattedAnswer:
    """Return the transcript as one text, in Markdown or as subtitles."""
    found = _read(conversation_id)
    return FormattedAnswer(transcript=formatted.transcript_answer(found, wanted))


def _read(conversation_id: str) -> Transcript:
    return reading.read(intake.existing(conversation_id))
