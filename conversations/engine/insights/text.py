"""Sentences, words and stems: how every rule here reads a text. English."""

import re
from typing import NamedTuple


def listed(words: str) -> list[str]:
    """Return the words of a list that is written as one text."""
    return words.split()


_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”\u2019)\]]*(?=\s|$)|\n+")
_LAST_WORD = re.compile(r"[\w.]{1,8}$")
_ABBREVIATIONS = frozenset(
    listed("mr mrs ms dr prof st vs e.g i.e etc approx no inc ltd co jr sr a.m p.m")
)
_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
_VOWEL = re.compile(r"[aeiouy]")
# Words that end like a plural and are none.
_NO_PLURAL = frozenset(listed("always does has its lens news perhaps series this was yes"))


class Sentence(NamedTuple):
    """`text` starts at `offset` in what it was cut from."""

    text: str
    offset: int


class Word(NamedTuple):
    """A word in lower case, and where it stands: text[start:end]."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """Return the sentences in order, without the space around them.

    A sentence ends at a full stop, question mark, exclamation mark or new line that space
    or the end follows; the stop of a title or abbreviation ("Dr.", "e.g.") ends none.
    """
    found: list[Sentence] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if _is_abbreviation(text, end):
            continue
        _add(found, text, start, end.end())
        start = end.end()
    _add(found, text, start, len(text))
    return found


def _is_abbreviation(text: str, end: re.Match[str]) -> bool:
    if end.group() != "." or end.end() == len(text):
        return False
    last = _LAST_WORD.search(text[max(0, end.start() - 8) : end.start()])
    return last is not None and last.group().lower() in _ABBREVIATIONS


def _add(found: list[Sentence], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if stripped := piece.strip():
        found.append(Sentence(stripped, start + len(piece) - len(piece.lstrip())))


def straight(text: str) -> str:
    """Return the text with straight apostrophes; every character stays in its place."""
    return text.replace("\u2019", "'")


def words(text: str) -> list[Word]:
    """Return the words in order; "don't" is one word, whichever apostrophe it is written with."""
    return [Word(word.group().lower(), *word.span()) for word in _WORD.finditer(straight(text))]


def stem(word: str) -> str:
    """Return what a lower-case word shares with its plural, its -ed and its -ing form.

    "ship", "ships", "shipped" and "shipping" are alike. Irregular forms ("sent") are not.
    """
    word = _singular(word.removesuffix("'s"))
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2 and _VOWEL.search(root) and not word.endswith("eed"):
            word = root[:-1] if root[-1] == root[-2] and root[-1] in "bgmnprt" else root
            break
    if word.endswith("ll"):
        return word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _singular(word: str) -> str:
    if len(word) < 4 or word in _NO_PLURAL or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word.removesuffix("s")
