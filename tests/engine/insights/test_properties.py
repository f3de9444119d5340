"""What holds for any text: no crash, offsets that point, sums that add up, linear time."""

import datetime as dt
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.insights import (
    Said,
    Voice,
    analytics,
    entities,
    findings,
    phrases,
    sentiment,
    summary,
    topics,
    trackers,
)
from tests.engine.insights.support import MONDAY, VOICES, spoken

MAY = Voice("may", "May [O'Brien] (x)")
PIECES = [
    "I will",
    "can you",
    "please",
    "send",
    "the",
    "delivery truck",
    "trucks",
    "Ida",
    "Ida Lund",
    "Bo",
    "May",
    "in",
    "by",
    "next",
    "Friday",
    "5",
    "March",
    "tomorrow",
    "2026-02-30",
    "three",
    "hundred",
    "dollars",
    "$",
    "%",
    "12:30",
    "pm",
    "ida@example.test",
    "https://x.test",
    "not",
    "great",
    "bad",
    "?",
    ".",
    "!",
    ",",
    "\n",
    "\u2019",
    "\u017f",
    "\u0130",
    "ß",
    "\x00",
    "\u0663",
    "\u00b2",
    "I\u2019ll",
    "we\u2019ll",
    "+45 20 30 40 50",
    "what is",
    "ye\u017fterday",
    "C++",
]
texts = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)
)
conversations = st.lists(texts, max_size=6).map(lambda lines: spoken(*lines))
days = st.dates()
CUSTOM = [("thing", "delivery truck"), ("language", "C++"), ("person", "ida")]


@given(conversations, days)
def test_findings_quote_their_message(said: Sequence[Said], started: dt.date) -> None:
    by_id = {message.id: message.text for message in said}
    for finding in findings(said, [*VOICES, MAY], started=started, threshold=0.0):
        assert 0.0 < finding.score <= 1.0
        assert finding.text in by_id[finding.message_id]
        assert all(phrase.text in finding.text for phrase in finding.phrases)
        for mention in finding.entities:
            assert finding.text.startswith(mention.text, mention.offset)
        assert finding.due is None or finding.due >= started


@given(conversations, days)
def test_entities_point_at_their_words(said: Sequence[Said], started: dt.date) -> None:
    by_id = {message.id: message.text for message in said}
    for found in entities(said, custom=CUSTOM, voices=[*VOICES, MAY], started=started):
        assert (found.value is None) == (found.start is not None)
        for ref in found.refs:
            assert ref.text == by_id[ref.message_id]
            there = ref.text[ref.offset : ref.offset + len(found.text)]
            assert there.lower() == found.text.lower()


@given(conversations)
def test_trackers_point_at_a_first_word(said: Sequence[Said]) -> None:
    for tracker in trackers(said, [("t", ["delivery truck", "great"])]):
        for match in tracker.matches:
            for ref in match.refs:
                assert ref.text[ref.offset :].lower().startswith(match.value.split()[0])


@given(conversations)
def test_topics_and_summary_quote_their_messages(said: Sequence[Said]) -> None:
    by_id = {message.id: message.text for message in said}
    for topic in topics(said, threshold=0.0):
        assert 0.0 < topic.score <= 1.0
        assert any(topic.text in by_id[message_id] for message_id in topic.message_ids)
    for line in summary(said):
        assert all(line.text in by_id[message_id] for message_id in line.message_ids)


@given(texts)
def test_sentiment_and_phrases_stay_in_bounds(text: str) -> None:
    score = sentiment(text)
    assert score is None or -1.0 <= score <= 1.0
    assert all(phrase.text in text for phrase in phrases(text))


spans = st.tuples(
    st.sampled_from([None, "ida", "bo", "gone"]), st.integers(0, 10**7), st.integers(0, 10**5)
)


@given(st.lists(spans, max_size=8), st.none() | st.integers(0, 10**8))
def test_analytics_add_up(turns: list[tuple[str | None, int, int]], duration: int | None) -> None:
    said = [
        Said(str(place), "some words", speaker, start, start + length)
        for place, (speaker, start, length) in enumerate(turns)
    ]
    result = analytics(said, VOICES, duration_ms=duration)
    if result.talk.seconds + result.silence.seconds:
        assert result.talk.percent + result.silence.percent == pytest.approx(100)
    if result.talk.seconds:
        rounding = 0.001 * len(result.members)
        total = sum(member.talk.percent for member in result.members)
        assert total == pytest.approx(100, abs=rounding)
        for member in result.members:
            assert member.talk.percent + member.listen.percent == pytest.approx(100)
            assert member.talk.seconds + member.listen.seconds == pytest.approx(result.talk.seconds)
    assert analytics(said[::-1], VOICES, duration_ms=duration) == result


def every_rule(said: Sequence[Said]) -> None:
    findings(said, VOICES, started=MONDAY)
    topics(said, vocabulary=["delivery truck"])
    entities(said, custom=CUSTOM, voices=VOICES, started=MONDAY)
    trackers(said, [("t", ["delivery truck"])])
    summary(said)
    analytics(said, VOICES)
    for message in said:
        phrases(message.text)
        sentiment(message.text)


def seconds(said: Sequence[Said]) -> float:
    """Return the shorter processor time of two runs."""

    def once() -> float:
        before = time.process_time()
        every_rule(said)
        return time.process_time() - before

    return min(once() for _ in range(2))


@pytest.mark.parametrize(
    "unit",
    [
        "I will send ",
        "Ida Lund, can you call ",
        "I will send" + " " * 40,
        "!",
        " ",
        "a.",
        "a@",
        "one ",
        "$1 ",
        "+1-2 ",
        "what is ",
        "the end of ",
        "May 5 ",
        "not good ",
        "http://",
        "truck ",
    ],
)
def test_four_times_the_text_takes_about_four_times_as_long(unit: str) -> None:
    """Square time would take sixteen times as long, and hang the server on a hostile text."""
    short, long = (f"I will send{unit * (size // len(unit))} x" for size in (4_000, 16_000))
    assert seconds(spoken(long)) < 9 * seconds(spoken(short))


def test_four_times_the_messages_take_about_four_times_as_long() -> None:
    lines = ["I will send the delivery truck tomorrow.", "Where is Ida Lund?", "It is great."]
    assert seconds(spoken(*lines * 400)) < 9 * seconds(spoken(*lines * 100))
