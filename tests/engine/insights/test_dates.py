"""Dates in words: which days they mean for a conversation on Monday, 5 January 2026."""

import datetime as dt

import pytest

from conversations.engine.insights.dates import dates, due
from tests.engine.insights.support import MONDAY


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("words", "expected", "fixed"),
    [
        ("today", "2026-01-05", True),
        ("tonight", "2026-01-05", True),
        ("this afternoon", "2026-01-05", True),
        ("tomorrow", "2026-01-06", True),
        ("the day after tomorrow", "2026-01-07", True),
        ("yesterday", "2026-01-04", True),
        ("Friday", "2026-01-09", False),
        ("Monday", "2026-01-12", False),
        ("this Monday", "2026-01-05", True),
        ("next Friday", "2026-01-16", True),
        ("next Monday", "2026-01-12", True),
        ("last Friday", "2026-01-02", True),
        ("the end of the week", "2026-01-09", True),
        ("end of next month", "2026-02-28", True),
        ("end of this year", "2026-12-31", True),
        ("in three days", "2026-01-08", False),
        ("in a couple of weeks", "2026-01-19", False),
        ("in 2 months", "2026-03-05", False),
        ("5 May", "2026-05-05", False),
        ("the fifth of May", "2026-05-05", False),
        ("May 5th, 2027", "2027-05-05", True),
        ("4 January", "2027-01-04", False),
        ("the twenty-first of June", "2026-06-21", False),
        ("2026-02-03", "2026-02-03", True),
    ],
)
def test_words_for_one_day(words: str, expected: str, fixed: bool) -> None:
    text = f"Say {words}, please."
    assert list(dates(text, MONDAY)) == [(4, 4 + len(words), day(expected), day(expected), fixed)]


@pytest.mark.parametrize(
    ("words", "first", "last", "fixed"),
    [
        ("this week", "2026-01-05", "2026-01-11", True),
        ("next week", "2026-01-12", "2026-01-18", True),
        ("last month", "2025-12-01", "2025-12-31", True),
        ("next year", "2027-01-01", "2027-12-31", True),
        ("March", "2026-03-01", "2026-03-31", False),
        ("January", "2026-01-01", "2026-01-31", False),
        ("February 2028", "2028-02-01", "2028-02-29", True),
    ],
)
def test_words_for_several_days(words: str, first: str, last: str, fixed: bool) -> None:
    text = f"Say in {words}, please."
    assert list(dates(text, MONDAY)) == [(7, 7 + len(words), day(first), day(last), fixed)]


@pytest.mark.parametrize(
    "text",
    [
        "30 February",
        "2026-13-01",
        "every Friday",
        "Fridays",
        "May I go?",
        "in may",
        "We march on.",
        "written by May",
        "the week",
        "in 5 minutes",
        "3 out of 4",
    ],
)
def test_words_that_are_no_date(text: str) -> None:
    assert list(dates(text, MONDAY)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I will send it by Friday.", "2026-01-09"),
        ("I will send it this week.", "2026-01-11"),
        ("I will send it by March.", "2026-03-31"),
        ("I will send the report from Monday on Wednesday.", "2026-01-07"),
        ("I will write Friday's agenda tomorrow.", "2026-01-06"),
        ("I will send what we wrote yesterday.", None),
        ("I will send it.", None),
    ],
)
def test_due_is_the_first_date_still_to_come(text: str, expected: str | None) -> None:
    assert due(text, MONDAY) == (day(expected) if expected else None)


def test_next_monday_on_a_friday_is_the_one_of_the_coming_week() -> None:
    friday = day("2026-01-09")
    assert due("I will send it next Monday.", friday) == day("2026-01-12")
    assert due("I will send it next Friday.", friday) == day("2026-01-16")


def test_a_date_beyond_the_calendar_is_left_out() -> None:
    assert list(dates("tomorrow and next year", dt.date.max)) == []
