"""Children that live and die together: real processes, real signals."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import monotonic, sleep

import pytest

from conversations.management.supervisor import Child, next_pause

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Return True as soon as `condition` holds, False after `seconds`."""
    deadline = monotonic() + seconds
    while not condition():
        if monotonic() > deadline:
            return False
        sleep(0.05)
    return True


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Run a supervisor with the given children in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def run(children: str) -> "subprocess.Popen[str]":
        path = tmp_path / "supervise.py"
        path.write_text(
            textwrap.dedent(
                f"""
                import os, sys
                sys.path.insert(0, {str(Path.cwd())!r})
                os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
                from conversations.management.supervisor import Child, Supervisor
                children = {children}
                def say():
                    pids = [str(child.process.pid) for child in children if child.process]
                    print(*pids, flush=True)
                def log(line):
                    print(line, flush=True)
                Supervisor(children, log=log, tick=say).run()
                print("ended", flush=True)
                """
            )
        )
        process = subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def pids(process: "subprocess.Popen[str]") -> list[int]:
    assert process.stdout is not None
    return [int(word) for word in process.stdout.readline().split()]


def test_a_child_that_ends_is_started_again(
    script: Callable[[str], "subprocess.Popen[str]"],
) -> None:
    process = script(f"[Child('one', ['-c', {SLEEP!r}])]")
    (first,) = pids(process)
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: _other_than(process, first))


def _other_than(process: "subprocess.Popen[str]", first: int) -> bool:
    assert process.stdout is not None
    words = process.stdout.readline().split()
    return len(words) == 1 and words[0].isdigit() and int(words[0]) != first


def test_a_child_that_keeps_ending_is_started_ever_less_often(
    script: Callable[[str], "subprocess.Popen[str]"],
) -> None:
    process = script("[Child('one', ['-c', 'raise SystemExit(3)'])]")
    assert process.stdout is not None
    lines = islice(process.stdout, 100)
    told = (line.strip() for line in lines if line.startswith("one "))
    assert list(islice(told, 2)) == [
        "one ended with 3; starting it again in 1 s",
        "one ended with 3; starting it again in 2 s",
    ]


@pytest.mark.parametrize(
    ("last", "lived", "pause"),
    [(0, 0.1, 1), (0, 3600, 1), (1, 0.1, 2), (16, 9.9, 30), (30, 0.1, 30), (30, 10, 1)],
)
def test_next_pause_doubles_until_a_child_has_settled(
    last: float, lived: float, pause: float
) -> None:
    assert next_pause(last, lived) == pause


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_ends_all_children(
    script: Callable[[str], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    process = script(f"[Child('a', ['-c', {SLEEP!r}]), Child('b', ['-c', {SLEEP!r}])]")
    children = pids(process)
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert [alive(pid) for pid in children] == [False, False]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_children_do_not_outlive_a_killed_parent(
    script: Callable[[str], "subprocess.Popen[str]"],
) -> None:
    process = script(f"[Child('a', ['-c', {SLEEP!r}])]")
    (child,) = pids(process)
    process.kill()
    process.wait()
    assert eventually(lambda: not alive(child))


def test_a_child_that_does_not_stop_is_ended_after_its_grace(
    script: Callable[[str], "subprocess.Popen[str]"],
) -> None:
    process = script(f"[Child('stubborn', ['-c', {STUBBORN!r}], grace=0.5)]")
    children = pids(process)
    assert eventually(lambda: _ignores_sigterm(children[0]))
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert not alive(children[0])


def _ignores_sigterm(pid: int) -> bool:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigIgn:"):
            return bool(int(line.split()[1], 16) & 1 << (signal.SIGTERM - 1))
    return False


def test_killing_a_child_ends_its_own_children_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys, pathlib, time; "
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); time.sleep(60)"
    )
    child = Child("parent", ["-c", code])
    child.start()
    assert eventually(lambda: note.exists() and note.read_text() != "")
    grandchild = int(note.read_text())
    child.kill()
    assert eventually(lambda: not alive(grandchild))
