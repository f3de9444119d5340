"""The client of a Symbl server: one short method per call of the API.

Used by the pipeline and by the code that pushes corrections. The calls are kept by
subject in process.py, conversations.py and intelligence.py; what they share is in
connection.py.
"""

from conversations.symbl.conversations import ConversationCalls
from conversations.symbl.intelligence import IntelligenceCalls
from conversations.symbl.process import ProcessCalls


class SymblClient(ProcessCalls, ConversationCalls, IntelligenceCalls):
    """A Symbl server, reached with the credentials of one account.

    A context manager; may be used from several threads. Every method raises a
    `SymblError` when the call fails.
    """
