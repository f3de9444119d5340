"""Who may read what the service keeps."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from symbl_dashboard.folders import private_file, private_folder

ROOT = Path(__file__).resolve().parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def generous_umask() -> Iterator[None]:
    """What is made has the mode that was asked for, not one that happens to be strict."""
    before = os.umask(0o000)
    yield
    os.umask(before)


def test_private_things_are_for_their_owner_only(tmp_path: Path) -> None:
    folder, file = tmp_path / "srv" / "data", tmp_path / "database"
    private_folder(folder, own=tmp_path / "elsewhere")
    private_file(file, own=tmp_path / "elsewhere")
    assert (mode(folder), mode(file)) == (0o700, 0o600)


@pytest.mark.parametrize(("own", "modes"), [("elsewhere", (0o755, 0o644)), ("", (0o700, 0o600))])
def test_things_that_are_there_change_in_the_own_folder_only(
    tmp_path: Path, own: str, modes: tuple[int, int]
) -> None:
    folder, file = tmp_path / "data", tmp_path / "database"
    folder.mkdir(mode=0o755)
    file.write_text("kept")
    file.chmod(0o644)
    private_folder(folder, own=tmp_path / own)
    private_file(file, own=tmp_path / own)
    assert (mode(folder), mode(file), file.read_text()) == (*modes, "kept")


def test_everything_in_the_data_folder_is_private(tmp_path: Path) -> None:
    # The folder itself is the operator's, made beforehand and open to everybody.
    code = "import django; django.setup(); from django.core.files.base import ContentFile; "
    code += "from django.core.files.storage import storages; "
    code += "storages['default'].save('recording', ContentFile(b'sound'))"
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "symbl_dashboard.settings",
    }
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    assert {path.name: oct(mode(path)) for path in tmp_path.rglob("*")} == {
        "dashboard.sqlite3": "0o600",
        "engine": "0o700",
        "recording": "0o600",
        "recordings": "0o700",
        "secrets": "0o700",
        "secret-key": "0o600",
        "engine.json": "0o600",
        "uploads": "0o700",
    }
