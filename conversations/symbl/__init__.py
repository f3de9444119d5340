"""Typed client of a Symbl server; knows neither Django nor the rest of the project.

Used by the pipeline and by the code that pushes corrections. Import from here.
"""

from conversations.symbl.client import SymblClient
from conversations.symbl.encoding import CHUNK_BYTES
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
    Conversation,
    Job,
    Message,
    Person,
    Phrase,
    Sentiment,
    Word,
)
from conversations.symbl.tokens import MemoryTokenStore, Token, TokenStore
from conversations.symbl.wire import Timeouts

__all__ = [
    "CHUNK_BYTES",
    "Accepted",
    "Conversation",
    "Job",
    "MemoryTokenStore",
    "Message",
    "NotConnected",
    "NotFound",
    "OutcomeUnknown",
    "Person",
    "Phrase",
    "Redirected",
    "Rejected",
    "Sentiment",
    "ServerError",
    "SymblClient",
    "SymblError",
    "Timeouts",
    "Token",
    "TokenStore",
    "TooManyJobs",
    "Unauthorised",
    "Unreadable",
    "Word",
]
