"""An engine that says what is wrong."""

from __future__ import annotations

from conversations.engine.recognition.types import RecognitionError


def engine() -> None:
    raise RecognitionError("not_installed", "There is no engine here.")
