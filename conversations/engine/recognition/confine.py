"""The walls around the child: it cannot outlive its parent, fill the disk, or grow for ever.

Called once by the child before it opens a file. Where the system lacks a wall
(macOS has no parent-death signal) the next one still stands.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_PARENT_CHECK_SECONDS = 1.0
_CPU_GRACE = 5
# The child writes to pipes only. Not zero, so that a developer may redirect its output.
_LARGEST_FILE = 1024 * 1024


def limit(*, memory_bytes: int | None, cpu_seconds: int | None) -> None:
    """Set the limits of this process; None leaves one as it is.

    `memory_bytes` is address space, which is always more than the memory in use.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    if memory_bytes is not None:
        _lower(resource.RLIMIT_AS, memory_bytes)
    if cpu_seconds is not None:
        # At the hard limit the system sends a plain SIGKILL, which says nothing.
        _lower(resource.RLIMIT_CPU, cpu_seconds + _CPU_GRACE, _CPU_GRACE)


def die_with(parent: int) -> None:
    """End this process as soon as the process `parent` is no longer its parent.

    The signal comes at once, also in the middle of native code; the check covers a
    parent that was gone before, and systems without the signal.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(1)


def _lower(kind: int, value: int, grace: int = 0) -> None:
    """Lower a limit, the hard one by `grace` less; one that is lower already stays."""
    _, hard = resource.getrlimit(kind)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (max(allowed - grace, 0), allowed))
    except (ValueError, OSError):
        # macOS refuses RLIMIT_AS; the parent watches the memory as well.
        return
