"""The members' names as they are said: "Ida Lund" and "Ida"."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from conversations.engine.insights.text import listed, straight
from conversations.engine.insights.types import Voice

# Names that are also words a sentence may begin with.
_ORDINARY = frozenset(
    listed("""
    April Art August Bill Chase Dawn Drew Faith Frank Grace Grant Guy Hope Jack Joy June Mark
    May Miles Pat Penny Rich Rob Rose Sue Summer Will
    """)
)
_CALLED = re.compile(r",|'|\s+(?:will|can|could|would|please)\b")


#: The names of more people than speaker events may name are not looked for.
MOST_MEMBERS = 1000


class Named(NamedTuple):
    """A member's name stands at text[start:end]."""

    start: int
    end: int
    voice: Voice


class Names:
    """Who is meant by a name: nobody where two members answer to it.

    Names are compared with their capitals. A first name is taken from a name of two or
    more words without digits, so "Speaker 1" is never meant by "Speaker". Only the first
    1,000 members are known by name: each name is looked for at every word.
    """

    def __init__(self, voices: Sequence[Voice]) -> None:
        spoken = [[(name, voice) for name in _spoken(voice.name)] for voice in voices]
        shared = Counter(name for names in spoken for name, _ in names)
        known = chain.from_iterable(spoken[:MOST_MEMBERS])
        self._voices = {name: voice for name, voice in known if shared[name] == 1}
        longest_first = sorted(self._voices, key=len, reverse=True)
        self.pattern = "|".join(map(re.escape, longest_first)) or r"(?!)"
        """A regular expression for any of the names, compared without word boundaries."""
        self._any = re.compile(rf"(?<!\w)(?:{self.pattern})(?!\w)")

    def __getitem__(self, name: str) -> Voice:
        return self._voices[name]

    def find(self, text: str) -> Iterator[Named]:
        """Yield the names in order; "May" or "Will" at the start of a text may be a mere word."""
        if not self._voices:
            return
        for found in self._any.finditer(straight(text)):
            if not _may_be_a_word(text, found):
                yield Named(found.start(), found.end(), self[found.group()])


def _spoken(name: str) -> set[str]:
    name = straight(name.strip())
    parts = name.split()
    if not parts or not any(character.isalnum() for character in name):
        return set()
    if len(parts) == 1 or any(character.isdigit() for character in name):
        return {name}
    return {name, parts[0]}


def _may_be_a_word(text: str, found: re.Match[str]) -> bool:
    if found.group() not in _ORDINARY:
        return False
    before = text[max(0, found.start() - 2) : found.start()].rstrip()[-1:]
    return before in ("", ".", "?", "!") and not _CALLED.match(text, found.end())
