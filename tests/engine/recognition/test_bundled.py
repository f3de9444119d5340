"""What the status says about what is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conversations.engine.recognition.bundled import Status, engine, status
from conversations.engine.recognition.types import RecognitionError

PROJECT = Path(__file__).resolve().parents[3]
PACKAGES = ("av", "numpy", "moonshine_voice", "resemblyzer")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of packages that stands before the installed ones."""
    for name in PACKAGES:
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (
            ["moonshine_voice"],
            "Speech recognition needs moonshine-voice, not installed on this computer.",
        ),
        (
            ["resemblyzer", "av"],
            "Speech recognition needs av and Resemblyzer, not installed on this computer.",
        ),
    ],
)
def test_status_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, missing: list[str], reason: str
) -> None:
    for name in PACKAGES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)

    assert status() == Status("moonshine-tiny+dvec", None, available=False, reason=reason)
    with pytest.raises(RecognitionError) as caught:
        engine()
    assert (caught.value.code, caught.value.reason) == ("not_installed", reason)


def test_status_notices_a_release_without_the_model(installed: Path) -> None:
    assert status() == Status(
        "moonshine-tiny+dvec",
        None,
        available=False,
        reason="The installed moonshine-voice has no model inside; 0.1.0 has.",
    )


def test_status_is_cheap() -> None:
    program = (
        "import sys\n"
        "from conversations.engine.recognition import bundled, runner\n"
        "bundled.status()\n"
        f"print(sorted(set(sys.modules) & {{'django', *{PACKAGES}}}))\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True, text=True
    )

    assert answer.stdout == "[]\n"
