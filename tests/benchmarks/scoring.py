"""How right a transcript is: diarization error rate and word error rate.

Used by the recognition benchmark. The definitions are the usual ones: DER as NIST
scores it, WER as edits divided by the words of the reference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

COLLAR = 0.25

_ONES = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = (
    "",
    "",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
)
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_SPELLINGS = {
    "i'm": "i am",
    "can't": "cannot",
    "won't": "will not",
    "let's": "let us",
    "okay": "ok",
    "goodbye": "good bye",
    "mr": "mister",
    "favour": "favor",
    "neighbourhood": "neighborhood",
    "everyone": "everybody",
}
_ENDINGS = {
    "n't": "not",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
    "'d": "would",
}
_IS_WORDS = {"it", "that", "there", "where", "what", "he", "she", "who", "here", "how"}


class Stretch(NamedTuple):
    """Somebody speaking from start to end, in seconds."""

    start: float
    end: float
    speaker: str


def words(text: str) -> list[str]:
    """Return the words as they are compared: lower case, numbers and contractions in full."""
    text = text.lower().replace("\u2019", "'")
    text = re.sub(r"\$(\d+)", r"\1 dollars", text).replace("%", " percent ")
    text = re.sub(r"\d+(st|nd|rd|th)?", _number_match, text)
    found = re.findall(r"[a-z0-9']+", text)
    return [part for word in found for part in _expanded(word.strip("'"))]


def word_error_rate(reference: Sequence[str], hypothesis: Sequence[str]) -> float:
    """Return the least number of changed, missing and added words per word of the reference."""
    row = list(range(len(hypothesis) + 1))
    for count, expected in enumerate(reference, 1):
        diagonal, row[0] = row[0], count
        for position, heard in enumerate(hypothesis, 1):
            changed = diagonal + (expected != heard)
            diagonal = row[position]
            row[position] = min(changed, row[position] + 1, row[position - 1] + 1)
    return row[-1] / len(reference)


def diarization_error_rate(
    reference: Sequence[Stretch], hypothesis: Sequence[Stretch], *, collar: float = COLLAR
) -> float:
    """Return missed, invented and confused speech per speech of the reference.

    Within `collar` seconds of a reference boundary nothing counts. Overlapping speech
    counts once per speaker. Speakers are matched in the way that gives the best score.
    """
    matched: dict[tuple[str, str], float] = defaultdict(float)
    spoken = longest = 0.0
    for seconds, truth, found in _moments(reference, hypothesis, collar):
        spoken += seconds * len(truth)
        longest += seconds * max(len(truth), len(found))
        for pair in ((one, other) for one in truth for other in found):
            matched[pair] += seconds
    return (longest - _best_total(matched)) / spoken


def _moments(
    reference: Sequence[Stretch], hypothesis: Sequence[Stretch], collar: float
) -> Iterable[tuple[float, set[str], set[str]]]:
    """Yield each stretch of time that counts, in seconds, and who speaks by either side."""
    edges = [edge for stretch in reference for edge in (stretch.start, stretch.end)]
    cuts = {edge + shift for edge in edges for shift in (-collar, collar)}
    cuts |= {edge for stretch in (*reference, *hypothesis) for edge in (stretch.start, stretch.end)}
    for start, end in pairwise(sorted(cuts)):
        middle = (start + end) / 2
        if all(abs(middle - edge) > collar for edge in edges):
            yield end - start, _speaking(reference, middle), _speaking(hypothesis, middle)


def _speaking(stretches: Sequence[Stretch], moment: float) -> set[str]:
    return {stretch.speaker for stretch in stretches if stretch.start <= moment < stretch.end}


def _best_total(matched: dict[tuple[str, str], float]) -> float:
    """Return the most time in common under any one-to-one matching of speakers."""
    others = sorted({other for _, other in matched})
    best = {frozenset[str](): 0.0}
    for one in sorted({one for one, _ in matched}):
        following = dict(best)
        for used, total in best.items():
            for other in others:
                if other not in used:
                    key = used | {other}
                    gained = total + matched.get((one, other), 0.0)
                    following[key] = max(following.get(key, 0.0), gained)
        best = following
    return max(best.values())


def _number_match(match: re.Match[str]) -> str:
    number = int(re.sub(r"\D", "", match[0]))
    spelled = _number_words(number)
    return f" {_ordinal(spelled) if match[1] else spelled} "


def _number_words(number: int) -> str:
    """Return a number below one million as words, without "and"."""
    for size, word in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {_number_words(number % size)}" if number % size else ""
            return f"{_number_words(number // size)} {word}{rest}"
    if number < len(_ONES):
        return _ONES[number]
    return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")


def _ordinal(spelled: str) -> str:
    *front, last = spelled.split()
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*front, _ORDINALS.get(last, regular)])


def _expanded(word: str) -> list[str]:
    """Return a word as it is spelled in full: "it's" gives "it", "is"."""
    if word in _SPELLINGS:
        return _SPELLINGS[word].split()
    for ending, full in _ENDINGS.items():
        if word.endswith(ending):
            return [word.removesuffix(ending), full]
    if word.removesuffix("'s") in _IS_WORDS and word.endswith("'s"):
        return [word.removesuffix("'s"), "is"]
    return [word] if word else []
