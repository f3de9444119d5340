"""Sentences and stems."""

import pytest

from conversations.engine.insights.text import Sentence, Word, sentences, stem, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("Ask Dr. Lund, e.g. today. Then go.", ["Ask Dr. Lund, e.g. today.", "Then go."]),
        ("It is 3.5 or so... Right?", ["It is 3.5 or so...", "Right?"]),
        ('He said "no." Then he left', ['He said "no."', "Then he left"]),
        ("one\ntwo\n\nthree", ["one", "two", "three"]),
        ("Is it a no. 5 or an etc.", ["Is it a no. 5 or an etc."]),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == expected


def test_a_sentence_knows_where_it_starts() -> None:
    assert sentences(" One.  Two. ") == [Sentence("One.", 1), Sentence("Two.", 7)]


def test_words_know_where_they_stand() -> None:
    assert words("I don\u2019t, Bo!") == [Word("i", 0, 1), Word("don't", 2, 7), Word("bo", 9, 11)]


@pytest.mark.parametrize(
    "forms",
    [
        "ship ships shipped shipping",
        "price prices priced pricing",
        "call calls called calling",
        "company companies",
        "box boxes",
        "process processes processed processing",
        "plan plans planned planning",
        "cancel cancels cancelled cancelling canceled",
        "need needs needed needing",
        "speed speeds speeding",
        "lund lund's",
    ],
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("new", "news"), ("bus", "bu"), ("sing", "s"), ("need", "ne"), ("his", "hi")]
)
def test_other_words_keep_their_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)
