"""Sending speaker events to the API, and looking at what it did with them; called by `advance`.

The newest set counts at the API and the same set twice changes nothing (contract 6.4), so
an attempt whose outcome is unknown may be repeated. It is not repeated blindly: the
transcript is read first, and nothing is sent if it shows what was expected, or if sending
would change something else by now than the dry run said.
"""

import logging
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
from conversations.pipeline.speaker_dry_run import Conversed, is_as_agreed
from conversations.pipeline.speaker_events import (
    AS_DRAFT,
    HEAVY,
    LOOK,
    LOST,
    spans_of,
    was_lost,
    was_taken,
)
from conversations.pipeline.speaker_sent import became
from conversations.pipeline.sync import refresh
from conversations.pipeline.waiting import GIVE_UP_AFTER, backoff
from conversations.speaker_events import EventType, events_of
from conversations.symbl import Rejected, SpeakerEvent, SymblClient, SymblError

logger = logging.getLogger(__name__)

#: The API may show what it did only a while after its answer (contract 6.1): about 35 s.
MOST_LOOKS = 4
NO_REMOTE = "The API does not know this conversation yet."
UNREAD = "The API took it, but what it did with it could not be read."
NOT_SHOWN = "The transcript was read: it does not show what was expected."
CANNOT_SHOW = "No line and no name was to change, so the transcript cannot show whether it arrived."
CHANGED = (
    "It was not sent: the transcript changed while it waited. "
    "This is what would change now; send it if that is still right."
)
CHANGED_AFTER = "It was not sent once more: the transcript has changed meanwhile."
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
        if not was_taken(batch):
            _bring(lease, batch, batch.conversation.remote_id, client)
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


def _bring(lease: Lease, batch: SpeakerEventBatch, remote_id: str, client: SymblClient) -> None:
    """Send a batch, unless it arrived before, or is no longer what somebody agreed to."""
    if was_lost(batch) and _arrived_before(lease, batch, client):
        return None
    if batch.outcome == LOOK:
        sentence = NOT_SHOWN if _shows(batch) else CANNOT_SHOW
        return _settle(lease, batch, BatchState.FAILED, sentence)
    if is_as_agreed(Conversed(batch.conversation), batch):
        return _tell(lease, batch, remote_id, client)
    if was_lost(batch):
        return _settle(lease, batch, BatchState.FAILED, CHANGED_AFTER)
    again = {**AS_DRAFT, "version": batch.version + 1, "push_error": CHANGED}
    return _write(lease, batch, state=BatchState.DRAFT, **again)


def _arrived_before(lease: Lease, batch: SpeakerEventBatch, client: SymblClient) -> bool:
    """Return True if an earlier attempt, whose answer was lost, did all that was expected."""
    if not _shows(batch):
        return False
    outcome = _compared(lease, batch, client)
    if not _is_complete(outcome):
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
    lease.keep()
    before = batch.outcome
    # Before the socket opens: whoever finds it later knows that it may have arrived.
    _write(lease, batch, outcome=LOST)
    try:
        client.update_speakers(remote_id, events)
    except SymblError as error:
        if error.nothing_sent:
            _write(lease, batch, outcome=before)
        raise
    _write(lease, batch, outcome={}, push_attempts=0, push_error="")


def _look(lease: Lease, batch: SpeakerEventBatch, client: SymblClient) -> None:
    """Compare what the API shows with the dry run; look again later if something is missing."""
    outcome = _compared(lease, batch, client)
    looks = batch.push_attempts + 1
    if _is_complete(outcome) or looks >= MOST_LOOKS:
        return _settle(lease, batch, BatchState.PUSHED, "", outcome=outcome)
    due = timezone.now() + backoff(batch.push_attempts)
    return _write(lease, batch, outcome=outcome, push_attempts=looks, next_at=due)


def _compared(lease: Lease, batch: SpeakerEventBatch, client: SymblClient) -> dict[str, Any]:
    """Read the conversation anew; return how what changed compares with the dry run.

    `as_expected` counts; `missing` are lines that should have changed and did not, or to
    somebody else; `others` are lines that changed unforeseen, over all looks. `people`
    are the members that those have become whom it named, by the id sent; `unnamed` those
    who should have got another name and did not.
    """
    before = _owners(batch.conversation_id)
    refresh(lease, batch.conversation, client)
    after = _owners(batch.conversation_id)
    expected = _expected(batch)
    people, wanted = _wanted(batch)
    missing = [
        {"message": pk, "to": after[pk]}
        for pk, to in expected.items()
        if pk in after and (to not in wanted or after[pk] != wanted[to])
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
    return {
        "as_expected": as_expected,
        "missing": missing,
        "others": others,
        "people": people,
        "unnamed": _unnamed(batch),
    }


def _is_complete(outcome: dict[str, Any]) -> bool:
    return not outcome["missing"] and not outcome["unnamed"]


def _shows(batch: SpeakerEventBatch) -> bool:
    """Return True if something was to change that can be read at the API."""
    return bool(_expected(batch) or (batch.expected or {}).get("names"))


def _unnamed(batch: SpeakerEventBatch) -> list[int]:
    """Return the members who do not have the name at the API that the dry run said."""
    names = {one["member"]: one["to"] for one in (batch.expected or {}).get("names", ())}
    there = Member.objects.filter(pk__in=names).values_list("pk", "remote_name").order_by("pk")
    return [pk for pk, name in there if name != names[pk]]


def _expected(batch: SpeakerEventBatch) -> dict[int, str | None]:
    """Return whom each line goes to that the dry run said would change."""
    return {one["message"]: one["to"] for one in (batch.expected or {}).get("changes", ())}


def _wanted(batch: SpeakerEventBatch) -> tuple[dict[str, int], dict[str | None, int | None]]:
    """Return the shown members whom the batch named, and those whom lines are expected to have.

    The first by the id sent; the second also by the API's own, and nobody by None.
    """
    members = {row.pk: row for row in Member.objects.filter(conversation=batch.conversation_id)}
    people = {key: member.pk for key, member in became(batch, members).items()}
    wanted: dict[str | None, int | None] = {None: None}
    wanted |= {row.remote_id: _shown(row.pk, members) for row in members.values()}
    wanted.update(people)
    return people, wanted


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
    """Write down how it ended; what is lost stays lost, but is not looked for any more."""
    if was_lost(batch):
        fields = {"outcome": LOST, **fields}
    _write(lease, batch, state=state, push_error=sentence[:500], next_at=None, **fields)


def _put_off(lease: Lease, batch: SpeakerEventBatch, sentence: str) -> None:
    """Try again later, or leave it to a person after many tries."""
    tries = batch.push_attempts + 1
    if tries >= (MOST_LOOKS if was_taken(batch) else GIVE_UP_AFTER):
        return _give_up(lease, batch, sentence)
    due = timezone.now() + backoff(batch.push_attempts)
    return _write(lease, batch, push_error=sentence[:500], push_attempts=tries, next_at=due)


def _give_up(lease: Lease, batch: SpeakerEventBatch, sentence: str) -> None:
    """Stop trying: the API refused it, or took it and does not show what it did."""
    if was_taken(batch):
        return _settle(lease, batch, BatchState.PUSHED, f"{UNREAD} {sentence}")
    return _settle(lease, batch, BatchState.FAILED, sentence)


def _write(lease: Lease, batch: SpeakerEventBatch, **fields: Any) -> None:
    """Write `fields` of the batch; LeaseLost if the conversation is somebody else's now."""
    for name, value in fields.items():
        setattr(batch, name, value)
    with transaction.atomic():
        lease.renew(timezone.now())
        SpeakerEventBatch.objects.filter(pk=batch.pk).update(**fields)
