"""Accepting a submission: what is checked before its body is read, and the job made of it.

Called by the `process` views. A submission is not idempotent, so a refusal or a
broken-off body must leave nothing behind.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from conversations import sealing
from conversations.engine import audio, changes, wake, webhooks
from conversations.engine.errors import ApiError, TooManyJobs
from conversations.engine.models import Conversation, Intake, Job, new_id
from conversations.engine.recognition.bundled import Status as RecognitionStatus
from conversations.engine.schemas import MOST_METADATA

Kind = Literal["audio", "video"]
JSON = "application/json"

#: What a recording of each kind may be said to be (contract 2.2).
MEDIA_TYPES: dict[Kind, frozenset[str]] = {
    "audio": frozenset({"audio/wav", "audio/wave", "audio/mpeg", "audio/mp3"}),
    "video": frozenset({"video/mp4"}),
}
# What HTTP tools say by themselves when nobody chose a type. The last one is what
# Python's own server, behind `runserver`, reports when the header is absent.
_NO_TYPE = frozenset(
    {"", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A file that is on disk, or a `url`; `conversation_id` None starts a new conversation."""

    conversation_id: str | None
    name: str
    options: dict[str, Any]
    metadata: dict[str, str] = field(default_factory=dict)
    webhook: str = ""
    audio: str = ""
    url: str = ""
    media_type: str = ""


def checked_type(kind: Kind, content_type: str) -> str:
    """Return the media type of a request, "" when the recording itself has to tell.

    Raise ApiError 400 for a type the contract does not list (sections 2.2, C9 and C21).
    """
    content_type = content_type.lower()
    if content_type in MEDIA_TYPES[kind]:
        return content_type
    if content_type in _NO_TYPE and (kind == "audio" or content_type in {"", "text/plain"}):
        return ""
    known = ", ".join(sorted(MEDIA_TYPES[kind]))
    raise ApiError(400, f"Content-Type must be one of {known}, or be left out.")


def require_json(content_type: str) -> None:
    """Raise ApiError 400 for a body that is not said to be JSON (contract 2.2)."""
    if content_type.lower() != JSON:
        raise ApiError(400, f"Content-Type must be {JSON}.")


def recognition_status() -> RecognitionStatus:
    """Return what recognises speech here, and whether it can."""
    status: RecognitionStatus = import_module(settings.ENGINE_FACTORY).status()
    return status


def require_recognition() -> None:
    """Raise ApiError 503 when speech recognition cannot run on this computer."""
    status = recognition_status()
    if not status.available:
        raise ApiError(503, status.reason or "Speech recognition is not available.")


def require_room() -> None:
    """Raise TooManyJobs at the ceiling of jobs that are scheduled or in progress."""
    if Job.objects.unfinished().count() >= settings.ENGINE_MAX_JOBS:
        raise TooManyJobs(settings.ENGINE_MAX_JOBS)


def existing(conversation_id: str) -> Conversation:
    """Return the conversation; raise ApiError 404 when the id is malformed or unknown."""
    if conversation_id.isascii() and conversation_id.isdigit():
        conversation = Conversation.objects.filter(pk=conversation_id).first()
        if conversation:
            return conversation
    raise ApiError(404, "The conversation id is invalid or unknown.")


def schedule(submission: Submission, now: dt.datetime) -> Job:
    """Return the new job, once its row is committed and a worker is being woken.

    Raise TooManyJobs, ApiError 404, or 400 for more metadata than a conversation may have;
    then nothing was created, and the file is gone.
    Submissions are decided one at a time, so two that arrive together cannot both take
    the last place.
    """
    try:
        return _scheduled(submission, now)
    except BaseException:
        if submission.audio:
            audio.discard(submission.audio)
        raise


def _scheduled(submission: Submission, now: dt.datetime) -> Job:
    with transaction.atomic():
        Intake.lock()
        require_room()
        conversation = _conversation(submission, now)
        last = conversation.jobs.aggregate(seq=Max("seq"))["seq"] or 0
        job = Job.objects.create(
            conversation=conversation,
            seq=last + 1,
            options=submission.options,
            audio=submission.audio,
            url=sealing.seal(submission.url) if submission.url else "",
            webhook=sealing.seal(submission.webhook) if submission.webhook else "",
            media_type=submission.media_type,
            created_at=now,
        )
        webhooks.announce(job, now)
        # Robust: the job is there, and the sweep wakes a worker if this does not.
        transaction.on_commit(wake.now, robust=True)
    return job


def _require_few(metadata: Mapping[str, Any]) -> None:
    """Raise ApiError 400 for more entries, but for the engine's own, than one call may name."""
    if len(metadata.keys() - {changes.RECOGNISER}) > MOST_METADATA:
        raise ApiError(
            400,
            f"metadata must not bring the conversation to more than {MOST_METADATA} entries.",
        )


def _conversation(submission: Submission, now: dt.datetime) -> Conversation:
    """Return the conversation a submission goes to, named and described as it asks."""
    told = {key: text for key, text in submission.metadata.items() if key != changes.RECOGNISER}
    if submission.conversation_id is not None:
        conversation = changes.locked(existing(submission.conversation_id))
        if submission.name:
            conversation.name = submission.name
            conversation.save(update_fields=["name"])
        if told:
            conversation.metadata |= told
            _require_few(conversation.metadata)
            conversation.save(update_fields=["metadata"])
        return conversation
    new = new_id()
    # The API tells times in milliseconds, so a finer start would only add rounding.
    start = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return Conversation.objects.create(
        id=new, name=submission.name or new, start_time=start, metadata=told
    )
