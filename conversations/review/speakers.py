"""The speakers of a conversation as people see them; read by the rail, the transcript, exports."""

import re
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, F, Sum, Window
from django.db.models.functions import Length, RowNumber

from conversations.models import Change, Conversation, Member, Message, shown_member

TONES = 12
SHAPES = 4
QUOTES = 3
NOTHING_PUSHED = ("", "")


@dataclass(frozen=True)
class Quote:
    """A line that lets a reviewer recognise the speaker."""

    text: str
    start_ms: int


@dataclass(frozen=True)
class Speaker:
    """One speaker with everything merged into them; `share` is of the talk time, 0 to 1."""

    member: Member
    count: int
    talk_ms: int
    share: float
    initials: str
    tone: int
    shape: int
    identified: bool
    push: str
    push_error: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Progress:
    """How far the naming is: the share of talk time with a name, and the speakers without."""

    identified_share: float
    left: int


def speakers(conversation: Conversation) -> list[Speaker]:
    """Return the speakers, unidentified first, then by talk time.

    Merged members are folded into the one that stands for them. Three queries,
    whatever the number of messages.
    """
    members = {row.pk: row for row in conversation.members.order_by("pk")}
    counts: dict[int, int] = defaultdict(int)
    talk: dict[int, int] = defaultdict(int)
    lines = Message.objects.filter(conversation=conversation, member__isnull=False, gone=False)
    for member_id, count, talk_ms in lines.values_list("member").annotate(
        lines=Count("pk"), talk_ms=Sum(F("end_ms") - F("start_ms"))
    ):
        shown = shown_member(member_id, members)
        if shown is not None:
            counts[shown.pk] += count
            talk[shown.pk] += talk_ms
    quotes = _quotes(conversation, members)
    pushes = _pushes(conversation)
    total = sum(talk.values())
    rows = [
        Speaker(
            member=member,
            count=counts[member.pk],
            talk_ms=talk[member.pk],
            share=talk[member.pk] / total if total else 0.0,
            initials=initials(member.name),
            tone=index % TONES,
            shape=index % SHAPES,
            identified=member.is_identified,
            push=pushes.get(member.pk, NOTHING_PUSHED)[0],
            push_error=pushes.get(member.pk, NOTHING_PUSHED)[1],
            quotes=tuple(quotes.get(member.pk, ())),
        )
        for index, member in enumerate(members.values())
        if member.merged_into_id is None and (counts[member.pk] or not member.gone)
    ]
    return sorted(rows, key=lambda row: (row.identified, -row.talk_ms, row.member.pk))


def progress(rows: list[Speaker]) -> Progress:
    """Return how much of the talk time has a name."""
    speaking = [row for row in rows if row.talk_ms]
    return Progress(
        identified_share=sum(row.share for row in speaking if row.identified),
        left=sum(1 for row in speaking if not row.identified),
    )


def initials(name: str) -> str:
    """Return what stands for a name in a small shape: AD for Ana Diaz, S2 for Speaker 2."""
    words = [word for word in re.split(r"[\s._-]+", name) if word]
    if not words:
        return "?"
    first = words[0][0]
    last = words[-1] if len(words) > 1 else ""
    return (first + (last if last.isdigit() else last[:1]))[:3].upper()


def _quotes(conversation: Conversation, members: dict[int, Member]) -> dict[int, list[Quote]]:
    by_length = Window(
        RowNumber(),
        partition_by=F("member"),
        order_by=[Length("text").desc(), F("position").asc()],
    )
    lines = (
        Message.objects.filter(conversation=conversation, member__isnull=False, gone=False)
        .annotate(place=by_length)
        .filter(place__lte=QUOTES)
        .values_list("member", "text", "start_ms")
    )
    found: dict[int, list[Quote]] = defaultdict(list)
    for member_id, text, start_ms in lines:
        shown = shown_member(member_id, members)
        if shown is not None:
            found[shown.pk].append(Quote(text, start_ms))
    return {
        pk: sorted(quotes, key=lambda quote: -len(quote.text))[:QUOTES]
        for pk, quotes in found.items()
    }


def _pushes(conversation: Conversation) -> dict[int, tuple[str, str]]:
    """Return the newest correction's push state and error by the member it is shown at."""
    rows = Change.objects.filter(conversation=conversation).order_by("pk")
    return {
        into_id or member_id: (state, error)
        for member_id, into_id, state, error in rows.values_list(
            "member", "into", "push_state", "push_error"
        )
    }
