"""What can be wrong with a list of speaker events, in words, and what can be done about it."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.speaker_events.clock import clock
from conversations.speaker_events.types import Speaker


class Code(StrEnum):
    """The kinds of problem."""

    OVERLAP = "overlap"
    UNCLOSED = "unclosed"
    START_TWICE = "start_twice"
    STOP_BEFORE_START = "stop_before_start"
    NEGATIVE = "negative"
    ZERO = "zero"
    BEYOND_END = "beyond_end"
    AFTER_END = "after_end"
    UNKNOWN_PERSON = "unknown_person"
    NANOS_CARRY = "nanos_carry"
    OUT_OF_ORDER = "out_of_order"
    EMPTY = "empty"


FIXABLE = frozenset({Code.OVERLAP, Code.UNCLOSED, Code.BEYOND_END, Code.AFTER_END})
"""The codes whose fix is a choice, made with `fix`. All others cannot be sent as they are,
so their fix is part of every reading; an unknown person is settled with `rename`."""

_FIXES = {
    Code.OVERLAP: "Give it to the one who started later",
    Code.UNCLOSED: "Stop at the end of the recording",
    Code.START_TWICE: "Keep the earlier start",
    Code.STOP_BEFORE_START: "Leave it out",
    Code.NEGATIVE: "Cut at the start of the recording",
    Code.ZERO: "Leave it out",
    Code.BEYOND_END: "Cut at the end of the recording",
    Code.AFTER_END: "Leave out what lies after the end",
    Code.NANOS_CARRY: "Write them as seconds",
    Code.OUT_OF_ORDER: "Put them in order",
}

_SENTENCES = {
    Code.OVERLAP: "Two people speak at once from {at} to {until}, and the API expects one.",
    Code.UNCLOSED: "A start at {at} is never stopped, so it counts until {until}.",
    Code.START_TWICE: "A start at {at} comes while the same person is already speaking.",
    Code.STOP_BEFORE_START: "A stop at {at} has no start before it.",
    Code.NEGATIVE: "A turn begins before the recording does, at {at}.",
    Code.ZERO: "A turn at {at} has no length.",
    Code.BEYOND_END: "A turn goes on until {until}, past the end of the recording.",
    Code.AFTER_END: "A turn from {at} to {until} lies wholly after the end of the recording.",
    Code.UNKNOWN_PERSON: "This person is not one of the conversation's speakers.",
    Code.NANOS_CARRY: "At {at} there are 1,000,000,000 nanoseconds or more, read as seconds.",
    Code.OUT_OF_ORDER: "The entry at {at} comes after a later one.",
    Code.EMPTY: "Nobody speaks in it.",
}

_WITHOUT_AN_END = "A start at {at} is never stopped and nothing comes after it."
_BACKWARDS = "A turn that starts at {at} stops before that, at {until}."


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    `at_ms` and `until_ms` say where it lies, None where that means nothing. `index` is
    the place of the event (or turn, where the source lists turns) in the source, from 0,
    None where no single one is to blame. `other` is the second speaker of an overlap.
    """

    code: Code
    speaker: Speaker | None = None
    at_ms: int | None = None
    until_ms: int | None = None
    index: int | None = None
    other: Speaker | None = None

    @property
    def sentence(self) -> str:
        """One sentence for people. It names nobody: `speaker` and `other` do."""
        sentence = _SENTENCES[self.code]
        if self.code is Code.UNCLOSED and self.until_ms is None:
            sentence = _WITHOUT_AN_END
        elif self.code is Code.STOP_BEFORE_START and self.until_ms is not None:
            sentence = _BACKWARDS
        return sentence.format(
            at="" if self.at_ms is None else clock(self.at_ms),
            until="" if self.until_ms is None else clock(self.until_ms),
        )

    @property
    def fix(self) -> str | None:
        """The fix offered, as a label; None when a person has to decide."""
        return _FIXES.get(self.code)
