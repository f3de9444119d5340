"""The dashboard's data: what the API said and what people decided, stored apart."""

from conversations.models.append import Append, AppendEvent, State
from conversations.models.change import Change, ChangeKind, PushState
from conversations.models.conversation import Conversation, ReviewStatus
from conversations.models.member import Member, shown_member
from conversations.models.message import Message
from conversations.models.recording import Recording
from conversations.models.service import Gate, Heartbeat, SignInLink
from conversations.models.team import Membership, Role, Team

__all__ = [
    "Append",
    "AppendEvent",
    "Change",
    "ChangeKind",
    "Conversation",
    "Gate",
    "Heartbeat",
    "Member",
    "Membership",
    "Message",
    "PushState",
    "Recording",
    "ReviewStatus",
    "Role",
    "SignInLink",
    "State",
    "Team",
    "shown_member",
]
