"""The fixes that lint offers, and putting the right people in."""

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from conversations.speaker_events.pairing import unite
from conversations.speaker_events.problems import Code
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import Span, Speaker


def fix(
    source: Timeline | Sequence[Span], codes: Collection[str], *, duration_ms: int | None
) -> tuple[Span, ...]:
    """Return the spans of a timeline with the fixes of `codes` applied, in order of time.

    `unclosed` stops at the end of the recording what would otherwise stop at the last
    known moment; `beyond_end` cuts at the end what goes on past it; `after_end` leaves out
    what lies wholly after it; these need `duration_ms`. `overlap` leaves one speaker at a
    time. Other codes change nothing: see `FIXABLE`.
    """
    timeline = source if isinstance(source, Timeline) else Timeline.of_spans(source)
    spans = timeline.spans(duration_ms if Code.UNCLOSED in codes else None)
    if duration_ms is not None:
        spans = unite(_within(spans, codes, duration_ms))
    return _one_at_a_time(spans) if Code.OVERLAP in codes else spans


def _within(spans: Sequence[Span], codes: Collection[str], duration_ms: int) -> Iterator[Span]:
    for span in spans:
        if span.start_ms >= duration_ms:
            if Code.AFTER_END not in codes:
                yield span
        elif span.end_ms > duration_ms and Code.BEYOND_END in codes:
            yield replace(span, end_ms=duration_ms)
        else:
            yield span


def _one_at_a_time(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans of which no two overlap, covering the same time as before.

    Each moment goes to whoever started last among those speaking then; of two who
    started together, to the one who stops first. So no moment of speech is lost, and a
    short remark inside a long turn survives: the turn goes on behind it.
    """
    waiting = sorted(spans, key=lambda span: span.order, reverse=True)
    moments = sorted({moment for span in spans for moment in (span.start_ms, span.end_ms)})
    speaking: list[tuple[int, int, str, Span]] = []
    pieces: list[tuple[Span, Span]] = []
    for moment, after in pairwise(moments):
        while waiting and waiting[-1].start_ms == moment:
            span = waiting.pop()
            heapq.heappush(speaking, (-span.start_ms, span.end_ms, span.speaker.id, span))
        while speaking and speaking[0][3].end_ms <= moment:
            heapq.heappop(speaking)
        if not speaking:
            continue
        span = speaking[0][3]
        if pieces and pieces[-1][0] is span and pieces[-1][1].end_ms == moment:
            pieces[-1] = (span, replace(pieces[-1][1], end_ms=after))
        else:
            pieces.append((span, Span(span.speaker, moment, after)))
    return tuple(piece for _, piece in pieces)


def rename(spans: Sequence[Span], mapping: Mapping[str, Speaker]) -> tuple[Span, ...]:
    """Return the spans with the speakers whose id is in `mapping` replaced.

    Overlapping spans of two speakers who turn out to be one person are united.
    """
    return unite(
        replace(span, speaker=mapping.get(span.speaker.id, span.speaker)) for span in spans
    )
