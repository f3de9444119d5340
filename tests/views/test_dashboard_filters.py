"""Numbers and times in words, and lines with their key phrases."""

import datetime as dt

import pytest

from conversations.models import Message
from conversations.pipeline.texts import clock
from conversations.templatetags.dashboard import duration, in_words, marked, moment, percent


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0:00"),
        (7_999, "0:07"),
        (247_000, "4:07"),
        (3_600_000, "1:00:00"),
        (3_847_000, "1:04:07"),
    ],
)
def test_clock(milliseconds: int, text: str) -> None:
    assert clock(milliseconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (754, "12 min"),
        (3_600, "1 h"),
        (3_900, "1 h 5 min"),
        (86_400, "1 day"),
        (200_000, "2 days"),
    ],
)
def test_in_words(seconds: int, text: str) -> None:
    assert in_words(seconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(None, ""), (0, ""), (10, "1 s"), (61_000, "1 min 1 s")]
)
def test_duration(milliseconds: int | None, text: str) -> None:
    assert duration(milliseconds) == text


@pytest.mark.parametrize(
    ("share", "whole"), [(None, 0), (0.0, 0), (0.001, 1), (0.474, 47), (0.999, 99), (1.0, 100)]
)
def test_percent_is_all_or_none_only_for_all_or_none(share: float | None, whole: int) -> None:
    assert percent(share) == whole


def test_moment_is_told_in_utc() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    assert moment(dt.datetime(2026, 11, 20, 14, tzinfo=zone)) == {
        "at": dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC),
        "style": "date",
    }


@pytest.mark.parametrize(
    ("text", "phrases", "shown"),
    [
        ("Send the deck.", ["the deck", "the"], "Send <mark>the deck</mark>."),
        ("Bathe the thesis.", ["the"], "Bathe <mark>the</mark> thesis."),
        ("A cost (net) of it.", ["cost (net)"], "A <mark>cost (net)</mark> of it."),
        ("A b <i> & c.", ["b <i> & c"], "A <mark>b &lt;i&gt; &amp; c</mark>."),
        ("The amp & co.", ["amp"], "The <mark>amp</mark> &amp; co."),
        ("Send it.", ["send it", "", "  "], "Send it."),
    ],
)  # fmt: skip
def test_key_phrases_are_marked_where_they_stand_exactly(
    text: str, phrases: list[str], shown: str
) -> None:
    message = Message(text=text, phrases=[{"type": "", "text": phrase} for phrase in phrases])
    found = marked(message)
    assert (found, found.__html__()) == (shown, shown)
