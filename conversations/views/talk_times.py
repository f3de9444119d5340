"""The analytics of a conversation for its panel: a table, figures about the whole, and drawings.

Called by the view of the panels. A drawing says nothing that the table does not say too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conversations.pipeline.reports import Analytics, Metric
from conversations.review.panels import Measured, People, TalkRow, talk_rows
from conversations.review.speakers import Speaker
from conversations.templatetags.dashboard import duration

#: How long the longest bar is, in the drawing's own units.
LONGEST = 100
#: No figure is larger: in seconds these are thirty years.
MOST = 1e9
SILENCE = "total_silence"
OVERLAP = "total_overlap"
METRICS = {"total_talk_time": "Talk", SILENCE: "Silence", OVERLAP: "Several at once"}


class Bar(NamedTuple):
    """One bar of a drawing; `mark` stands for whom nobody knows."""

    speaker: Speaker | None
    mark: str
    length: int
    value: str


class Figure(NamedTuple):
    """A figure about the whole conversation."""

    name: str
    talk_ms: int
    percent: float


@dataclass(frozen=True)
class Times:
    """Who talked how long and how fast."""

    rows: Sequence[TalkRow]
    figures: Sequence[Figure]
    talk: Sequence[Bar]
    pace: Sequence[Bar]


def talk_times(analytics: Analytics, people: People) -> Times | None:
    """Return what the panel shows; None if nobody was measured."""
    rows = talk_rows(
        Measured(
            people.by_remote_id(talk.member),
            _counted(talk.talk_seconds),
            _counted(talk.words_per_minute or 0) or None,
        )
        for talk in analytics.members
    )
    if not rows:
        return None
    told = {metric.type: metric for metric in analytics.metrics}
    figures = {kind: _figure(name, told[kind]) for kind, name in METRICS.items() if kind in told}
    if OVERLAP in figures and not figures[OVERLAP].talk_ms:
        del figures[OVERLAP]
    return Times(
        rows=rows,
        figures=tuple(figures.values()),
        talk=_talk_bars(rows, figures.get(SILENCE)),
        pace=_pace_bars(rows),
    )


def _figure(name: str, metric: Metric) -> Figure:
    return Figure(name, round(_counted(metric.seconds) * 1000), _counted(metric.percent))


def _counted(figure: float) -> float:
    """Return a figure as it was kept, 0 for one that nobody can have measured."""
    return figure if 0 <= figure <= MOST else 0.0


def _talk_bars(rows: Sequence[TalkRow], silence: Figure | None) -> tuple[Bar, ...]:
    silent_ms = silence.talk_ms if silence else 0
    longest = max(silent_ms, *(row.talk_ms for row in rows))
    drawn = [_bar(row, row.talk_ms, longest, duration(row.talk_ms) or "0 s") for row in rows]
    if silent_ms:
        drawn.append(Bar(None, "", _length(silent_ms, longest), f"{duration(silent_ms)} silence"))
    return tuple(drawn)


def _pace_bars(rows: Sequence[TalkRow]) -> tuple[Bar, ...]:
    known = [(row, row.words_per_minute) for row in rows if row.words_per_minute]
    longest = max((pace for _, pace in known), default=0)
    return tuple(_bar(row, pace, longest, str(pace)) for row, pace in known)


def _bar(row: TalkRow, amount: int, longest: int, value: str) -> Bar:
    speaker = row.who.speaker if row.who else None
    return Bar(speaker, "" if speaker else "?", _length(amount, longest), value)


def _length(amount: int, longest: int) -> int:
    """Return how long a bar is; only nothing has no length."""
    return max(round(LONGEST * amount / longest), 1) if amount else 0
