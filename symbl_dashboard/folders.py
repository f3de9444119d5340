"""Folders and files that only the service's own user may read; made by the settings.

What is there already keeps its mode: the operator may share it on purpose, and a data
folder may be one that belongs to everybody, like /tmp. The exception is `own`, the
folder that every clone of this repository brings its data into.
"""

import os
from pathlib import Path


def private_folder(path: Path, *, own: Path) -> None:
    """Make the folder `path` with mode 0700; one that is there is changed inside `own` only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    _close(path, 0o700, own)


def private_file(path: Path, *, own: Path) -> None:
    """Make the empty file `path` with mode 0600; one that is there is changed in `own` only."""
    if not path.exists():
        path.touch(mode=0o600)
    _close(path, 0o600, own)


def _close(path: Path, mode: int, own: Path) -> None:
    """Set the mode of `path` if it lies in `own` and belongs to this process's user."""
    if path.is_relative_to(own) and path.stat().st_uid == os.getuid():
        path.chmod(mode)
