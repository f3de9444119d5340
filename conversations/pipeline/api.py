"""The speech server as the settings name it; the one place where the client is made."""

from django.conf import settings

from conversations.symbl import SymblClient, Timeouts

# An answer is waited for no longer than the lease lasts (and the worker's supervisor
# stays patient): a worker that still waits must still be the one who may write.
TIMEOUTS = Timeouts(accept=40)


def connect() -> SymblClient:
    """Return a client for SYMBL_BASE_URL, to be used as a context manager."""
    return SymblClient(
        settings.SYMBL_BASE_URL,
        settings.SYMBL_APP_ID,
        settings.SYMBL_APP_SECRET,
        timeouts=TIMEOUTS,
    )
