"""Rich Transcription Time Marked files, as diarization tools write them.

One line a turn, ten fields apart by white space: `SPEAKER file channel start duration
orthography subtype name confidence lookahead`, times in seconds. The name is all that a
line says of the speaker. What would break a line is written in percent escapes.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote

from conversations.speaker_events.clock import in_seconds, parse_signed_clock
from conversations.speaker_events.formats.labels import labels_of, lines_of
from conversations.speaker_events.pairing import unite
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import BadInput, Span, Speaker, at_most

_NOTHING = {"<NA>", "NA"}
_BREAKS_A_LINE = re.compile(r"[\s%]|^NA$|^<NA>$")


def read_rttm(text: str, most: int | None = None) -> Timeline:
    """Return the turns of the SPEAKER lines; other lines mark something else.

    The tenth field may be missing: older files do not have it. Raises BadInput, also for
    a text of which no line is a SPEAKER line, and for more than `most` turns.
    """
    return Timeline.of_spans(at_most(most, _spans(text)))


def _spans(text: str) -> Iterator[Span]:
    is_rttm = not text.strip("\ufeff \t\r\n")
    for number, line in enumerate(lines_of(text), 1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        is_rttm = True
        if len(fields) not in {9, 10}:
            raise BadInput(f"A SPEAKER line has 10 fields, this has {len(fields)}.", line=number)
        start, duration = parse_signed_clock(fields[3]), parse_signed_clock(fields[4])
        if start is None or duration is None:
            raise BadInput("Start and duration are seconds, such as 12.5.", line=number)
        if fields[7] in _NOTHING:
            raise BadInput("The eighth field has to name the speaker.", line=number)
        name = unquote(fields[7])
        yield Span(Speaker(name, name), start, start + duration)
    if not is_rttm:
        raise BadInput("No line begins with SPEAKER, as the turns in RTTM do.")


def write_rttm(spans: Sequence[Span]) -> str:
    """Return one SPEAKER line a span."""
    labels = labels_of(spans)
    return "".join(
        f"SPEAKER recording 1 {in_seconds(span.start_ms)} "
        f"{in_seconds(span.end_ms - span.start_ms)} <NA> <NA> "
        f"{_escaped(labels[span.speaker.id])} <NA> <NA>\n"
        for span in unite(spans)
    )


def _escaped(name: str) -> str:
    return _BREAKS_A_LINE.sub(lambda match: _percent(match[0]), name)


def _percent(text: str) -> str:
    """Return `text` in percent escapes, letters included: quote leaves those alone."""
    return "".join(f"%{ord(char):02X}" if char.isalpha() else quote(char) for char in text)
