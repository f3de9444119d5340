"""Submitted files on disk, each under a random name, until their job is finished."""

import datetime as dt
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from conversations.engine.models import Job

PIECE_BYTES = 256 * 1024
ORPHAN_AGE = dt.timedelta(days=1)

_FOLDER = "audio"


class NotStored(Exception):
    """A file could not be written. `str()` is one sentence for people."""


def path_of(name: str) -> Path:
    """Return where the file called `name` in a job lies."""
    return Path(settings.ENGINE_DATA_DIR, name)


def store(pieces: Iterable[bytes]) -> str:
    """Write the pieces to a new file and return its name, once all of it is on the disk.

    Raise NotStored when it cannot be written; what `pieces` raise passes through, but an
    OSError of theirs counts as the disk's. Either way nothing stays behind.
    """
    name = f"{_FOLDER}/{secrets.token_hex(16)}"
    path = path_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        discard(name)
        raise NotStored("The recording could not be stored: is the disk full?") from error
    except BaseException:
        discard(name)
        raise
    return name


def discard(name: str) -> None:
    """Delete a file; do nothing when it is gone already or could never be made."""
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
