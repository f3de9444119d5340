"""Which speaker each line of a transcript gets from the spans: the rule of contract 6.4."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversations.speaker_events.pairing import unite
from conversations.speaker_events.types import Span, Speaker


@dataclass(frozen=True, slots=True)
class Line:
    """A message: its times from the start of the recording, and the speaker it has now."""

    id: int | str
    start_ms: int
    end_ms: int
    speaker_id: str | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who a line goes to, None to leave it as it is, and how long they speak in it."""

    line_id: int | str
    speaker: Speaker | None
    overlap_ms: int
    changed: bool
    """Whether this is another speaker than the line has now."""


def attribute(messages: Sequence[Line], spans: Sequence[Span]) -> tuple[Attribution, ...]:
    """Return who each message goes to, in the order of `messages`.

    A message goes to the speaker with the largest total overlap; on a tie to the one
    whose last turn in it started later, then to the smaller id. Without any overlap it
    stays as it is. Takes time in proportion to the messages and the spans they touch.
    """
    ordered = unite(spans)
    starts = [span.start_ms for span in ordered]
    results: dict[int, Attribution] = {}
    going_on: list[Span] = []
    read = 0
    for place in sorted(range(len(messages)), key=lambda place: messages[place].start_ms):
        line = messages[place]
        begun = bisect_right(starts, line.start_ms, lo=read)
        going_on = [
            span for span in (*going_on, *ordered[read:begun]) if span.end_ms > line.start_ms
        ]
        read = begun
        inside = ordered[begun : bisect_left(starts, line.end_ms, lo=begun)]
        results[place] = _attribute(line, (*going_on, *inside))
    return tuple(results[place] for place in range(len(messages)))


def _attribute(line: Line, spans: Iterable[Span]) -> Attribution:
    totals: dict[str, tuple[int, int, Speaker]] = {}
    for span in spans:
        overlap = min(span.end_ms, line.end_ms) - max(span.start_ms, line.start_ms)
        if overlap > 0:
            total, start, speaker = totals.get(span.speaker.id, (0, span.start_ms, span.speaker))
            totals[span.speaker.id] = (total + overlap, max(start, span.start_ms), speaker)
    if not totals:
        return Attribution(line.id, None, 0, changed=False)
    overlap, _, speaker = min(
        totals.values(), key=lambda entry: (-entry[0], -entry[1], entry[2].id)
    )
    return Attribution(line.id, speaker, overlap, changed=speaker.id != line.speaker_id)
