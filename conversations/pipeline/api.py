"""The speech server as the settings name it; the one place where the client is made."""

from django.conf import settings

from conversations.symbl import SymblClient


def connect() -> SymblClient:
    """Return a client for SYMBL_BASE_URL, to be used as a context manager."""
    return SymblClient(settings.SYMBL_BASE_URL, settings.SYMBL_APP_ID, settings.SYMBL_APP_SECRET)
