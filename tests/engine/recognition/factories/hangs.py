"""An engine stuck in native code: it never comes back, and no other thread may run."""

from __future__ import annotations

import ctypes


def engine() -> None:
    while True:
        ctypes.PyDLL(None).pause()
