"""Children that live and die together; `manage.py demo` and `manage.py worker` run theirs with it.

Each child gets a session of its own, because django-q2's main process survives a
signal to it alone and hangs on one to its whole group. When the parent dies,
however it dies, the kernel ends the children.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from django.conf import settings

MANAGE = str(Path(settings.BASE_DIR) / "manage.py")
TICK = 0.25
# A child that keeps ending within SETTLED seconds is started ever less often.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
SETTLED = 10.0
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Runs in the child before exec: have the kernel end it when the parent is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def next_pause(last: float, lived: float) -> float:
    """Return how long to wait before starting a child that ended after `lived` seconds.

    `last` is the pause before its last start, 0 if there was none; all in seconds.
    """
    if last == 0 or lived >= SETTLED:
        return FIRST_PAUSE
    return min(2 * last, LONGEST_PAUSE)


@dataclass
class Child:
    """A process that must keep running, and how to start it.

    `grace` is how many seconds it may take to stop before it is ended; `started_at` and
    `start_at` are seconds of the monotonic clock, the latter set while it waits to be started.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    grace: float = 10.0
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause: float = 0.0
    start_at: float | None = None

    def start(self) -> None:
        """Start the process in a session of its own."""
        self.started_at = monotonic()
        self.start_at = None
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, *self.arguments],
            env={**os.environ, **self.environment},
            cwd=settings.BASE_DIR,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the main process only, which then ends its own children in order."""
        if self.process is not None and self.running:
            self.process.terminate()

    def kill(self) -> None:
        """End the whole session at once, left-over children of a dead main process too."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            # Forgotten, so that nobody signals the id when it belongs to somebody else.
            self.process = None

    def restart(self) -> None:
        self.kill()
        self.start()


class Supervisor:
    """Keeps children running until SIGTERM or Ctrl-C, then stops each within its grace."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        log: Callable[[str], object],
        tick: Callable[[], object] = lambda: None,
    ) -> None:
        self.children = children
        self.log = log
        self.tick = tick
        self.stopping = False

    def run(self) -> None:
        """Start the children and return once all of them have ended after a stop signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            for child in self.children:
                child.start()
            while not self.stopping:
                sleep(TICK)
                self._look_after_children()
                self.tick()
        finally:
            self._end()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _look_after_children(self) -> None:
        for child in self.children:
            if self.stopping or child.running:
                continue
            if child.start_at is None:
                self._plan_start(child)
            elif monotonic() >= child.start_at:
                child.start()

    def _plan_start(self, child: Child) -> None:
        """Clear away what is left of a child that ended, and set when it is started again."""
        now = monotonic()
        code = child.process.returncode if child.process else "nothing"
        child.kill()
        child.pause = next_pause(child.pause, now - child.started_at)
        child.start_at = now + child.pause
        self.log(f"{child.name} ended with {code}; starting it again in {child.pause:.0f} s")

    def _end(self) -> None:
        asked_at = monotonic()
        for child in self.children:
            child.ask_to_stop()
        while waiting := [child for child in self.children if child.running]:
            for child in waiting:
                if monotonic() - asked_at > child.grace:
                    child.kill()
            sleep(TICK)
        for child in self.children:
            child.kill()
