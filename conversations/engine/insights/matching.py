"""Finding many given phrases in many texts in one walk over each text.

Used for trackers, custom entities and a caller's topic vocabulary.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from conversations.engine.insights.text import Word, words


class Hit(NamedTuple):
    """The phrase with this number stands at text[start:end]."""

    number: int
    start: int
    end: int


class PhraseMatcher:
    """Phrases compared word by word by `key`; a phrase without a word is never found.

    One walk costs the words of the text times the different lengths of the phrases,
    however many phrases there are.
    """

    def __init__(self, phrases: Iterable[str], key: Callable[[str], str] = str) -> None:
        self._key = key
        self._numbers: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, phrase in enumerate(phrases):
            if keys := tuple(key(word.text) for word in words(phrase)):
                self._numbers[keys].append(number)
        self._lengths = sorted({len(keys) for keys in self._numbers})

    def find(self, text: str, *, once: bool = False) -> Iterator[Hit]:
        """Yield every place of every phrase, or the first of each, in the order they start."""
        if self._lengths:
            spoken = words(text)
            keys = [self._key(word.text) for word in spoken]
            yield from self._walk(spoken, keys, once=once)

    def _walk(self, spoken: Sequence[Word], keys: Sequence[str], *, once: bool) -> Iterator[Hit]:
        seen: set[tuple[str, ...]] = set()
        for first, word in enumerate(spoken):
            for length in self._lengths:
                if first + length > len(keys):
                    break
                phrase = tuple(keys[first : first + length])
                if phrase in seen or phrase not in self._numbers:
                    continue
                if once:
                    seen.add(phrase)
                for number in self._numbers[phrase]:
                    yield Hit(number, word.start, spoken[first + length - 1].end)
