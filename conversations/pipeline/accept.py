"""Taking a recording in: checked, stored, and put in its conversation's line.

Called by the upload views, `manage.py append` and the demo's samples.
"""

import errno
import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from tinytag import TinyTag, TinyTagException

from conversations import queue
from conversations.models import Append, Conversation, Recording, Team
from conversations.pipeline.journal import Cause, record_start
from conversations.pipeline.options import AppendOptions
from conversations.pipeline.sniffing import HEAD_BYTES, sniff

ACCEPTED_NAMES = "WAV, MP3, M4A, MP4, FLAC, OGG, Opus, WebM, AAC, AC3, AIFF, AMR or WMA"
REASONS = {
    "empty": "This file is empty: 0 bytes. Choose the recording again.",
    "wrong_type": (
        "This is not a recording we can read: what is inside is none of "
        f"{ACCEPTED_NAMES}, whatever the file is called."
    ),
    "too_large": "This file is larger than {limit}, the limit here. Nothing of it was kept.",
    "too_long": "This recording is longer than {hours} hours, the limit of the speech server.",
    "disk_full": (
        "There is no room left on the server's disk, so the recording was not kept. "
        "Your file is untouched; tell an admin, then upload it again."
    ),
}


class RefusedRecording(Exception):
    """A file that is not taken in. `reason` is a sentence for the person who chose it."""

    def __init__(self, code: str) -> None:
        limit = filesizeformat(settings.MAX_RECORDING_BYTES).replace("\xa0", " ")
        hours = f"{settings.MAX_RECORDING_SECONDS / 3600:g}"
        self.code = code
        self.reason = REASONS[code].format(limit=limit, hours=hours)
        super().__init__(self.reason)


def accept_recording(*, file: "File[bytes]", team: Team, user: User | None) -> Recording:
    """Store `file` under a random name and return its row.

    Raises RefusedRecording (empty, wrong_type, too_large, too_long, disk_full) with
    nothing left behind. The content decides on the type, the name is kept as text.
    """
    if not file.size:
        raise RefusedRecording("empty")
    if file.size > settings.MAX_RECORDING_BYTES:
        raise RefusedRecording("too_large")
    file.seek(0)
    media_type = sniff(file.read(HEAD_BYTES))
    if media_type is None:
        raise RefusedRecording("wrong_type")
    recording = Recording(
        team=team,
        original_name=(file.name or "recording").rsplit("/", 1)[-1][:255],
        media_type=media_type,
        size=file.size,
        sha256=getattr(file, "sha256", "") or _sha256(file),
        created_by=user,
    )
    try:
        recording.file.save(recording.original_name, file, save=False)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise RefusedRecording("disk_full") from error
        raise
    try:
        _settle_on_disk(Path(recording.file.path))
        recording.duration_ms = _duration_ms(recording)
        recording.save()
    except BaseException:
        recording.file.delete(save=False)
        raise
    return recording


def start_conversation(
    recording: Recording, *, name: str, options: AppendOptions, user: User | None
) -> Append:
    """Open a conversation with `recording` as its first append; return the append."""
    with transaction.atomic():
        conversation = Conversation.objects.create(
            team=recording.team, name=(name.strip() or recording.title)[:200], created_by=user
        )
        return append_recording(conversation, recording, options=options, user=user)


def append_recording(
    conversation: Conversation, recording: Recording, *, options: AppendOptions, user: User | None
) -> Append:
    """Put `recording` last in the conversation's line and wake a worker; return the append."""
    now = timezone.now()
    with transaction.atomic():
        # The conversation's row orders two appends that arrive at the same instant.
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        last = Append.objects.filter(conversation=conversation).order_by("-seq").first()
        append = Append.objects.create(
            conversation=conversation,
            seq=last.seq + 1 if last else 1,
            recording=recording,
            options=options.to_json(),
            state_since=now,
            next_at=now,
            created_by=user,
        )
        evidence = {"sha256": recording.sha256, "size": recording.size}
        record_start(append, Cause("The recording was handed over.", evidence, user), now=now)
        queue.wake(conversation.pk)
    return append


def _settle_on_disk(path: Path) -> None:
    """Have the bytes and their name survive a power cut before a row says that they are there."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sha256(file: "File[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _duration_ms(recording: Recording) -> int | None:
    """Return the length the container states, None where it cannot be told cheaply.

    Raises RefusedRecording when it is above the limit.
    """
    try:
        with recording.file.open("rb") as stored:
            seconds = TinyTag.get(file_obj=stored.file).duration
    except (TinyTagException, ValueError, EOFError, OSError, IndexError, KeyError):
        return None
    if not seconds or seconds <= 0:
        return None
    if seconds > settings.MAX_RECORDING_SECONDS:
        raise RefusedRecording("too_long")
    return round(seconds * 1000)
