"""Trackers: phrases that were said, in any of their forms."""

import pytest

from conversations.engine.insights import Ref, Room, TrackerFound, TrackerMatch, trackers
from tests.engine.insights.support import spoken


@pytest.mark.parametrize(
    ("phrase", "text", "offset"),
    [
        ("delivery truck", "The Delivery Trucks are late.", 4),
        ("cancel", "We cancelled it.", 3),
        ("pricing", "Which prices?", 6),
        ("ship", "Shipping is free.", 0),
        ("company", "Both companies agreed.", 5),
        ("don't know", "I don\u2019t know.", 2),
    ],
)
def test_a_phrase_is_found_in_its_other_forms(phrase: str, text: str, offset: int) -> None:
    assert trackers(spoken(text), [("t", [phrase])]) == [
        TrackerFound("t", (TrackerMatch(phrase, (Ref("m0", text, offset),)),))
    ]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("truck", "A truckload."),
        ("delivery truck", "The delivery by truck."),
        ("buy", "We purchased it."),
        ("new", "The news."),
        ("...", "And then ..."),
        ("", "Anything."),
    ],
)
def test_other_words_are_not_found(phrase: str, text: str) -> None:
    assert trackers(spoken(text), [("t", [phrase])]) == []


def test_matches_come_by_tracker_and_phrase_with_the_first_place_in_each_message() -> None:
    said = spoken("The bus was late. The bus!", "No truck, no bus.")
    wanted = [
        ("delay", ["late", "waiting"]),
        ("silent", ["train"]),
        ("traffic", ["truck", "bus", "bus"]),
    ]
    first, second = (message.text for message in said)
    assert trackers(said, wanted) == [
        TrackerFound("delay", (TrackerMatch("late", (Ref("m0", first, 12),)),)),
        TrackerFound(
            "traffic",
            (
                TrackerMatch("truck", (Ref("m1", second, 3),)),
                TrackerMatch("bus", (Ref("m0", first, 4), Ref("m1", second, 13))),
            ),
        ),
    ]


def test_places_end_where_the_texts_they_repeat_fill_an_answer() -> None:
    said = spoken(*["A bus."] * 3)
    found = trackers(said, [("t", ["bus", "a"]), ("u", ["bus"])], room=Room(4 * (6 + 100)))
    places = {
        tracker.name: {value: [ref.message_id for ref in refs] for value, refs in tracker.matches}
        for tracker in found
    }
    assert places == {"t": {"bus": ["m0"], "a": ["m0", "m1"]}, "u": {"bus": ["m0"]}}
