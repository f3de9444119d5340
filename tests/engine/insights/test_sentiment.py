"""Sentiment: counted words and the contract's thresholds."""

import pytest

from conversations.engine.insights import sentiment, suggested


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("We ship on Friday.", 0.0),
        ("Great.", 0.471),
        ("That is great.", 0.421),
        ("That is very great.", 0.5),
        ("That is not great.", -0.4),
        ("That isn\u2019t great.", -0.421),
        ("That is not bad.", 0.25),
        ("It failed, but it was great.", 0.0),
        ("Not now. Great.", 0.421),
        ("A terrible, awful mess.", -0.667),
        ("Good morning.", 0.0),
        ("It is a good plan for a very long road to a far town.", 0.267),
    ],
)
def test_sentiment_counts_words(text: str, score: float) -> None:
    assert sentiment(text) == score


@pytest.mark.parametrize("text", ["", "...", " \n"])
def test_a_text_without_words_has_no_sentiment(text: str) -> None:
    assert sentiment(text) is None


@pytest.mark.parametrize(
    ("score", "word"),
    [
        (-1.0, "negative"),
        (-0.301, "negative"),
        (-0.3, "neutral"),
        (0.0, "neutral"),
        (0.3, "neutral"),
        (0.301, "positive"),
        (1.0, "positive"),
    ],
)
def test_suggested_follows_the_thresholds_of_the_contract(score: float, word: str) -> None:
    assert suggested(score) == word
