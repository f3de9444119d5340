"""What a Symbl server says, as frozen dataclasses, and how each is read from JSON.

Used by the modules that hold the calls; the classes are also what the pipeline
works with. The readers are tolerant where servers of the protocol are known to
differ (docs/contract.md), and otherwise raise `Unreadable` naming the
place. Fields that nothing here reads are kept in `extra`.
"""

from conversations.symbl.payloads.analytics import (
    Analytics,
    MemberAnalytics,
    Metric,
    Overlap,
    read_analytics,
)
from conversations.symbl.payloads.conversations import (
    Conversation,
    read_conversation,
    read_conversations,
)
from conversations.symbl.payloads.detections import (
    Entity,
    EntityRef,
    TextRef,
    Tracker,
    TrackerMatch,
    read_entities,
    read_trackers,
)
from conversations.symbl.payloads.insights import (
    Insight,
    InsightEntity,
    SummaryItem,
    Topic,
    read_action_items,
    read_follow_ups,
    read_insights,
    read_questions,
    read_summary,
    read_topics,
)
from conversations.symbl.payloads.jobs import Accepted, Job, read_accepted, read_job
from conversations.symbl.payloads.messages import (
    Message,
    Phrase,
    Sentiment,
    Word,
    read_messages,
)
from conversations.symbl.payloads.people import Person, read_members, read_person
from conversations.symbl.payloads.transcripts import read_transcript

__all__ = [
    "Accepted",
    "Analytics",
    "Conversation",
    "Entity",
    "EntityRef",
    "Insight",
    "InsightEntity",
    "Job",
    "MemberAnalytics",
    "Message",
    "Metric",
    "Overlap",
    "Person",
    "Phrase",
    "Sentiment",
    "SummaryItem",
    "TextRef",
    "Topic",
    "Tracker",
    "TrackerMatch",
    "Word",
    "read_accepted",
    "read_action_items",
    "read_analytics",
    "read_conversation",
    "read_conversations",
    "read_entities",
    "read_follow_ups",
    "read_insights",
    "read_job",
    "read_members",
    "read_messages",
    "read_person",
    "read_questions",
    "read_summary",
    "read_topics",
    "read_trackers",
    "read_transcript",
]
