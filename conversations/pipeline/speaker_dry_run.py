"""What a draft of speaker events amounts to before anything is sent; nothing is written here.

Who its speakers may be, what is wrong with it, and which lines the API will give to whom:
by the API's own rule (contract 6.4), from the lines as the API last told them.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from conversations.models import (
    BatchState,
    Conversation,
    Member,
    Message,
    SpeakerEventBatch,
    shown_member,
)
from conversations.models.member import MACHINE_NAME, UNNAMED
from conversations.pipeline import speaker_events, speaker_sent
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


class DryRunChanged(Exception):
    """The transcript was changed since the dry run that somebody agreed to."""


class ChangedSince(Exception):
    """What did not arrive would do something else now than its dry run said."""


class Unready(Exception):
    """The draft names people whom nobody has matched yet, or nobody speaks in it."""


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
    `returns` is True where no turn touches it: it goes back to whom the API heard first,
    None for nobody.
    """

    row: Row
    to: Speaker | None
    overlap_ms: int
    returns: bool = False

    @property
    def stays(self) -> bool:
        return self.row.decided

    @property
    def change(self) -> tuple[int, str | None, str | None]:
        """The line's key, and the ids of the two."""
        return self.row.pk, _id(self.row.owner), self.to.id if self.to else None


@dataclass(frozen=True)
class DryRun:
    """What sending will change; `attributions` are of all rows, in their order.

    `heard` says who has lines again that no turn touches, by their keys; `told` are the
    people that the API is told of, and `names` those who are called otherwise from then on.
    """

    rows: tuple[Row, ...]
    attributions: tuple[Attribution, ...]
    heard: Mapping[int, Member | None]
    told: tuple[Speaker, ...]
    names: tuple[tuple[Member, Speaker], ...]

    @cached_property
    def expectations(self) -> list[Expectation]:
        """The lines that change, in order of time."""
        found = []
        for row, given in zip(self.rows, self.attributions, strict=True):
            if given.speaker is not None:
                if given.changed:
                    found.append(Expectation(row, given.speaker, given.overlap_ms))
            elif self.heard.get(row.pk, row.owner) is not row.owner:
                first = self.heard[row.pk]
                to = Speaker(first.remote_id, first.name, first.email) if first else None
                found.append(Expectation(row, to, 0, returns=True))
        return found

    @property
    def untouched(self) -> int:
        """How many lines no turn touches."""
        return sum(given.speaker is None for given in self.attributions)

    @property
    def returning(self) -> int:
        """How many of the untouched lines go back to whom the API heard there first."""
        return sum(one.returns for one in self.expectations)

    @property
    def gains(self) -> Counter[str]:
        """How many lines each speaker gets, by id."""
        return Counter(one.to.id for one in self.expectations if one.to)

    @property
    def losses(self) -> Counter[str]:
        """How many lines each member loses, by the API's id."""
        return Counter(one.row.owner.remote_id for one in self.expectations if one.row.owner)

    @property
    def digest(self) -> str:
        """A short text that is another one as soon as anything else would change.

        Be it a line, or what somebody is called at the API, now or then.
        """
        told = (
            [one.change for one in self.expectations],
            self.told,
            [(member.pk, member.name) for member, _ in self.names],
        )
        return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()

    def document(self) -> dict[str, Any]:
        """Return what is kept of it when the batch is handed over."""
        changes = [
            dict(zip(("message", "from", "to"), one.change, strict=True))
            for one in self.expectations
        ]
        return {"total": len(self.rows), "untouched": self.untouched, "changes": changes}


def _id(member: Member | None) -> str | None:
    return member.remote_id if member else None


class Conversed:
    """A conversation's members and lines as drafts are held against them; read once.

    `sent_before` is True if the API has, or may have, other speaker events.
    """

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.duration_ms = conversation.duration_ms or None
        self.members = {row.pk: row for row in conversation.members.order_by("pk")}
        self.shown = [
            row for row in self.members.values() if row.merged_into_id is None and not row.gone
        ]
        self.holders = {
            address.casefold(): shown_member(row.pk, self.members)
            for row in self.members.values()
            for address in (row.email, row.remote_email)
            if address and not row.gone
        }
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
        told = speaker_sent.speakers_of(spans)
        return DryRun(
            self.rows, attribute(lines, spans), self._heard, tuple(told), self._names(told)
        )

    @cached_property
    def _moved(self) -> dict[int, str | None] | None:
        return speaker_sent.heard_first(self.conversation.pk)

    @property
    def sent_before(self) -> bool:
        return self._moved is not None

    @cached_property
    def _heard(self) -> dict[int, Member | None]:
        """Whom the API heard first in the lines that were moved since."""
        by_id: dict[str | None, Member | None] = {
            row.remote_id: self.owners[row.pk] for row in self.members.values()
        }
        return {pk: by_id.get(first) for pk, first in (self._moved or {}).items()}

    def who(self, draft: Draft) -> dict[str, Speaker]:
        """Return whom the API is told of for each matched speaker of the source.

        A member goes by the API's own id, so that no second one appears for somebody
        without an e-mail address. Two new people with one address are one person. Nobody
        is matched to a member whom the API no longer lists, nor a new person to an address
        that a member has by now: sending it would give that member another name.
        """
        there = {row.pk for row in self.shown}
        by_email: dict[str, Speaker] = {}
        by_member: dict[int, Speaker] = {}
        found: dict[str, Speaker] = {}
        for place, (key, source) in enumerate(draft.speakers.items()):
            match = draft.people.get(key)
            if match is None:
                continue
            member = shown_member(match.member, self.members)
            known = match.email.casefold()
            if member is not None and member.pk in there:
                found[key] = by_member.setdefault(member.pk, self._named(member, source))
            elif match.member is None and known not in self.holders:
                # An id that no other file has: ids such as SPEAKER_00 come again in the next.
                speaker = Speaker(f"{draft.key}-{place}", match.name, match.email)
                found[key] = by_email.setdefault(known, speaker) if known else speaker
        return found

    def _named(self, member: Member, source: Speaker) -> Speaker:
        """Return a member as the API is told of them.

        Somebody whom nobody has named yet is called as in the source, if that has a name.
        """
        name = "" if member.name == UNNAMED else member.name
        if member.is_identified:
            return Speaker(member.remote_id, name, member.email)
        given = "" if MACHINE_NAME.fullmatch(source.name) else source.name
        return Speaker(member.remote_id, given or name, member.email or self._free(source.email))

    def _free(self, email: str) -> str:
        """Return an address of the source if it is one, and no member's: else ""."""
        try:
            validate_email(email)
        except ValidationError:
            return ""
        return "" if email.casefold() in self.holders else email

    def _names(self, told: Sequence[Speaker]) -> tuple[tuple[Member, Speaker], ...]:
        """Return the members who get another name at the API."""
        names = {speaker.id: speaker for speaker in told}
        return tuple(
            (member, names[member.remote_id])
            for member in self.shown
            if member.remote_id in names and names[member.remote_id].name not in ("", member.name)
        )

    def unmatched(self, draft: Draft) -> list[Speaker]:
        """Return the speakers of the source of whom nobody has said yet who they are."""
        known = self.who(draft)
        return [speaker for key, speaker in draft.speakers.items() if key not in known]

    def spans(self, draft: Draft) -> tuple[Span, ...]:
        """Return the draft's turns, mended as decided and with its speakers matched.

        Outside of the draft's own part of the conversation, what was sent last goes along.
        """
        early = draft.fixes - {Code.OVERLAP}
        spans = draft.pairing.spans
        if early:
            spans = fix(draft.timeline, early, duration_ms=self.duration_ms)
        spans = rename((*rename(spans, self.who(draft)), *self.carried(draft)), {})
        # Last: two speakers who are one person do not overlap.
        late = draft.fixes & {Code.OVERLAP}
        return fix(spans, late, duration_ms=self.duration_ms) if late else spans

    def carried(self, draft: Draft) -> list[Span]:
        """Return the turns of what was sent last that go along with a draft, as it knows people."""
        last = self._last if draft.window else None
        if last is None or draft.window is None:
            return []
        told = {speaker.id: speaker for speaker in self.who(draft).values()}
        now = {
            key: told.get(member.remote_id) or self._named(member, Speaker(member.remote_id))
            for key, member in speaker_sent.became(last, self.members).items()
        }
        return speaker_sent.outside(rename(speaker_events.spans_of(last), now), draft.window)

    @cached_property
    def _last(self) -> SpeakerEventBatch | None:
        return speaker_sent.newest(self.conversation.pk)

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


def settled(draft: Draft) -> list[Problem]:
    """Return what reading has put right by itself, in order of time."""
    found = [
        *draft.timeline.remarks,
        *(one for one in draft.pairing.problems if one.code is not Code.UNCLOSED),
    ]
    return sorted(found, key=lambda one: (one.at_ms is None, one.at_ms or 0))


def send(batch: SpeakerEventBatch, *, version: int, digest: str) -> None:
    """Hand a draft over as it was agreed to, by the digest of the dry run that was seen.

    Raises Outdated, Unready, DryRunChanged, AnotherOnItsWay or RecordingOnItsWay; then
    nothing is sent.
    """
    with transaction.atomic():
        row, conversed = _locked(batch, version, BatchState.DRAFT)
        draft = speaker_events.draft_of(row)
        spans = conversed.spans(draft)
        if conversed.unmatched(draft) or not spans:
            raise Unready
        dry_run = conversed.dry_run(spans)
        if dry_run.digest != digest:
            raise DryRunChanged
        speaker_events.hand_over(row, version=version, spans=spans, expected=dry_run.document())


def send_again(batch: SpeakerEventBatch, *, version: int) -> None:
    """Have a batch that is not known to have arrived sent once more, if it still does the same.

    Raises Outdated, Overtaken, ChangedSince, AnotherOnItsWay or RecordingOnItsWay; then
    nothing is sent.
    """
    with transaction.atomic():
        row, conversed = _locked(batch, version, BatchState.FAILED)
        speaker_events.hand_over_again(row, version=version)
        spans = conversed.spans(speaker_events.draft_of(row))
        if spans != speaker_events.spans_of(row) or not is_as_agreed(conversed, row):
            raise ChangedSince


def _locked(
    batch: SpeakerEventBatch, version: int, state: BatchState
) -> tuple[SpeakerEventBatch, Conversed]:
    """Return the batch as it was seen, with its conversation locked and read. Raises Outdated."""
    speaker_events.lock(batch.conversation_id)
    there = SpeakerEventBatch.objects.filter(pk=batch.pk, version=version, state=state)
    row = there.select_related("conversation").first()
    if row is None:
        raise Outdated
    return row, Conversed(row.conversation)


def is_as_agreed(conversed: Conversed, batch: SpeakerEventBatch) -> bool:
    """Return True if sending the turns of a batch changes what its dry run said, and no more.

    What may have arrived may also have changed some of it already.
    """
    agreed = {(one["message"], one["from"], one["to"]) for one in (batch.expected or {})["changes"]}
    now = conversed.dry_run(speaker_events.spans_of(batch)).expectations
    if not speaker_events.was_lost(batch):
        return {one.change for one in now} == agreed
    people = speaker_sent.became(batch, conversed.members)
    done = {one.change for one in now if one.to and people.get(one.to.id) is one.row.owner}
    return {one.change for one in now} - done <= agreed
