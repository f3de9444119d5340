"""Questions, action items, topics, entities and the like, by plain rules on the text.

No model and no guessing: regular expressions, word lists and arithmetic, in English, the
same answer for the same words every time. docs/insights.md states every rule and its limits.
Pure functions: no Django, no clock, no I/O. The engine's conversation calls use what is
exported here.
"""

from conversations.engine.insights.extract import summary
from conversations.engine.insights.finding import findings
from conversations.engine.insights.named import entities
from conversations.engine.insights.phrasing import phrases
from conversations.engine.insights.polarity import sentiment, suggested
from conversations.engine.insights.room import Room
from conversations.engine.insights.talk import analytics
from conversations.engine.insights.terms import topics
from conversations.engine.insights.tracking import trackers
from conversations.engine.insights.types import (
    Analytics,
    EntityFound,
    Finding,
    Mention,
    Phrase,
    Ref,
    Said,
    Share,
    SummaryLine,
    TalkTime,
    Topic,
    TrackerFound,
    TrackerMatch,
    Voice,
)

__all__ = [
    "Analytics",
    "EntityFound",
    "Finding",
    "Mention",
    "Phrase",
    "Ref",
    "Room",
    "Said",
    "Share",
    "SummaryLine",
    "TalkTime",
    "Topic",
    "TrackerFound",
    "TrackerMatch",
    "Voice",
    "analytics",
    "entities",
    "findings",
    "phrases",
    "sentiment",
    "suggested",
    "summary",
    "topics",
    "trackers",
]
