"""Dates said in words: "tomorrow", "on Friday", "in March", "5 May"."""

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from conversations.engine.insights.text import listed

_DAY = dt.timedelta(days=1)
_WEEKDAYS = [name.lower() for name in calendar.day_name]
_MONTHS = list(calendar.month_name)[1:]
_ORDINALS = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first "
    "twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh "
    "twenty-eighth twenty-ninth thirtieth thirty-first"
)
_COUNTS = listed("one two three four five six seven eight nine ten eleven twelve")

_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True)).replace("-", "[- ]")
_DAY_OF_MONTH = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL})"
# Months are known by their capital: "may" and "march" are also words.
_MONTH = rf"(?-i:{'|'.join(_MONTHS)})"
# "by May" may be by her.
_NAME = r"(?-i:April|May|June|August)"
_YEAR = r"(?:,?\s+(?P<{0}>\d{{4}}))?"

_DATE = re.compile(
    rf"""
    \b(?:
      (?P<iso>\d{{4}}-\d\d-\d\d)
    | (?P<relative>(?:the\ )?day\ after\ tomorrow|today|tonight|tomorrow|yesterday
        |this\ (?:morning|afternoon|evening))
    | (?:(?P<which>next|this|last|coming|every|each)\s+)?(?P<weekday>{"|".join(_WEEKDAYS)})
    | (?:the\s+)?end\s+of\s+(?P<end_which>the|this|next)\s+(?P<end>week|month|year)
    | (?P<span_which>this|next|last)\s+(?P<span>week|month|year)
    | in\s+(?P<count>\d{{1,3}}|a\ couple\ of|an?|{"|".join(_COUNTS)})\s+(?P<unit>day|week|month)s?
    | (?:the\s+)?(?P<day>{_DAY_OF_MONTH})\s+(?:of\s+)?(?P<month>{_MONTH}){_YEAR.format("year")}
    | (?P<month_first>{_MONTH})\s+(?:the\s+)?(?P<day_after>{_DAY_OF_MONTH})(?!:)
      {_YEAR.format("year_after")}
    | (?:in|until|during|early|late|mid|of|by(?!\s+{_NAME}\b))\s+(?P<whole_month>{_MONTH})
      {_YEAR.format("whole_year")}
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What every date has in it: a quick look that spares most texts the search.
_HINT = re.compile(
    rf"\d{{4}}-|day|this|tonight|tomorrow|week|month|year|{'|'.join(_MONTHS)}", re.IGNORECASE
)
# "the report from Monday" and "Friday's agenda" tell which, not when.
_TELLS_WHICH = re.compile(r"\b(?:from|since|of|about)\s+(?:the\s+)?$", re.IGNORECASE)


class DateFound(NamedTuple):
    """The words at text[start:end], and the days they mean, first to last.

    Words that leave open which week or year they mean ("Friday", "in March") are taken
    as the next such day; `fixed` is False for them.
    """

    start: int
    end: int
    first: dt.date
    last: dt.date
    fixed: bool


class _Days(NamedTuple):
    first: dt.date
    last: dt.date
    fixed: bool


def dates(text: str, started: dt.date) -> Iterator[DateFound]:
    """Yield the dates in order, relative to the day the conversation started.

    Days that no calendar has ("30 February") are left out.
    """
    if not _HINT.search(text):
        return
    for found in _DATE.finditer(text):
        try:
            days = _READ[_kind(found)](found, started)
        except (ValueError, OverflowError):
            continue
        if days:
            start = found.start("whole_month") if found["whole_month"] else found.start()
            yield DateFound(start, found.end(), *days)


def due(text: str, started: dt.date) -> dt.date | None:
    """Return the last day of the first date that is not over when the conversation starts.

    A date that tells which thing is meant ("the report from Monday") is no due date.
    """
    for found in dates(text, started):
        which = _TELLS_WHICH.search(text, max(0, found.start - 20), found.start)
        owned = text[found.end : found.end + 2] in ("'s", "\u2019s")
        if found.last >= started and not which and not owned:
            return found.last
    return None


def _kind(found: re.Match[str]) -> str:
    return next(kind for kind in _READ if found[kind] is not None)


def _iso(found: re.Match[str], _: dt.date) -> _Days:
    return _one(dt.date.fromisoformat(found["iso"]))


def _relative(found: re.Match[str], started: dt.date) -> _Days:
    said = found["relative"].casefold()
    days = {"yesterday": -1, "tomorrow": 1}.get(said, 2 if said.endswith("tomorrow") else 0)
    return _one(started + _DAY * days)


def _weekday(found: re.Match[str], started: dt.date) -> _Days | None:
    """Read "next Friday" as the one of the next calendar week, "Friday" as the next to come."""
    which = (found["which"] or "").casefold()
    if which in ("every", "each"):
        return None
    ahead = (_WEEKDAYS.index(found["weekday"].casefold()) - started.weekday()) % 7
    if which == "next":
        same_week = ahead + started.weekday() < 7
        return _one(started + _DAY * (ahead + 7 * same_week))
    if which == "last":
        return _one(started + _DAY * (ahead - 7))
    if which == "this":
        return _one(started + _DAY * ahead)
    return _one(started + _DAY * (ahead or 7), fixed=False)


def _end(found: re.Match[str], started: dt.date) -> _Days:
    """Read the end of a week as its Friday."""
    unit = found["end"].casefold()
    days = _calendar_span(unit, started, int(found["end_which"].casefold() == "next"))
    return _one(days.first + _DAY * 4 if unit == "week" else days.last)


def _span(found: re.Match[str], started: dt.date) -> _Days:
    steps = {"last": -1, "this": 0, "next": 1}[found["span_which"].casefold()]
    return _calendar_span(found["span"].casefold(), started, steps)


def _after(found: re.Match[str], started: dt.date) -> _Days:
    """Read "in two weeks" as a day to come; it may also mean how long something took."""
    said = found["count"].casefold()
    count = {"a": 1, "an": 1, "a couple of": 2}.get(said) or (
        _COUNTS.index(said) + 1 if said in _COUNTS else int(said)
    )
    unit = found["unit"].casefold()
    if unit != "month":
        return _one(started + _DAY * count * (7 if unit == "week" else 1), fixed=False)
    first = _month_of(started, count)
    day = min(started.day, calendar.monthrange(first.year, first.month)[1])
    return _one(first.replace(day=day), fixed=False)


def _day_month(found: re.Match[str], started: dt.date) -> _Days:
    return _day_of(found["day"], found["month"], found["year"], started)


def _month_day(found: re.Match[str], started: dt.date) -> _Days:
    return _day_of(found["day_after"], found["month_first"], found["year_after"], started)


def _whole_month(found: re.Match[str], started: dt.date) -> _Days:
    month = _MONTHS.index(found["whole_month"]) + 1
    if year := found["whole_year"]:
        return _calendar_span("month", dt.date(int(year), month, 1), 0)
    ahead = (month - started.month) % 12
    return _calendar_span("month", started, ahead)._replace(fixed=False)


_READ: dict[str, Callable[[re.Match[str], dt.date], _Days | None]] = {
    "iso": _iso,
    "relative": _relative,
    "weekday": _weekday,
    "end": _end,
    "span": _span,
    "count": _after,
    "month": _day_month,
    "month_first": _month_day,
    "whole_month": _whole_month,
}


def _one(day: dt.date, *, fixed: bool = True) -> _Days:
    return _Days(day, day, fixed)


def _day_of(day: str, month: str, year: str | None, started: dt.date) -> _Days:
    word = day.casefold().replace(" ", "-")
    number = _ORDINALS.index(word) + 1 if word in _ORDINALS else int(word.rstrip("stndrh"))
    index = _MONTHS.index(month) + 1
    if year:
        return _one(dt.date(int(year), index, number))
    this_year = dt.date(started.year, index, number)
    if this_year < started:
        return _one(this_year.replace(year=started.year + 1), fixed=False)
    return _one(this_year, fixed=False)


def _calendar_span(unit: str, day: dt.date, steps: int) -> _Days:
    """Return the calendar week (from Monday), month or year `steps` after the day's own."""
    if unit == "week":
        first = day + _DAY * (7 * steps - day.weekday())
        return _Days(first, first + _DAY * 6, fixed=True)
    if unit == "month":
        first = _month_of(day, steps)
        days = calendar.monthrange(first.year, first.month)[1]
        return _Days(first, first.replace(day=days), fixed=True)
    return _Days(dt.date(day.year + steps, 1, 1), dt.date(day.year + steps, 12, 31), fixed=True)


def _month_of(day: dt.date, steps: int) -> dt.date:
    """Return the first day of the month `steps` after the day's own."""
    years, month = divmod(day.month - 1 + steps, 12)
    return dt.date(day.year + years, month + 1, 1)
