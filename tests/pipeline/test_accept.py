"""Taking recordings in: what is refused leaves nothing behind."""

import errno
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

from conversations.models import Recording, Source, Team
from conversations.pipeline.accept import (
    RefusedRecording,
    accept_recording,
    accept_text,
    accept_url,
    is_other_video,
    kind_of,
    name_of,
)
from conversations.pipeline.texts import Said
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


def test_an_address_is_noted_and_nothing_is_stored(team: Team, folder: Path) -> None:
    url = " https://media.example.org/team/Weekly%20sync.mp4?sig=a%2Fb "
    recording = accept_url(url, kind="video", team=team, user=None)
    recording.refresh_from_db()
    assert (recording.source, recording.url, recording.original_name, recording.media_type) == (
        Source.URL, url.strip(), "Weekly sync.mp4", "video/mp4",
    )  # fmt: skip
    assert (recording.size, recording.is_playable, left(folder)) == (0, False, [])


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://media.example.org/a.mp3", "This address must begin with https://."),
        ("https://127.0.0.1/a.mp3", "This address must name a host, not a number."),
        ("ftp://media.example.org/a.mp3", "This address must begin with"),
        ("weekly.mp3", "This address must begin with"),
        ("", "This address must begin with"),
    ],
)
def test_an_address_that_nobody_may_ask_is_refused(team: Team, url: str, sentence: str) -> None:
    with pytest.raises(RefusedRecording) as refused:
        accept_url(url, kind="audio", team=team, user=None)
    assert (refused.value.code, refused.value.reason[: len(sentence)]) == ("address", sentence)
    assert not Recording.objects.exists()


def test_an_address_tells_by_its_ending_what_is_behind_it() -> None:
    endings = ("a.MP4?x=.mp3", "a.mp3", "a.m4a", "a.webm", "a.mov", "a", "")
    urls = [f"https://media.example.org/{ending}" for ending in endings]
    assert [kind_of(url) for url in urls] == ["video", "audio", "audio", None, None, None, None]
    assert [is_other_video(url) for url in urls] == [False, True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://media.example.org/a/%E2%80%AEb%0Ac.mp3", "bc.mp3"),
        ("https://media.example.org/", "media.example.org"),
        ("https://media.example.org/" + "x" * 300, "x" * 255),
    ],
)
def test_an_address_gives_a_name_that_can_be_shown(url: str, name: str) -> None:
    assert name_of(url) == name


def test_a_transcript_is_kept_as_the_list_of_its_messages(team: Team, folder: Path) -> None:
    said = [Said("Grüße.", "Zoë", "zoe@example.com", 0, 1500), Said("Hi.")]
    recording = accept_text(said, name="weekly.vtt", team=team, user=None)
    recording.refresh_from_db()
    (stored,) = left(folder)
    content = stored.read_bytes()
    assert json.loads(content) == [
        {
            "content": "Grüße.", "name": "Zoë", "userId": "zoe@example.com",
            "start": 0, "end": 1500,
        },
        {"content": "Hi.", "name": "", "userId": "", "start": None, "end": None},
    ]  # fmt: skip
    assert (recording.source, recording.title, recording.media_type, recording.sha256) == (
        Source.TEXT, "weekly", "application/json", hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    assert (recording.size, recording.duration_ms) == (len(content), None)
