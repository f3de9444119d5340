"""Speaker events: who speaks when, read, checked, repaired, applied and written.

Pure Python in integer milliseconds: it knows no Django, no rows and no API client.

    timeline = read(text, "zoom")                               # or rttm, vtt, csv, symbl
    problems = lint(timeline, duration_ms=..., people=...)      # what is wrong, in words
    spans = fix(timeline, {"overlap"}, duration_ms=...)         # the fixes a person chose
    spans = rename(spans, {"zoom id": member})                  # who is who
    attribute(lines, spans)                                     # the dry run
    symbl_document(spans)                                       # what is sent
"""

from conversations.speaker_events.attribution import Attribution, Line, attribute
from conversations.speaker_events.fixing import fix, rename
from conversations.speaker_events.formats import (
    FORMATS_IN,
    FORMATS_OUT,
    decode,
    detect_format,
    is_srt,
    read,
    write,
)
from conversations.speaker_events.formats.smoothing import ZoomOptions
from conversations.speaker_events.formats.symbl import symbl_document
from conversations.speaker_events.linting import find_person, lint
from conversations.speaker_events.pairing import Pairing, events_of, pair
from conversations.speaker_events.problems import FIXABLE, Code, Problem
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import BadInput, Event, EventType, Span, Speaker

__all__ = [
    "FIXABLE",
    "FORMATS_IN",
    "FORMATS_OUT",
    "Attribution",
    "BadInput",
    "Code",
    "Event",
    "EventType",
    "Line",
    "Pairing",
    "Problem",
    "Span",
    "Speaker",
    "Timeline",
    "ZoomOptions",
    "attribute",
    "decode",
    "detect_format",
    "events_of",
    "find_person",
    "fix",
    "is_srt",
    "lint",
    "pair",
    "read",
    "rename",
    "symbl_document",
    "write",
]
