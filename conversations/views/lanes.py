"""Who speaks when, as a drawing: one lane a speaker on the time axis, and the axis itself.

Its size depends on the width, not on the turns: what is narrower than a pixel is joined.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from conversations.models import Member
from conversations.pipeline.speaker_changes import DryRun
from conversations.review.speakers import SHAPES, TONES, initials
from conversations.review.speakers import Speaker as Shown
from conversations.speaker_events import Span, Speaker

#: The drawing is this many units wide, about a pixel each on a wide screen.
WIDTH = 1200
HEIGHT = 10
MOST_LANES = 24
MOST_TICKS = 8
STEPS = tuple(
    seconds * 1000
    for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
)

Interval = tuple[int, int]
"""From when to when, in milliseconds."""


class Stroke(NamedTuple):
    """Stretches of one colour, as the path of an SVG; no tone stands for nobody."""

    tone: int | None
    path: str


class Lane(NamedTuple):
    """One speaker: the turns, how long and how many, and who has the lines in them now."""

    speaker: Speaker
    initials: str
    tone: int
    shape: int
    path: str
    owners: tuple[Stroke, ...]
    talk_ms: int
    turns: int
    lines: int


class Tick(NamedTuple):
    """A mark of the time axis: its place from 0 to 100, and the moment it stands for."""

    percent: str
    at_ms: int


def total_of(duration_ms: int, spans: Iterable[Span]) -> int:
    """Return the length of the axis: the conversation's, or up to the last turn if unknown."""
    return duration_ms or max((span.end_ms for span in spans), default=1)


def path_of(intervals: Iterable[Interval], total_ms: int) -> str:
    """Return the path that fills the intervals, each at least a unit wide, joined if they touch."""
    joined: list[list[int]] = []
    units = sorted(
        (start * WIDTH // total_ms, max(-(-end * WIDTH // total_ms), start * WIDTH // total_ms + 1))
        for start, end in intervals
        if start < total_ms
    )
    for left, right in units:
        if joined and left <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], right)
        else:
            joined.append([left, right])
    return "".join(f"M{left} 0H{min(right, WIDTH)}V{HEIGHT}H{left}z" for left, right in joined)


def ticks(total_ms: int) -> list[Tick]:
    """Return the marks of the axis, at round times and never more than eight."""
    # A day and more is cut into eighths of whole longest steps.
    longest = STEPS[-1] * max(1, -(-total_ms // (MOST_TICKS * STEPS[-1])))
    step = next((step for step in STEPS if total_ms <= step * MOST_TICKS), longest)
    return [Tick(f"{at * 100 / total_ms:.3f}", at) for at in range(0, total_ms, step)]


def lanes(
    spans: Sequence[Span],
    dry_run: DryRun,
    total_ms: int,
    shown: Sequence[Shown],
    likely: Mapping[str, Member],
) -> list[Lane]:
    """Return the lanes, who talks longest first.

    Members have the colours of the rest of the product, and so has who is `likely` one of
    them; everybody else has the next ones.
    """
    looks = {one.member.remote_id: (one.tone, one.shape) for one in shown}
    looks |= {key: looks[one.remote_id] for key, one in likely.items() if one.remote_id in looks}
    tones = {one.member.pk: one.tone for one in shown}
    by_speaker: defaultdict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_speaker[span.speaker.id].append(span)
    owners = _owners(dry_run, tones)
    strangers = [key for key in by_speaker if key not in looks]
    for place, key in enumerate(strangers, len(shown)):
        looks[key] = (place % TONES, place % SHAPES)
    found = [
        _lane(turns, looks[key], owners.get(key, {}), total_ms) for key, turns in by_speaker.items()
    ]
    return sorted(found, key=lambda lane: -lane.talk_ms)


def _lane(
    turns: Sequence[Span],
    look: tuple[int, int],
    owners: Mapping[int | None, list[Interval]],
    total_ms: int,
) -> Lane:
    speaker = turns[0].speaker
    return Lane(
        speaker=speaker,
        initials=initials(speaker.label),
        tone=look[0],
        shape=look[1],
        path=path_of(((turn.start_ms, turn.end_ms) for turn in turns), total_ms),
        owners=tuple(
            Stroke(tone, path_of(intervals, total_ms)) for tone, intervals in owners.items()
        ),
        talk_ms=sum(turn.end_ms - turn.start_ms for turn in turns),
        turns=len(turns),
        lines=sum(map(len, owners.values())),
    )


def _owners(
    dry_run: DryRun, tones: Mapping[int, int]
) -> dict[str, dict[int | None, list[Interval]]]:
    """Return the lines that each speaker would have, by the colour of who has them now."""
    found: dict[str, dict[int | None, list[Interval]]] = {}
    for row, attribution in zip(dry_run.rows, dry_run.attributions, strict=True):
        if attribution.speaker is not None:
            tone = _tone(row.owner, tones)
            strokes = found.setdefault(attribution.speaker.id, {})
            strokes.setdefault(tone, []).append((row.start_ms, row.end_ms))
    return found


def _tone(owner: Member | None, tones: Mapping[int, int]) -> int | None:
    return tones.get(owner.pk) if owner else None
