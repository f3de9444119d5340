"""Measures the whole way of a recording against the targets: upload, queue, engine, export.

`python -m tests.benchmarks.end_to_end [FOLDER]` starts `manage.py demo`, signs in with the
printed link, uploads each recording as a browser does, and waits for its transcript. The time
runs from the upload's first byte to the transcript at hand. Exit status 1 when a target is missed.
"""

import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.scoring import Stretch
from tests.benchmarks.targets import Case, Heard, report

CHILD = b"conversations.engine.recognition"
LONGEST_WAIT = 600.0


class Dashboard:
    """A running demo, used over HTTP by its signed-in admin."""

    def __init__(self, address: str, link: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=60, follow_redirects=True)
        self.http.get(link)
        self.post(link, {})

    def post(self, path: str, data: dict[str, str], **files: Any) -> httpx.Response:
        """Post a form with its CSRF token and return where it leads."""
        form = data | {"csrfmiddlewaretoken": self.http.cookies["csrftoken"]}
        return self.http.post(path, data=form, **files).raise_for_status()

    def measure(self, case: Case) -> Heard:
        """Upload a recording, wait for its transcript, and return what was heard."""
        memory = PeakMemory()
        started = time.perf_counter()
        with case.path.open("rb") as recording:
            page = self.post("/upload/", {}, files={"recordings": (case.path.name, recording)})
        written = self.transcript(f"{page.url.path}export.json")
        wall = time.perf_counter() - started
        lines = written["messages"]
        return Heard(
            stretches=[Stretch(m["start"], m["end"], m["member_id"]) for m in lines],
            text=" ".join(line["text"] for line in lines),
            seconds=written["duration"],
            wall=wall,
            memory_mb=memory.stop(),
        )

    def transcript(self, path: str) -> dict[str, Any]:
        """Return the transcript once it has lines."""
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < deadline:
            written: dict[str, Any] = self.http.get(path).raise_for_status().json()
            if written["messages"]:
                return written
            time.sleep(0.1)
        raise TimeoutError(f"no transcript after {LONGEST_WAIT:g} s")


class PeakMemory:
    """Watches the recognising process from outside, as long as there is one."""

    def __init__(self) -> None:
        self.peak_kb = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def stop(self) -> float:
        """Return the highest resident size that was seen, in MB."""
        self.done.set()
        self.thread.join()
        return self.peak_kb / 1024

    def _watch(self) -> None:
        while not self.done.wait(0.05):
            for status in Path("/proc").glob("[0-9]*/status"):
                self.peak_kb = max(self.peak_kb, _peak_of(status))


def _peak_of(status: Path) -> int:
    try:
        if CHILD not in (status.parent / "cmdline").read_bytes():
            return 0
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
        return int(found.group(1)) if found else 0
    except OSError:
        return 0


@contextmanager
def running() -> Iterator[Dashboard]:
    """Run a demo of its own on a free port while the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        demo = subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                "demo",
                "--no-samples",
                f"--port={port}",
                f"--data={data}",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert demo.stdout is not None
            link = next(line for line in demo.stdout if "/sign-in/link/" in line).split()[-1]
            yield Dashboard(f"http://127.0.0.1:{port}", link)
        finally:
            demo.terminate()
            demo.wait()


if __name__ == "__main__":
    with running() as dashboard:
        status = report(dashboard.measure, "Measure upload, queue, engine and export.")
    sys.exit(status)
