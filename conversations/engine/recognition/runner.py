"""Runs the recognition of one recording in a child process and keeps it within its limits.

Called by the engine's jobs. Native decoders and models may crash, hang or grow on a
strange file; here that costs one child and becomes a RecognitionError.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TypeAlias

from conversations.engine.recognition.protocol import Draft, Result, nonsense
from conversations.engine.recognition.types import (
    BUNDLED,
    MAX_SECONDS,
    RecognitionError,
    Request,
)

OnEvent: TypeAlias = Callable[[str, float], None]

_PROJECT = Path(__file__).resolve().parents[3]
_TICK_SECONDS = 0.25
_READ_BYTES = 65_536
_LONGEST_LINE = 1_000_000
_KEPT_STDERR = 4_000
_MEGABYTE = 1024 * 1024
# Code and thread stacks are address space that is never memory in use.
_ADDRESS_ALLOWANCE_MB = 2048


@dataclass(frozen=True, slots=True)
class Limits:
    """What one recognition may use, and how long its caller may hear nothing.

    Wall time is `wall_seconds`, or `wall_factor` times the recording when that is more.
    """

    max_seconds: float = MAX_SECONDS
    wall_seconds: float = 120.0
    wall_factor: float = 2.0
    memory_mb: int = 2048
    cpu_seconds: int = 8 * 3600
    heartbeat_seconds: float = 5.0


def recognise(
    path: Path,
    request: Request | None = None,
    *,
    factory: str = BUNDLED,
    limits: Limits | None = None,
    on_event: OnEvent | None = None,
) -> Result:
    """Return who says what in the file, as the request asks.

    `on_event(stage, done)` is called with every progress and at least every `heartbeat_seconds`;
    when it raises, the child is killed and the exception goes on to the caller.
    Raise RecognitionError with the child's own codes (`unreadable`, `no_audio`,
    `too_long`, `too_many_channels`, `language`, `not_installed`), or `crashed`, `timeout`,
    `memory`.
    Must be called from a thread that outlives the call: Linux kills the child with it.
    """
    allowed = limits or Limits()
    with _readable(request or Request()) as asked:
        child = subprocess.Popen(  # noqa: S603 - no shell, our own interpreter
            _command(path, factory, allowed),
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
        )
    with child:
        try:
            return _Watch(child, allowed, on_event).result()
        finally:
            if child.poll() is None:
                _kill(child)


class _Watch:
    """One running child: its output so far, its limits, and when the caller last heard."""

    def __init__(
        self, child: subprocess.Popen[bytes], limits: Limits, on_event: OnEvent | None
    ) -> None:
        self._child = child
        self._limits = limits
        self._on_event = on_event
        self._started = self._told_at = time.monotonic()
        self._draft = Draft()
        self._stderr = b""
        self._peak_memory = 0

    def result(self) -> Result:
        """Follow the child to its end; raise RecognitionError when it does not succeed."""
        try:
            for line in self._lines():
                if self._draft.read(line):
                    self._tell()
            return self._draft.result(self._status(), self._peak_memory)
        except RecognitionError as error:
            error.add_note(self._stderr.decode(errors="replace"))
            raise

    def _status(self) -> int:
        """Wait for the end of a child that has closed its output, within the same limits."""
        while True:
            try:
                return self._child.wait(_TICK_SECONDS)
            except subprocess.TimeoutExpired:
                self._check()

    def _lines(self) -> Iterator[bytes]:
        """Yield the lines of standard output, checking the limits in between."""
        rest = b""
        for data in self._reads():
            *lines, rest = (rest + data).split(b"\n")
            yield from lines
            if len(rest) > _LONGEST_LINE:
                raise nonsense()
        if rest:
            yield rest

    def _reads(self) -> Iterator[bytes]:
        """Yield what arrives on standard output; keep the end of standard error."""
        with selectors.DefaultSelector() as selector:
            for pipe in filter(None, (self._child.stdout, self._child.stderr)):
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(_TICK_SECONDS):
                    data = os.read(key.fd, _READ_BYTES)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is self._child.stdout:
                        yield data
                    else:
                        self._stderr = (self._stderr + data)[-_KEPT_STDERR:]
                self._check()

    def _check(self) -> None:
        now = time.monotonic()
        length = self._draft.seconds or 0.0
        if now - self._started > max(self._limits.wall_seconds, self._limits.wall_factor * length):
            raise RecognitionError("timeout", "The recognition took too long and was stopped.")
        memory = _memory(self._child.pid)
        self._peak_memory = max(self._peak_memory, memory)
        if memory > self._limits.memory_mb * _MEGABYTE:
            raise RecognitionError("memory", "The recording needs too much memory.")
        if now - self._told_at >= self._limits.heartbeat_seconds:
            self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        if self._on_event:
            self._on_event(self._draft.stage, self._draft.progress)


@contextmanager
def _readable(request: Request) -> Iterator[IO[bytes]]:
    """Open what is asked as a file: writing to a pipe would block on a child that hangs."""
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(asdict(request)).encode())
        file.seek(0)
        yield file


def _command(path: Path, factory: str, limits: Limits) -> list[str]:
    address = (limits.memory_mb + _ADDRESS_ALLOWANCE_MB) * _MEGABYTE
    command = [sys.executable, "-P", "-s", "-m", "conversations.engine.recognition"]
    command += [f"--factory={factory}", f"--parent={os.getpid()}"]
    command += [f"--max-seconds={limits.max_seconds}", f"--cpu-seconds={limits.cpu_seconds}"]
    command += [f"--memory-bytes={address}", "--request"]
    return [*command, "--", str(path.resolve())]


def _environment() -> dict[str, str]:
    """Return the few variables the child needs; secrets of the parent are not among them."""
    kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
    inherited = {name: os.environ[name] for name in kept if name in os.environ}
    return {**inherited, "LANG": "C.UTF-8", "PYTHONPATH": str(_PROJECT)}


def _memory(pid: int) -> int:
    """Return the most memory the process ever had in use, in bytes; 0 where unknown."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
