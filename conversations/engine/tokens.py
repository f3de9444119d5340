"""Access tokens: given for the application's credentials, checked on every other call.

While a token is live, asking again gives the same token and the time that is left,
as the API documents.
"""

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.crypto import constant_time_compare

from conversations.engine import faults
from conversations.engine.models import Grant

LIFETIME = dt.timedelta(days=1)

_SIGNER = Signer(salt="conversations.engine.tokens")


class Token(NamedTuple):
    """A token and the whole seconds it stays valid."""

    text: str
    seconds_left: int


def credentials_match(app_id: str, app_secret: str) -> bool:
    """Return True if both are right; takes the same time whichever is wrong."""
    known = settings.ENGINE_CREDENTIALS
    id_matches = constant_time_compare(app_id, known.app_id)
    secret_matches = constant_time_compare(app_secret, known.app_secret)
    return id_matches and secret_matches


def issue(app_id: str, now: dt.datetime) -> Token:
    """Return the application's live token, or a new one of 24 hours; forget expired grants."""
    with transaction.atomic():
        Grant.objects.filter(expires_at__lte=now).delete()
        # With less than a second left, `expiresIn` would be zero.
        usable = Grant.objects.filter(app_id=app_id, expires_at__gt=now + dt.timedelta(seconds=1))
        grant = usable.order_by("-expires_at").first() or Grant.objects.create(
            app_id=app_id, issued_at=now, expires_at=now + LIFETIME
        )
    text = _SIGNER.sign_object([grant.app_id, grant.serial])
    left = int((grant.expires_at - now).total_seconds())
    return Token(text, int(faults.seconds("token_seconds")) or left)


def is_valid(token: str, now: dt.datetime) -> bool:
    """Return True if the token was given by this installation and has not expired."""
    try:
        app_id, serial = _SIGNER.unsign_object(token)
    except (BadSignature, ValueError):
        return False
    if app_id != settings.ENGINE_CREDENTIALS.app_id:
        return False
    return Grant.objects.filter(app_id=app_id, serial=serial, expires_at__gt=now).exists()
