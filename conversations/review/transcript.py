"""The transcript in windows of grouped turns, and the recordings on its time axis."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from conversations.models import Append, Conversation, Message, Recording, State, shown_member
from conversations.review.speakers import Speaker


@dataclass(frozen=True)
class Turn:
    """Messages in a row by one speaker; None if the API did not say who."""

    speaker: Speaker | None
    start_ms: int
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Window:
    """A piece of the transcript; `next_from` is the position that the next one starts at."""

    turns: tuple[Turn, ...]
    next_from: int | None
    total: int


@dataclass(frozen=True)
class Track:
    """A recording and where it lies on the conversation's time axis; None if no end is known."""

    recording: Recording
    start_ms: int
    end_ms: int | None


@dataclass(frozen=True)
class Stretch:
    """A stretch of the timeline in one speaker's colour."""

    start_ms: int
    end_ms: int
    speaker: Speaker | None


def window(
    conversation: Conversation, rows: list[Speaker], *, start: int = 0, size: int = 100
) -> Window:
    """Return `size` messages from position `start` on, grouped by speaker."""
    find = _finder(conversation, rows)
    lines = Message.objects.filter(conversation=conversation, gone=False)
    page = list(lines.filter(position__gte=start).order_by("position")[: size + 1])
    shown, more = page[:size], page[size:]
    turns = tuple(
        Turn(find.get(member_pk), group[0].start_ms, group)
        for member_pk, group in _grouped(shown, find)
    )
    return Window(turns, more[0].position if more else None, lines.count())


def timeline(conversation: Conversation, rows: list[Speaker]) -> list[Stretch]:
    """Return who speaks when, for the whole conversation, adjoining stretches joined."""
    find = _finder(conversation, rows)
    spans = Message.objects.filter(conversation=conversation, gone=False).order_by("position")
    stretches: list[Stretch] = []
    for member_pk, start_ms, end_ms in spans.values_list("member", "start_ms", "end_ms"):
        speaker = find.get(member_pk)
        last = stretches[-1] if stretches else None
        if last is not None and last.speaker is speaker and start_ms - last.end_ms < 2000:
            stretches[-1] = Stretch(last.start_ms, max(last.end_ms, end_ms), speaker)
        else:
            stretches.append(Stretch(start_ms, end_ms, speaker))
    return stretches


def tracks(conversation: Conversation) -> list[Track]:
    """Return the recordings that are part of the transcript, in order of time.

    Each ends where the next one starts, and the last one with the conversation: how long
    a file says it is, is not how long it turned out to be.
    """
    synced = Append.objects.filter(conversation=conversation, state=State.SYNCED)
    done = list(synced.select_related("recording").order_by("offset_ms", "seq"))
    starts = [append.offset_ms for append in done]
    last_end = conversation.duration_ms
    ends = [*starts[1:], last_end if starts and last_end > starts[-1] else None]
    return [
        Track(append.recording, start_ms, end_ms)
        for append, start_ms, end_ms in zip(done, starts, ends, strict=False)
    ]


def numbered(rows: list[Speaker], known: list[Track]) -> list[tuple[Speaker, int | None]]:
    """Return each speaker with the number, from 1, of the recording that tells them apart.

    The number is None for all but the unnamed speakers whose name another one has too:
    every recording brings a "Speaker 1" of its own. Each of these is heard in one
    recording only, so that any of their lines tells which.
    """
    names = Counter(row.member.name for row in rows)
    starts = [track.start_ms for track in known]

    def number(row: Speaker) -> int | None:
        if row.identified or names[row.member.name] == 1 or not row.quotes:
            return None
        return bisect_right(starts, row.quotes[0].start_ms) or None

    return [(row, number(row)) for row in rows]


def _finder(conversation: Conversation, rows: list[Speaker]) -> dict[int | None, Speaker]:
    """Return the speaker by the member that a message points at, merges followed."""
    members = {member.pk: member for member in conversation.members.all()}
    by_pk = {row.member.pk: row for row in rows}
    found: dict[int | None, Speaker] = {}
    for pk in members:
        shown = shown_member(pk, members)
        if shown is not None and shown.pk in by_pk:
            found[pk] = by_pk[shown.pk]
    return found


def _grouped(
    lines: list[Message], find: dict[int | None, Speaker]
) -> list[tuple[int | None, tuple[Message, ...]]]:
    def owner(line: Message) -> int | None:
        speaker = find.get(line.member_id)
        return speaker.member.pk if speaker else None

    return [(pk, tuple(group)) for pk, group in groupby(lines, key=owner)]
