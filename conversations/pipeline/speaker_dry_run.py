"""What a draft of speaker events amounts to before anything is sent; nothing is written here.

Who its speakers may be, what is wrong with it, and which lines the API will give to whom:
by the API's own rule (contract 6.4), from the lines as the API last told them.
"""

from collections.abc import Sequence
from functools import cached_property

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
from conversations.pipeline.speaker_changes import DryRun, Row
from conversations.pipeline.speaker_events import Draft, Outdated
from conversations.speaker_events import (
    FIXABLE,
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
        lines = [Line(row.pk, row.start_ms, row.end_ms, row.owner_id) for row in self.rows]
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

    def named(self, member: Member, source: Speaker) -> Speaker:
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

    @cached_property
    def last(self) -> SpeakerEventBatch | None:
        """The newest batch that the API took."""
        return speaker_sent.newest(self.conversation.pk)

    def can_fix(self, code: Code) -> bool:
        """Return True if the fix of `code` is a choice that can be made here."""
        return code in FIXABLE and (code is Code.OVERLAP or self.duration_ms is not None)


class Preview:
    """A draft held against its conversation, as both were read; each part is worked out once."""

    def __init__(self, conversed: Conversed, draft: Draft) -> None:
        self.conversed = conversed
        self.draft = draft

    @cached_property
    def turns(self) -> tuple[Span, ...]:
        """The draft's own turns by the source's speakers, mended but for overlaps."""
        fixes = self.draft.fixes - {Code.OVERLAP}
        if not fixes:
            return self.draft.pairing.spans
        return fix(self.draft.timeline, fixes, duration_ms=self.conversed.duration_ms)

    @cached_property
    def left_out(self) -> set[str]:
        """The source's ids of those whose turns do not count."""
        return {key for key, match in self.draft.people.items() if match.left_out}

    @cached_property
    def who(self) -> dict[str, Speaker]:
        """Whom the API is told of for each matched speaker of the source who has a turn.

        A member goes by the API's own id, so that no second one appears for somebody
        without an e-mail address. Two new people with one address are one person. Nobody
        is matched to a member whom the API no longer lists, nor a new person to an address
        that a member has by now: sending it would give that member another name.
        """
        conversed = self.conversed
        members, there = conversed.members, {row.pk for row in conversed.shown}
        heard = {span.speaker.id for span in self.turns} - self.left_out
        by_email: dict[str, Speaker] = {}
        by_member: dict[int, Speaker] = {}
        found: dict[str, Speaker] = {}
        for place, (key, source) in enumerate(self.draft.speakers.items()):
            match = self.draft.people.get(key)
            if match is None or key not in heard:
                continue
            member = shown_member(match.member, members)
            known = match.email.casefold()
            if member is not None and member.pk in there:
                found[key] = by_member.setdefault(member.pk, conversed.named(member, source))
            elif match.member is None and known not in conversed.holders:
                # An id that no other file has: ids such as SPEAKER_00 come again in the next.
                speaker = Speaker(f"{self.draft.key}-{place}", match.name, match.email)
                found[key] = by_email.setdefault(known, speaker) if known else speaker
        return found

    @property
    def shared(self) -> list[tuple[list[Speaker], Speaker]]:
        """Those of the source who are one person together, and who that is at the API."""
        groups: dict[str, list[Speaker]] = {}
        for key, speaker in self.who.items():
            groups.setdefault(speaker.id, []).append(self.draft.speakers[key])
        told = {speaker.id: speaker for speaker in self.who.values()}
        return [(group, told[key]) for key, group in groups.items() if len(group) > 1]

    @cached_property
    def carried(self) -> list[Span]:
        """The turns of what was sent last that go along, as the draft knows their people."""
        window, conversed = self.draft.window, self.conversed
        last = conversed.last if window else None
        if last is None or window is None:
            return []
        told = {speaker.id: speaker for speaker in self.who.values()}
        now = {
            key: told.get(member.remote_id) or conversed.named(member, Speaker(member.remote_id))
            for key, member in speaker_sent.became(last, conversed.members).items()
        }
        return speaker_sent.outside(rename(speaker_events.spans_of(last), now), window)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The turns that are sent: mended as decided, with the speakers matched.

        Outside of the draft's own part of the conversation, what was sent last goes along.
        """
        own = [span for span in self.turns if span.speaker.id not in self.left_out]
        spans = rename((*rename(own, self.who), *self.carried), {})
        # Last: two speakers who are one person do not overlap.
        late = self.draft.fixes & {Code.OVERLAP}
        return fix(spans, late, duration_ms=self.conversed.duration_ms) if late else spans

    @cached_property
    def people(self) -> list[Speaker]:
        """The speakers of the source who are to be matched: no fix took all their turns."""
        heard = {span.speaker.id for span in self.turns}
        if Code.OVERLAP in self.draft.fixes:
            sent = {span.speaker.id for span in self.spans}
            gone = {key for key in heard if self.who.get(key, Speaker(key)).id not in sent}
            heard -= gone - self.left_out
        return [speaker for key, speaker in self.draft.speakers.items() if key in heard]

    @property
    def unmatched(self) -> list[Speaker]:
        """Those of the people of whom nobody has said yet who they are."""
        settled = self.who.keys() | self.left_out
        return [speaker for speaker in self.people if speaker.id not in settled]

    @cached_property
    def dry_run(self) -> DryRun:
        """What sending it would change."""
        return self.conversed.dry_run(self.spans)

    @property
    def problems(self) -> list[Problem]:
        """What is still wrong with it, in order of time.

        People are left to the matching, and what reading has settled to `settled`.
        """
        people = {span.speaker.id: span.speaker for span in self.spans}
        duration_ms = self.conversed.duration_ms
        found = list(lint(self.spans, duration_ms=duration_ms, people=people.values()))
        if Code.UNCLOSED not in self.draft.fixes:
            found += (one for one in self.draft.pairing.problems if self._is_open(one))
        return sorted(found, key=lambda one: (one.at_ms is None, one.at_ms or 0))

    def _is_open(self, one: Problem) -> bool:
        key = one.speaker.id if one.speaker else ""
        return one.code is Code.UNCLOSED and key not in self.left_out


def preview_of(batch: SpeakerEventBatch) -> Preview:
    """Return what a draft amounts to as its conversation stands."""
    return Preview(Conversed(batch.conversation), speaker_events.draft_of(batch))


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
        row = _locked(batch, version, BatchState.DRAFT)
        preview = preview_of(row)
        if preview.unmatched or not preview.spans:
            raise Unready
        if preview.dry_run.digest != digest:
            raise DryRunChanged
        speaker_events.hand_over(
            row, version=version, spans=preview.spans, expected=preview.dry_run.document()
        )


def send_again(batch: SpeakerEventBatch, *, version: int) -> None:
    """Have a batch that is not known to have arrived sent once more, if it still does the same.

    Raises Outdated, Overtaken, ChangedSince, AnotherOnItsWay or RecordingOnItsWay; then
    nothing is sent.
    """
    with transaction.atomic():
        row = _locked(batch, version, BatchState.FAILED)
        speaker_events.hand_over_again(row, version=version)
        preview = preview_of(row)
        is_same = preview.spans == speaker_events.spans_of(row)
        if not is_same or not is_as_agreed(preview.conversed, row):
            raise ChangedSince


def _locked(batch: SpeakerEventBatch, version: int, state: BatchState) -> SpeakerEventBatch:
    """Return the batch as it was seen, with its conversation locked. Raises Outdated."""
    speaker_events.lock(batch.conversation_id)
    there = SpeakerEventBatch.objects.filter(pk=batch.pk, version=version, state=state)
    row = there.select_related("conversation").first()
    if row is None:
        raise Outdated
    return row


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
