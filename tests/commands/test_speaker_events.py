"""`manage.py speaker_events convert`."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]

CSV = "start,end,speaker\n1,2.5,Ana\n2.5,4,Zo\u00eb\n"
VTT = (
    "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<v Ana></v>\n"
    "\n00:00:02.500 --> 00:00:04.000\n<v Zo\u00eb></v>\n"
)


def convert(*arguments: object) -> tuple[str, str]:
    output, notes = StringIO(), StringIO()
    call_command("speaker_events", "convert", *map(str, arguments), stdout=output, stderr=notes)
    return output.getvalue(), notes.getvalue()


def manage(folder: Path, content: bytes, *arguments: str) -> tuple[int, bytes, str]:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "TMPDIR": str(folder.parent),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "PYTHONIOENCODING": "latin-1",
    }
    process = subprocess.run(
        [sys.executable, "manage.py", "speaker_events", "convert", *arguments],
        cwd=ROOT,
        env=environment,
        input=content,
        capture_output=True,
        check=False,
    )
    return process.returncode, process.stdout, process.stderr.decode("latin-1")


def zoom(path: Path) -> Path:
    """Write a timeline: Ana 1 to 5 s, Ben for 0.4 s, Ana to 9 s, and Ben from 12 s on."""
    entries = [(1.0, "Ana"), (5.0, "Ben"), (5.4, "Ana"), (9.0, None), (12.0, "Ben")]
    path.write_text(
        json.dumps(
            [
                {"ts": f"00:00:{at:06.3f}", "users": [{"username": name}] if name else []}
                for at, name in entries
            ]
        )
    )
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_convert_writes_the_other_format_and_nothing_else(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "turns.csv"
    path.write_bytes(CSV.encode(encoding))
    assert convert("--from", "csv", "--to", "vtt", path) == (VTT, "")


def test_convert_needs_no_database_and_writes_utf_8_whatever_the_terminal(tmp_path: Path) -> None:
    content = CSV.encode()
    assert manage(tmp_path, content, "--from", "csv", "--to", "vtt", "-") == (0, VTT.encode(), "")
    _, table, _ = manage(tmp_path, content, "--from", "csv", "--to", "csv", "-")
    assert table.splitlines(keepends=True)[1] == b"1.000,2.500,Ana,,Ana\r\n"


def test_convert_leaves_no_folder_behind(tmp_path: Path) -> None:
    arguments = ("--from", "csv", "--to", "vtt", "-", "--data", str(tmp_path / "named"))
    assert manage(tmp_path / "data", CSV.encode(), *arguments) == (0, VTT.encode(), "")
    assert list(tmp_path.iterdir()) == []


def test_convert_smooths_a_zoom_timeline_as_told(tmp_path: Path) -> None:
    path = zoom(tmp_path / "zoom.json")
    turns = "SPEAKER recording 1 {} {} <NA> <NA> {} <NA> <NA>\n"
    output, notes = convert("--from", "zoom", "--to", "rttm", "--end-ms", 20_000, path)
    assert output == turns.format("1.000", "8.000", "Ana") + turns.format("12.000", "8.000", "Ben")
    assert notes == ""
    output, _ = convert(
        "--from", "zoom", "--to", "rttm", "--end-ms", 20_000, "--floor-ms", 399,
        "--stretch-over-ms", 2999, "--stretch-cap-ms", 3000, "--bridge-cap-ms", 0, path,
    )  # fmt: skip
    assert output == (
        turns.format("1.000", "4.000", "Ana")
        + turns.format("5.000", "0.400", "Ben")
        + turns.format("5.400", "6.600", "Ana")
        + turns.format("12.000", "8.000", "Ben")
    )


def test_convert_tells_what_it_settled(tmp_path: Path) -> None:
    path = tmp_path / "turns.csv"
    path.write_text("start,end,speaker\n1,1,Ana\n2,2,Ana\n5,4,Ana\n6,7,Ana\n")
    assert convert("--from", "csv", "--to", "csv", path) == (
        "start,end,speaker,email,id\r\n6.000,7.000,Ana,,Ana\r\n",
        "Turn 1, Ana: A turn at 00:00:01.000 has no length. It was left out.\n"
        "Turn 2, Ana: A turn at 00:00:02.000 has no length. It was left out.\n"
        "Turn 3, Ana: A turn that starts at 00:00:05.000 stops before that, at 00:00:04.000. "
        "It was left out.\n",
    )
    _, notes = convert("--from", "zoom", "--to", "csv", zoom(tmp_path / "zoom.json"))
    assert notes == (
        "Ben: A start at 00:00:12.000 is never stopped and nothing comes after it. "
        "It was left out.\n"
    )


def test_convert_tells_which_event_of_the_api_it_settled(tmp_path: Path) -> None:
    told = [("started", "Ana", 1), ("started", "Ana", 2), ("stopped", "Ben", 3)]
    events = [
        {"type": f"{kind}_speaking", "user": {"name": name}, "offset": {"seconds": second}}
        for kind, name, second in told
    ]
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"speakerEvents": events}))
    _, notes = convert("--from", "symbl", "--to", "csv", path)
    assert notes == (
        "Event 2, Ana: A start at 00:00:02.000 comes while the same person is already speaking. "
        "The earlier start was kept.\n"
        "Event 3, Ben: A stop at 00:00:03.000 has no start before it. It was left out.\n"
        "Event 1, Ana: A start at 00:00:01.000 is never stopped, so it counts until "
        "00:00:03.000.\n"
    )


def test_convert_tells_which_entry_of_a_zoom_timeline_is_out_of_order(tmp_path: Path) -> None:
    path = tmp_path / "zoom.json"
    entries = [{"ts": f"00:00:0{at}", "users": []} for at in (0, 5, 2)]
    path.write_text(json.dumps(entries))
    _, notes = convert("--from", "zoom", "--to", "csv", path)
    assert notes == (
        "Entry 3: The entry at 00:00:02.000 comes after a later one. The entries were put in "
        "order.\n"
    )


def test_convert_counts_what_is_too_much_to_tell(tmp_path: Path) -> None:
    path = tmp_path / "turns.csv"
    path.write_text("start,end,speaker\n" + "1,1,Ana\n" * 23)
    _, notes = convert("--from", "csv", "--to", "csv", path)
    assert (notes.count("Turn "), notes.splitlines()[-1]) == (20, "3 more like this.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"start,end,speaker\n1,x,Ana\n", "line 2: Start and end are times such as 75.5"),
        (b"Zo\xeb", "This is not text in UTF-8 or UTF-16."),
    ],
)
def test_bad_input_ends_with_2_and_one_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    code, output, error = manage(tmp_path, content, "--from", "csv", "--to", "vtt", "-")
    assert (code, output, error.count("\n")) == (2, b"", 1)
    assert error.startswith(f"CommandError: standard input: {sentence}")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("missing.csv", "No such file or directory"), ("", "Is a directory")],
)
def test_a_file_that_cannot_be_opened_ends_with_2(tmp_path: Path, name: str, sentence: str) -> None:
    path = tmp_path / name
    with pytest.raises(CommandError) as caught:
        convert("--from", "csv", "--to", "vtt", path)
    assert (str(caught.value), caught.value.returncode) == (f"{path}: {sentence}", 2)


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="'-4' is not a whole number of milliseconds"):
        convert("--from", "zoom", "--to", "csv", "--floor-ms=-4", tmp_path / "x")
