"""A real server, worker and engine, and Debian's chromium to use them with.

Skipped with a reason where playwright or chromium is not installed; CI installs both.
"""

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
START_SECONDS = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing()
    if reason:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


def missing() -> str | None:
    """Return why no browser test can run here, None if they can."""
    try:
        import playwright  # noqa: F401, PLC0415 - present only with requirements-dev.txt
    except ImportError:
        return "playwright is not installed (make setup)"
    return None if CHROMIUM else "chromium is not installed"


@dataclass
class Dashboard:
    """A running demo: its address, its one-time sign-in link, its data folder."""

    address: str
    sign_in_link: str
    data: Path


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """The dashboard of the main story, which begins with nothing in it."""
    with running(tmp_path_factory.mktemp("demo")) as dashboard:
        yield dashboard


@contextmanager
def running(data: Path) -> Iterator[Dashboard]:
    """Run `manage.py demo` as a newcomer starts it, but without samples of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Nothing of the test's own settings may reach the server.
    outside = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    errors = (data / "errors.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--no-samples", f"--port={port}", f"--data={data}"],
        cwd=ROOT,
        env=outside | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    try:
        link = _sign_in_link(process)
        yield Dashboard(f"http://127.0.0.1:{port}", link, data)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        for stream in (process.stdout, errors):
            if stream is not None:
                stream.close()
    assert process.returncode == 0


def _sign_in_link(process: "subprocess.Popen[str]") -> str:
    """Return the link that the demo prints once it serves."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    output = process.stdout

    def read() -> None:
        for line in output:
            lines.put(line)

    threading.Thread(target=read, daemon=True).start()
    while True:
        found = re.search(r"http\S+/sign-in/link/\S+", lines.get(timeout=START_SECONDS))
        if found:
            return found.group()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - see missing()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What the browser objected to: policy violations, script errors, failed requests."""

    said: list[str] = field(default_factory=list)

    def listen(self, page: "Page") -> None:
        def console(message: "ConsoleMessage") -> None:
            if message.type in ("error", "warning"):
                place = message.location
                self.said.append(f"{message.text} ({place['url']}:{place['lineNumber']})")

        page.on("console", console)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(browser: "Browser", complaints: Complaints) -> "Iterator[Page]":
    """A page of a fresh profile that writes down every complaint."""
    # Without motion, a colour is never measured half-way between two themes.
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints.listen(page)
    yield page
    context.close()


def accessible(page: "Page") -> list[str]:
    """Return what axe finds against WCAG 2.2 AA on the page as it stands, in both themes."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - see missing()

    found: list[str] = []
    for scheme in ("light", "dark"):
        show_in(page, scheme)
        for violation in Axe().run(page).response["violations"]:
            found.extend(
                f"{scheme}: {violation['id']} at {node['target']}: {node['failureSummary']}"
                for node in violation["nodes"]
            )
    show_in(page, "light")
    return found


def show_in(page: "Page", theme: str) -> None:
    """Choose the theme as the switch in the page's head does."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def shoot(page: "Page", name: str) -> None:
    """Take what is in view at desktop and phone width, light and dark, into the ignored folder."""
    SCREENSHOTS.mkdir(exist_ok=True)
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            show_in(page, scheme)
            page.screenshot(caret="initial", path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
    show_in(page, "light")
    page.set_viewport_size({"width": 1280, "height": 900})
