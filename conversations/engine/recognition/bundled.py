"""The engine that is installed with the dashboard, and whether it can run here.

`engine` is the default factory of the child process; `status` is for health checks
and pages, so it loads neither models nor numpy.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from conversations.engine.recognition.types import Diarizer, RecognitionError, Recognizer

NAME = "moonshine-tiny+dvec"

_PACKAGES = {
    "av": "av",
    "numpy": "numpy",
    "resemblyzer": "Resemblyzer",
    "moonshine_voice": "moonshine-voice",
}
# Releases of moonshine-voice after 0.1.0 come without the model.
_MODEL = Path("assets", "tiny-en", "encoder_model.ort")


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the engine can run; `reason` is one sentence for people when it cannot."""

    engine: str
    version: str | None
    available: bool
    reason: str | None


def status() -> Status:
    """Return what the engine is, from what is installed, in a few milliseconds."""
    missing = [name for module, name in _PACKAGES.items() if find_spec(module) is None]
    if missing:
        names = " and ".join(missing)
        return _unavailable(f"Speech recognition needs {names}, not installed on this computer.")
    spec = find_spec("moonshine_voice")
    if spec is None or spec.origin is None or not (Path(spec.origin).parent / _MODEL).exists():
        return _unavailable("The installed moonshine-voice has no model inside; 0.1.0 has.")
    return Status(NAME, version("moonshine-voice"), available=True, reason=None)


def engine() -> tuple[Diarizer, Recognizer]:
    """Return the two halves of the engine, models loaded or about to be.

    Raise RecognitionError `not_installed` when this computer cannot run it.
    """
    found = status()
    if not found.available:
        raise RecognitionError("not_installed", found.reason or "The engine is not installed.")
    # Imported by name so that asking for the status does not import numpy.
    turns = importlib.import_module("conversations.engine.recognition.turns")
    moonshine = importlib.import_module("conversations.engine.recognition.moonshine")
    diarizer: Diarizer = turns.SpectralDiarizer()
    recognizer: Recognizer = moonshine.MoonshineRecognizer()
    return diarizer, recognizer


def _unavailable(reason: str) -> Status:
    return Status(NAME, None, available=False, reason=reason)
