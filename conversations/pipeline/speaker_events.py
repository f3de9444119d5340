"""Speaker events that people bring in: taking them in, deciding about a draft, handing it over.

A batch is a draft until somebody sends it; from then on it is read only. `events` of the
row holds what was read and what was decided about it; `spans` and `expected` are filled
when it is handed over, so that what is sent is what the dry run was about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from conversations import queue
from conversations.models import BatchState, Conversation, SpeakerEventBatch
from conversations.pipeline.plan import EMAIL_LENGTH, NAME_LENGTH, clean
from conversations.speaker_events import (
    BadInput,
    Code,
    Event,
    EventType,
    Pairing,
    Problem,
    Span,
    Speaker,
    Timeline,
    ZoomOptions,
    detect_format,
    read,
)

MAX_BYTES = 20 * 1024 * 1024
MAX_EVENTS = 50_000
MAX_SPEAKERS = 200
MAX_ID = 200
#: The columns that may hold megabytes.
HEAVY = ("events", "spans", "expected", "outcome")


class Outdated(Exception):
    """The batch is no longer as it was seen: changed, sent or discarded by somebody else."""


class AnotherOnItsWay(Exception):
    """Another batch of the conversation waits to be sent; what it changes is not known yet."""


class Overtaken(Exception):
    """A newer batch was sent since: this one would undo it."""


class UnknownFormat(Exception):
    """The text looks like none of the formats, or like two of them."""


@dataclass(frozen=True)
class Match:
    """Who a speaker of the source is: a member by primary key, or else a new person."""

    member: int | None = None
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Draft:
    """What was read, and what was decided: the fixes, and who is who by the source's ids."""

    timeline: Timeline
    fixes: frozenset[Code] = frozenset()
    people: Mapping[str, Match] = field(default_factory=dict)

    @cached_property
    def pairing(self) -> Pairing:
        """What the events make before any fix."""
        return self.timeline.pairing()

    @cached_property
    def speakers(self) -> dict[str, Speaker]:
        """The source's speakers by id, in the order of their first event."""
        return {event.speaker.id: event.speaker for event in self.timeline.events}


def read_events(
    text: str, *, format: str, file_name: str, options: ZoomOptions, shift_ms: int = 0
) -> tuple[str, Timeline]:
    """Return the format and what the text says, later by `shift_ms`.

    An empty `format` is found out. Raises UnknownFormat, or BadInput also for what is
    more than one conversation can hold.
    """
    found = format or detect_format(text, file_name)
    if found is None:
        raise UnknownFormat
    timeline = read(text, found, options=options)
    if len(timeline.events) > MAX_EVENTS:
        raise BadInput(
            f"These are {len(timeline.events):,} events; {MAX_EVENTS:,} are the most at once."
        )
    speakers = {event.speaker.id: event.speaker for event in timeline.events}
    if len(speakers) > MAX_SPEAKERS:
        raise BadInput(f"{len(speakers):,} people speak here; {MAX_SPEAKERS} are the most.")
    if any(len(identifier) > MAX_ID for identifier in speakers):
        raise BadInput(f"The id of a speaker is longer than {MAX_ID} characters.")
    return found, _moved(timeline, shift_ms)


def _moved(timeline: Timeline, shift_ms: int) -> Timeline:
    """Return the timeline `shift_ms` later, with texts that every database stores."""

    def moved(problem: Problem) -> Problem:
        at, until = problem.at_ms, problem.until_ms
        return replace(
            problem,
            speaker=_storable(problem.speaker) if problem.speaker else None,
            at_ms=None if at is None else at + shift_ms,
            until_ms=None if until is None else until + shift_ms,
        )

    events = (
        replace(event, speaker=_storable(event.speaker), offset_ms=event.offset_ms + shift_ms)
        for event in timeline.events
    )
    until = timeline.until_ms
    return Timeline.of_events(
        tuple(events),
        remarks=map(moved, timeline.remarks),
        until_ms=None if until is None else until + shift_ms,
    )


def _storable(speaker: Speaker) -> Speaker:
    return Speaker(
        clean(speaker.id) or "?",
        clean(speaker.name)[:NAME_LENGTH],
        clean(speaker.email)[:EMAIL_LENGTH],
    )


def take_in(
    conversation: Conversation,
    timeline: Timeline,
    *,
    source_format: str,
    file_name: str,
    user: User,
) -> SpeakerEventBatch:
    """Keep what was read as a draft of the conversation; nothing is sent."""
    return SpeakerEventBatch.objects.create(
        conversation=conversation,
        created_by=user,
        source_format=source_format,
        file_name=clean(file_name)[:255],
        events=_document(Draft(timeline)),
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
        "people": {
            key: {"member": match.member, "name": match.name, "email": match.email}
            for key, match in draft.people.items()
        },
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
    _change(batch, version, BatchState.DRAFT, events=_document(draft))


def discard(batch: SpeakerEventBatch, *, version: int) -> None:
    """Delete a batch that the API does not have. Raises Outdated."""
    kept_here = (BatchState.DRAFT, BatchState.FAILED)
    unsent = SpeakerEventBatch.objects.filter(pk=batch.pk, version=version, state__in=kept_here)
    if not unsent.delete()[0]:
        raise Outdated


def hand_over(
    batch: SpeakerEventBatch, *, version: int, spans: tuple[Span, ...], expected: dict[str, Any]
) -> None:
    """Have a draft sent in the background as `spans`; `expected` is what the dry run said.

    To be called under the conversation's lock, in a transaction. Raises Outdated, or
    AnotherOnItsWay while another batch waits to be sent.
    """
    siblings = SpeakerEventBatch.objects.filter(conversation=batch.conversation_id)
    if siblings.filter(state=BatchState.PENDING).exclude(pk=batch.pk).exists():
        raise AnotherOnItsWay
    turns = [
        {**_told(span.speaker), "start_ms": span.start_ms, "end_ms": span.end_ms} for span in spans
    ]
    _change(batch, version, BatchState.DRAFT, spans=turns, expected=expected, **_due())


def send_again(batch: SpeakerEventBatch, *, version: int) -> None:
    """Have a batch that did not reach the API sent once more.

    Raises Outdated, Overtaken or AnotherOnItsWay.
    """
    with transaction.atomic():
        lock(batch.conversation_id)
        if batch.sent_at is None:
            raise Outdated
        later = SpeakerEventBatch.objects.filter(
            conversation=batch.conversation_id, sent_at__gt=batch.sent_at
        )
        if later.filter(state=BatchState.PUSHED).exists():
            raise Overtaken
        if later.filter(state=BatchState.PENDING).exists():
            raise AnotherOnItsWay
        # One attempt is behind it: what came of that is looked up before it is repeated.
        _change(batch, version, BatchState.FAILED, **_due(), push_attempts=1)


def reopen(batch: SpeakerEventBatch, *, version: int) -> None:
    """Make a draft again of a batch that did not reach the API. Raises Outdated."""
    _change(
        batch, version, BatchState.FAILED,
        state=BatchState.DRAFT, spans=[], expected=None, sent_at=None, push_attempts=0,
        push_error="",
    )  # fmt: skip


def lock(conversation_id: int) -> None:
    """Hold the conversation's row until the transaction ends, as syncs and corrections do."""
    Conversation.objects.select_for_update().get(pk=conversation_id)


def _due() -> dict[str, Any]:
    now = timezone.now()
    return {"state": BatchState.PENDING, "sent_at": now, "next_at": now, "push_error": ""}


def _change(batch: SpeakerEventBatch, version: int, seen: BatchState, /, **fields: Any) -> None:
    """Write `fields` if the batch is as it was seen, and wake a worker if it is due then."""
    with transaction.atomic():
        as_seen = SpeakerEventBatch.objects.filter(pk=batch.pk, version=version, state=seen)
        if not as_seen.update(version=F("version") + 1, **fields):
            raise Outdated
        if fields.get("state") == BatchState.PENDING:
            queue.wake(batch.conversation_id)
