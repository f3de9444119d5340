"""Entities: what is named, and where."""

import datetime as dt

import pytest

from conversations.engine.insights import EntityFound, Ref, Room, Voice, entities
from tests.engine.insights.support import MONDAY, VOICES, spoken


def named(text: str) -> list[tuple[str, str, str | None]]:
    return [
        (found.type, found.text, found.value)
        for found in entities(spoken(text), voices=VOICES, started=MONDAY)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See you tomorrow.", ("date", "tomorrow", "2026-01-06")),
        ("We met on Friday.", ("date", "Friday", "friday")),
        ("I called in October.", ("date", "October", "october")),
        ("It opens at 5 pm.", ("time", "5 pm", "17:00")),
        ("It opens at 12:05 a.m. sharp.", ("time", "12:05 a.m", "00:05")),
        ("It opens at 9:30.", ("time", "9:30", "09:30")),
        ("We eat at noon.", ("time", "noon", "12:00")),
        (
            "Write to Ida.Lund@Example.test.",
            ("email", "Ida.Lund@Example.test", "ida.lund@example.test"),
        ),
        (
            "See https://example.test/a?b=2026-01-06.",
            ("url", "https://example.test/a?b=2026-01-06", "https://example.test/a?b=2026-01-06"),
        ),
        ("See www.example.test, please.", ("url", "www.example.test", "www.example.test")),
        ("Call +45 20 30 40 50.", ("phone", "+45 20 30 40 50", "+4520304050")),
        ("Call (555) 010-4477.", ("phone", "(555) 010-4477", "5550104477")),
        ("It costs three hundred dollars.", ("money", "three hundred dollars", "300 dollars")),
        ("It costs hundred dollars.", ("money", "hundred dollars", "100 dollars")),
        ("It costs a hundred and five euros.", ("money", "a hundred and five euros", "105 euros")),
        (
            "It costs twenty-five thousand pounds.",
            ("money", "twenty-five thousand pounds", "25000 pounds"),
        ),
        ("It costs $3.5 million.", ("money", "$3.5 million", "3500000 dollars")),
        ("It costs €1,200.50 now.", ("money", "€1,200.50", "1200.5 euros")),
        ("It costs 500 yen.", ("money", "500 yen", "500 yen")),
        ("It grew by ten percent.", ("percent", "ten percent", "10%")),
        ("It grew by 12.5% again.", ("percent", "12.5%", "12.5%")),
        ("I met Ida there.", ("person", "Ida", "Ida Lund")),
        ("I met Ida Lund there.", ("person", "Ida Lund", "Ida Lund")),
    ],
)
def test_what_is_named(text: str, expected: tuple[str, str, str]) -> None:
    assert named(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "I met Martha there.",
        "ida is not a name, and Bobby is another.",
        "We have 5 chairs and one hundred lamps.",
        "The score was 10:99.",
        "It is at +1 20 30.",
        "It took 1:30:20.",
        "Number 2026-999 is 12345678901.",
        "a@b and @home are no addresses.",
        "A dollar sign ($) and a percent sign.",
        "",
    ],
)
def test_what_is_not_named(text: str) -> None:
    assert named(text) == []


def test_a_span_of_days_has_a_start_and_an_end_and_no_value() -> None:
    text = "It rained last week."
    assert entities(spoken(text), started=MONDAY) == [
        EntityFound(
            type="date",
            text="last week",
            value=None,
            custom_type=None,
            refs=(Ref("m0", text, 10),),
            start=dt.date(2025, 12, 29),
            end=dt.date(2026, 1, 4),
        )
    ]


def test_the_same_words_are_one_entity_with_the_first_place_in_each_message() -> None:
    said = spoken("Tomorrow, or today? Tomorrow!", "Not tomorrow.")
    assert entities(said, started=MONDAY) == [
        EntityFound(
            "date",
            "Tomorrow",
            "2026-01-06",
            None,
            (Ref("m0", said[0].text, 0), Ref("m1", said[1].text, 4)),
        ),
        EntityFound("date", "today", "2026-01-05", None, (Ref("m0", said[0].text, 13),)),
    ]


def test_a_custom_entity_is_found_as_whole_words_whatever_their_case() -> None:
    said = spoken("Our Marketing Director knows.", "Marketing directors and C++, not C or #12.")
    custom = [("role", "marketing director"), ("language", "C++"), ("ticket", "#12"), ("x", "++")]
    assert entities(said, custom=custom, started=MONDAY) == [
        EntityFound(
            "custom",
            "Marketing Director",
            "marketing director",
            "role",
            (Ref("m0", said[0].text, 4),),
        ),
        EntityFound("custom", "C++", "C++", "language", (Ref("m1", said[1].text, 24),)),
        EntityFound("custom", "#12", "#12", "ticket", (Ref("m1", said[1].text, 38),)),
    ]


def test_a_custom_entity_is_also_found_inside_another() -> None:
    found = entities(
        spoken("Ask Ida Lund."), custom=[("family", "Lund")], voices=VOICES, started=MONDAY
    )
    assert [(entity.type, entity.custom_type, entity.text) for entity in found] == [
        ("person", None, "Ida Lund"),
        ("custom", "family", "Lund"),
    ]


def test_a_name_that_is_a_word_is_a_person_only_where_it_cannot_be_one() -> None:
    texts = ["May I?", "I like May.", "May, come in.", "May will come.", "In May it rains."]
    found = entities(spoken(*texts), voices=[Voice("m", "May")], started=MONDAY)
    assert [(entity.type, [ref.message_id for ref in entity.refs]) for entity in found] == [
        ("person", ["m1", "m2", "m3"]),
        ("date", ["m4"]),
    ]


def test_a_numbered_speaker_is_only_meant_by_the_whole_name() -> None:
    said = spoken("Speaker of the house, Speaker 2?")
    found = entities(said, voices=[Voice("2", "Speaker 2")], started=MONDAY)
    assert [(entity.text, entity.refs[0].offset) for entity in found] == [("Speaker 2", 22)]


def test_places_end_where_the_texts_they_repeat_fill_an_answer() -> None:
    said = spoken(*["Today or at noon."] * 3)
    found = entities(said, started=MONDAY, room=Room(3 * (17 + 100)))
    assert [(entity.text, [ref.message_id for ref in entity.refs]) for entity in found] == [
        ("Today", ["m0", "m1"]),
        ("noon", ["m0"]),
    ]


def test_only_so_many_members_are_known_by_name() -> None:
    voices = [Voice(str(n), f"Member {n}") for n in range(1001)]
    found = entities(spoken("Member 999, Member 1000."), voices=voices, started=MONDAY)
    assert [entity.text for entity in found] == ["Member 999"]
