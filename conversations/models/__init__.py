"""The dashboard's data: what the API said and what people decided, stored apart."""

from conversations.models.append import Append, AppendEvent, State, WebhookHit
from conversations.models.change import Change, ChangeKind, PushState
from conversations.models.conversation import Conversation, ReviewStatus
from conversations.models.insight import Insight, InsightKind, Report, ReportKind
from conversations.models.member import Member, shown_member
from conversations.models.message import Message
from conversations.models.recording import Recording, Source
from conversations.models.service import ApiToken, Gate, Heartbeat, SignInLink, UnreadableAnswer
from conversations.models.speaker_event import BatchState, SpeakerEventBatch
from conversations.models.team import Membership, Role, Team

__all__ = [
    "ApiToken",
    "Append",
    "AppendEvent",
    "BatchState",
    "Change",
    "ChangeKind",
    "Conversation",
    "Gate",
    "Heartbeat",
    "Insight",
    "InsightKind",
    "Member",
    "Membership",
    "Message",
    "PushState",
    "Recording",
    "Report",
    "ReportKind",
    "ReviewStatus",
    "Role",
    "SignInLink",
    "Source",
    "SpeakerEventBatch",
    "State",
    "Team",
    "UnreadableAnswer",
    "WebhookHit",
    "shown_member",
]
