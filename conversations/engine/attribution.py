"""Who said which line, from speaker events: pairing and attribution (contract 6.3, 6.4).

Plain arithmetic in milliseconds from the start of the conversation. Called by `speakers`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Event(NamedTuple):
    """Somebody starts or stops speaking; `user` alone tells people apart."""

    user: str
    starts: bool
    at_ms: int


class Span(NamedTuple):
    """One turn: `user` speaks from `start_ms` up to `end_ms`, which is later."""

    user: str
    start_ms: int
    end_ms: int


class Ignored(NamedTuple):
    """An event without effect: its place among the events, and why."""

    place: int
    reason: str


class Line(NamedTuple):
    """When a message begins and ends."""

    start_ms: int
    end_ms: int


TWICE = "starts somebody who is already speaking"
NO_START = "stops somebody who is not speaking"
NO_LENGTH = "starts a turn without length"
PAST_END = "starts a turn after the conversation's end that nothing stops"


def pair(events: Sequence[Event], *, end_ms: int) -> tuple[list[Span], list[Ignored]]:
    """Return the turns that the events stand for, in whatever order they come.

    They are taken by time, a stop before a start. Of two starts the earlier holds. A
    stop without a start and a turn without length count for nothing. A turn that is
    open at the end lasts until `end_ms`.
    """
    empty = _turns_without_length(events)
    ignored = [Ignored(index, NO_LENGTH) for index in empty]
    left_out = {*empty, *empty.values()}
    order = [index for index in range(len(events)) if index not in left_out]
    order.sort(key=lambda index: (events[index].at_ms, events[index].starts))
    spans: list[Span] = []
    started: dict[str, int] = {}
    for index in order:
        user, starts, at = events[index]
        if starts and user in started:
            ignored.append(Ignored(index, TWICE))
        elif starts:
            started[user] = index
        elif user in started:
            spans.append(Span(user, events[started.pop(user)].at_ms, at))
        else:
            ignored.append(Ignored(index, NO_START))
    for user, index in started.items():
        if events[index].at_ms < end_ms:
            spans.append(Span(user, events[index].at_ms, end_ms))
        else:
            ignored.append(Ignored(index, PAST_END))
    return spans, ignored


def _turns_without_length(events: Sequence[Event]) -> dict[int, int]:
    """Return each start whose user's very next event stops it at once, and that stop.

    Sorting would put the stop first and leave the start open to the end.
    """
    empty: dict[int, int] = {}
    before: dict[str, int] = {}
    for index, event in enumerate(events):
        start = before.pop(event.user, None)
        if start is not None and not event.starts and events[start].at_ms == event.at_ms:
            empty[start] = index
        elif event.starts:
            before[event.user] = index
    return empty


def attribute(lines: Sequence[Line], spans: Iterable[Span]) -> list[str | None]:
    """Return for each line the user who speaks most of it, None where nobody does.

    On a tie it is the one whose last turn in the line started later, then the one with
    the smaller id. The time taken grows with the lines and the turns that touch them.
    """
    waiting = sorted(spans, key=lambda span: span.start_ms)
    users: list[str | None] = [None] * len(lines)
    read = 0
    speaking: list[Span] = []
    for place in sorted(range(len(lines)), key=lambda place: lines[place]):
        line = lines[place]
        # Later lines start no earlier, so what has ended by now touches none of them.
        speaking = [span for span in speaking if span.end_ms > line.start_ms]
        while read < len(waiting) and waiting[read].start_ms < line.end_ms:
            speaking.append(waiting[read])
            read += 1
        users[place] = _most_heard(line, speaking)
    return users


def _most_heard(line: Line, spans: Iterable[Span]) -> str | None:
    heard: dict[str, tuple[int, int]] = {}
    for user, start, end in spans:
        overlap = min(end, line.end_ms) - max(start, line.start_ms)
        if overlap > 0:
            total, latest = heard.get(user, (0, start))
            heard[user] = (total + overlap, max(latest, start))
    if not heard:
        return None
    return min(heard, key=lambda user: (-heard[user][0], -heard[user][1], user))
