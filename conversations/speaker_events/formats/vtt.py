"""WebVTT cues whose voice tags, such as `<v Anna>`, say who speaks."""

import html
import re
from collections.abc import Iterator, Sequence

from conversations.speaker_events.clock import clock, parse_clock
from conversations.speaker_events.formats.labels import labels_of, lines_of
from conversations.speaker_events.pairing import unite
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import BadInput, Span, Speaker, at_most

_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
# Neither part runs past the next `<`, nor takes what the other could: a text made for it
# would otherwise take hours.
_VOICE = re.compile(r"<v(?:\.[^ \t\n<>]*)?[ \t\n]([^<>]*)>")
_WHITE_SPACE = re.compile(r"[ \t\n\r\f]+")
_UNSAFE = re.compile(r"[&<>\t\n\r\f]|^ | $|(?<= ) ")

Block = tuple[int, list[str]]
"""The number of a block's first line, and its lines."""


def read_vtt(text: str, most: int | None = None) -> Timeline:
    """Return one turn for each voice of each cue, as long as the cue.

    Raises BadInput, also for a file with cues of which none names a voice, and for more
    than `most` turns.
    """
    return Timeline.of_spans(at_most(most, _spans(text)))


def _spans(text: str) -> Iterator[Span]:
    lines = lines_of(text)
    if not _HEADER.fullmatch(lines[0]):
        raise BadInput("A WebVTT file begins with the line WEBVTT.", line=1)
    cues, is_voiced = 0, False
    for number, block in _blocks(lines):
        place = next((place for place, line in enumerate(block[:2]) if "-->" in line), None)
        if place is None or _NO_CUE.fullmatch(block[0]):
            continue
        cues += 1
        start, end = _times(block[place], number + place)
        voices = _voices("\n".join(block[place + 1 :]), number + place)
        is_voiced = is_voiced or bool(voices)
        yield from (Span(voice, start, end) for voice in voices)
    if cues and not is_voiced:
        raise BadInput("No cue says who speaks with a voice tag, such as <v Anna>.")


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Yield what blank lines set apart."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line:
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _times(line: str, number: int) -> tuple[int, int]:
    before, _, after = line.partition("-->")
    # Behind the end may stand settings, such as `align:start`.
    end_and_settings = after.split(maxsplit=1)
    start = parse_clock(before)
    end = parse_clock(end_and_settings[0]) if end_and_settings else None
    if start is None or end is None:
        raise BadInput("A cue has times such as 00:01.000 --> 00:02.500.", line=number)
    return start, end


def _voices(text: str, number: int) -> dict[Speaker, None]:
    """Return the voices in a cue's text, each once, in order; `number` is the cue's line."""
    raw = (_WHITE_SPACE.sub(" ", name).strip(" ") for name in _VOICE.findall(text))
    try:
        names = [html.unescape(name) for name in raw]
    except ValueError:
        raise BadInput(
            "A voice has a character reference with too many digits.", line=number
        ) from None
    return {Speaker(name, name): None for name in names if name}


def write_vtt(spans: Sequence[Span]) -> str:
    """Return one cue a span: its voice is the speaker's name, its text is empty."""
    labels = {key: _UNSAFE.sub(_escape, label) for key, label in labels_of(spans).items()}
    cues = (
        f"\n{clock(span.start_ms)} --> {clock(span.end_ms)}\n<v {labels[span.speaker.id]}></v>\n"
        for span in unite(spans)
    )
    return "".join(["WEBVTT\n", *cues])


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return f"&#{ord(char)};" if char.isspace() else html.escape(char)
