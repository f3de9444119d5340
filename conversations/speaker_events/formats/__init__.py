"""The formats that speaker events come in and go out in, by name."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath

from conversations.speaker_events.formats.csv import header_of, read_csv, write_csv
from conversations.speaker_events.formats.entries import parse_json
from conversations.speaker_events.formats.rttm import read_rttm, write_rttm
from conversations.speaker_events.formats.smoothing import ZoomOptions
from conversations.speaker_events.formats.symbl import read_symbl, write_symbl
from conversations.speaker_events.formats.vtt import read_vtt, write_vtt
from conversations.speaker_events.formats.zoom import read_zoom
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import BadInput, Span

FORMATS_IN = ("zoom", "rttm", "vtt", "csv", "symbl")
FORMATS_OUT = ("symbl", "rttm", "vtt", "csv")

#: A cue's number and its times, with a comma where WebVTT has a point.
_SRT = re.compile(r"\ufeff?\s*\d{1,9}[ \t]*\r?\n[ \t]*\d{1,3}:\d\d:\d\d,\d{1,3}[ \t]*-->", re.ASCII)
_READERS: Mapping[str, Callable[[str, int | None], Timeline]] = {
    "rttm": read_rttm,
    "vtt": read_vtt,
    "csv": read_csv,
    "symbl": read_symbl,
}
_WRITERS: Mapping[str, Callable[[Sequence[Span]], str]] = {
    "symbl": write_symbl,
    "rttm": write_rttm,
    "vtt": write_vtt,
    "csv": write_csv,
}


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark.

    Raises BadInput.
    """
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("This is not text in UTF-8 or UTF-16.") from None


def read(
    text: str, format: str, *, options: ZoomOptions | None = None, most: int | None = None
) -> Timeline:
    """Return what `text` says in one of FORMATS_IN; `options` are for zoom.

    Raises BadInput for a text that cannot be read or that lists more than `most` turns or
    events, KeyError for an unknown format. The samples of zoom are not turns yet, and not
    counted.
    """
    return read_zoom(text, options) if format == "zoom" else _READERS[format](text, most)


def write(spans: Sequence[Span], format: str) -> str:
    """Return spans in one of FORMATS_OUT. Raises KeyError for another.

    symbl and csv carry ids, names and e-mails; rttm and vtt carry one name for each
    speaker. Overlapping spans of one speaker are united.
    """
    return _WRITERS[format](spans)


def is_srt(text: str) -> bool:
    """Return True for subtitles in SRT, which have no place for who speaks."""
    return _SRT.match(text) is not None


def detect_format(text: str, file_name: str) -> str | None:
    """Return which of FORMATS_IN a file looks like, None when it is none or could be two.

    What is in it decides; the ending of its name only where that says nothing.
    """
    content = text.removeprefix("\ufeff")
    if content.lstrip().startswith(("{", "[")):
        return _json_format(content)
    if content.startswith("WEBVTT"):
        return "vtt"
    if header_of(content):
        return "csv"
    if any(line.split(maxsplit=1)[:1] == ["SPEAKER"] for line in content.splitlines()):
        return "rttm"
    ending = PurePath(file_name).suffix.lower().removeprefix(".")
    return ending if ending in {"rttm", "vtt", "csv"} else None


def _json_format(content: str) -> str | None:
    try:
        document = parse_json(content)
    except BadInput:
        return None
    if isinstance(document, list):
        document = document[0] if document else None
    if isinstance(document, dict):
        if "speakerEvents" in document or "offset" in document:
            return "symbl"
        if "timeline" in document or "ts" in document:
            return "zoom"
    return None
