"""Reading a transcript that somebody pasted or uploaded: who said what, and when if it tells.

Four ways of writing one down are understood and told apart by how they begin: the API's
own JSON, WebVTT, SubRip, and lines such as `[0:01:05] Ana: Good morning.`. Used by the
forms and `manage.py append`; what is read is kept as JSON and sent by `submit`.
"""

import codecs
import datetime as dt
import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from conversations.pipeline.plan import clean
from conversations.symbl import TextMessage

MAX_TEXT_BYTES = 10 * 1024 * 1024
MAX_MESSAGES = 50_000
MAX_CONTENT = 10_000
MAX_NAME = 200
#: Around the words of a caption stand tags; what is longer than this has too many words as well.
MAX_ROW = 5 * MAX_CONTENT
#: Somebody's name before a colon is short; a sentence with a colon in it is not a name.
MAX_NAME_WORDS = 6
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
STAMPED = re.compile(rf"(?:\[({CLOCK})\]|\(({CLOCK})\)|({CLOCK})(?=\s))\s*(.*)", re.DOTALL)
# Of two neighbouring repetitions, none may take what the other could, and none may run past
# the next `<`: a text made for it would otherwise take hours to be refused.
NAMED = re.compile(
    r"([^:<>\[\]\n]{1,120})(?:<([^<>\s@]{1,320}@[^<>\s@]{1,320})>)?\s{0,3}:\s+(\S.*)", re.DOTALL
)
CUE = re.compile(rf"\s*({CLOCK})\s+-->\s+({CLOCK})(?:\s.*)?")
VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]+)>")
TAG = re.compile(r"<[^<>]*>")
#: Blocks of WebVTT in which nobody speaks.
SILENT = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s.*)?")


class UnreadableText(ValueError):
    """A transcript that cannot be read. `str()` is a sentence for who handed it in."""


@dataclass(frozen=True)
class Said:
    """One message.

    Written as it is kept. A time is a moment in ISO 8601, or whole milliseconds from the
    transcript's beginning.
    """

    content: str
    name: str = ""
    userId: str = ""
    start: str | int | None = None
    end: str | int | None = None


class Cue(NamedTuple):
    """A caption: its times in milliseconds, its lines, and the number of its first line."""

    start: int
    end: int
    lines: list[str]
    number: int


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8 or, with its mark, UTF-16. Raises UnreadableText."""
    if len(data) > MAX_TEXT_BYTES:
        raise UnreadableText(f"This transcript is larger than {MAX_TEXT_BYTES // 1024**2} MB.")
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UnreadableText("This file is not text. Save the transcript as text in UTF-8.")
    return text


def read(text: str) -> list[Said]:
    """Return the messages of a transcript, in its order; at least one.

    Raises UnreadableText, which names the line or the entry that is wrong.
    """
    text = text.removeprefix("\ufeff")
    said = list(_reader_of(text.strip())(text))
    if not said:
        raise UnreadableText("There are no words in this transcript.")
    if len(said) > MAX_MESSAGES:
        raise UnreadableText(
            f"This transcript has {len(said):,} lines; {MAX_MESSAGES:,} are the most at a time."
        )
    return said


def to_json(said: Sequence[Said]) -> bytes:
    """Return the messages as they are kept."""
    return json.dumps([asdict(one) for one in said], ensure_ascii=False).encode()


def from_json(kept: bytes, *, origin: dt.datetime) -> list[TextMessage]:
    """Return kept messages as the client sends them.

    The earliest of the times that are milliseconds is `origin` (contract 2.5). Raises
    ValueError or OverflowError for times that no calendar has in UTC.
    """
    return _sendable(json.loads(kept), origin)


def _sendable(messages: Sequence[dict[str, Any]], origin: dt.datetime) -> list[TextMessage]:
    earliest = _earliest(messages)

    def moment(time: str | int | None) -> dt.datetime | None:
        if isinstance(time, int):
            return origin + dt.timedelta(milliseconds=time - earliest)
        return dt.datetime.fromisoformat(time).astimezone(dt.UTC) if time else None

    return [
        TextMessage(
            one["content"], one["name"], one["userId"], moment(one["start"]), moment(one["end"])
        )
        for one in messages
    ]


def remarks(kept: bytes) -> str:
    """Return what was done to the times of kept messages, in sentences; "" for nothing.

    Raises as `from_json`.
    """
    sentences = []
    messages = json.loads(kept)
    earliest = clock(_earliest(messages))
    if earliest != clock(0):
        sentences.append(f"Times count from the first line, at {earliest} in the text.")
    starts = [one.start for one in _sendable(messages, EPOCH) if one.start]
    if starts != sorted(starts):
        sentences.append("Lines were put in order of their times.")
    return " ".join(sentences)


def clock(milliseconds: int) -> str:
    """Return a position in a recording: 4:07, or 1:04:07 from one hour on."""
    minutes, second = divmod(milliseconds // 1000, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def _earliest(messages: Sequence[dict[str, Any]]) -> int:
    """Return the first of the starts that are milliseconds; 0 if there is none."""
    starts = (one["start"] for one in messages)
    return min((start for start in starts if isinstance(start, int)), default=0)


def _reader_of(text: str) -> Callable[[str], Iterator[Said]]:
    if text.startswith("WEBVTT"):
        return _captions
    if text.startswith("{") or re.match(r"\[\s*[{\]]", text):
        return _messages
    first = text.split("\n", 2)
    if any(CUE.fullmatch(line.rstrip()) for line in first[:2]):
        return _captions
    return _lines


def _lines(text: str) -> Iterator[Said]:
    """Read `[time] Name: words` lines.

    A line without name and time goes on with the one before. Without a name, a line
    with a time is the same speaker's. A first line on its own above an empty one is a title.
    """
    before: Said | None = None
    for number, rows in _paragraphs(text):
        before = _begun(rows, number, before)
        yield _checked(before, f"Line {number}")


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each message's lines, with the number of the first one."""
    rows = [_bounded(row.strip(), number) for number, row in enumerate(text.splitlines(), 1)]
    open_at, opened = 0, list[str]()
    for number, row in enumerate(rows, 1):
        if _begins(row):
            if opened:
                yield open_at, opened
            open_at, opened = number, [row]
        elif row and opened:
            opened.append(row)
        elif row and (any(rows[: number - 1]) or not any(rows[number:]) or rows[number]):
            raise UnreadableText(
                f"Line {number} does not say who speaks. Begin it with a name and a colon, "
                "like “Ana: Good morning.”"
            )
    if opened:
        yield open_at, opened


def _begins(row: str) -> bool:
    """Return True if a message begins with this line: it has a time or a name."""
    return STAMPED.fullmatch(row) is not None or _speaker(row) is not None


def _begun(rows: list[str], number: int, before: Said | None) -> Said:
    row, start = rows[0], None
    stamped = STAMPED.fullmatch(row)
    if stamped:
        *clocks, row = stamped.groups()
        start = _milliseconds(next(filter(None, clocks)), number)
    same = (before.name, before.userId) if before else ("", "")
    name, user_id, words = _speaker(row) or (*same, row)
    return Said(" ".join([words, *rows[1:]]).strip(), name, user_id, start)


def _speaker(row: str) -> tuple[str, str, str] | None:
    """Return name, e-mail address and words of `Name <address>: words`, None without a name."""
    found = NAMED.fullmatch(row)
    if found is None or len(found[1].split()) > MAX_NAME_WORDS:
        return None
    return found[1].strip(), found[2] or "", found[3].strip()


def _bounded(row: str, number: int) -> str:
    """Return `row` unless it is too long to be looked at."""
    if len(row) > MAX_ROW:
        raise UnreadableText(_too_long(f"Line {number}"))
    return row


def _too_long(place: str) -> str:
    return f"{place} is longer than {MAX_CONTENT:,} characters. Split it."


def _captions(text: str) -> Iterator[Said]:
    """Read WebVTT or SubRip; a cue says who speaks with a voice tag or as a line does."""
    for cue in _cues(text):
        for name, words in _voices(_bounded("\n".join(cue.lines), cue.number), cue.number):
            plain = _plain(TAG.sub("", words), cue.number)
            speaker = None if name else _speaker(plain)
            who, user_id, content = speaker or (name, "", plain)
            if content:
                said = Said(content, who, user_id, cue.start, cue.end)
                yield _checked(said, f"Line {cue.number}")


def _cues(text: str) -> Iterator[Cue]:
    """Yield the cues; words that stand outside of them are refused."""
    is_vtt = text.lstrip().startswith("WEBVTT")
    for place, (number, rows) in enumerate(_blocks(text)):
        first = next((at for at, row in enumerate(rows) if "-->" in row), len(rows))
        silent = is_vtt and (place == 0 or (first == len(rows) and SILENT.fullmatch(rows[0])))
        # Above the times may stand what the cue is called: a number, in WebVTT any text.
        called = first < len(rows) and (is_vtt or rows[first - 1].strip().isdigit())
        outside = 0 if silent else first - 1 if called else first
        if outside > 0:
            raise UnreadableText(
                f"Line {number} belongs to no pair of times. Put it right below the line that "
                "it goes on with, or write times above it."
            )
        yield from _cues_of(rows[first:], number + first)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield what empty lines set apart, with the number of the first line."""
    block: list[str] = []
    for number, row in enumerate([*text.splitlines(), ""], 1):
        if row.strip():
            block.append(row)
        elif block:
            yield number - len(block), block
            block = []


def _cues_of(rows: list[str], number: int) -> Iterator[Cue]:
    """Yield the cues of a block, of which the first row is a pair of times."""
    cue: Cue | None = None
    for at, row in enumerate(rows, number):
        if cue and "-->" not in row:
            cue.lines.append(row)
            continue
        if cue:
            # No empty line before these times: the number above them is theirs.
            if cue.lines and cue.lines[-1].strip().isdigit():
                cue.lines.pop()
            yield cue
        cue = Cue(*_times(row, at), [], at)
    if cue:
        yield cue


def _times(row: str, number: int) -> tuple[int, int]:
    timed = CUE.fullmatch(_bounded(row, number))
    if timed is None:
        raise UnreadableText(f"Line {number} is no pair of times, like 00:01.000 --> 00:02.500.")
    start, end = (_milliseconds(clock, number) for clock in timed.groups())
    if end < start:
        raise UnreadableText(f"Line {number} ends before it begins.")
    return start, end


def _voices(words: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield name and words for each voice of a cue; the name is "" where none is tagged."""
    before, *tagged = VOICE.split(words)
    if before.strip():
        yield "", before
    for name, said in zip(tagged[::2], tagged[1::2], strict=True):
        yield _plain(name, number), said


def _plain(words: str, number: int) -> str:
    """Return what a caption shows for `words`, on one line."""
    try:
        return " ".join(html.unescape(words).split())
    except ValueError as error:
        raise UnreadableText(
            f"Line {number} has a character reference with too many digits."
        ) from error


def _milliseconds(clock: str, number: int) -> int:
    """Return `1:02:03.5` or `02:03,500` in milliseconds."""
    whole, _, fraction = clock.replace(",", ".").partition(".")
    hours, minutes, seconds = (["0", *whole.split(":")])[-3:]
    if int(seconds) > 59 or (int(minutes) > 59 and whole.count(":") > 1):
        raise UnreadableText(f"Line {number}: {clock} is not a time.")
    total = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return total * 1000 + int(fraction.ljust(3, "0") if fraction else 0)


def _messages(text: str) -> Iterator[Said]:
    """Read the API's own messages (contract 2.5), bare or as the body they are sent in."""
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise UnreadableText("This JSON is nested too deeply to be a transcript.") from error
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise UnreadableText(
            f"Line {line} is not JSON: something is missing or misspelt."
        ) from error
    messages = document.get("messages") if isinstance(document, dict) else document
    if not isinstance(messages, list):
        raise UnreadableText("This JSON has no list of messages.")
    for index, message in enumerate(messages):
        yield _checked(_message(message, f"messages[{index}]"), f"messages[{index}]")


def _message(message: Any, place: str) -> Said:
    def part(name: str) -> dict[str, Any]:
        value = message.get(name) if isinstance(message, dict) else None
        return value if isinstance(value, dict) else {}

    def text(holder: dict[str, Any], name: str) -> str:
        value = holder.get(name, "")
        return clean(value).strip() if isinstance(value, str) else ""

    content = text(part("payload"), "content")
    if not content:
        raise UnreadableText(f"{place} has no words: payload.content is missing.")
    duration = part("duration")
    start, end = (_moment(duration, name, place) for name in ("startTime", "endTime"))
    if start and end and end < start:
        raise UnreadableText(f"{place} ends before it begins.")
    who = part("from")
    return Said(
        content,
        text(who, "name"),
        text(who, "userId") or text(who, "email"),
        start.isoformat() if start else None,
        end.isoformat() if end else None,
    )


def _moment(duration: dict[str, Any], name: str, place: str) -> dt.datetime | None:
    value = duration.get(name)
    if value in (None, ""):
        return None
    try:
        moment = dt.datetime.fromisoformat(str(value))
        # What is written at the edge of the calendar may lie beyond it in UTC.
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableText(f"{place}: {name} is not a time like 2026-01-05T10:00:00Z.") from error


def _checked(said: Said, place: str) -> Said:
    """Return `said` if the API can take it. Raises UnreadableText, which begins with `place`."""
    if not said.content:
        raise UnreadableText(f"{place} has no words.")
    if len(said.content) > MAX_CONTENT:
        raise UnreadableText(_too_long(place))
    if len(said.name) > MAX_NAME or len(said.userId) > MAX_NAME:
        raise UnreadableText(f"{place}: a name is longer than {MAX_NAME} characters.")
    return said
