"""Taking recordings in: what is refused leaves nothing behind."""

import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

from conversations.models import Recording, Team
from conversations.pipeline.accept import RefusedRecording, accept_recording
from tests.support import write_tones


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """A storage of its own for each test, so that it can be seen what is left in it."""
    folder = tmp_path / "recordings"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        }
    }
    return folder


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def refusal(content: bytes, team: Team, name: str = "meeting.wav") -> str:
    with pytest.raises(RefusedRecording) as refused:
        accept_recording(file=ContentFile(content, name=name), team=team, user=None)
    return refused.value.code


def test_a_recording_is_stored_under_a_random_name(
    team: Team, tmp_path: Path, folder: Path
) -> None:
    path = write_tones(tmp_path / "weekly.wav", [(220.0, 1.5)])
    with path.open("rb") as stream:
        recording = accept_recording(
            file=File(stream, name="../../etc/Weekly <b>.wav"), team=team, user=None
        )
    assert (recording.original_name, recording.media_type, recording.duration_ms) == (
        "Weekly <b>.wav", "audio/wav", 1500,
    )  # fmt: skip
    assert recording.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    (stored,) = left(folder)
    assert stored.name == recording.uuid.hex
    assert stored.read_bytes() == path.read_bytes()


def test_what_is_no_recording_is_refused(team: Team, folder: Path, settings: Settings) -> None:
    assert refusal(b"", team) == "empty"
    assert refusal(b"Minutes of the meeting.", team) == "wrong_type"
    settings.MAX_RECORDING_BYTES = 100
    assert refusal(b"RIFF" + bytes(200), team) == "too_large"
    assert left(folder) == []
    assert not Recording.objects.exists()


def test_a_recording_that_is_too_long_is_refused_and_removed(
    team: Team, folder: Path, settings: Settings, tmp_path: Path
) -> None:
    settings.MAX_RECORDING_SECONDS = 1
    content = write_tones(tmp_path / "long.wav", [(220.0, 1.5)]).read_bytes()
    assert refusal(content, team) == "too_long"
    assert left(folder) == []


def test_a_full_disk_is_said_in_words(
    team: Team, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    # The disk is the outermost edge there is.
    monkeypatch.setattr(FileSystemStorage, "_save", full)
    content = write_tones(tmp_path / "weekly.wav", [(220.0, 0.1)]).read_bytes()
    assert refusal(content, team) == "disk_full"
    assert not Recording.objects.exists()
