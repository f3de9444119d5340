"""Sending a recording: the one step that must never happen twice unnoticed.

The order is what keeps the promise: build what is sent, snapshot, commit `submitting`,
and only then open the socket. Whatever happens after that is `unknown` unless the client proves
that the server took nothing.
"""

import datetime as dt
import hashlib
import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from conversations.models import Append, Conversation, Gate, Recording, Source, State
from conversations.pipeline import hooks, texts
from conversations.pipeline.engine_status import recognition_notice
from conversations.pipeline.gate import has_room
from conversations.pipeline.journal import Cause, record_late_answer
from conversations.pipeline.lease import TTL, Lease, LeaseLost
from conversations.pipeline.options import AppendOptions
from conversations.pipeline.sync import fetch
from conversations.pipeline.unreadable import keep
from conversations.pipeline.waiting import attempt_time, backoff
from conversations.symbl import (
    CHUNK_BYTES,
    Accepted,
    Kind,
    NotFound,
    OutcomeUnknown,
    Rejected,
    SymblClient,
    SymblError,
    TooManyJobs,
    Unauthorised,
    Unreadable,
)

logger = logging.getLogger(__name__)

RENEW_EVERY = dt.timedelta(seconds=5)
COMMIT_PAUSES = (0.2, 1.0, 3.0)
WAIT_FOR_ROOM = dt.timedelta(seconds=3)
WAIT_FOR_ENGINE = dt.timedelta(minutes=5)
UNSENDABLE = "What is kept here cannot be put into a request, so nothing was sent."
# The API checks the word that an audio file comes with, and finds out by itself
# when there is none (contract 2.2); other words than these it refuses.
SPOKEN_TYPES = {"audio/wav", "audio/mpeg", "video/mp4"}

# A file may be called anything; the API's name has no control characters (contract 2.3).
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class DeadlinePassed(Exception):
    """The time that was planned for an attempt is over."""


class ForeignAnswer(Exception):
    """The server's answer names a conversation or a job that belongs to another append here."""

    def __init__(self, accepted: Accepted) -> None:
        super().__init__(
            f"The server named conversation {accepted.conversation_id} and job "
            f"{accepted.job_id}, which belong to another recording here."
        )


def submit(lease: Lease, append: Append, client: SymblClient) -> None:
    """Send the head of the line if nothing stands against it, and write down what came of it."""
    if held_up(lease, append):
        return None
    token = hooks.new_token()
    try:
        hand_over = prepared(append, client, token)
    except (OSError, ValueError, OverflowError) as error:
        return damaged(lease, append, f"{UNSENDABLE} ({type(error).__name__})")
    try:
        snapshot = take_snapshot(lease, append.conversation, client)
    except NotFound as error:
        return refuse(lease, append, error)
    if not begin(lease, append, snapshot, token):
        return wait_for_room(lease, append)
    try:
        accepted = hand_over(on_chunk=_keeper(lease, append))
    except (SymblError, DeadlinePassed) as error:
        return conclude(lease, append, error)
    except BaseException as error:
        # django-q2 ends a task with SystemExit; the row must say so before it goes.
        conclude(lease, append, error)
        raise
    return keep_answer(lease, append, accepted)


def held_up(lease: Lease, append: Append) -> bool:
    """Return True if the append cannot be sent now; why not is written down."""
    # A transcript needs nobody who recognises speech.
    notice = None if append.recording.source == Source.TEXT else recognition_notice()
    if notice is not None:
        wait_for_engine(lease, append, notice)
        return True
    if not has_room(timezone.now()):
        wait_for_room(lease, append)
        return True
    damage = damage_of(append.recording)
    if damage is not None:
        damaged(lease, append, damage)
        return True
    return False


def keep_answer(lease: Lease, append: Append, accepted: Accepted) -> None:
    """Write down what the server answered, whatever the database is up to just now.

    The ids exist nowhere else: they go to the log first, and a commit that fails is
    tried again for a few seconds.
    """
    logger.info("append %s: accepted as job %s", append.pk, accepted.job_id)
    for pause in (*COMMIT_PAUSES, None):
        try:
            return enter_processing(lease, append, accepted)
        except LeaseLost:
            record_late_answer(append, accepted, timezone.now())
            raise
        except IntegrityError:
            append.refresh_from_db()
            return conclude(lease, append, ForeignAnswer(accepted))
        except DatabaseError:
            if pause is None:
                raise
            logger.exception("append %s: the answer could not be written", append.pk)
            connection.close()
            sleep(pause)
            append.refresh_from_db()
    return None


def damage_of(recording: Recording) -> str | None:
    """Return what is wrong with the stored bytes, None if they are those that were accepted."""
    if recording.source == Source.URL:
        return None
    try:
        with recording.file.open("rb") as stored:
            whole = hashlib.file_digest(stored, "sha256").hexdigest() == recording.sha256
    except OSError:
        return "The recording's file is missing from the server's storage."
    return None if whole else "The recording's file has changed since it was uploaded."


def damaged(lease: Lease, append: Append, damage: str) -> None:
    """What is stored is not what was handed over: a person has to look, nothing is sent."""
    lease.stop(append, State.FAILED, Cause(damage), code="damaged", sentence=damage)


def wait_for_room(lease: Lease, append: Append) -> None:
    """Stay in line until the API can take one more job."""
    now = timezone.now()
    wait = max(Gate.pause_until_now() - now, WAIT_FOR_ROOM)
    lease.note(append, now=now, next_at=now + wait, error="", error_code="")


def wait_for_engine(lease: Lease, append: Append, notice: str) -> None:
    """Stay in line while the bundled engine cannot work here; the page says why."""
    now = timezone.now()
    lease.note(append, now=now, next_at=now + WAIT_FOR_ENGINE, error_code="no_engine", error=notice)


def take_snapshot(lease: Lease, conversation: Conversation, client: SymblClient) -> dict[str, Any]:
    """Return what the API holds of the conversation: the evidence to compare with later."""
    if not conversation.remote_id:
        return {"messages": 0, "members": [], "duration_ms": 0}
    there = fetch(lease, client, conversation.remote_id)
    return {
        "messages": len(there.messages),
        "members": [member.id for member in there.members],
        "duration_ms": there.conversation.duration_ms or 0,
    }


def begin(lease: Lease, append: Append, snapshot: dict[str, Any], token: str = "") -> bool:
    """Return True once the row says `submitting`, committed; False if the gate has no room.

    `token` is that of the attempt's own webhook address; those of earlier attempts end here.
    """
    now = timezone.now()
    with transaction.atomic():
        Gate.lock()
        if not has_room(now):
            return False
        lease.move(
            append,
            State.SUBMITTING,
            Cause("Sending begins.", {"snapshot": snapshot}),
            now=now,
            attempt_id=uuid.uuid4(),
            attempts=append.attempts + 1,
            webhook_hash=hooks.digest(token) if token else None,
            snapshot=snapshot,
            offset_ms=snapshot["duration_ms"],
            deadline_at=now + attempt_time(append.recording.size),
            # Due once the lease can have run out: whoever finds it then finds an orphan.
            next_at=now + TTL,
            error="",
            error_code="",
        )
    return True


def prepared(append: Append, client: SymblClient, token: str) -> Callable[..., Accepted]:
    """Return the call that hands the recording to the API, by what it is; it takes `on_chunk`.

    All that can fail without the API fails here, before the row says `submitting`. Raises
    OSError, ValueError or OverflowError for what cannot be read or expressed.
    """
    recording, conversation_id = append.recording, append.conversation.remote_id
    source = Source(recording.source)
    name = "" if conversation_id else CONTROLS.sub(" ", append.conversation.name)
    chosen = replace(AppendOptions.from_json(append.options), name=name)
    options = chosen.parameters(source) | hooks.parameter(token)
    kind: Kind = "video" if recording.media_type == "video/mp4" else "audio"
    if source == Source.URL:
        return partial(
            client.submit_url,
            recording.url,
            kind=kind,
            conversation_id=conversation_id,
            options=options,
        )
    if source == Source.TEXT:
        messages = texts.from_json(
            Path(recording.file.path).read_bytes(), origin=_end_of(append.conversation)
        )
        return partial(
            client.submit_text, messages, conversation_id=conversation_id, options=options
        )
    return partial(
        client.submit_file,
        Path(recording.file.path),
        kind=kind,
        conversation_id=conversation_id,
        content_type=recording.media_type if recording.media_type in SPOKEN_TYPES else None,
        options=options,
    )


def _end_of(conversation: Conversation) -> dt.datetime:
    """Return when the conversation ends so far: what is appended begins there."""
    if conversation.started_at is None:
        return timezone.now()
    return conversation.started_at + dt.timedelta(milliseconds=conversation.duration_ms)


def _keeper(lease: Lease, append: Append) -> Callable[[int, int], None]:
    """Return what is called before each chunk: it stops a sending that lost its right to go on."""
    kept_at = timezone.now()

    def keep_on(sent: int, size: int) -> None:
        nonlocal kept_at
        now = timezone.now()
        if append.deadline_at is not None and now >= append.deadline_at:
            raise DeadlinePassed
        # The body may be complete only while nobody else can have declared this
        # attempt dead, so the lease is renewed before the last chunk in any case.
        is_last = sent + CHUNK_BYTES >= size
        if is_last or now - kept_at >= RENEW_EVERY:
            lease.keep()
            kept_at = now

    return keep_on


def enter_processing(
    lease: Lease, append: Append, accepted: Accepted, *, cause: Cause | None = None
) -> None:
    """Write down the job, and the conversation's id if this was its first."""
    now = timezone.now()
    with transaction.atomic():
        if append.conversation.remote_id is None:
            lease.renew(now, remote_id=accepted.conversation_id)
            append.conversation.remote_id = accepted.conversation_id
        lease.move(
            append,
            State.PROCESSING,
            cause or Cause("The server accepted the recording.", {"job_id": accepted.job_id}),
            now=now,
            job_id=accepted.job_id,
            next_at=now + dt.timedelta(seconds=1),
            stage="",
            stage_done=None,
        )


def conclude(lease: Lease, append: Append, error: BaseException) -> None:
    """Write down how an attempt without an answer ended; never backwards without proof.

    An answer that was there and says nothing of the job is kept: it may tell a person.
    """
    if isinstance(error.__cause__, Unreadable):
        keep(error.__cause__)
    if isinstance(error, TooManyJobs):
        return hold_back(lease, append, error)
    if isinstance(error, Rejected):
        return refuse(lease, append, error)
    if isinstance(error, SymblError) and error.nothing_sent:
        return put_back(lease, append, error)
    now = timezone.now()
    evidence: dict[str, Any] = {"error": type(error).__name__, "message": str(error)[:300]}
    if isinstance(error, OutcomeUnknown):
        evidence["accepted"] = error.accepted
    lease.move(
        append,
        State.UNKNOWN,
        Cause("The sending ended without an answer.", evidence),
        now=now,
        next_at=now + dt.timedelta(seconds=5),
        error_code="unknown",
        error=str(error)[:500] or "The sending was cut off.",
    )
    return None


def put_back(lease: Lease, append: Append, error: SymblError) -> None:
    """Back in line: the server saw nothing of the attempt."""
    now = timezone.now()
    lease.move(
        append,
        State.QUEUED,
        Cause("Nothing was sent.", {"error": type(error).__name__, "message": str(error)[:300]}),
        now=now,
        next_at=now + backoff(append.attempts),
        error_code=code_of(error),
        error=str(error)[:500],
    )


def code_of(error: Exception) -> str:
    """Return what kind of trouble keeps a recording waiting: the page's advice depends on it."""
    if isinstance(error, Unauthorised):
        return "credentials"
    return "unreachable" if isinstance(error, SymblError) else "internal"


def hold_back(lease: Lease, append: Append, error: TooManyJobs) -> None:
    """Back in line, and nobody else tries for a while: the account's job limit is reached."""
    now = timezone.now()
    wait = backoff(min(append.attempts - 1, 3))
    with transaction.atomic():
        Gate.pause(now + wait)
        lease.move(
            append,
            State.QUEUED,
            Cause("The server has as many jobs as it takes.", {"message": str(error)[:300]}),
            now=now,
            next_at=now + wait,
            error_code="",
            error="",
        )


def refuse(lease: Lease, append: Append, error: Rejected) -> None:
    """The server says no, and would say so again: a person has to look."""
    cause = Cause("The server refused the recording.", {"status": error.status})
    lease.stop(append, State.FAILED, cause, code="refused", sentence=str(error)[:500])
