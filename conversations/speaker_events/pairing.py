"""Events into spans and back, by the rules of contract 6.3."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conversations.speaker_events.problems import Code, Problem
from conversations.speaker_events.types import Event, EventType, Span

Moment = tuple[int, Event]
"""An event with its place in the source."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The spans that events make, in order, and what had to be settled to make them."""

    spans: tuple[Span, ...]
    problems: tuple[Problem, ...]


def pair(events: Iterable[Event], *, end_ms: int | None = None) -> Pairing:
    """Return the spans that `events`, in any order, stand for.

    Events are sorted by offset, a stop before a start. A start while the speaker is
    already speaking is ignored, a stop without a start too. What is open at the end is
    closed at `end_ms`, or at the last event without it. What lies before the recording
    is cut off, and what then has no length is left out. Each of these is a problem of
    the result. Speakers are told apart by id; a span carries the speaker of its start.
    """
    moments, problems = _without_zero_turns(events)
    spans: list[Span] = []
    started: dict[str, Moment] = {}
    for index, event in sorted(moments, key=lambda moment: moment[1].order):
        speaker, at = event.speaker, event.offset_ms
        if event.type is EventType.STARTED:
            if speaker.id in started:
                problems.append(Problem(Code.START_TWICE, speaker, at, index=index))
            else:
                started[speaker.id] = (index, event)
        elif speaker.id in started:
            _, start = started.pop(speaker.id)
            spans.append(Span(start.speaker, start.offset_ms, at))
        else:
            problems.append(Problem(Code.STOP_BEFORE_START, speaker, at, index=index))
    if started:
        last = max(event.offset_ms for _, event in moments)
        closed, unclosed = _close(started.values(), last if end_ms is None else end_ms)
        spans += closed
        problems += unclosed
    kept, negative = _from_the_start_on(spans)
    return Pairing(tuple(sorted(kept, key=lambda span: span.order)), (*problems, *negative))


def _without_zero_turns(events: Iterable[Event]) -> tuple[list[Moment], list[Problem]]:
    """Take out each start that its speaker's very next event stops at the same offset.

    Sorting puts the stop first, which would leave the start open to the end.
    """
    moments: dict[int, Event] = {}
    problems: list[Problem] = []
    previous: dict[str, Moment] = {}
    for index, event in enumerate(events):
        before = previous.pop(event.speaker.id, None)
        if (
            before is not None
            and (before[1].type, event.type) == (EventType.STARTED, EventType.STOPPED)
            and before[1].offset_ms == event.offset_ms
        ):
            del moments[before[0]]
            problems.append(Problem(Code.ZERO, event.speaker, event.offset_ms, index=before[0]))
            continue
        moments[index] = event
        previous[event.speaker.id] = (index, event)
    return list(moments.items()), problems


def _close(started: Iterable[Moment], end_ms: int) -> tuple[list[Span], list[Problem]]:
    spans: list[Span] = []
    problems: list[Problem] = []
    for index, event in started:
        start = event.offset_ms
        until = end_ms if end_ms > start else None
        problems.append(Problem(Code.UNCLOSED, event.speaker, start, until, index))
        if until is not None:
            spans.append(Span(event.speaker, start, until))
    return spans, problems


def _from_the_start_on(spans: Iterable[Span]) -> tuple[list[Span], list[Problem]]:
    kept: list[Span] = []
    problems: list[Problem] = []
    for span in spans:
        if span.start_ms < 0:
            problems.append(Problem(Code.NEGATIVE, span.speaker, span.start_ms, span.end_ms))
        if span.end_ms > 0:
            kept.append(span if span.start_ms >= 0 else replace(span, start_ms=0))
    return kept, problems


def unite(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, with each speaker's overlapping ones made into one.

    Spans that only touch stay two. Speakers are told apart by id; spans without a
    length are left out.
    """
    united: list[Span] = []
    last: dict[str, int] = {}
    for span in sorted(spans, key=lambda span: span.order):
        if span.end_ms <= span.start_ms:
            continue
        place = last.get(span.speaker.id)
        if place is not None and span.start_ms < united[place].end_ms:
            end = max(united[place].end_ms, span.end_ms)
            united[place] = replace(united[place], end_ms=end)
        else:
            last[span.speaker.id] = len(united)
            united.append(span)
    return tuple(sorted(united, key=lambda span: span.order))


def events_of(spans: Sequence[Span]) -> tuple[Event, ...]:
    """Return the events of `spans` in the order of contract 6.3.

    A speaker's overlapping spans are united first, because the API knows only one open
    turn a speaker: `pair(events_of(spans)).spans == unite(spans)` for spans from 0 on.
    """
    events: list[Event] = []
    for span in unite(spans):
        events.append(Event(EventType.STARTED, span.speaker, span.start_ms))
        events.append(Event(EventType.STOPPED, span.speaker, span.end_ms))
    return tuple(sorted(events, key=lambda event: event.order))
