"""What the screens say about the speech server: who makes the transcripts, and if it can."""

from collections.abc import Mapping
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


def made_by(metadata: Mapping[str, object]) -> str:
    """Return what a conversation with this metadata was recognised by, for readers.

    The bundled engine names its recogniser there, and none for a text that it was given;
    of another server we know no more than its address.
    """
    named = metadata.get("recogniser")
    if isinstance(named, str):
        return named
    return "" if uses_bundled_engine() else str(settings.SYMBL_BASE_URL)


def recognition_notice() -> str | None:
    """Return a sentence if the bundled engine cannot recognise on this machine, else None."""
    status = bundled_engine()
    return status.reason if status and not status.available else None
