"""Submitted recordings on disk, each under a random name, until their job is finished."""

import datetime as dt
import os
import secrets
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.http.request import UnreadablePostError

from conversations.engine.errors import ApiError
from conversations.engine.models import Job

PIECE_BYTES = 256 * 1024
ORPHAN_AGE = dt.timedelta(days=1)

_FOLDER = "audio"


class Body(Protocol):
    """The part of a request that `store` needs."""

    def read(self, size: int, /) -> bytes: ...


def path_of(name: str) -> Path:
    """Return where the recording called `name` in a job lies."""
    return Path(settings.ENGINE_DATA_DIR, name)


def store(body: Body, length: int) -> str:
    """Write a body of `length` bytes to disk piece by piece and return the recording's name.

    Raise ApiError 400 when the body ends early and 500 when it cannot be written; then
    nothing stays behind.
    """
    name = f"{_FOLDER}/{secrets.token_hex(16)}"
    path = path_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, body, length)
    except UnreadablePostError as error:
        discard(name)
        raise _broken_off() from error
    except OSError as error:
        discard(name)
        raise ApiError(500, "The recording could not be stored: is the disk full?") from error
    except BaseException:
        discard(name)
        raise
    return name


def _write(path: Path, body: Body, length: int) -> None:
    """Write exactly `length` bytes and have them on the disk when this returns."""
    left = length
    with path.open("xb") as file:
        while left:
            piece = body.read(min(PIECE_BYTES, left))
            if not piece:
                raise _broken_off()
            file.write(piece)
            left -= len(piece)
        file.flush()
        os.fsync(file.fileno())


def _broken_off() -> ApiError:
    return ApiError(400, "The body broke off before its stated length; nothing was created.")


def discard(name: str) -> None:
    """Delete a recording; do nothing when it is gone already or could never be made."""
    try:
        path_of(name).unlink()
    except (FileNotFoundError, NotADirectoryError):
        return


def discard_orphans(now: dt.datetime) -> int:
    """Delete the files older than a day that no job owns; return how many.

    Young files are left alone: they may belong to a body that is still arriving.
    """
    owned = set(Job.objects.exclude(audio="").values_list("audio", flat=True))
    limit = (now - ORPHAN_AGE).timestamp()
    files = {f"{_FOLDER}/{path.name}": path for path in path_of(_FOLDER).glob("*")}
    orphans = [name for name, path in files.items() if name not in owned and _older(path, limit)]
    for name in orphans:
        discard(name)
    return len(orphans)


def _older(path: Path, limit: float) -> bool:
    """Return True if the file was last written before `limit`; False if it is gone by now."""
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:
        return False
