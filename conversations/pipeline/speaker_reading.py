"""Taking in what a text says of who speaks when: which format it is, and how much is too much."""

from dataclasses import replace

from conversations.pipeline.plan import EMAIL_LENGTH, NAME_LENGTH, clean
from conversations.speaker_events import (
    BadInput,
    Problem,
    Speaker,
    Timeline,
    ZoomOptions,
    detect_format,
    is_srt,
    read,
)

MAX_BYTES = 20 * 1024 * 1024
MAX_EVENTS = 50_000
MAX_SPEAKERS = 200
MAX_ID = 200


class UnknownFormat(Exception):
    """The text looks like none of the formats, or like two of them."""


class NotTaken(Exception):
    """The text is subtitles in SRT: no turn in it has a speaker."""


class AnotherFormat(Exception):
    """The text is not of the format that was chosen for it: it looks like `found`."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def read_events(
    text: str, *, format: str, file_name: str, options: ZoomOptions, shift_ms: int = 0
) -> tuple[str, Timeline]:
    """Return the format and what the text says, later by `shift_ms`.

    An empty `format` is found out. Raises UnknownFormat, AnotherFormat, NotTaken, or
    BadInput also for what is more than one conversation can hold.
    """
    found = format or detect_format(text, file_name)
    if found is None:
        raise NotTaken if is_srt(text) else UnknownFormat
    try:
        timeline = read(text, found, options=options, most=MAX_EVENTS)
    except BadInput:
        if is_srt(text):
            raise NotTaken from None
        looks_like = detect_format(text, "")
        if looks_like is not None and looks_like != found:
            raise AnotherFormat(looks_like) from None
        raise
    if len(timeline.events) > MAX_EVENTS:
        raise BadInput(
            f"These are {len(timeline.events):,} events; {MAX_EVENTS:,} are the most at once."
        )
    speakers = {event.speaker.id: event.speaker for event in timeline.events}
    if len(speakers) > MAX_SPEAKERS:
        raise BadInput(f"{len(speakers):,} people speak here; {MAX_SPEAKERS} are the most.")
    return found, _moved(timeline, shift_ms)


def _moved(timeline: Timeline, shift_ms: int) -> Timeline:
    """Return the timeline `shift_ms` later, with texts that every database stores."""
    kept = _storable(timeline)

    def moved(problem: Problem) -> Problem:
        at, until = problem.at_ms, problem.until_ms
        return replace(
            problem,
            speaker=kept[problem.speaker.id] if problem.speaker else None,
            at_ms=None if at is None else at + shift_ms,
            until_ms=None if until is None else until + shift_ms,
        )

    events = (
        replace(event, speaker=kept[event.speaker.id], offset_ms=event.offset_ms + shift_ms)
        for event in timeline.events
    )
    until = timeline.until_ms
    return Timeline.of_events(
        tuple(events),
        remarks=map(moved, timeline.remarks),
        until_ms=None if until is None else until + shift_ms,
    )


def _storable(timeline: Timeline) -> dict[str, Speaker]:
    """Return the source's speakers by its ids, as they are kept.

    Raises BadInput where that would make one speaker of two, or nobody of one.
    """
    remarked = (one.speaker for one in timeline.remarks if one.speaker)
    there = {one.id: one for one in (*remarked, *(event.speaker for event in timeline.events))}
    kept = {
        key: Speaker(clean(key), clean(one.name)[:NAME_LENGTH], clean(one.email)[:EMAIL_LENGTH])
        for key, one in there.items()
    }
    ids = {one.id for one in kept.values()}
    if "" in ids:
        raise BadInput("The id of a speaker has only characters that cannot be stored.")
    if len(ids) < len(kept):
        raise BadInput("The ids of two speakers differ only in characters that cannot be stored.")
    if any(len(identifier) > MAX_ID for identifier in ids):
        raise BadInput(f"The id of a speaker is longer than {MAX_ID} characters.")
    return kept
