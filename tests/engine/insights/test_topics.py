"""Topics: terms said repeatedly."""

import pytest

from conversations.engine.insights import Topic, topics
from tests.engine.insights.support import spoken


def test_a_term_said_in_two_messages_is_a_topic() -> None:
    said = spoken("The fence is broken.", "Who repairs fences?", "It has one hole.")
    assert topics(said) == [Topic("fence", 0.5, ("m0", "m1"))]


def test_a_term_scores_by_mentions_and_messages() -> None:
    once = spoken("A piano, a piano, a piano.", "Nothing.")
    spread = spoken("A piano.", "A piano.", "A piano.")
    assert topics(once) == [Topic("piano", 0.5, ("m0",))]
    assert topics(spread) == [Topic("piano", 0.646, ("m0", "m1", "m2"))]


def test_a_longer_term_replaces_the_words_it_is_made_of() -> None:
    said = spoken("The delivery truck came.", "Delivery trucks are loud.", "No delivery truck.")
    assert topics(said) == [Topic("delivery truck", 0.79, ("m0", "m1", "m2"))]


def test_a_shorter_topic_that_stands_alone_too_is_the_parent() -> None:
    said = spoken("The delivery truck.", "A delivery truck.", "One truck.", "Some truck.")
    assert topics(said) == [
        Topic("truck", 0.75, ("m0", "m1", "m2", "m3")),
        Topic("delivery truck", 0.646, ("m0", "m1"), parents=("truck",)),
    ]


@pytest.mark.parametrize(
    "texts",
    [
        ("The fence.", "The gate."),
        ("I really think so.", "You really think so."),
        ("Tomorrow at five.", "Tomorrow at five."),
        ("They promised.", "They promised."),
        ("It\u2019s done.", "It\u2019s done."),
        ("", ""),
        (),
    ],
)
def test_grammar_and_single_mentions_are_no_topics(texts: tuple[str, ...]) -> None:
    assert topics(spoken(*texts)) == []


def test_words_across_a_comma_or_a_stop_are_no_term() -> None:
    said = spoken("The fence, swing.", "The fence. Swing!")
    assert [topic.text for topic in topics(said)] == ["fence", "swing"]


def test_vocabulary_counts_double_and_needs_one_mention() -> None:
    said = spoken("Let us plan the Next Steps.", "The fence.", "The fence.")
    assert topics(said, vocabulary=["next step", "budget"]) == [
        Topic("next step", 0.646, ("m0",)),
        Topic("fence", 0.5, ("m1", "m2")),
    ]


def test_threshold_and_limit_keep_the_best() -> None:
    said = spoken("fence gate", "fence, gate", "fence, gate, piano", "fence, piano")
    assert [topic.text for topic in topics(said)] == ["fence", "gate", "piano"]
    assert [topic.text for topic in topics(said, limit=2)] == ["fence", "gate"]
    assert [topic.text for topic in topics(said, threshold=0.7)] == ["fence"]
