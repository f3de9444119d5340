"""The stripes above the player."""

from typing import Any, cast

import pytest

from conversations.models import Member
from conversations.review.speakers import Speaker
from conversations.review.transcript import Stretch
from conversations.views.timeline import Stripe, loudest_by_slice, stripes


def speaker(pk: int) -> Speaker:
    rest = cast("dict[str, Any]", dict.fromkeys(("count", "talk_ms", "tone", "shape"), 0))
    return Speaker(
        member=Member(pk=pk, name=f"Speaker {pk}"),
        share=0.5,
        initials="S",
        identified=False,
        push="",
        push_error="",
        quotes=(),
        **rest,
    )


ANNA, JOHN = speaker(1), speaker(2)


def test_slice_belongs_to_who_talks_longest_in_it() -> None:
    talk = [Stretch(0, 40, ANNA), Stretch(40, 100, JOHN), Stretch(100, 110, ANNA)]
    assert loudest_by_slice(talk, 300, 3) == [JOHN, ANNA, None]


def test_short_word_in_silence_is_not_lost() -> None:
    assert loudest_by_slice([Stretch(150, 150, ANNA)], 300, 3) == [None, ANNA, None]


def test_talk_behind_the_end_is_drawn_at_the_end() -> None:
    assert loudest_by_slice([Stretch(350, 400, ANNA)], 300, 3) == [None, None, ANNA]


def test_neighbouring_slices_are_joined_and_gaps_are_not() -> None:
    talk = [Stretch(0, 200, ANNA), Stretch(200, 300, JOHN), Stretch(400, 500, JOHN)]
    assert stripes(talk, 500, 5) == [Stripe(ANNA, 0, 2), Stripe(JOHN, 2, 1), Stripe(JOHN, 4, 1)]


@pytest.mark.parametrize("total_ms", [0, 1])
def test_empty_conversation_has_no_stripes(total_ms: int) -> None:
    assert stripes([], total_ms) == []


def test_unknown_speaker_is_a_gap() -> None:
    assert stripes([Stretch(0, 100, None)], 100, 2) == []
