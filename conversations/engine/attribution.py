"""Who said which line, from speaker events: pairing and attribution (contract 6.3, 6.4).

Plain arithmetic in milliseconds from the start of the conversation. Called by `speakers`.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
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


class Stretch(NamedTuple):
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


def attribute(lines: Sequence[Stretch], spans: Iterable[Span]) -> list[str | None]:
    """Return for each line the user who speaks most of it, None where nobody does.

    On a tie it is the one whose last turn in the line started later, then the one with
    the smaller id. A user's turns must not overlap, as those of `pair` do not.
    Each line costs the turns that start or stop within it, or the users if they are fewer;
    turns that only span it cost nothing.
    """
    talk = _Talk(spans)
    users: list[str | None] = [None] * len(lines)
    for place in sorted(range(len(lines)), key=lambda place: lines[place]):
        users[place] = talk.most_heard(lines[place])
    return users


class _Turns:
    """One user's turns, added in order."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._spoken = [0]

    def add(self, span: Span) -> None:
        self._starts.append(span.start_ms)
        self._ends.append(span.end_ms)
        self._spoken.append(self._spoken[-1] + span.end_ms - span.start_ms)

    def heard(self, line: Stretch) -> int:
        return self._before(line.end_ms) - self._before(line.start_ms)

    def last_start(self, line: Stretch) -> int:
        """Return when the last turn in a line in which the user is heard started."""
        return self._starts[bisect_left(self._starts, line.end_ms) - 1]

    def _before(self, at_ms: int) -> int:
        """Return for how long the user has spoken up to a moment."""
        begun = bisect_left(self._starts, at_ms)
        return self._spoken[begun] - max(0, self._ends[begun - 1] - at_ms) if begun else 0


class _Talk:
    """Everybody's turns, to be asked for lines in the order in which they start."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._turns: defaultdict[str, _Turns] = defaultdict(_Turns)
        # Of turns that start together, the one with the smallest id comes last.
        by_user = sorted(spans, key=lambda span: span.user, reverse=True)
        self._by_start = sorted(by_user, key=lambda span: span.start_ms)
        self._by_end = sorted(by_user, key=lambda span: span.end_ms)
        for span in self._by_start:
            self._turns[span.user].add(span)
        self._read = 0
        self._going_on: list[Span] = []

    def most_heard(self, line: Stretch) -> str | None:
        self._read_to(line.start_ms)
        best: tuple[int, int, str] | None = None
        for user in self._candidates(line):
            turns = self._turns[user]
            if heard := turns.heard(line):
                rank = (-heard, -turns.last_start(line), user)
                best = rank if best is None else min(best, rank)
        return best[2] if best else None

    def _read_to(self, at_ms: int) -> None:
        """Note the turns that have started: only those that no later one outlasts can matter."""
        while self._read < len(self._by_start) and self._by_start[self._read].start_ms <= at_ms:
            span = self._by_start[self._read]
            while self._going_on and self._going_on[-1].end_ms <= span.end_ms:
                self._going_on.pop()
            self._going_on.append(span)
            self._read += 1

    def _candidates(self, line: Stretch) -> Collection[str]:
        """Return who can be the most heard: of those who speak all through a line, only one.

        It is the one who started last. Everybody else who is heard starts or stops within it.
        """
        starting = _between(self._by_start, line.start_ms, line.end_ms, _start)
        stopping = _between(self._by_end, line.start_ms + 1, line.end_ms + 1, _end)
        if len(starting) + len(stopping) >= len(self._turns):
            return self._turns
        users = {self._by_start[place].user for place in starting}
        users.update(self._by_end[place].user for place in stopping)
        # Their ends fall from the first to the last.
        spanning = bisect_right(self._going_on, -line.end_ms, key=lambda span: -span.end_ms)
        if spanning:
            users.add(self._going_on[spanning - 1].user)
        return users


_start = attrgetter("start_ms")
_end = attrgetter("end_ms")


def _between(spans: Sequence[Span], first: int, stop: int, moment: Callable[[Span], int]) -> range:
    """Return the places of the sorted spans whose moment lies from `first` up to `stop`."""
    begin = bisect_left(spans, first, key=moment)
    return range(begin, bisect_left(spans, stop, lo=begin, key=moment))
