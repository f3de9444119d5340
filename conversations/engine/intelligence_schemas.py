"""The shapes of what the API computes from the text, and of the formatted transcript."""

import uuid
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from conversations.engine.parameters import Flag
from conversations.engine.schemas import (
    PhraseAnswer,
    SentimentAnswer,
    SpeakerAnswer,
    Timestamp,
    Wire,
    must,
)


class SaidByAnswer(Wire):
    """Who said what an insight was found in; no field at all for nobody known."""

    id: uuid.UUID | None = None
    name: str | None = None
    user_id: str | None = None


class NamedAnswer(Wire):
    """A person named in an insight."""

    name: str
    assignee: bool


class MentionAnswer(Wire):
    """A date or a person named in an insight; several days have `start` and `end`, no `value`."""

    type: Literal["date", "person"]
    text: str
    offset: int = Field(description="Where it stands in the insight's text.")
    value: str | NamedAnswer | None = None
    start: str | None = None
    end: str | None = None


class InsightAnswer(Wire):
    """A question, an action item or a follow-up. Questions end with `from`."""

    id: str
    type: Literal["question", "action_item", "follow_up"]
    text: str
    score: float = Field(ge=0, le=1)
    message_ids: list[str]
    speaker: SaidByAnswer = Field(serialization_alias="from")
    definitive: bool = False
    phrases: list[PhraseAnswer] = []
    entities: list[MentionAnswer] = []
    assignee: SpeakerAnswer | None = None
    due_by: Timestamp | None = None


class InsightsAnswer(Wire):
    insights: list[InsightAnswer]


class QuestionsAnswer(Wire):
    questions: list[InsightAnswer]


class ActionItemsAnswer(Wire):
    action_items: list[InsightAnswer]


class FollowUpsAnswer(Wire):
    follow_ups: list[InsightAnswer]


class ParentAnswer(Wire):
    """A topic's parent, told by its text as the contract has it."""

    type: Literal["topic"]
    text: str


class TopicAnswer(Wire):
    id: str
    text: str
    type: Literal["topic"]
    score: float = Field(ge=0, le=1)
    message_ids: list[str]
    sentiment: SentimentAnswer | None = None
    parent_refs: list[ParentAnswer] = []


class TopicsAnswer(Wire):
    topics: list[TopicAnswer]


class MessageRefAnswer(Wire):
    """A message's id and text, and where in it the match begins."""

    id: str
    text: str
    offset: int


class InsightRefAnswer(Wire):
    """An insight's id and text, and where in it the match begins."""

    id: str
    type: Literal["question", "action_item", "follow_up"]
    text: str
    offset: int


class EntityAnswer(Wire):
    """Something named; several days have `start` and `end`, no `value`."""

    type: str
    text: str
    value: str | None = None
    custom_type: str | None = None
    start: str | None = None
    end: str | None = None
    message_refs: list[MessageRefAnswer]


class EntitiesAnswer(Wire):
    entities: list[EntityAnswer]


class TrackerMatchAnswer(Wire):
    type: Literal["vocabulary"]
    value: str
    message_refs: list[MessageRefAnswer]
    insight_refs: list[InsightRefAnswer]


class TrackerAnswer(Wire):
    id: str
    name: str
    matches: list[TrackerMatchAnswer]


class MetricAnswer(Wire):
    type: Literal["total_silence", "total_talk_time", "total_overlap"]
    percent: float
    seconds: float


class PaceAnswer(Wire):
    wpm: int


class TimeAnswer(Wire):
    percentage: float
    seconds: float


class OverlapAnswer(Wire):
    """Always empty: two people at once are not heard apart."""


class TalkAnswer(Wire):
    """How long a member talked; the unknown speaker has no id."""

    id: uuid.UUID | None = None
    name: str
    user_id: str | None = None
    pace: PaceAnswer
    talk_time: TimeAnswer
    listen_time: TimeAnswer
    overlap: OverlapAnswer


class AnalyticsAnswer(Wire):
    metrics: list[MetricAnswer]
    members: list[TalkAnswer]


class MessageIdAnswer(Wire):
    id: str


class SummaryLineAnswer(Wire):
    """A sentence that was said, word for word."""

    id: str
    text: str
    message_refs: list[MessageIdAnswer]


class SummaryAnswer(Wire):
    summary: list[SummaryLineAnswer]


class Highlights(Wire):
    """Which key phrases a Markdown transcript marks."""

    highlight_only_insight_key_phrases: Flag = False
    highlight_all_key_phrases: Flag = False


#: What `formatted` refuses, for the API's description of itself.
_SRT_IS_PLAIN: dict[str, Any] = {
    "if": {"properties": {"contentType": {"const": "text/srt"}}},
    "then": {
        "properties": {
            "createParagraphs": {"const": False},
            "phrases": {
                "properties": {
                    "highlightOnlyInsightKeyPhrases": {"const": False},
                    "highlightAllKeyPhrases": {"const": False},
                }
            },
        }
    },
}


class TranscriptRequest(Wire):
    """The body that asks for a formatted transcript; SRT takes `showSpeakerSeparation` only."""

    model_config = ConfigDict(json_schema_extra=_SRT_IS_PLAIN)

    content_type: Annotated[
        Literal["text/markdown", "text/srt"], must("be text/markdown or text/srt.")
    ]
    create_paragraphs: Flag = False
    phrases: Highlights | None = None
    show_speaker_separation: Flag = False


class SrtAnswer(Wire):
    content: str
    content_type: Literal["text/srt"]


class TranscriptAnswer(Wire):
    """Markdown has its text as `payload`; SRT has it, with its type, inside of `payload`."""

    payload: str | SrtAnswer
    content_type: Literal["text/markdown"] = "text/markdown"


class FormattedAnswer(Wire):
    transcript: TranscriptAnswer
