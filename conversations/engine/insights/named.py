"""Entities (contract 4.6): dates, times, addresses, amounts, members and what was asked for."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from conversations.engine.insights.dates import dates
from conversations.engine.insights.matching import PhraseMatcher
from conversations.engine.insights.names import Names
from conversations.engine.insights.numbers import amounts
from conversations.engine.insights.room import Room
from conversations.engine.insights.text import words
from conversations.engine.insights.types import EntityFound, Ref, Said, Voice

_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"”]{1,2000}", re.IGNORECASE)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w+-][\w.+-]{0,63}@(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w+.,/-])(?:\+\d{1,3}[\s.-]?(?:\(\d{1,4}\)[\s.-]?)?\d{2,4}(?:[\s.-]?\d{2,4}){1,4}"
    r"|\(\d{3}\)\s?\d{3}[\s.-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4})(?![\w-])"
)
_TIME = re.compile(
    r"(?<![\w:.])(?:(?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b"
    r"|(?P<clock>(?:[01]?\d|2[0-3]):[0-5]\d)(?![\w:])|(?P<word>noon|midnight)\b)",
    re.IGNORECASE,
)
_TIME_HINT = re.compile(r"\d|noon|midnight", re.IGNORECASE)
_DIGIT = re.compile(r"\d")


class _Found(NamedTuple):
    """An entity at text[start:end]; `value` None means the days from first to last."""

    start: int
    end: int
    type: str
    value: str | None
    first: dt.date | None = None
    last: dt.date | None = None
    custom_type: str | None = None


def entities(
    said: Sequence[Said],
    *,
    custom: Sequence[tuple[str, str]] = (),
    voices: Sequence[Voice] = (),
    started: dt.date,
    room: Room | None = None,
) -> list[EntityFound]:
    """Return what was named, in the order of first mention; `custom` is (customType, text).

    The same words, whatever their case, are one entity, with the first place in each
    message as long as there is room (contract 4.6).
    Types: date, time, url, email, phone, money, percent, person (one of `voices`) and
    custom. A custom text is found as whole words whatever their case, also inside
    another entity.
    """
    room = room or Room()
    reader = _Reader(custom, Names(voices), started)
    places: dict[tuple[str, str | None, str], list[Ref]] = {}
    seen: dict[tuple[str, str | None, str], tuple[str, _Found]] = {}
    for message in said:
        if room.full:
            break
        for found in sorted(reader.read(message.text), key=lambda found: found.start):
            text = message.text[found.start : found.end]
            key = (found.type, found.custom_type, text.lower())
            seen.setdefault(key, (text, found))
            room.note(places.setdefault(key, []), message, found.start)
    return [
        EntityFound(
            type=found.type,
            text=text,
            value=found.value,
            custom_type=found.custom_type,
            refs=tuple(places[key]),
            start=found.first,
            end=found.last,
        )
        for key, (text, found) in seen.items()
        if places[key]
    ]


class _Reader:
    def __init__(self, custom: Sequence[tuple[str, str]], names: Names, started: dt.date) -> None:
        self._custom = list(dict.fromkeys((kind, text.strip()) for kind, text in custom))
        self._matcher = PhraseMatcher(text for _, text in self._custom)
        self._names = names
        self._started = started

    def read(self, text: str) -> Iterator[_Found]:
        """Yield the custom entities, then the others; of two that overlap the first, or surer."""
        yield from self._asked_for(text)
        end = 0
        for found in sorted(self._usual(text), key=lambda found: found.start):
            if found.start >= end:
                end = found.end
                yield found

    def _asked_for(self, text: str) -> Iterator[_Found]:
        for hit in self._matcher.find(text):
            custom_type, wanted = self._custom[hit.number]
            start = hit.start - words(wanted)[0].start
            end = start + len(wanted)
            if text[start:end].lower() == wanted.lower():
                yield _Found(start, end, "custom", wanted, custom_type=custom_type)

    def _usual(self, text: str) -> Iterator[_Found]:
        """Yield the other entities, the surest kind first."""
        yield from _addresses(text)
        for amount in amounts(text):
            yield _Found(amount.start, amount.end, amount.kind, amount.value)
        for day in dates(text, self._started):
            if not day.fixed:
                yield _Found(day.start, day.end, "date", text[day.start : day.end].lower())
            elif day.first == day.last:
                yield _Found(day.start, day.end, "date", day.first.isoformat())
            else:
                yield _Found(day.start, day.end, "date", None, day.first, day.last)
        yield from _numbers(text)
        for name in self._names.find(text):
            yield _Found(name.start, name.end, "person", name.voice.name)


def _addresses(text: str) -> Iterator[_Found]:
    for url in _URL.finditer(text):
        address = url.group().rstrip(".,;:!?)'\u2019]")
        yield _Found(url.start(), url.start() + len(address), "url", address)
    if "@" in text:
        for email in _EMAIL.finditer(text):
            yield _Found(*email.span(), "email", email.group().lower())


def _numbers(text: str) -> Iterator[_Found]:
    if not _TIME_HINT.search(text):
        return
    if _DIGIT.search(text):
        for phone in _PHONE.finditer(text):
            number = re.sub(r"[^\d+]", "", phone.group())
            if 8 <= len(number) <= 16:
                yield _Found(*phone.span(), "phone", number)
    for time in _TIME.finditer(text):
        yield _Found(*time.span(), "time", _clock(time))


def _clock(time: re.Match[str]) -> str:
    """Return a time as HH:MM."""
    if word := time["word"]:
        return "12:00" if word.lower() == "noon" else "00:00"
    if clock := time["clock"]:
        return clock.zfill(5)
    hour = int(time["hour"]) % 12 + 12 * (time["half"].lower() == "p")
    return f"{hour:02}:{time['minute'] or '00'}"
