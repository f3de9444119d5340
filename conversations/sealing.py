"""Secrets that have to be kept in the database: sealed, so that a dump alone opens nothing.

Used by the dashboard and by the engine, neither of which knows the other.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

_PURPOSE = b"conversations.sealing:"


def seal(text: str) -> str:
    """Return `text` as only this installation can read it."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what `seal` was given; None when the installation's key has changed since."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> Fernet:
    key = hashlib.sha256(_PURPOSE + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
