"""Noise taken out of turns that were sampled, as a Zoom timeline samples them.

The rules are those of the vendor's converter (contract 6.5), in whole milliseconds and
with a limit to the silence that they may give to somebody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from conversations.speaker_events.types import Speaker


@dataclass(frozen=True, slots=True)
class ZoomOptions:
    """How a Zoom timeline is read.

    A turn of at most `floor_ms` is noise: half a second is a cough or a "yes".
    Two turns of one speaker are one when nobody speaks for at most `bridge_cap_ms`
    between them: five seconds is a long pause for thought, and more is silence.
    A pause of more than `stretch_over_ms` before another speaker goes to the speaker
    before, so that no sentence falls between two turns, but only up to `stretch_cap_ms`:
    the indicator lags by less than two seconds, and longer pauses are real.
    With `first_only` one person speaks at a time: who spoke already goes on, else the
    smallest key begins. `end_ms` is the recording's length, if known: there a last
    entry with a speaker ends.
    """

    floor_ms: int = 500
    stretch_over_ms: int = 750
    stretch_cap_ms: int = 2000
    bridge_cap_ms: int = 5000
    first_only: bool = True
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of speech; one that is `open` goes on for an unknown time after `end_ms`."""

    speaker: Speaker
    start_ms: int
    end_ms: int
    open: bool = False


def smooth(turns: Iterable[Turn], options: ZoomOptions) -> list[Turn]:
    """Return the turns in order, joined, without noise, and stretched over short pauses."""
    ordered = sorted(turns, key=lambda turn: (turn.start_ms, turn.end_ms, turn.speaker.id))
    joined = _join(ordered, options.bridge_cap_ms)
    loud = [turn for turn in joined if turn.open or turn.end_ms - turn.start_ms > options.floor_ms]
    # What was removed may have stood between two halves of one turn.
    return _stretch(_join(loud, options.bridge_cap_ms), options)


def _join(turns: list[Turn], cap_ms: int) -> list[Turn]:
    joined: list[Turn] = []
    for turn in turns:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.speaker.id == turn.speaker.id
            and turn.start_ms - before.end_ms <= cap_ms
        ):
            joined[-1] = replace(before, end_ms=turn.end_ms, open=turn.open)
        else:
            joined.append(turn)
    return joined


def _stretch(turns: list[Turn], options: ZoomOptions) -> list[Turn]:
    stretched = list(turns)
    last = 0
    for place, turn in enumerate(turns):
        before = stretched[last]
        pause = turn.start_ms - before.end_ms
        if (
            before.speaker.id != turn.speaker.id
            and options.stretch_over_ms < pause <= options.stretch_cap_ms
        ):
            stretched[last] = replace(before, end_ms=turn.start_ms)
        if turn.end_ms >= stretched[last].end_ms:
            last = place
    return stretched
