"""Action phrases: the words that say what is to be done."""

from conversations.engine.insights.commitments import Commitments
from conversations.engine.insights.names import Names
from conversations.engine.insights.text import sentences
from conversations.engine.insights.types import Phrase

_ANYBODY = Commitments(Names(()))


def phrases(text: str) -> tuple[Phrase, ...]:
    """Return the action phrases of a message, in order (contract 4.2).

    They are the phrases of its action items and follow-ups, whatever their score; only
    what a member is named for ("Bo will …") takes the members to see.
    """
    return tuple(
        Phrase("action_phrase", commitment.phrase)
        for sentence in sentences(text)
        for commitment in _ANYBODY.find(sentence.text)
    )
