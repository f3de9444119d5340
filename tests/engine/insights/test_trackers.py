"""Trackers: phrases that were said, in any of their forms."""

import pytest

from conversations.engine.insights import Ref, TrackerFound, TrackerMatch, trackers
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


def test_matches_come_by_tracker_and_phrase_with_every_place() -> None:
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
                TrackerMatch(
                    "bus", (Ref("m0", first, 4), Ref("m0", first, 22), Ref("m1", second, 13))
                ),
            ),
        ),
    ]
