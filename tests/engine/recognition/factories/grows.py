"""An engine that takes 400 MB and holds it."""

from __future__ import annotations

import signal

import numpy as np


def engine() -> None:
    held = np.ones(50_000_000)
    while held.all():
        signal.pause()
