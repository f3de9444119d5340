"""The parent: what it returns, and what it does to a child that misbehaves."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conversations.engine.recognition.protocol import Draft, Result
from conversations.engine.recognition.runner import Limits, recognise
from conversations.engine.recognition.types import Piece, RecognitionError, Request
from tests.engine.recognition.sounds import write_channels, write_wave

PROJECT = Path(__file__).resolve().parents[3]
FACTORIES = "tests.engine.recognition.factories"


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    return write_wave(tmp_path / "tone.wav", seconds=2)


def failure(path: Path, factory: str, limits: Limits | None = None) -> RecognitionError:
    with pytest.raises(RecognitionError) as caught:
        recognise(path, factory=f"{FACTORIES}.{factory}", limits=limits)
    return caught.value


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_recognise_returns_the_whole_result(tone: Path) -> None:
    result = recognise(tone, factory=f"{FACTORIES}.talker")

    assert result == Result(
        pieces=(Piece(0.0, 1.0, 0, "en 0"), Piece(1.0, 2.0, 1, "en 1")),
        seconds=2.0,
        stated_seconds=2.0,
        speakers=2,
        peak_memory=result.peak_memory,
    )
    assert sys.platform != "linux" or 10 < result.peak_memory / 2**20 < 200


def test_recognise_hands_on_the_number_of_speakers(tone: Path) -> None:
    assert recognise(tone, Request(speakers=1), factory=f"{FACTORIES}.talker").speakers == 1


def test_recognise_hands_on_language_and_vocabulary_of_any_length(tone: Path) -> None:
    words = [f"word{number}" for number in range(20_000)]
    request = Request(language="en-IN", vocabulary=words)

    result = recognise(tone, request, factory=f"{FACTORIES}.repeats")

    assert (result.pieces[0].text, result.uses_vocabulary) == (f"en-IN: {' '.join(words)}", True)


def test_recognise_sorts_the_pieces_of_all_channels_by_time(tmp_path: Path) -> None:
    path = write_channels(tmp_path / "tones.wav", 440.0, 330.0, seconds=2)

    result = recognise(path, Request(per_channel=True), factory=f"{FACTORIES}.talker")

    assert (result.channels, result.speakers) == (2, 2)
    assert result.pieces == (
        Piece(0.0, 1.0, 0, "en 0"),
        Piece(0.0, 1.0, 1, "en 0"),
        Piece(1.0, 2.0, 0, "en 1"),
        Piece(1.0, 2.0, 1, "en 1"),
    )


def test_recognise_takes_a_path_that_looks_like_an_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_wave(tmp_path / "--speakers=3", seconds=1)

    assert recognise(Path("--speakers=3"), factory=f"{FACTORIES}.talker").seconds == 1.0


def test_recognise_tells_every_stage(tone: Path) -> None:
    told: list[tuple[str, float]] = []

    recognise(
        tone,
        factory=f"{FACTORIES}.talker",
        on_event=lambda stage, done: told.append((stage, done)),
    )

    assert dict(told) == {"decoding": 1.0, "separating": 1.0, "recognising": 1.0}


def test_recognise_tells_of_life_while_the_child_is_silent(tone: Path) -> None:
    told: list[tuple[str, float]] = []

    with pytest.raises(RecognitionError):
        recognise(
            tone,
            factory=f"{FACTORIES}.hangs",
            limits=Limits(wall_seconds=2.0, heartbeat_seconds=0.8),
            on_event=lambda stage, done: told.append((stage, done)),
        )

    assert told in ([("decoding", 0.0)] * 2, [("decoding", 0.0)] * 3)


@pytest.mark.parametrize("name", ["refuses", "nowhere"])
def test_recognise_hands_on_the_failure_of_the_child(tone: Path, name: str) -> None:
    reasons = {
        "refuses": "There is no engine here.",
        "nowhere": "A part of the speech engine is not installed on this computer.",
    }
    error = failure(tone, name)

    assert (error.code, error.reason) == ("not_installed", reasons[name])


def test_recognise_reports_a_crash_with_what_the_child_wrote(tone: Path) -> None:
    error = failure(tone, "aborts")

    assert (error.code, error.reason) == (
        "crashed",
        "The speech engine stopped unexpectedly (signal 6).",
    )
    assert error.__notes__ == ["about to fall\n"]


def test_recognise_reports_a_child_that_ends_early(tone: Path) -> None:
    assert failure(tone, "quits").reason == "The speech engine stopped unexpectedly (status 0)."


def test_recognise_reports_nonsense(tone: Path) -> None:
    error = failure(tone, "lies")

    assert (error.code, error.reason) == ("crashed", "The speech engine wrote nonsense.")


def test_recognise_ends_a_child_that_takes_too_long(tone: Path) -> None:
    before = children()

    error = failure(tone, "hangs", Limits(wall_seconds=1.5))

    assert (error.code, error.reason) == (
        "timeout",
        "The recognition took too long and was stopped.",
    )
    assert children() == before


def test_recognise_ends_a_child_that_uses_too_much_processor_time(tone: Path) -> None:
    assert failure(tone, "spins", Limits(cpu_seconds=1)).code == "timeout"


@pytest.mark.skipif(sys.platform != "linux", reason="memory in use is read from /proc")
def test_recognise_ends_a_child_that_grows_too_much(tone: Path) -> None:
    before = children()

    error = failure(tone, "grows", Limits(memory_mb=200))

    assert (error.code, error.reason) == ("memory", "The recording needs too much memory.")
    assert children() == before


def test_recognise_ends_the_child_when_the_caller_gives_up(tone: Path) -> None:
    before = children()

    def give_up(_stage: str, _done: float) -> None:
        raise KeyError("lease lost")

    with pytest.raises(KeyError, match="lease lost"):
        recognise(tone, factory=f"{FACTORIES}.hangs", on_event=give_up)

    assert children() == before


def test_recognise_confines_the_child(tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")

    result = recognise(
        tone, factory=f"{FACTORIES}.reveals", limits=Limits(memory_mb=1024, cpu_seconds=60)
    )

    assert json.loads(result.pieces[0].text) == {
        "core": [0, 0],
        "file": [2**20, 2**20],
        "address": [3 * 2**30, 3 * 2**30],
        "processor": [60, 65],
        "leads session": True,
        "secret": None,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="other systems check once a second")
def test_child_dies_with_its_parent(tone: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from conversations.engine.recognition.runner import recognise\n"
        "tell = lambda stage, done: print(stage, flush=True)\n"
        f"recognise(pathlib.Path(sys.argv[1]), factory='{FACTORIES}.hangs', on_event=tell)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tone)], cwd=PROJECT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"decoding\n"
        tasks = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.kill()

    assert len(tasks) == 1
    assert ends(int(tasks[0]), within=5.0)


def ends(pid: int, *, within: float) -> bool:
    """Return True if the process ends in that many seconds; end it otherwise."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        has_ended = bool(select.select([descriptor], [], [], within)[0])
        if not has_ended:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        return has_ended
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"[]",
        b'{"event": "unheard"}',
        b'{"event": "stage", "stage": "decoding"}',
        b'{"event": "piece", "start": 2, "end": 1, "speaker": 0, "text": "a"}',
        b'{"event": "piece", "start": -1, "end": 1, "speaker": 0, "text": "a"}',
        b'{"event": "piece", "start": 0, "end": Infinity, "speaker": 0, "text": "a"}',
        b'{"event": "piece", "start": 0, "end": 1, "speaker": true, "text": "a"}',
        b'{"event": "piece", "start": 0, "end": 1, "speaker": 0.5, "text": "a"}',
        b'{"event": "piece", "start": 0, "end": 1, "speaker": 0, "text": 5}',
        b'{"event": "audio", "seconds": 1' + b"0" * 400 + b"}",
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_draft_believes_only_the_protocol(line: bytes) -> None:
    with pytest.raises(RecognitionError) as caught:
        Draft().read(line)

    assert caught.value.code == "crashed"


@pytest.mark.parametrize(
    ("heard", "speakers", "channels"),
    [([5], 1, 0), ([0, 2], 2, 0), ([0], 2, 0), ([0, 1], 1, 0), ([0, 2], 2, 2), ([0, 2], 3, 3)],
)
def test_draft_believes_only_the_speakers_that_are_heard(
    heard: list[int], speakers: int, channels: int
) -> None:
    draft = Draft(seconds=2.0)
    draft.read(
        b'{"event": "done", "seconds": 2, "stated_seconds": null, "speakers": %d, '
        b'"channels": %d, "uses_vocabulary": false}' % (speakers, channels)
    )
    for speaker in heard:
        draft.read(b'{"event": "piece", "start": 0, "end": 1, "speaker": %d, "text": ""}' % speaker)

    with pytest.raises(RecognitionError) as caught:
        draft.result(0, peak_memory=0)

    assert (caught.value.code, caught.value.reason) == (
        "crashed",
        "The speech engine wrote nonsense.",
    )
