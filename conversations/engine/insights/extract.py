"""The summary (contract 4.9): sentences taken from the conversation, none written anew."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from conversations.engine.insights.questions import question_score
from conversations.engine.insights.stopwords import STOP_WORDS
from conversations.engine.insights.text import sentences, stem, words
from conversations.engine.insights.types import Said, SummaryLine

_FEWEST_WORDS, _MOST_WORDS = 6, 40
_FEWEST_SENTENCES = 5
_SENTENCES_PER_LINE = 12
_MOST_LINES = 7
_ALIKE = 0.5


class _Candidate(NamedTuple):
    position: int
    message_id: str
    text: str
    stems: frozenset[str]


def summary(said: Sequence[Said]) -> list[SummaryLine]:
    """Return the sentences that say most, as they were said and in order.

    A sentence says as much as its words recur in other sentences, for its length. There is
    one line for every twelve statements of 6 to 40 words, at least one and at most seven;
    none when the conversation has fewer than five, as it is short enough to read.
    """
    candidates = _candidates(said)
    if len(candidates) < _FEWEST_SENTENCES:
        return []
    common = Counter(stem for candidate in candidates for stem in candidate.stems)
    ranked = sorted(candidates, key=lambda each: -_weight(each, common))
    lines = min(_MOST_LINES, max(1, len(candidates) // _SENTENCES_PER_LINE))
    chosen: list[_Candidate] = []
    for candidate in ranked:
        if len(chosen) == lines or not _weight(candidate, common):
            break
        if not any(_alike(candidate, other) for other in chosen):
            chosen.append(candidate)
    return [SummaryLine(each.text, (each.message_id,)) for each in sorted(chosen)]


def _candidates(said: Sequence[Said]) -> list[_Candidate]:
    found: list[_Candidate] = []
    for message in said:
        for sentence in sentences(message.text):
            spoken = [word.text for word in words(sentence.text)]
            if _FEWEST_WORDS <= len(spoken) <= _MOST_WORDS and not question_score(sentence.text):
                stems = frozenset(stem(word) for word in spoken if word not in STOP_WORDS)
                found.append(_Candidate(len(found), message.id, sentence.text, stems))
    return found


def _weight(candidate: _Candidate, common: Counter[str]) -> float:
    """Return how often the words recur, divided so that a long sentence does not win by length."""
    recurring = sum(common[stem] - 1 for stem in candidate.stems)
    return recurring / (4 + len(candidate.stems))


def _alike(one: _Candidate, other: _Candidate) -> bool:
    together = one.stems | other.stems
    return len(one.stems & other.stems) > _ALIKE * len(together)
