"""Secrets that are made on first start and kept in the data folder; read by the settings."""

import json
import os
import secrets
import time
from pathlib import Path
from typing import NamedTuple


class EngineCredentials(NamedTuple):
    """The application id and secret that the bundled engine accepts."""

    app_id: str
    app_secret: str


def read_or_create(path: Path, make: str) -> str:
    """Return the text of `path`; if there is none, write `make` there with mode 0600 first.

    Safe when several processes start at once: the first to link its file wins and
    every caller returns the winner's text.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
        draft.touch(mode=0o600)
        draft.write_text(make)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def secret_key(folder: Path) -> str:
    """Return the signing key of this installation."""
    return read_or_create(folder / "secret-key", secrets.token_urlsafe(64))


def engine_credentials(folder: Path) -> EngineCredentials:
    """Return the credentials of the bundled engine of this installation."""
    fresh = {"app_id": secrets.token_hex(16), "app_secret": secrets.token_urlsafe(32)}
    kept = json.loads(read_or_create(folder / "engine.json", json.dumps(fresh)))
    return EngineCredentials(kept["app_id"], kept["app_secret"])
