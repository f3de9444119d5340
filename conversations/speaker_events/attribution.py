"""Which speaker each line of a transcript gets from the spans: the rule of contract 6.4."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from conversations.speaker_events.pairing import unite
from conversations.speaker_events.types import Span, Speaker

_start = attrgetter("start_ms")
_end = attrgetter("end_ms")


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
    stays as it is. Takes time in proportion to the messages and to the spans that start
    or end within each; spans that only cover a message cost nothing.
    """
    talk = _Talk(unite(spans))
    results: dict[int, Attribution] = {}
    for place in sorted(range(len(messages)), key=lambda place: messages[place].start_ms):
        line = messages[place]
        results[place] = _attribute(line, talk.deciding(line))
    return tuple(results[place] for place in range(len(messages)))


class _Talk:
    """United spans, to be asked about lines in the order in which they start."""

    def __init__(self, spans: Iterable[Span]) -> None:
        # Of spans that start together, the one with the smallest id comes last.
        by_id = sorted(spans, key=lambda span: span.speaker.id, reverse=True)
        self._by_start = sorted(by_id, key=_start)
        self._by_end = sorted(by_id, key=_end)
        self._read = 0
        self._going_on: list[Span] = []

    def deciding(self, line: Line) -> Iterator[Span]:
        """Yield the spans that decide whose the line is.

        Of the speakers who speak all through it only the one who started last can win;
        the spans of everybody else who is heard start or end within it.
        """
        begun = bisect_right(self._by_start, line.start_ms, lo=self._read, key=_start)
        for span in self._by_start[self._read : begun]:
            while self._going_on and self._going_on[-1].end_ms <= span.end_ms:
                self._going_on.pop()
            self._going_on.append(span)
        self._read = begun
        yield from self._by_start[begun : bisect_left(self._by_start, line.end_ms, key=_start)]
        first = bisect_right(self._by_end, line.start_ms, key=_end)
        for span in self._by_end[first : bisect_left(self._by_end, line.end_ms, key=_end)]:
            if span.start_ms <= line.start_ms:
                yield span
        # Their ends fall from the first to the last.
        covering = bisect_right(self._going_on, -line.end_ms, key=lambda span: -span.end_ms)
        yield from self._going_on[max(0, covering - 1) : covering]


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
