"""The speech server as the settings name it; the one place where the client is made."""

from django.conf import settings

from conversations.pipeline.api_tokens import SharedTokenStore
from conversations.symbl import SymblClient, Timeouts

# One call must end before the lease does (pipeline/lease.py) and before the worker's
# supervisor loses patience: a worker that still waits is still the one who may write.
TIMEOUTS = Timeouts(read=15, accept=40)


def connect(*, timeouts: Timeouts = TIMEOUTS) -> SymblClient:
    """Return a client for SYMBL_BASE_URL, to be used as a context manager."""
    account = (settings.SYMBL_BASE_URL, settings.SYMBL_APP_ID, settings.SYMBL_APP_SECRET)
    return SymblClient(*account, timeouts=timeouts, tokens=SharedTokenStore(*account))
