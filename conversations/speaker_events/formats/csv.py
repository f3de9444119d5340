"""Comma-separated turns: `start,end,speaker,email,id`, for a spreadsheet and back."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from conversations.speaker_events.clock import in_seconds, parse_signed_clock
from conversations.speaker_events.formats.labels import lines_of
from conversations.speaker_events.pairing import unite
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import BadInput, Span, Speaker, at_most

_REQUIRED = ("start", "end", "speaker")
_COLUMNS = (*_REQUIRED, "email", "id")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")


def header_of(text: str) -> tuple[str, list[str]] | None:
    """Return the delimiter and the columns of the first line, None when it is no such table."""
    first = lines_of(text)[0]
    for delimiter in ",;\t":
        columns = [cell.strip().strip('"').lower() for cell in first.split(delimiter)]
        if all(column in columns for column in _REQUIRED):
            return delimiter, columns
    return None


def read_csv(text: str, most: int | None = None) -> Timeline:
    """Return one turn a row. Times are seconds or `h:mm:ss.mmm`.

    The columns stand in any order, set apart by comma, semicolon or tab; `email` and
    `id` may be missing, others are ignored. Raises BadInput, also for more than `most` rows.
    """
    return Timeline.of_spans(at_most(most, _spans(text)))


def _spans(text: str) -> Iterator[Span]:
    header = header_of(text)
    if header is None:
        raise BadInput("The first line has to name the columns: start,end,speaker.", line=1)
    delimiter, columns = header
    stream = io.StringIO(text.removeprefix("\ufeff"), newline="")
    rows = csv.reader(stream, delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in rows:
            if row and line > 1:
                yield _span(columns, row, line)
            line = rows.line_num + 1
    except csv.Error as error:
        raise BadInput(f"This row cannot be read: {error}.", line=line) from None


def _span(columns: list[str], row: list[str], line: int) -> Span:
    if len(row) > len(columns):
        raise BadInput(f"The header has {len(columns)} columns, this row {len(row)}.", line=line)
    cells = dict(zip(columns, row, strict=False))
    start = parse_signed_clock(cells.get("start", ""))
    end = parse_signed_clock(cells.get("end", ""))
    if start is None or end is None:
        raise BadInput("Start and end are times such as 75.5 or 0:01:15.500.", line=line)
    name, email, key = (_unguarded(cells.get(column, "")) for column in ("speaker", "email", "id"))
    if not (name or email or key):
        raise BadInput("The speaker is missing.", line=line)
    return Span(Speaker(key or email or name, name, email), start, end)


def write_csv(spans: Sequence[Span]) -> str:
    """Return a header and one row a span, times in seconds.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front, which
    reading takes off again.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_COLUMNS)
    for span in unite(spans):
        speaker = span.speaker
        cells = (_guarded(cell) for cell in (speaker.name, speaker.email, speaker.id))
        writer.writerow([in_seconds(span.start_ms), in_seconds(span.end_ms), *cells])
    return stream.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
