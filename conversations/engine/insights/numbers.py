"""Amounts said in digits or in words: money and percentages."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from conversations.engine.insights.text import listed

_ONES = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
_SMALL = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    "a": 1,
}
_LARGE = {"thousand": 1000, "million": 10**6, "billion": 10**9}

_NUMBER_WORD = "|".join(sorted([*_ONES, *_TENS, "hundred", *_LARGE], key=len, reverse=True))
# Bounded, so that a text of nothing but number words costs no more than its length.
_IN_WORDS = rf"(?:a\s+|(?:{_NUMBER_WORD})[\s-]+(?:and\s+)?){{0,9}}(?:{_NUMBER_WORD})"
_IN_DIGITS = r"\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,6})?"
_SCALE = rf"(?:\s*(?P<{{0}}>{'|'.join(_LARGE)})\b)?"
_SYMBOLS = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
_UNITS = {
    "dollar": "dollars",
    "buck": "dollars",
    "euro": "euros",
    "pound": "pounds",
    "yen": "yen",
    "cent": "cents",
}
_AMOUNT = re.compile(
    rf"""
      (?P<symbol>[$€£¥])\s?(?P<number>{_IN_DIGITS}){_SCALE.format("scale")}
    | (?<![\w.,$€£¥])(?P<amount>{_IN_DIGITS}{_SCALE.format("scale_after")}|{_IN_WORDS})
      [\s-]{{0,2}}(?:(?P<unit>dollar|buck|euro|pound|cent)s?\b|(?P<plain>yen\b|per\ ?cent\b|%))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HINT = re.compile(r"[$€£¥%]|dollar|buck|euro|pound|yen|cent", re.IGNORECASE)


class AmountFound(NamedTuple):
    """The words at text[start:end] and what they say: "300 dollars" or "12.5%"."""

    start: int
    end: int
    kind: str
    value: str


def amounts(text: str) -> Iterator[AmountFound]:
    """Yield money and percentages in order; `kind` is "money" or "percent".

    The currency is the word that was said: whose dollars they are is not known.
    """
    if not _HINT.search(text):
        return
    for found in _AMOUNT.finditer(text):
        unit = _unit(found)
        number = f"{_number(found).normalize():f}"
        if unit == "%":
            yield AmountFound(*found.span(), "percent", f"{number}%")
        else:
            yield AmountFound(*found.span(), "money", f"{number} {unit}")


def _unit(found: re.Match[str]) -> str:
    if symbol := found["symbol"]:
        return _SYMBOLS[symbol]
    said = (found["unit"] or found["plain"]).casefold()
    return "%" if said in ("percent", "per cent", "%") else _UNITS[said]


def _number(found: re.Match[str]) -> Decimal:
    said = (found["number"] or found["amount"]).casefold()
    scale = _LARGE.get((found["scale"] or found["scale_after"] or "").casefold(), 1)
    if said[0].isdigit():
        digits = re.match(_IN_DIGITS, said)
        return Decimal(digits.group().replace(",", "")) * scale if digits else Decimal(0)
    return Decimal(_from_words(said))


def _from_words(said: str) -> int:
    total = part = 0
    for word in re.split(r"[\s-]+", said):
        if word in _LARGE:
            total, part = total + (part or 1) * _LARGE[word], 0
        elif word == "hundred":
            part = (part or 1) * 100
        else:
            part += _SMALL.get(word, 0)
    return total + part
