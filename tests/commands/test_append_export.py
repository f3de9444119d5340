"""`manage.py append` and `manage.py export`."""

import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command, load_command_class
from pytest_django import Settings

from conversations.models import Append, Conversation, Source, State, Team
from tests.support import write_tones

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    return write_tones(tmp_path / "weekly.wav", [(220.0, 0.2)])


USUAL = {"phrases": True, "detect_entities": True, "summary": True}


def run(*arguments: object) -> str:
    output = StringIO()
    call_command(*(str(argument) for argument in arguments), stdout=output)
    return output.getvalue()


def test_append_starts_a_conversation_and_prints_its_uuid(db: None, tones: Path) -> None:
    uuid = run("append", tones, "--name", "Weekly sync", "--speakers", 3).strip()
    conversation = Conversation.objects.get(uuid=UUID(uuid))
    append = conversation.appends.get()
    assert (conversation.name, append.state, append.options) == (
        "Weekly sync", State.QUEUED, {**USUAL, "speakers": 3, "name": "Weekly sync"},
    )  # fmt: skip
    assert append.recording.duration_ms == 200


def test_append_goes_to_the_end_of_a_conversation(conversation: Conversation, tones: Path) -> None:
    assert run("append", tones, "--conversation", conversation.uuid).strip() == str(
        conversation.uuid
    )
    run("append", tones, "--conversation", conversation.uuid)
    assert list(conversation.appends.values_list("seq", flat=True)) == [1, 2]


def test_append_takes_a_transcript(db: None, tmp_path: Path) -> None:
    path = tmp_path / "weekly.txt"
    path.write_text("[0:01] Ana: Hi.\nJoe: Hello.\n")
    run("append", path, "--transcript")
    append = Append.objects.select_related("recording", "conversation").get()
    assert (append.recording.source, append.conversation.name) == (Source.TEXT, "weekly")


def test_append_takes_an_address(db: None) -> None:
    run("append", "https://media.example.org/play?id=7", "--kind", "video", "--language", "es-ES")
    append = Append.objects.select_related("recording").get()
    assert (append.recording.url, append.recording.media_type, append.options) == (
        "https://media.example.org/play?id=7", "video/mp4", {**USUAL, "language": "es-ES"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty: 0 bytes."),
        (b"Minutes of the meeting, called .wav by mistake.", "This is not a recording we can read"),
    ],
)
def test_append_refuses_what_is_no_recording(
    db: None, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "meeting.wav"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        run("append", path)
    assert not Append.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/nowhere/meeting.wav"], "No such file or directory"),
        (["{tones}", "--speakers", "0"], "between 1 and 20"),
        (["{tones}", "--conversation", str(uuid4())], "There is no conversation"),
        (["{tones}", "--transcript"], "This file is not text"),
        (["https://media.example.org/play?id=7"], "add --kind"),
        (["http://media.example.org/a.mp3"], "This address must begin with https://"),
    ],
)
def test_append_says_what_is_wrong(
    db: None, tones: Path, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run("append", *(argument.format(tones=tones) for argument in arguments))
    assert not Append.objects.exists()


def test_append_waits_no_longer_than_it_was_told(db: None, tones: Path) -> None:
    with pytest.raises(CommandError, match=r"Not ready after 0 s \(queued\)"):
        run("append", tones, "--wait", "--timeout", 0)


def test_append_that_waits_ends_with_the_reason_of_a_failure(
    conversation: Conversation, tones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(seconds: float) -> None:
        Append.objects.update(state=State.FAILED, error="The server is on strike.")

    monkeypatch.setattr("conversations.management.commands.append.sleep", fail)
    with pytest.raises(CommandError, match="Failed: The server is on strike"):
        run("append", tones, "--wait")


def test_export_prints_text_and_json(conversation: Conversation) -> None:
    assert run("export", conversation.uuid) == "Interview\n"
    written = json.loads(run("export", conversation.uuid, "--format", "json"))
    assert (written["members"], written["messages"]) == ([], [])


def test_export_of_nothing_says_so(db: None) -> None:
    with pytest.raises(CommandError, match="There is no conversation"):
        run("export", uuid4())


def test_append_without_any_team_makes_one(db: None, tones: Path) -> None:
    run("append", tones)
    assert Team.objects.get().name == "First team"


def test_append_refuses_a_name_for_a_conversation_that_has_one(
    conversation: Conversation, tones: Path
) -> None:
    with pytest.raises(CommandError, match="--name is for a new conversation"):
        run("append", tones, "--conversation", conversation.uuid, "--name", "Other")


def test_append_that_waits_tells_the_remark_on_a_result(
    db: None, tones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finish(seconds: float) -> None:
        Append.objects.update(state=State.SYNCED, note="No speech was found in this recording.")

    monkeypatch.setattr("conversations.management.commands.append.sleep", finish)
    remarks = StringIO()
    call_command("append", str(tones), "--wait", stdout=StringIO(), stderr=remarks)
    assert remarks.getvalue() == "No speech was found in this recording.\n"


@pytest.mark.parametrize(
    "command", [["append", "meeting.wav"], ["export", str(uuid4())], ["sign_in_link"]]
)
def test_commands_say_that_there_is_no_database_yet(tmp_path: Path, command: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    process = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("CommandError: This data folder has no database yet.")


@pytest.mark.parametrize(
    "command",
    [
        ["append"], ["demo"], ["export"], ["sign_in_link"], ["worker"],
        ["speaker_events", "convert"],
    ],
)  # fmt: skip
def test_the_help_of_every_command_tells_of_the_data_folder(
    capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    parser = load_command_class("conversations", command[0]).create_parser("manage.py", command[0])
    with pytest.raises(SystemExit):
        parser.parse_args([*command[1:], "--help"])
    assert re.search(r"--data DIR +(the|a) data folder", capsys.readouterr().out)


def test_a_sign_in_link_leads_to_where_the_dashboard_is(
    ana: User, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    assert run("sign_in_link", "ana").startswith("/sign-in/link/")
    (tmp_path / "address").write_text("http://127.0.0.1:8600")
    assert run("sign_in_link", "ana").startswith("http://127.0.0.1:8600/sign-in/link/")
    link = run("sign_in_link", "ana", "--origin", "https://meetings.example.org")
    assert link.startswith("https://meetings.example.org/sign-in/link/")
