"""The unit of work between readers, lint and writers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from conversations.speaker_events.pairing import Pairing, events_of, pair
from conversations.speaker_events.problems import Code, Problem
from conversations.speaker_events.types import Event, Span, one_speaker_per_id


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a source says: its events in the source's order, not yet checked.

    `remarks` are the problems that only the reader could see; it has settled them.
    `until_ms` is the last moment the source speaks of, where that is not an event.
    """

    events: tuple[Event, ...]
    remarks: tuple[Problem, ...] = ()
    until_ms: int | None = None

    def pairing(self, end_ms: int | None = None) -> Pairing:
        """Return what `pair` makes of the events; `end_ms` is the recording's length if known."""
        return pair(self.events, end_ms=self.until_ms if end_ms is None else end_ms)

    def spans(self, end_ms: int | None = None) -> tuple[Span, ...]:
        """Return the spans; `end_ms` is the recording's length if known."""
        return self.pairing(end_ms).spans

    @classmethod
    def of_events(
        cls,
        events: Sequence[Event],
        *,
        remarks: Iterable[Problem] = (),
        until_ms: int | None = None,
    ) -> Self:
        """Return a timeline in which all events of an id carry the same speaker."""
        speakers = one_speaker_per_id(event.speaker for event in events)
        return cls(
            tuple(
                event
                if event.speaker == speakers[event.speaker.id]
                else replace(event, speaker=speakers[event.speaker.id])
                for event in events
            ),
            tuple(remarks),
            until_ms,
        )

    @classmethod
    def of_spans(cls, spans: Iterable[Span]) -> Self:
        """Return a timeline of turns as a source lists them.

        Turns that stop at their start or before it become remarks.
        """
        turns: list[Span] = []
        remarks: list[Problem] = []
        for index, span in enumerate(spans):
            if span.end_ms > span.start_ms:
                turns.append(span)
            elif span.end_ms == span.start_ms:
                remarks.append(Problem(Code.ZERO, span.speaker, span.start_ms, index=index))
            else:
                remarks.append(
                    Problem(Code.STOP_BEFORE_START, span.speaker, span.start_ms, span.end_ms, index)
                )
        return cls.of_events(events_of(turns), remarks=remarks)
