"""Speaker events that people bring in: taking them in, deciding about a draft, handing it over.

A batch is a draft until somebody sends it; from then on it is read only. `events` of the
row holds what was read and what was decided about it; `spans` and `expected` are filled
when it is handed over, so that what is sent is what the dry run was about.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from conversations import queue
from conversations.models import BatchState, Conversation, SpeakerEventBatch
from conversations.pipeline.plan import clean
from conversations.pipeline.push import line_head, pushing_must_wait
from conversations.speaker_events import (
    Code,
    Event,
    EventType,
    Pairing,
    Problem,
    Span,
    Speaker,
    Timeline,
)

#: The columns that may hold megabytes.
HEAVY = ("events", "spans", "expected", "outcome")
#: The outcome of an attempt that went out and got no answer.
LOST = {"unknown": True}
#: The same, with the wish to look whether it arrived, and not to send it.
LOOK = {**LOST, "look": True}
#: The batches that the API has, or may have.
MAY_BE_THERE = Q(state=BatchState.PUSHED) | Q(outcome__unknown=True)
#: What a batch is without having been handed over.
AS_DRAFT: dict[str, Any] = {
    "spans": [], "expected": None, "sent_at": None, "next_at": None, "push_attempts": 0,
    "push_error": "",
}  # fmt: skip


class Outdated(Exception):
    """The batch is no longer as it was seen: changed, sent or discarded by somebody else."""


class AnotherOnItsWay(Exception):
    """Another batch of the conversation waits to be sent; what it changes is not known yet."""


class RecordingOnItsWay(Exception):
    """A recording is being added to the conversation, with lines that nobody has seen yet."""


class MayHaveArrived(Exception):
    """Nobody knows whether the API has the batch, so it is not thrown away without a word."""


class Overtaken(Exception):
    """A newer batch was sent since: this one would undo it."""


@dataclass(frozen=True)
class Match:
    """Who a speaker of the source is: a member by primary key, or else a new person.

    Or nobody at all: `left_out` says that none of the turns counts.
    """

    member: int | None = None
    name: str = ""
    email: str = ""
    left_out: bool = False


@dataclass(frozen=True)
class Draft:
    """What was read, and what was decided: the fixes, and who is who by the source's ids.

    `window` is the part of the conversation that it is about: outside of it, what was sent
    before goes along again. Without one it replaces all of that. `key` is the batch's own.
    """

    timeline: Timeline
    fixes: frozenset[Code] = frozenset()
    people: Mapping[str, Match] = field(default_factory=dict)
    window: tuple[int, int | None] | None = None
    key: str = ""

    @cached_property
    def pairing(self) -> Pairing:
        """What the events make before any fix."""
        return self.timeline.pairing()

    @cached_property
    def speakers(self) -> dict[str, Speaker]:
        """The source's speakers by id, in the order of their first event."""
        return {event.speaker.id: event.speaker for event in self.timeline.events}


def take_in(
    conversation: Conversation,
    timeline: Timeline,
    *,
    source_format: str,
    file_name: str,
    user: User,
    window: tuple[int, int | None] | None = None,
) -> SpeakerEventBatch:
    """Keep what was read as a draft of the conversation; nothing is sent.

    `window` is the recording that it is about, from when to when, if what was sent before
    for the others is to stay.
    """
    return SpeakerEventBatch.objects.create(
        conversation=conversation,
        created_by=user,
        source_format=source_format,
        file_name=clean(file_name)[:255],
        events=_document(Draft(timeline, window=window)),
    )


def draft_of(batch: SpeakerEventBatch) -> Draft:
    """Return what was read into the batch and what was decided about it."""
    document = batch.events
    speakers = [Speaker(**speaker) for speaker in document["speakers"]]
    events = tuple(
        Event(EventType(event["type"]), speakers[event["speaker"]], event["at_ms"])
        for event in document["events"]
    )
    known = {speaker.id: speaker for speaker in speakers}
    remarks = tuple(
        Problem(
            Code(remark["code"]), known.get(remark["speaker"]), remark["at_ms"], remark["until_ms"]
        )
        for remark in document["remarks"]
    )
    return Draft(
        Timeline(events, remarks, document["until_ms"]),
        frozenset(Code(code) for code in document["fixes"]),
        {key: Match(**match) for key, match in document["people"].items()},
        tuple(document["window"]) if document.get("window") else None,
        batch.uuid.hex[:8],
    )


def _document(draft: Draft) -> dict[str, Any]:
    timeline, speakers = draft.timeline, draft.speakers
    places = {key: place for place, key in enumerate(speakers)}
    return {
        "speakers": [_told(speaker) for speaker in speakers.values()],
        "events": [
            {
                "type": event.type.value,
                "speaker": places[event.speaker.id],
                "at_ms": event.offset_ms,
            }
            for event in timeline.events
        ],
        "remarks": [
            {
                "code": remark.code.value,
                "speaker": remark.speaker.id if remark.speaker else None,
                "at_ms": remark.at_ms,
                "until_ms": remark.until_ms,
            }
            for remark in timeline.remarks
        ],
        "until_ms": timeline.until_ms,
        "fixes": sorted(draft.fixes),
        "people": {key: asdict(match) for key, match in draft.people.items()},
        "window": draft.window,
    }


def _told(speaker: Speaker) -> dict[str, str]:
    return {"id": speaker.id, "name": speaker.name, "email": speaker.email}


def spans_of(batch: SpeakerEventBatch) -> tuple[Span, ...]:
    """Return the turns of a batch that was handed over, as they are sent."""
    return tuple(
        Span(Speaker(turn["id"], turn["name"], turn["email"]), turn["start_ms"], turn["end_ms"])
        for turn in batch.spans
    )


def decide(
    batch: SpeakerEventBatch,
    *,
    version: int,
    fixes: frozenset[Code] | None = None,
    people: Mapping[str, Match] | None = None,
) -> None:
    """Replace the fixes, or who is who, of a draft. Raises Outdated."""
    draft = draft_of(batch)
    if fixes is not None:
        draft = replace(draft, fixes=fixes)
    if people is not None:
        draft = replace(draft, people=people)
    _change(batch, version, BatchState.DRAFT, events=_document(draft), push_error="")


def discard(batch: SpeakerEventBatch, *, version: int, anyway: bool = False) -> None:
    """Delete a batch that the API does not have.

    Raises Outdated, and MayHaveArrived for one that it may have, unless `anyway`.
    """
    kept_here = (BatchState.DRAFT, BatchState.FAILED)
    unsent = SpeakerEventBatch.objects.filter(pk=batch.pk, version=version, state__in=kept_here)
    row = unsent.only("outcome").first()
    if row is not None and was_lost(row) and not anyway:
        raise MayHaveArrived
    if not unsent.delete()[0]:
        raise Outdated


def was_lost(batch: SpeakerEventBatch) -> bool:
    """Return True if an attempt went out and got no answer: the API may have it or not."""
    return bool(batch.outcome and batch.outcome.get("unknown"))


def was_taken(batch: SpeakerEventBatch) -> bool:
    """Return True if the API has it, whether or not it shows that yet."""
    return batch.outcome is not None and not was_lost(batch)


def hand_over(
    batch: SpeakerEventBatch, *, version: int, spans: tuple[Span, ...], expected: dict[str, Any]
) -> None:
    """Have a draft sent in the background as `spans`; `expected` is what the dry run said.

    To be called under the conversation's lock, in a transaction. Raises Outdated,
    AnotherOnItsWay while another batch waits to be sent, or RecordingOnItsWay.
    """
    _see_way_free(batch)
    turns = [
        {**_told(span.speaker), "start_ms": span.start_ms, "end_ms": span.end_ms} for span in spans
    ]
    _change(
        batch, version, BatchState.DRAFT,
        spans=turns, expected=expected, **_sent_now(),
    )  # fmt: skip


def hand_over_again(batch: SpeakerEventBatch, *, version: int) -> None:
    """Have a batch that is not known to have arrived sent once more, as it is.

    To be called under the conversation's lock, in a transaction. Raises Outdated,
    Overtaken, AnotherOnItsWay or RecordingOnItsWay.
    """
    siblings = SpeakerEventBatch.objects.filter(conversation=batch.conversation_id)
    if siblings.filter(MAY_BE_THERE, sent_at__gt=batch.sent_at).exists():
        raise Overtaken
    _see_way_free(batch)
    _change(batch, version, BatchState.FAILED, **_sent_now())


def look(batch: SpeakerEventBatch, *, version: int) -> None:
    """Have the transcript read, to see whether a batch arrived whose answer was lost.

    Raises Outdated or AnotherOnItsWay.
    """
    with transaction.atomic():
        lock(batch.conversation_id)
        _see_no_other(batch)
        if not was_lost(batch):
            raise Outdated
        _change(batch, version, BatchState.FAILED, outcome=LOOK, **_due())


def _see_way_free(batch: SpeakerEventBatch) -> None:
    _see_no_other(batch)
    if pushing_must_wait(line_head(batch.conversation_id), timezone.now()):
        raise RecordingOnItsWay


def _see_no_other(batch: SpeakerEventBatch) -> None:
    siblings = SpeakerEventBatch.objects.filter(conversation=batch.conversation_id)
    if siblings.filter(state=BatchState.PENDING).exclude(pk=batch.pk).exists():
        raise AnotherOnItsWay


def reopen(batch: SpeakerEventBatch, *, version: int) -> SpeakerEventBatch:
    """Return a batch that did not reach the API as a draft again. Raises Outdated.

    One that may have reached it stays as it is, so that nobody forgets what it may have
    changed there, and the draft is a copy.
    """
    if not was_lost(batch):
        _change(batch, version, BatchState.FAILED, state=BatchState.DRAFT, **AS_DRAFT)
        return batch
    with transaction.atomic():
        _change(batch, version, BatchState.FAILED)
        return SpeakerEventBatch.objects.create(
            conversation=batch.conversation,
            created_by=batch.created_by,
            source_format=batch.source_format,
            file_name=batch.file_name,
            events=batch.events,
        )


def lock(conversation_id: int) -> None:
    """Hold the conversation's row until the transaction ends, as syncs and corrections do."""
    Conversation.objects.select_for_update().get(pk=conversation_id)


def _sent_now() -> dict[str, Any]:
    due = _due()
    return {**due, "sent_at": due["next_at"]}


def _due() -> dict[str, Any]:
    return {
        "state": BatchState.PENDING,
        "next_at": timezone.now(),
        "push_error": "",
        "push_attempts": 0,
    }


def _change(batch: SpeakerEventBatch, version: int, seen: BatchState, /, **fields: Any) -> None:
    """Write `fields` if the batch is as it was seen, and wake a worker if it is due then."""
    with transaction.atomic():
        as_seen = SpeakerEventBatch.objects.filter(pk=batch.pk, version=version, state=seen)
        if not as_seen.update(version=F("version") + 1, **fields):
            raise Outdated
        if fields.get("state") == BatchState.PENDING:
            queue.wake(batch.conversation_id)
