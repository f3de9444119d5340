"""The speech server as the settings name it; the one place where the client is made."""

from functools import cache

from django.conf import settings

from conversations.symbl import MemoryTokenStore, SymblClient, Timeouts

# One call must end before the lease does (pipeline/lease.py) and before the worker's
# supervisor loses patience: a worker that still waits is still the one who may write.
TIMEOUTS = Timeouts(read=15, accept=40)


@cache
def _token_store(base_url: str, app_id: str, app_secret: str) -> MemoryTokenStore:
    """Return where this process keeps its token for one account at one server."""
    return MemoryTokenStore()


def connect() -> SymblClient:
    """Return a client for SYMBL_BASE_URL, to be used as a context manager."""
    account = (settings.SYMBL_BASE_URL, settings.SYMBL_APP_ID, settings.SYMBL_APP_SECRET)
    return SymblClient(*account, timeouts=TIMEOUTS, tokens=_token_store(*account))
