"""The summary: sentences that were really said."""

from conversations.engine.insights import SummaryLine, summary
from tests.engine.insights.support import spoken

FILLER = [
    "My cousin visited a museum near Oslo.",
    "Her bicycle has a very loud bell.",
    "Some clouds look like old wooden ships.",
    "Nobody told me about any such letter.",
]


def test_the_sentence_whose_words_recur_is_the_summary() -> None:
    said = spoken(
        *FILLER[:2],
        "The playground fence needs a new gate.",
        *FILLER[2:],
        "Every gate in that street is green now.",
        "The fence at our playground is too old.",
    )
    assert summary(said) == [SummaryLine("The playground fence needs a new gate.", ("m2",))]


def test_one_line_stands_for_twelve_statements_and_lines_keep_their_order() -> None:
    fence = "The playground fence has a hole there."
    concert = "Our summer concert needs another good piano."
    said = spoken(
        *(f"{fence[:-1]} at post {number}." for number in range(12)),
        *(f"{concert[:-1]} number {number}." for number in range(13)),
    )
    assert summary(said) == [
        SummaryLine(f"{fence[:-1]} at post 0.", ("m0",)),
        SummaryLine(f"{concert[:-1]} number 0.", ("m12",)),
    ]


def test_lines_that_say_the_same_appear_once() -> None:
    said = spoken(*["The playground fence needs a new gate."] * 24)
    assert summary(said) == [SummaryLine("The playground fence needs a new gate.", ("m0",))]


def test_there_are_never_more_than_seven_lines() -> None:
    words = ("fence", "gate", "piano", "truck", "bakery", "school", "garden", "bus")
    said = spoken(
        *(
            f"The {word} near the {word} house {number} stands there still."
            for number in range(20)
            for word in words
        )
    )
    assert len(summary(said)) == 7


def test_a_short_conversation_has_no_summary() -> None:
    assert summary(spoken(*FILLER)) == []


def test_where_nothing_recurs_there_is_no_summary() -> None:
    assert summary(spoken(*FILLER, "Three green lamps hang beside that tall door.")) == []


def test_a_question_is_never_in_the_summary() -> None:
    said = spoken(*["Who will repair the old playground fence now?"] * 12, *FILLER)
    assert summary(said) == []
