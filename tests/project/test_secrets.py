"""Secrets made on first start."""

import stat
from pathlib import Path

from symbl_dashboard.secrets import engine_credentials, read_or_create, secret_key


def test_a_secret_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    key = secret_key(folder)
    assert len(key) >= 80
    assert secret_key(folder) == key
    assert stat.S_IMODE((folder / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["secret-key"]


def test_whoever_comes_second_gets_the_first_ones_secret(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert read_or_create(path, "first") == "first"
    assert read_or_create(path, "second") == "first"


def test_credentials_differ_between_installations(tmp_path: Path) -> None:
    one, two = engine_credentials(tmp_path / "a"), engine_credentials(tmp_path / "b")
    assert one == engine_credentials(tmp_path / "a")
    assert one.app_id != two.app_id
    assert one.app_secret != two.app_secret
