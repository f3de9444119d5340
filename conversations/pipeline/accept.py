"""Taking a recording in: checked, kept, and put in its conversation's line.

A recording is a file, an address that the speech server fetches from, or a transcript.

Called by the upload views, `manage.py append` and the demo's samples.
"""

import errno
import hashlib
import os
from collections.abc import Sequence
from mimetypes import guess_type
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from tinytag import TinyTag, TinyTagException

from conversations import addresses, queue
from conversations.models import Append, Conversation, Recording, Source, Team
from conversations.pipeline.journal import Cause, record_start
from conversations.pipeline.options import AppendOptions
from conversations.pipeline.sniffing import HEAD_BYTES, sniff
from conversations.pipeline.texts import MAX_TEXT_BYTES, Said, to_json
from conversations.symbl import Kind

#: What an address ends with that tells what is behind it; an MP4 may be nothing but sound,
#: yet the API takes it as a video alone (contract 2.2).
KINDS: dict[str, Kind] = {
    ".mp4": "video",
    ".wav": "audio",
    ".mp3": "audio",
    ".m4a": "audio",
    ".aac": "audio",
    ".ac3": "audio",
    ".aif": "audio",
    ".aiff": "audio",
    ".amr": "audio",
    ".flac": "audio",
    ".ogg": "audio",
    ".opus": "audio",
    ".wma": "audio",
}
MEDIA_TYPES: dict[Kind, str] = {"audio": "audio/*", "video": "video/mp4"}
PASTED = "Pasted transcript"
ACCEPTED_NAMES = "WAV, MP3, M4A, MP4, FLAC, OGG, Opus, WebM, AAC, AC3, AIFF, AMR or WMA"
REASONS = {
    "empty": "This file is empty: 0 bytes. Choose the recording again.",
    "wrong_type": (
        "This is not a recording we can read: what is inside is none of "
        f"{ACCEPTED_NAMES}, whatever the file is called."
    ),
    "too_large": "This file is larger than {limit}, the limit here. Nothing of it was kept.",
    "text_too_large": "This transcript is larger than {text_limit}, the limit here.",
    "address": "This address {detail}",
    "too_long": "This recording is longer than {hours} hours, the limit of the speech server.",
    "disk_full": (
        "There is no room left on the server's disk, so the recording was not kept. "
        "Your file is untouched; tell an admin, then upload it again."
    ),
}


class RefusedRecording(Exception):
    """A recording that is not taken in. `reason` is a sentence for the person who chose it."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.reason = REASONS[code].format(
            limit=in_words(settings.MAX_RECORDING_BYTES),
            text_limit=in_words(MAX_TEXT_BYTES),
            hours=f"{settings.MAX_RECORDING_SECONDS / 3600:g}",
            detail=detail,
        )
        super().__init__(self.reason)


def in_words(size: int) -> str:
    """Return a number of bytes as it stands in a sentence."""
    return str(filesizeformat(size)).replace("\xa0", " ")


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
    return _kept(recording, file)


def accept_text(
    said: Sequence[Said], *, name: str = PASTED, team: Team, user: User | None
) -> Recording:
    """Keep a transcript that was read and return its row. Raises RefusedRecording (disk_full)."""
    content = ContentFile(to_json(said))
    recording = Recording(
        team=team,
        source=Source.TEXT,
        original_name=name[:255],
        media_type="application/json",
        size=content.size,
        sha256=_sha256(content),
        created_by=user,
    )
    return _kept(recording, content)


def accept_url(url: str, *, kind: Kind, team: Team, user: User | None) -> Recording:
    """Note an address that the speech server is to fetch from; nothing is fetched here.

    Raises RefusedRecording (address) as `checked_url`.
    """
    recording = Recording(
        team=team,
        source=Source.URL,
        url=checked_url(url),
        original_name=name_of(url),
        media_type=MEDIA_TYPES[kind],
        created_by=user,
    )
    recording.save()
    return recording


def checked_url(url: str) -> str:
    """Return `url` without the spaces around it. Raises RefusedRecording (address).

    Only its form is looked at: whoever fetches has to look again at where it leads.
    """
    url = url.strip()
    try:
        addresses.check_shape(url, allowed_hosts=settings.ENGINE_FETCH_HOSTS)
    except addresses.RefusedAddress as error:
        raise RefusedRecording("address", str(error)) from error
    return url


def kind_of(url: str) -> Kind | None:
    """Return what the address ends like; None if that does not tell."""
    return KINDS.get(PurePosixPath(urlsplit(url).path).suffix.lower())


def is_other_video(url: str) -> bool:
    """Return True if the address ends like something that the API does not take as a video."""
    path = PurePosixPath(urlsplit(url).path)
    guessed = guess_type(path.name)[0] or ""
    return path.suffix.lower() != ".mp4" and guessed.startswith(("video/", "audio/"))


def name_of(url: str) -> str:
    """Return what to call a recording that is fetched: the end of its path, or the host."""
    parts = urlsplit(url.strip())
    last = unquote(PurePosixPath(parts.path).name) or parts.hostname or "recording"
    return "".join(filter(str.isprintable, last))[:255] or "recording"


def public_part(url: str) -> str:
    """Return the address to show and to write down: what follows `?` may be a signature."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


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
        kept = {
            "url": public_part(recording.url), "sha256": recording.sha256, "size": recording.size,
        }  # fmt: skip
        evidence = {name: value for name, value in kept.items() if value}
        record_start(append, Cause("The recording was handed over.", evidence, user), now=now)
        queue.wake(conversation.pk)
    return append


def _kept(recording: Recording, file: "File[Any]") -> Recording:
    """Store the bytes under a random name, then the row; nothing stays behind if either fails."""
    try:
        recording.file.save(recording.original_name, file, save=False)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise RefusedRecording("disk_full") from error
        raise
    try:
        _settle_on_disk(Path(recording.file.path))
        if recording.source == Source.FILE:
            recording.duration_ms = _duration_ms(recording)
        recording.save()
    except BaseException:
        recording.file.delete(save=False)
        raise
    return recording


def _settle_on_disk(path: Path) -> None:
    """Have the bytes and their name survive a power cut before a row says that they are there."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sha256(file: "File[Any]") -> str:
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
