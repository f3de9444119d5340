"""One conversation, one worker: do what is due, then say when to look again.

Called by the queue's task. Order within a conversation follows from the lease: only
the head of the line is ever acted on, and corrections go out between two appends.
"""

import datetime as dt
import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations import queue
from conversations.models import (
    Append,
    BatchState,
    Change,
    Conversation,
    PushState,
    SpeakerEventBatch,
    State,
)
from conversations.models.conversation import NEVER
from conversations.pipeline.api import connect
from conversations.pipeline.imports import DELETED, fetch_wanted, to_fetch
from conversations.pipeline.lease import Lease, LeaseLost, claim
from conversations.pipeline.poll import OLDEST_JOB, poll, stall
from conversations.pipeline.push import line_head, push, pushing_must_wait
from conversations.pipeline.recover import gather, orphaned
from conversations.pipeline.speaker_push import first_of, next_batch, send
from conversations.pipeline.submit import code_of, submit
from conversations.pipeline.sync import refresh, sync
from conversations.pipeline.waiting import backoff
from conversations.symbl import NotFound, SymblClient, SymblError

logger = logging.getLogger(__name__)

STEPS: dict[State, Callable[[Lease, Append, SymblClient], None]] = {
    State.QUEUED: submit,
    State.SUBMITTING: orphaned,
    State.PROCESSING: poll,
    State.SYNCING: sync,
    State.UNKNOWN: gather,
}
INTERNAL = "Something went wrong here, not at the server; the log says more."
MOST_TRIES = 10
# More steps than one visit can need; a loop that went on for ever would hide a mistake.
MOST_STEPS = 50
ANOTHER_HOLDS = dt.timedelta(seconds=2)


def advance(conversation_id: int) -> None:
    """Do everything that is due for the conversation. Safe to call at any time, any number."""
    now = timezone.now()
    if not is_due(next_due(conversation_id), now):
        return wake_when_due(conversation_id)
    lease = claim(conversation_id, now)
    if lease is None:
        # Whoever holds it may already have looked past what this wake-up is about.
        return wake_at(conversation_id, now + ANOTHER_HOLDS)
    try:
        with connect() as client:
            for _ in range(MOST_STEPS):
                if not step(lease, client):
                    break
    except LeaseLost:
        logger.warning("conversation %s: the lease was lost", conversation_id)
    finally:
        lease.release()
    return wake_when_due(conversation_id)


def step(lease: Lease, client: SymblClient) -> bool:
    """Return True if something was due and was done."""
    now = timezone.now()
    head = line_head(lease.conversation_id)
    waiting = None if pushing_must_wait(head, now) else next_push(lease.conversation_id)
    if waiting is not None and is_due(waiting.next_at, now):
        if isinstance(waiting, SpeakerEventBatch):
            send(lease, waiting, client)
        else:
            push(lease, waiting, client)
        return True
    if fetch_wanted(lease.conversation_id):
        fetch_whole(lease, client)
        return True
    act = STEPS.get(State(head.state)) if head else None
    if head is None or act is None or not is_due(head.next_at, now):
        return False
    due = head.next_at
    try:
        act(lease, head, client)
    except LeaseLost:
        raise
    except Exception as error:
        # Also what nobody foresaw: a row that fails unseen would be tried for ever.
        try_again(lease, head, error, due)
    return True


def fetch_whole(lease: Lease, client: SymblClient) -> None:
    """Read the whole conversation because somebody wants it; what goes wrong, they decide on."""
    conversation = Conversation.objects.get(pk=lease.conversation_id)
    try:
        refresh(lease, conversation, client)
    except LeaseLost:
        raise
    except Exception as error:
        foreseen = isinstance(error, SymblError)
        logger.warning(
            "conversation %s: not fetched: %s", conversation.pk, error, exc_info=not foreseen
        )
        told = DELETED if isinstance(error, NotFound) else sentence_of(error)
        lease.renew(timezone.now(), sync_error=told)


def sentence_of(error: Exception) -> str:
    """Return what the screens say about an error of a step."""
    if isinstance(error, SymblError) and str(error):
        return str(error)[:500]
    return f"{INTERNAL} ({type(error).__name__})"


def try_again(lease: Lease, append: Append, error: Exception, due: dt.datetime | None) -> None:
    """The step that was `due` failed, which costs nothing: wait, longer each time, and say why.

    What time does not heal ends as `stalled`, which a person decides on.
    """
    append.refresh_from_db()
    # A webhook's hint that came during the step is for the next one.
    append.next_at = due
    foreseen = isinstance(error, SymblError)
    logger.warning("append %s: %s", append.pk, error, exc_info=not foreseen)
    sentence = sentence_of(error)
    now = timezone.now()
    heals = isinstance(error, SymblError) and error.retryable
    old = now - append.state_since > OLDEST_JOB
    stuck = old or (append.tries + 1 >= MOST_TRIES and not heals)
    if stuck and append.state in (State.PROCESSING, State.SYNCING):
        return stall(lease, append, sentence)
    lease.note(
        append,
        now=now,
        next_at=now + backoff(append.tries),
        tries=append.tries + 1,
        error_code=code_of(error),
        error=sentence,
    )
    return None


def is_due(at: dt.datetime | None, now: dt.datetime) -> bool:
    return at is not None and at <= now


def next_change(conversation_id: int) -> Change | None:
    """Return the oldest correction that has to be sent: a later one must not overtake it."""
    pending = Change.objects.filter(conversation_id=conversation_id, push_state=PushState.PENDING)
    return pending.select_related("member", "into", "conversation").order_by("pk").first()


def next_push(conversation_id: int) -> Change | SpeakerEventBatch | None:
    """Return what has to be sent next, corrections and speaker events in one order."""
    return first_of(next_change(conversation_id), next_batch(conversation_id))


def next_due(conversation_id: int) -> dt.datetime | None:
    """Return when the conversation next wants attention, None if it does not.

    What is to be fetched has been due all along.
    """
    head = line_head(conversation_id)
    due = [head.next_at] if head and head.next_at and State(head.state) in STEPS else []
    if not pushing_must_wait(head, timezone.now()):
        waiting = next_push(conversation_id)
        due += [waiting.next_at] if waiting and waiting.next_at else []
    if fetch_wanted(conversation_id):
        due.append(NEVER)
    return min(due, default=None)


def wake_when_due(conversation_id: int) -> None:
    """Have a worker look at the conversation when it next wants attention."""
    due = next_due(conversation_id)
    if due is not None:
        wake_at(conversation_id, due)


def wake_at(conversation_id: int, due: dt.datetime) -> None:
    """Put one delayed wake-up into the queue, unless one that is early enough is there.

    Every visit ends here, so without this each wake-up would beget another for ever.
    """
    now = timezone.now()
    outdated = Q(wake_at=None) | Q(wake_at__lte=now) | Q(wake_at__gt=due)
    with transaction.atomic():
        if Conversation.objects.filter(outdated, pk=conversation_id).update(wake_at=max(due, now)):
            queue.wake_later(conversation_id, max(0.0, (due - now).total_seconds()))


def due_conversations(now: dt.datetime) -> list[int]:
    """Return the conversations that somebody should look at by `now`, for the sweep."""
    appends = Q(appends__in=Append.objects.due(now))
    changes = Q(changes__in=Change.objects.filter(push_state=PushState.PENDING, next_at__lte=now))
    fetches = Q(pk__in=to_fetch().values("pk"))
    due = SpeakerEventBatch.objects.filter(state=BatchState.PENDING, next_at__lte=now)
    batches = Q(speaker_event_batches__in=due)
    free = Conversation.objects.filter(lease_until__lt=now).filter(
        appends | changes | batches | fetches
    )
    return list(free.order_by("pk").values_list("pk", flat=True).distinct())
