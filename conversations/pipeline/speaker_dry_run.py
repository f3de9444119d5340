"""What a draft of speaker events amounts to before anything is sent; nothing is written here.

Who its speakers may be, what is wrong with it, and which lines the API will give to whom:
by the API's own rule (contract 6.4), from the lines as the API last told them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from conversations.models import Conversation, Member, Message, SpeakerEventBatch, shown_member
from conversations.models.member import UNNAMED
from conversations.pipeline import speaker_events
from conversations.pipeline.speaker_events import Draft, Outdated
from conversations.speaker_events import (
    FIXABLE,
    Attribution,
    Code,
    Line,
    Problem,
    Span,
    Speaker,
    attribute,
    fix,
    lint,
    rename,
)

SAME_EMAIL = "the same e-mail"
SAME_NAME = "the same name"
SAME_ID = "the API's own id"
#: From which share of somebody's time on a member may be meant.
MOST = 0.5


class DryRunChanged(Exception):
    """The transcript was changed since the dry run that somebody agreed to."""


class Unready(Exception):
    """The draft names people whom nobody has matched yet, or nobody speaks in it."""


@dataclass(frozen=True)
class Suggestion:
    """Who a speaker of the source may be, and a few words that say why."""

    member: Member
    reason: str


class Row(NamedTuple):
    """A line of the transcript: whom the API has it with, and whether a person decided here."""

    pk: int
    start_ms: int
    end_ms: int
    owner: Member | None
    decided: bool


class Expectation(NamedTuple):
    """A line that changes: from whom, to whom, and how long they speak in it.

    `stays` is True where a person decided here who said it: only the API changes then.
    """

    row: Row
    to: Speaker
    overlap_ms: int

    @property
    def stays(self) -> bool:
        return self.row.decided


@dataclass(frozen=True)
class DryRun:
    """What sending will change; `attributions` are of all rows, in their order."""

    rows: tuple[Row, ...]
    attributions: tuple[Attribution, ...]

    @cached_property
    def expectations(self) -> list[Expectation]:
        """The lines that change, in order of time."""
        return [
            Expectation(row, found.speaker, found.overlap_ms)
            for row, found in zip(self.rows, self.attributions, strict=True)
            if found.speaker is not None and found.changed
        ]

    @property
    def untouched(self) -> int:
        """How many lines no turn touches."""
        return sum(found.speaker is None for found in self.attributions)

    @property
    def gains(self) -> Counter[str]:
        """How many lines each speaker gets, by id."""
        return Counter(one.to.id for one in self.expectations)

    @property
    def losses(self) -> Counter[str]:
        """How many lines each member loses, by the API's id."""
        return Counter(one.row.owner.remote_id for one in self.expectations if one.row.owner)

    @property
    def digest(self) -> str:
        """A short text that is another one as soon as anything else would change."""
        told = ((one.row.pk, _id(one.row.owner), one.to) for one in self.expectations)
        return hashlib.blake2b(repr(list(told)).encode(), digest_size=12).hexdigest()

    def document(self) -> dict[str, Any]:
        """Return what is kept of it when the batch is handed over."""
        changes = [
            {"message": one.row.pk, "from": _id(one.row.owner), "to": one.to.id}
            for one in self.expectations
        ]
        return {"total": len(self.rows), "untouched": self.untouched, "changes": changes}


def _id(member: Member | None) -> str | None:
    return member.remote_id if member else None


class Conversed:
    """A conversation's members and lines as drafts are held against them; read once."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.duration_ms = conversation.duration_ms or None
        self.members = {row.pk: row for row in conversation.members.order_by("pk")}
        self.shown = [
            row for row in self.members.values() if row.merged_into_id is None and not row.gone
        ]
        self.owners = {pk: shown_member(pk, self.members) for pk in (None, *self.members)}
        lines = Message.objects.filter(conversation=conversation, gone=False).order_by("position")
        columns = lines.values_list("pk", "start_ms", "end_ms", "remote_member", "member")
        self.rows = tuple(self._row(*values) for values in columns.iterator(chunk_size=2000))

    def _row(self, pk: int, start: int, end: int, remote: int | None, here: int | None) -> Row:
        owner = self.owners[remote]
        decided = here != remote and self.owners[here] is not owner
        return Row(pk, start, end, owner, decided)

    def dry_run(self, spans: Sequence[Span]) -> DryRun:
        """Return what the API will do with `spans`."""
        lines = [Line(row.pk, row.start_ms, row.end_ms, _id(row.owner)) for row in self.rows]
        return DryRun(self.rows, attribute(lines, spans))

    def who(self, draft: Draft) -> dict[str, Speaker]:
        """Return whom the API is told of for each matched speaker of the source.

        A member goes by the API's own id, so that no second one appears for somebody
        without an e-mail address. Two new people with one address are one person.
        """
        sources = draft.speakers
        taken = {row.remote_id for row in self.members.values()}
        by_email: dict[str, Speaker] = {}
        by_member: dict[int, Speaker] = {}
        found: dict[str, Speaker] = {}
        for key, match in draft.people.items():
            member = shown_member(match.member, self.members)
            if member is not None and key in sources:
                named = by_member.setdefault(member.pk, self._named(member, sources[key]))
                found[key] = named
            elif match.member is None:
                speaker = Speaker(f"new-{key}" if key in taken else key, match.name, match.email)
                known = match.email.casefold()
                found[key] = by_email.setdefault(known, speaker) if known else speaker
        return found

    def _named(self, member: Member, source: Speaker) -> Speaker:
        """Return a member as the API is told of them.

        Somebody whom nobody has named yet is called as in the source.
        """
        name = "" if member.name == UNNAMED else member.name
        if member.is_identified:
            return Speaker(member.remote_id, name, member.email)
        email = member.email or self._free(source.email)
        return Speaker(member.remote_id, source.name or name, email)

    def _free(self, email: str) -> str:
        """Return an address of the source if it is one, and no member's: else ""."""
        taken = {row.email.casefold() for row in self.members.values()}
        try:
            validate_email(email)
        except ValidationError:
            return ""
        return "" if email.casefold() in taken else email

    def names(self, spans: Sequence[Span]) -> list[tuple[Member, Speaker]]:
        """Return the members whom sending `spans` gives another name at the API."""
        told = {span.speaker.id: span.speaker for span in spans}
        return [
            (member, told[member.remote_id])
            for member in self.shown
            if member.remote_id in told and told[member.remote_id].name not in ("", member.name)
        ]

    def unmatched(self, draft: Draft) -> list[Speaker]:
        """Return the speakers of the source of whom nobody has said yet who they are."""
        known = self.who(draft)
        return [speaker for key, speaker in draft.speakers.items() if key not in known]

    def spans(self, draft: Draft) -> tuple[Span, ...]:
        """Return the draft's turns, mended as decided and with its speakers matched."""
        early = draft.fixes - {Code.OVERLAP}
        spans = draft.pairing.spans
        if early:
            spans = fix(draft.timeline, early, duration_ms=self.duration_ms)
        spans = rename(spans, self.who(draft))
        # Last: two speakers who are one person do not overlap.
        late = draft.fixes & {Code.OVERLAP}
        return fix(spans, late, duration_ms=self.duration_ms) if late else spans

    def problems(self, draft: Draft, spans: Sequence[Span]) -> list[Problem]:
        """Return what is still wrong with a draft whose turns are `spans`, in order of time.

        People are left to the matching, and what reading has settled to `settled`.
        """
        people = {span.speaker.id: span.speaker for span in spans}
        found = list(lint(spans, duration_ms=self.duration_ms, people=people.values()))
        if Code.UNCLOSED not in draft.fixes:
            found += (one for one in draft.pairing.problems if one.code is Code.UNCLOSED)
        return sorted(found, key=lambda one: (one.at_ms is None, one.at_ms or 0))

    def can_fix(self, code: Code) -> bool:
        """Return True if the fix of `code` is a choice that can be made here."""
        return code in FIXABLE and (code is Code.OVERLAP or self.duration_ms is not None)

    def suggestions(self, draft: Draft, dry_run: DryRun) -> dict[str, Suggestion]:
        """Return who the unmatched speakers may be, by the source's id; `dry_run` is the draft's.

        By the id, else by the e-mail, else by a name that only one member has, else by
        who has the lines during at least half of their time. No member is suggested twice.
        """
        free = {row.pk: row for row in self.shown}
        for match in draft.people.values():
            free.pop(match.member or 0, None)
        found: dict[str, Suggestion] = {}

        def take(speaker: Speaker, suggestion: Suggestion | None) -> None:
            if suggestion and speaker.id not in found and free.pop(suggestion.member.pk, None):
                found[speaker.id] = suggestion

        open_ones = self.unmatched(draft)
        for test in (_by_id, _by_email, _by_name):
            for speaker in open_ones:
                take(speaker, test(speaker, free.values()))
        for speaker, suggestion in self._by_lines(open_ones, dry_run):
            take(speaker, suggestion)
        return found

    def _by_lines(
        self, speakers: Iterable[Speaker], dry_run: DryRun
    ) -> list[tuple[Speaker, Suggestion]]:
        """Return the members who have most of a speaker's lines, the clearest cases first."""
        shared: dict[str, Counter[int]] = {}
        for row, found in zip(self.rows, dry_run.attributions, strict=True):
            if found.speaker is not None and row.owner is not None:
                shared.setdefault(found.speaker.id, Counter())[row.owner.pk] += found.overlap_ms
        cases = []
        for speaker in speakers:
            if speaker.id in shared:
                pk, overlap = shared[speaker.id].most_common(1)[0]
                share = overlap / shared[speaker.id].total()
                if share < MOST:
                    continue
                reason = f"{share:.0%} of their time lies in lines that this speaker has now"
                cases.append((overlap, speaker, Suggestion(self.members[pk], reason)))
        cases.sort(key=lambda case: -case[0])
        return [(speaker, suggestion) for _, speaker, suggestion in cases]


def settled(draft: Draft) -> list[Problem]:
    """Return what reading has put right by itself, in order of time."""
    found = [
        *draft.timeline.remarks,
        *(one for one in draft.pairing.problems if one.code is not Code.UNCLOSED),
    ]
    return sorted(found, key=lambda one: (one.at_ms is None, one.at_ms or 0))


def _by_id(speaker: Speaker, members: Iterable[Member]) -> Suggestion | None:
    for member in members:
        if member.remote_id == speaker.id:
            return Suggestion(member, SAME_ID)
    return None


def _by_email(speaker: Speaker, members: Iterable[Member]) -> Suggestion | None:
    email = speaker.email.casefold()
    for member in members:
        if email and member.email.casefold() == email:
            return Suggestion(member, SAME_EMAIL)
    return None


def _by_name(speaker: Speaker, members: Iterable[Member]) -> Suggestion | None:
    name = speaker.name.casefold()
    namesakes = [member for member in members if name and member.name.casefold() == name]
    return Suggestion(namesakes[0], SAME_NAME) if len(namesakes) == 1 else None


def send(batch: SpeakerEventBatch, *, version: int, digest: str) -> None:
    """Hand a draft over as it was agreed to, by the digest of the dry run that was seen.

    Raises Outdated, Unready, DryRunChanged or AnotherOnItsWay; then nothing is sent.
    """
    with transaction.atomic():
        speaker_events.lock(batch.conversation_id)
        there = SpeakerEventBatch.objects.filter(pk=batch.pk, version=version)
        row = there.select_related("conversation").first()
        if row is None:
            raise Outdated
        draft, conversed = speaker_events.draft_of(row), Conversed(row.conversation)
        spans = conversed.spans(draft)
        if conversed.unmatched(draft) or not spans:
            raise Unready
        dry_run = conversed.dry_run(spans)
        if dry_run.digest != digest:
            raise DryRunChanged
        speaker_events.hand_over(row, version=version, spans=spans, expected=dry_run.document())
