"""Sending speaker events to the API, and looking at what it did with them; called by `advance`.

The newest set counts at the API and the same set twice changes nothing (contract 6.4), so
an attempt whose outcome is unknown may be repeated. It is not repeated blindly: the
transcript is read first, and nothing is sent if it shows what was expected.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.models import (
    BatchState,
    Change,
    Member,
    Message,
    SpeakerEventBatch,
    shown_member,
)
from conversations.pipeline.lease import Lease, LeaseLost
from conversations.pipeline.speaker_events import HEAVY, spans_of
from conversations.pipeline.sync import refresh
from conversations.pipeline.waiting import backoff
from conversations.speaker_events import EventType, Speaker, events_of, find_person
from conversations.symbl import Rejected, SpeakerEvent, SymblClient, SymblError

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = 8
#: The API may show what it did only a while after its answer (contract 6.1): about 35 s.
MOST_LOOKS = 4
NO_REMOTE = "The API does not know this conversation yet."
UNREAD = "The API took it, but what it did with it could not be read."
UNFORESEEN = "Something went wrong here, not at the API; the log says more."

Owners = dict[int, int | None]
"""The shown member of each line, as the API says, by primary keys."""


def next_batch(conversation_id: int) -> SpeakerEventBatch | None:
    """Return the oldest batch that waits to be sent, without what it holds."""
    waiting = SpeakerEventBatch.objects.filter(
        conversation_id=conversation_id, state=BatchState.PENDING
    )
    return waiting.defer(*HEAVY).order_by("sent_at", "pk").first()


def first_of(
    change: Change | None, batch: SpeakerEventBatch | None
) -> Change | SpeakerEventBatch | None:
    """Return which of the two somebody decided first: at the API the later call wins."""
    if change is not None and batch is not None and batch.sent_at is not None:
        return change if change.at <= batch.sent_at else batch
    return change or batch


def send(lease: Lease, waiting: SpeakerEventBatch, client: SymblClient) -> None:
    """Take the next step with a batch: send it, or look what became of it."""
    batch = SpeakerEventBatch.objects.select_related("conversation").get(pk=waiting.pk)
    if batch.conversation.remote_id is None:
        return _settle(lease, batch, BatchState.FAILED, NO_REMOTE)
    try:
        if batch.outcome is None and not _arrived_before(lease, batch, client):
            _tell(lease, batch, batch.conversation.remote_id, client)
        if batch.state == BatchState.PENDING:
            _look(lease, batch, client)
    except LeaseLost:
        raise
    except Rejected as error:
        _give_up(lease, batch, str(error))
    except Exception as error:
        # What nobody foresaw must not hold up the conversation's appends for ever.
        foreseen = isinstance(error, SymblError)
        logger.warning("batch %s: %s", batch.pk, error, exc_info=not foreseen)
        _put_off(lease, batch, str(error) if foreseen else UNFORESEEN)
    return None


def _arrived_before(lease: Lease, batch: SpeakerEventBatch, client: SymblClient) -> bool:
    """Return True if an earlier attempt, whose answer was lost, did all that was expected."""
    if not batch.push_attempts or not _expected(batch):
        return False
    outcome = _compared(lease, batch, client)
    if outcome["missing"]:
        return False
    _settle(lease, batch, BatchState.PUSHED, "", outcome=outcome)
    return True


def _tell(lease: Lease, batch: SpeakerEventBatch, remote_id: str, client: SymblClient) -> None:
    """Send the events, and write down that the API took them."""
    events = [
        SpeakerEvent(
            started=event.type is EventType.STARTED,
            id=event.speaker.id,
            name=event.speaker.name,
            email=event.speaker.email,
            offset_ms=event.offset_ms,
        )
        for event in events_of(spans_of(batch))
    ]
    # Before the socket opens: whoever finds it later knows that it may have arrived.
    _write(lease, batch, push_attempts=max(batch.push_attempts, 1))
    lease.keep()
    client.update_speakers(remote_id, events)
    _write(lease, batch, outcome={}, push_attempts=0, push_error="")


def _look(lease: Lease, batch: SpeakerEventBatch, client: SymblClient) -> None:
    """Compare what the API shows with the dry run; look again later if something is missing."""
    outcome = _compared(lease, batch, client)
    looks = batch.push_attempts + 1
    if not outcome["missing"] or looks >= MOST_LOOKS:
        return _settle(lease, batch, BatchState.PUSHED, "", outcome=outcome)
    due = timezone.now() + backoff(batch.push_attempts)
    return _write(lease, batch, outcome=outcome, push_attempts=looks, next_at=due)


def _compared(lease: Lease, batch: SpeakerEventBatch, client: SymblClient) -> dict[str, Any]:
    """Read the conversation anew; return how what changed compares with the dry run.

    `as_expected` counts; `missing` are lines that should have changed and did not, or to
    somebody else; `others` are lines that changed unforeseen, over all looks.
    """
    before = _owners(batch.conversation_id)
    refresh(lease, batch.conversation, client)
    after = _owners(batch.conversation_id)
    expected = _expected(batch)
    wanted = _wanted(batch)
    missing = [
        {"message": pk, "to": after[pk]}
        for pk, to in expected.items()
        if pk in after and (wanted[to] is None or after[pk] != wanted[to])
    ]
    began = {one["message"]: one["from"] for one in (batch.outcome or {}).get("others", ())}
    began |= {
        pk: before[pk]
        for pk, owner in after.items()
        if pk in before and pk not in expected and pk not in began and before[pk] != owner
    }
    others = [
        {"message": pk, "from": owner, "to": after[pk]}
        for pk, owner in began.items()
        if pk in after and after[pk] != owner
    ]
    as_expected = sum(pk in after for pk in expected) - len(missing)
    return {"as_expected": as_expected, "missing": missing, "others": others}


def _expected(batch: SpeakerEventBatch) -> dict[int, str]:
    """Return whom each line goes to that the dry run said would change."""
    return {one["message"]: one["to"] for one in (batch.expected or {}).get("changes", ())}


def _wanted(batch: SpeakerEventBatch) -> dict[str, int | None]:
    """Return the shown member that each speaker of the batch has become, by the id sent.

    The API may have given a new person an id of its own.
    """
    members = {row.pk: row for row in Member.objects.filter(conversation=batch.conversation_id)}
    people = {
        Speaker(row.remote_id, row.remote_name, row.remote_email): row
        for row in members.values()
        if not row.gone
    }
    found: dict[str, int | None] = {}
    for speaker in _speakers(batch):
        person = find_person(speaker, people)
        found[speaker.id] = _shown(people[person].pk if person else None, members)
    return found


def _speakers(batch: SpeakerEventBatch) -> Iterable[Speaker]:
    return {span.speaker.id: span.speaker for span in spans_of(batch)}.values()


def _owners(conversation_id: int) -> Owners:
    members = {row.pk: row for row in Member.objects.filter(conversation=conversation_id)}
    lines = Message.objects.filter(conversation=conversation_id, gone=False)
    owner = {pk: _shown(pk, members) for pk in (None, *members)}
    return {pk: owner[remote] for pk, remote in lines.values_list("pk", "remote_member")}


def _shown(pk: int | None, members: dict[int, Member]) -> int | None:
    member = shown_member(pk, members)
    return member.pk if member else None


def _settle(
    lease: Lease, batch: SpeakerEventBatch, state: BatchState, sentence: str, **fields: Any
) -> None:
    """Write down how it ended."""
    _write(lease, batch, state=state, push_error=sentence[:500], next_at=None, **fields)


def _put_off(lease: Lease, batch: SpeakerEventBatch, sentence: str) -> None:
    """Try again later, or leave it to a person after many tries."""
    tries = batch.push_attempts + 1
    if tries >= (GIVE_UP_AFTER if batch.outcome is None else MOST_LOOKS):
        return _give_up(lease, batch, sentence)
    due = timezone.now() + backoff(batch.push_attempts)
    return _write(lease, batch, push_error=sentence[:500], push_attempts=tries, next_at=due)


def _give_up(lease: Lease, batch: SpeakerEventBatch, sentence: str) -> None:
    """Stop trying: the API refused it, or took it and does not show what it did."""
    if batch.outcome is None:
        return _settle(lease, batch, BatchState.FAILED, sentence)
    return _settle(lease, batch, BatchState.PUSHED, f"{UNREAD} {sentence}")


def _write(lease: Lease, batch: SpeakerEventBatch, **fields: Any) -> None:
    """Write `fields` of the batch; LeaseLost if the conversation is somebody else's now."""
    for name, value in fields.items():
        setattr(batch, name, value)
    with transaction.atomic():
        lease.renew(timezone.now())
        SpeakerEventBatch.objects.filter(pk=batch.pk).update(**fields)
