"""The speaker-coloured timeline of the player: who spoke when, in a few hundred stripes.

Called by the conversation's views for a fragment of its own, so that the page does not
pay for it. Its size depends on the stripes, not on the messages.
"""

from collections.abc import Iterable
from typing import NamedTuple

from conversations.review.speakers import Speaker
from conversations.review.transcript import Stretch

#: How finely the timeline is cut; the drawing is this many units wide.
SLICES = 600


class Stripe(NamedTuple):
    """One speaker from slice `x` on, for `width` slices."""

    speaker: Speaker
    x: int
    width: int


def loudest_by_slice(
    stretches: Iterable[Stretch], total_ms: int, slices: int
) -> list[Speaker | None]:
    """Return for every slice of `total_ms` who talks longest in it, None for nobody."""
    shares: list[dict[int, int]] = [{} for _ in range(slices)]
    known: dict[int, Speaker] = {}
    for stretch in stretches:
        if stretch.speaker is None:
            continue
        pk = stretch.speaker.member.pk
        known[pk] = stretch.speaker
        first = min(stretch.start_ms * slices // total_ms, slices - 1)
        last_ms = max(stretch.end_ms - 1, stretch.start_ms)
        last = min(last_ms * slices // total_ms, slices - 1)
        for index in range(first, last + 1):
            start = max(stretch.start_ms, index * total_ms // slices)
            end = min(stretch.end_ms, (index + 1) * total_ms // slices)
            shares[index][pk] = shares[index].get(pk, 0) + max(end - start, 1)
    return [known[max(share, key=share.__getitem__)] if share else None for share in shares]


def stripes(stretches: Iterable[Stretch], total_ms: int, slices: int = SLICES) -> list[Stripe]:
    """Return the stripes, with neighbouring slices of one speaker joined."""
    joined: list[Stripe] = []
    for x, speaker in enumerate(loudest_by_slice(stretches, max(total_ms, 1), slices)):
        if speaker is None:
            continue
        last = joined[-1] if joined else None
        if last and last.speaker is speaker and last.x + last.width == x:
            joined[-1] = last._replace(width=last.width + 1)
        else:
            joined.append(Stripe(speaker, x, 1))
    return joined
