"""Questions, action items and follow-ups: what is found, and what must not be."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from conversations.engine.insights import Finding, Mention, Phrase, Voice, findings, phrases
from tests.engine.insights.support import BO, IDA, MONDAY, VOICES, spoken

TOMORROW = dt.date(2026, 1, 6)


def found(text: str, *, threshold: float = 0.0) -> list[Finding]:
    return findings(spoken(text), VOICES, started=MONDAY, threshold=threshold)


def action(text: str, phrase: str, **changes: Any) -> Finding:
    """Return an action item of Ida's, said by her, with one phrase; `changes` say otherwise."""
    usual = Finding(
        kind="action_item",
        text=text,
        score=0.8,
        message_id="m0",
        speaker="ida",
        assignee="ida",
        definitive=True,
        phrases=(Phrase("action_phrase", phrase),),
    )
    return replace(usual, **changes)


def person(voice: Voice, text: str, offset: int, *, assignee: bool) -> Mention:
    return Mention("person", text, offset, value=voice.name, assignee=assignee)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Where is the office?", 0.95),
        ("And how long would you wait?", 0.95),
        ("Isn\u2019t that wide enough?", 0.95),
        ("And the swing?", 0.8),
        ("You sent it, right?", 0.8),
        ("Where is the office", 0.6),
        ("can you see my screen", 0.6),
        ("how many people do we need", 0.6),
        ("Really?", 0.4),
    ],
)
def test_a_question_scores_by_its_mark_and_its_word_order(text: str, score: float) -> None:
    assert found(text) == [Finding("question", text, score, "m0", "ida")]


@pytest.mark.parametrize(
    "text",
    [
        "We met on Friday.",
        "What a day.",
        "What is needed is a plan.",
        "When we get there it will be late.",
        "Had I known, it would be done.",
        "Should you need it, it is there.",
        "Can you believe it!",
        "",
        "   ",
    ],
)
def test_a_statement_is_no_question(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "I will check the insurance.",
            action("I will check the insurance.", "check the insurance"),
        ),
        ("I\u2019ll fix the fence.", action("I\u2019ll fix the fence.", "fix the fence")),
        (
            "I need to call the bank.",
            action("I need to call the bank.", "call the bank", score=0.75),
        ),
        (
            "Let me send the notes around.",
            action(
                "Let me send the notes around.",
                "send the notes around",
                score=0.6,
                definitive=False,
            ),
        ),
        (
            "We need to go over three more common interview questions.",
            action(
                "We need to go over three more common interview questions.",
                "go over three more common interview questions",
                score=0.7,
                assignee=None,
            ),
        ),
        (
            "Then we should buy a new swing.",
            action(
                "Then we should buy a new swing.",
                "buy a new swing",
                score=0.6,
                assignee=None,
                definitive=False,
            ),
        ),
        (
            "Please send it to the families, and thank you.",
            action(
                "Please send it to the families, and thank you.",
                "send it to the families",
                score=0.7,
                assignee=None,
                definitive=False,
            ),
        ),
        (
            "Bo, can you call the bank?",
            action(
                "Bo, can you call the bank?",
                "call the bank",
                score=0.7,
                assignee="bo",
                definitive=False,
                entities=(person(BO, "Bo", 0, assignee=True),),
            ),
        ),
        (
            "Can you please send me the file, Bo?",
            action(
                "Can you please send me the file, Bo?",
                "send me the file",
                score=0.7,
                assignee="bo",
                definitive=False,
                entities=(person(BO, "Bo", 33, assignee=True),),
            ),
        ),
        (
            "Bo will book the room and Ida will send the deck.",
            action(
                "Bo will book the room and Ida will send the deck.",
                "",
                assignee="bo",
                phrases=(
                    Phrase("action_phrase", "book the room"),
                    Phrase("action_phrase", "send the deck"),
                ),
                entities=(
                    person(BO, "Bo", 0, assignee=True),
                    person(IDA, "Ida", 26, assignee=False),
                ),
            ),
        ),
        (
            "If it rains, I will maybe book the hall.",
            action(
                "If it rains, I will maybe book the hall.",
                "book the hall",
                score=0.6,
                definitive=False,
            ),
        ),
        ("I will check.", action("I will check.", "check", score=0.6)),
    ],
)
def test_a_commitment_is_an_action_item(text: str, expected: Finding) -> None:
    assert found(text) == [expected]


def test_an_action_item_carries_its_date_and_its_people() -> None:
    text = "Ida Lund will send the deck tomorrow."
    assert found(text) == [
        action(
            text,
            "send the deck tomorrow",
            score=0.9,
            due=TOMORROW,
            entities=(
                person(IDA, "Ida Lund", 0, assignee=True),
                Mention("date", "tomorrow", 28, value="2026-01-06"),
            ),
        )
    ]


def test_a_span_of_days_is_due_on_its_last_day() -> None:
    text = "I will send the deck by next week."
    sunday = dt.date(2026, 1, 18)
    week = Mention("date", "next week", 24, start=dt.date(2026, 1, 12), end=sunday)
    assert found(text) == [
        action(text, "send the deck by next week", score=0.9, due=sunday, entities=(week,))
    ]


def test_a_month_is_no_mention_of_a_member_with_its_name() -> None:
    may = Voice("may", "May")
    [item] = findings(spoken("I will call May in May."), [may], started=MONDAY)
    assert [(mention.type, mention.offset) for mention in item.entities] == [
        ("person", 12),
        ("date", 19),
    ]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("I'll get back to you.", "get back to you"),
        ("I will follow up with the bank.", "follow up with the bank"),
        ("I'll let you know.", "let you know"),
        ("I will call them again.", "call them again"),
        ("I'm going to schedule a short call.", "schedule a short call"),
        ("I will reach out to the city.", "reach out to the city"),
        ("I will circle back.", "circle back"),
    ],
)
def test_meeting_or_talking_again_is_a_follow_up(text: str, phrase: str) -> None:
    assert found(text) == [action(text, phrase, kind="follow_up")]


@pytest.mark.parametrize(
    "text",
    [
        "I will not send it.",
        "I'll never call the bank.",
        "I don't think I will send it.",
        "She said I will send it.",
        "I will be there.",
        "I will see.",
        "Let me see.",
        "Let me introduce the team.",
        "Let's go over the agenda.",
        "I sent the deck yesterday.",
        "Please.",
        "The speaker will send it.",
        "Somebody will send it.",
        "bo will send it.",
    ],
)
def test_what_commits_nobody_to_any_work_is_no_action_item(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["Will I send it?", "What will we send?", "If it is late, can you send it?"]
)
def test_a_question_about_work_stays_a_question(text: str) -> None:
    assert [finding.kind for finding in found(text)] == ["question"]


def test_a_name_two_members_share_assigns_nobody() -> None:
    twins = [Voice("a", "Ida Lund"), Voice("b", "Ida Berg")]
    text = "Ida will send it. Ida Berg will check it."
    assert [
        (finding.text, finding.assignee)
        for finding in findings(spoken(text), twins, started=MONDAY)
    ] == [("Ida Berg will check it.", "b")]


def test_what_nobody_known_says_is_assigned_to_nobody() -> None:
    [finding] = findings(spoken("I will call Bo.", speaker=None), VOICES, started=MONDAY)
    assert (finding.speaker, finding.assignee) == (None, None)


def test_findings_come_in_the_order_they_were_said() -> None:
    said = spoken(
        "Who is in favor? I will count. I will write the letter.", "Let us meet on Friday."
    )
    assert [
        (finding.kind, finding.message_id, finding.text)
        for finding in findings(said, VOICES, started=MONDAY)
    ] == [
        ("question", "m0", "Who is in favor?"),
        ("action_item", "m0", "I will write the letter."),
        ("follow_up", "m1", "Let us meet on Friday."),
    ]


@pytest.mark.parametrize(
    ("threshold", "kept"),
    [
        (0.5, ["Where is it?", "And the swing?", "I will check.", "I will call the bank."]),
        (0.7, ["Where is it?", "And the swing?", "I will call the bank."]),
        (0.9, ["Where is it?"]),
        (1.0, []),
    ],
)
def test_the_threshold_leaves_out_what_scores_less(threshold: float, kept: list[str]) -> None:
    text = "Where is it? And the swing? Really? I will check. I will call the bank."
    assert [finding.text for finding in found(text, threshold=threshold)] == kept


def test_phrases_are_those_of_every_sentence() -> None:
    assert phrases("I will book the room, fine. It rains. Could you send the list?") == (
        Phrase("action_phrase", "book the room"),
        Phrase("action_phrase", "send the list"),
    )


def test_a_text_without_a_commitment_has_no_phrases() -> None:
    assert phrases("We shipped it on Friday.") == ()
