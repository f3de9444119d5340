"""What the screens say about the speech server: who makes the transcripts, and if it can."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from typing import Protocol

    class Status(Protocol):
        """What the bundled engine tells about itself."""

        engine: str
        version: str
        available: bool
        reason: str | None


def uses_bundled_engine() -> bool:
    """Return True if the transcripts are made by the engine that this service runs."""
    return bool(settings.ENGINE_ENABLED and settings.SYMBL_BASE_URL.endswith("/engine"))


def bundled_engine() -> "Status | None":
    """Return the state of the engine this service runs, None if another server is in use."""
    if not uses_bundled_engine():
        return None
    status: Status = import_string(settings.ENGINE_STATUS)()
    return status


def recogniser() -> str:
    """Return what makes the transcripts, for readers: the engine's name, or the server's."""
    status = bundled_engine()
    return f"{status.engine} {status.version}" if status else str(settings.SYMBL_BASE_URL)


def recognition_notice() -> str | None:
    """Return a sentence if the bundled engine cannot recognise on this machine, else None."""
    status = bundled_engine()
    return status.reason if status and not status.available else None
