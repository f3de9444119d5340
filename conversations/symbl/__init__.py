"""Typed client of a Symbl server; knows neither Django nor the rest of the project.

Used by the pipeline and by the code that pushes corrections. Import from here.
"""

from conversations.symbl.bodies import SpeakerEvent, TextMessage
from conversations.symbl.client import SymblClient
from conversations.symbl.encoding import CHUNK_BYTES, Kind
from conversations.symbl.errors import (
    NotConnected,
    NotFound,
    OutcomeUnknown,
    Redirected,
    Rejected,
    ServerError,
    SymblError,
    TooManyJobs,
    Unauthorised,
    Unreadable,
)
from conversations.symbl.payloads import (
    Accepted,
    Analytics,
    Conversation,
    Entity,
    EntityRef,
    Insight,
    InsightEntity,
    Job,
    MemberAnalytics,
    Message,
    Metric,
    Overlap,
    Person,
    Phrase,
    Sentiment,
    SummaryItem,
    TextRef,
    Topic,
    Tracker,
    TrackerMatch,
    Word,
)
from conversations.symbl.tokens import MemoryTokenStore, Token, TokenStore
from conversations.symbl.wire import Timeouts

__all__ = [
    "CHUNK_BYTES",
    "Accepted",
    "Analytics",
    "Conversation",
    "Entity",
    "EntityRef",
    "Insight",
    "InsightEntity",
    "Job",
    "Kind",
    "MemberAnalytics",
    "MemoryTokenStore",
    "Message",
    "Metric",
    "NotConnected",
    "NotFound",
    "OutcomeUnknown",
    "Overlap",
    "Person",
    "Phrase",
    "Redirected",
    "Rejected",
    "Sentiment",
    "ServerError",
    "SpeakerEvent",
    "SummaryItem",
    "SymblClient",
    "SymblError",
    "TextMessage",
    "TextRef",
    "Timeouts",
    "Token",
    "TokenStore",
    "TooManyJobs",
    "Topic",
    "Tracker",
    "TrackerMatch",
    "Unauthorised",
    "Unreadable",
    "Word",
]
