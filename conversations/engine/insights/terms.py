"""Topics (contract 4.5): terms of one to three words that were said repeatedly."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conversations.engine.insights.matching import PhraseMatcher
from conversations.engine.insights.stopwords import STOP_WORDS
from conversations.engine.insights.text import Word, stem, words
from conversations.engine.insights.types import Said, Topic

_LONGEST = 3
# A shorter term that is nearly always part of a longer one says nothing more.
_NEARLY_ALWAYS = 0.8

_Key = tuple[str, ...]


class _Mentions:
    """Every place of one term: which message (by position), and in which words."""

    __slots__ = ("places", "wanted", "wordings")

    def __init__(self) -> None:
        self.places: list[int] = []
        self.wordings: Counter[str] = Counter()
        self.wanted = False


@dataclass(frozen=True, slots=True)
class _Term:
    key: _Key
    text: str
    places: list[int]
    strength: float

    @property
    def score(self) -> float:
        return round(1 - 2 ** (-self.strength / 4), 3)


def topics(
    said: Sequence[Said],
    *,
    vocabulary: Sequence[str] = (),
    threshold: float = 0.5,
    limit: int = 20,
) -> list[Topic]:
    """Return at most `limit` terms that score at least `threshold`, best first.

    The strength of a term is mentions + messages with a mention, times 1, 1.5 or 2 for one,
    two or three words; the score is 1 - 2^(-strength / 4), so a word said in two messages
    has 0.5. A term said once is no topic, unless it is in `vocabulary`: those count double.
    Singular and plural are one term, written as it was mostly said.
    """
    found = _mentions(said)
    _add_vocabulary(found, said, vocabulary)
    terms = [
        _term(key, mentions)
        for key, mentions in found.items()
        if mentions.wanted or len(mentions.places) > 1
    ]
    ranked = sorted(_without_fragments(terms, found), key=lambda term: -term.strength)
    chosen = [term for term in ranked if term.score >= threshold][:limit]
    texts = {term.key: term.text for term in chosen}
    return [
        Topic(
            text=term.text,
            score=term.score,
            message_ids=tuple(said[place].id for place in dict.fromkeys(term.places)),
            parents=tuple(texts[inner] for inner in _inside(term.key) if inner in texts),
        )
        for term in chosen
    ]


def _mentions(said: Sequence[Said]) -> dict[_Key, _Mentions]:
    found: dict[_Key, _Mentions] = defaultdict(_Mentions)
    for place, message in enumerate(said):
        for run in _runs(message.text):
            stems = [stem(word.text) for word in run]
            for first in range(len(run)):
                for last in range(first, min(first + _LONGEST, len(run))):
                    if _may_end(run[last].text):
                        mentions = found[tuple(stems[first : last + 1])]
                        mentions.places.append(place)
                        mentions.wordings[message.text[run[first].start : run[last].end]] += 1
    return found


def _runs(text: str) -> Iterator[list[Word]]:
    """Yield the runs of words that may name something, with only a space in between."""
    run: list[Word] = []
    for word in words(text):
        if run and (_is_stop(word.text) or text[run[-1].end : word.start] not in (" ", "-")):
            yield run
            run = []
        if not _is_stop(word.text):
            run.append(word)
    if run:
        yield run


def _is_stop(word: str) -> bool:
    return (
        len(word) < 3
        or word in STOP_WORDS
        or word.removesuffix("'s") in STOP_WORDS
        or word[0].isdigit()
        or word.endswith(("ly", "n't"))
    )


def _may_end(word: str) -> bool:
    """Return False for a word that tells what happened ("promised"): a term ends in a noun."""
    return not word.endswith("ed") or word.endswith("eed") or len(word) < 5


def _add_vocabulary(
    found: dict[_Key, _Mentions], said: Sequence[Said], vocabulary: Sequence[str]
) -> None:
    """Count the caller's terms anew, written as the caller writes them."""
    wanted = {tuple(stem(word.text) for word in words(text)): text.strip() for text in vocabulary}
    terms = list(wanted.items())
    matcher = PhraseMatcher((text for _, text in terms), stem)
    for key, _ in terms:
        found.pop(key, None)
    for place, message in enumerate(said):
        for hit in matcher.find(message.text):
            key, text = terms[hit.number]
            mentions = found.setdefault(key, _Mentions())
            mentions.wanted = True
            mentions.places.append(place)
            mentions.wordings[text] += 1


def _term(key: _Key, mentions: _Mentions) -> _Term:
    weight = (1 + min(len(key), _LONGEST)) / 2 * (2 if mentions.wanted else 1)
    strength = weight * (len(mentions.places) + len(set(mentions.places)))
    text = max(mentions.wordings, key=lambda wording: mentions.wordings[wording])
    return _Term(key, text, mentions.places, strength)


def _without_fragments(terms: list[_Term], found: Mapping[_Key, _Mentions]) -> list[_Term]:
    inside: dict[_Key, int] = {}
    for term in terms:
        for inner in _inside(term.key):
            inside[inner] = max(inside.get(inner, 0), len(term.places))
    return [
        term
        for term in terms
        if found[term.key].wanted or inside.get(term.key, 0) < _NEARLY_ALWAYS * len(term.places)
    ]


def _inside(key: _Key) -> Iterator[_Key]:
    """Yield the shorter terms inside a term, the longest first."""
    for length in range(min(len(key), _LONGEST + 1) - 1, 0, -1):
        for first in range(len(key) - length + 1):
            yield key[first : first + length]
