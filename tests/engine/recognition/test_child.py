"""The child's protocol, spoken by the real process with tiny engines inside."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conversations.engine.recognition.__main__ import Reporter
from tests.engine.recognition.sounds import write_channels, write_wave

PROJECT = Path(__file__).resolve().parents[3]
FACTORIES = "tests.engine.recognition.factories"
MIX = {"channels": 0, "uses_vocabulary": False}


def run(
    path: Path, *options: str, factory: str = "talker", request: dict[str, object] | None = None
) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit status and the events of a child."""
    if request is not None:
        options += ("--request",)
    child = subprocess.run(
        [
            sys.executable,
            "-m",
            "conversations.engine.recognition",
            str(path),
            f"--factory={FACTORIES}.{factory}",
            *options,
        ],
        cwd=PROJECT,
        input=json.dumps(request).encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    return child.returncode, [json.loads(line) for line in child.stdout.splitlines()]


def without_stages(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] != "stage"]


def test_child_tells_audio_pieces_and_end(tmp_path: Path) -> None:
    status, events = run(write_wave(tmp_path / "tone.wav", seconds=2.5))

    assert status == 0
    assert without_stages(events) == [
        {"event": "audio", "seconds": 2.5, "stated_seconds": 2.5},
        {"event": "piece", "start": 0, "end": 1, "speaker": 0, "text": "en 0"},
        {"event": "piece", "start": 1, "end": 2, "speaker": 1, "text": "en 1"},
        {"event": "done", "seconds": 2.5, "stated_seconds": 2.5, "speakers": 2, **MIX},
    ]


def test_child_tells_of_one_channel_after_the_other(tmp_path: Path) -> None:
    path = write_channels(tmp_path / "tones.wav", 440.0, 0.0, 330.0, seconds=2)

    status, events = run(path, request={"per_channel": True}, factory="pitches")

    audio = {"event": "audio", "seconds": 2.0, "stated_seconds": 2.0}
    piece = {"event": "piece", "start": 0.5, "end": 1.5}
    assert (status, without_stages(events)) == (
        0,
        [
            audio,
            {**piece, "speaker": 0, "text": "440 Hz"},
            audio,
            audio,
            {**piece, "speaker": 2, "text": "330 Hz"},
            {"event": "done", "seconds": 2.0, "stated_seconds": 2.0, "speakers": 2, "channels": 3,
             "uses_vocabulary": False},
        ],
    )  # fmt: skip
    done = [event["done"] for event in events if event.get("stage") == "recognising"]
    assert (done[0], done[-1]) == (0.25, 1.0)


def test_child_goes_through_its_stages_in_order(tmp_path: Path) -> None:
    _, events = run(write_wave(tmp_path / "tone.wav", seconds=3))

    told = [(event["stage"], event["done"]) for event in events if event["event"] == "stage"]

    assert told[0] == ("decoding", 0.0)
    assert told[-1] == ("recognising", 1.0)
    assert list(dict(told)) == ["decoding", "separating", "recognising"]
    assert [dict(told)[stage] for stage in dict(told)] == [1.0, 1.0, 1.0]


def test_child_hands_on_the_number_of_speakers(tmp_path: Path) -> None:
    _, events = run(write_wave(tmp_path / "tone.wav", seconds=3), request={"speakers": 1})

    assert events[-1]["speakers"] == 1


def test_child_tells_why_it_failed(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp3"
    path.write_text("Dear Sir or Madam")

    status, events = run(path)

    assert status == 1
    assert without_stages(events) == [
        {
            "event": "failed",
            "code": "unreadable",
            "reason": "The file is damaged or is not a known audio or video format.",
        }
    ]


def test_child_refuses_a_recording_over_the_limit(tmp_path: Path) -> None:
    status, events = run(write_wave(tmp_path / "tone.wav", seconds=3), "--max-seconds=2")

    assert status == 1
    assert events[-1] == {
        "event": "failed",
        "code": "too_long",
        "reason": "The recording is longer than 2 seconds.",
    }


def test_child_tells_of_a_missing_engine(tmp_path: Path) -> None:
    status, events = run(write_wave(tmp_path / "tone.wav", seconds=1), factory="nowhere")

    assert status == 1
    assert events[-1] == {
        "event": "failed",
        "code": "not_installed",
        "reason": "A part of the speech engine is not installed on this computer.",
    }


def test_child_keeps_other_output_out_of_the_protocol(tmp_path: Path) -> None:
    path = write_wave(tmp_path / "tone.wav", seconds=2)

    _, plain = run(path)
    status, noisy = run(path, factory="chatters")

    assert status == 0
    assert without_stages(noisy) == without_stages(plain)


@pytest.mark.parametrize(
    ("moments", "told"),
    [
        ([0.0, 0.1, 0.15, 0.25, 0.3], [0.0, 0.3]),
        ([0.0, 0.2, 0.4], [0.0, 0.1, 0.2]),
    ],
)
def test_reporter_tells_progress_at_most_five_times_a_second(
    moments: list[float], told: list[float]
) -> None:
    output = io.StringIO()
    clock = iter(moments)
    reporter = Reporter(output, lambda: next(clock))

    for step in range(len(moments)):
        reporter.stage("decoding", step / 10)

    lines = output.getvalue().splitlines()
    assert [json.loads(line)["done"] for line in lines] == told


def test_reporter_always_tells_a_new_stage_and_its_end() -> None:
    output = io.StringIO()
    reporter = Reporter(output, lambda: 0.0)

    for stage, done in [("decoding", 0.0), ("decoding", 1.0), ("separating", 0.4)]:
        reporter.stage(stage, done)

    assert [json.loads(line) for line in output.getvalue().splitlines()] == [
        {"event": "stage", "stage": "decoding", "done": 0.0},
        {"event": "stage", "stage": "decoding", "done": 1.0},
        {"event": "stage", "stage": "separating", "done": 0.4},
    ]
