"""Settings that must be right before anything runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from conversations.engine.recognition.runner import Limits
from manage import take_data_folder
from symbl_dashboard.settings import switch

ROOT = Path(__file__).resolve().parents[2]
SHOWN = (
    "DEBUG", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SECURE_REFERRER_POLICY",
    "X_FRAME_OPTIONS", "SYMBL_BASE_URL",
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "rest", "folder"),
    [
        (["manage.py", "demo", "--data", "/srv/d"], ["manage.py", "demo"], "/srv/d"),
        (["manage.py", "--data=/srv/d", "demo"], ["manage.py", "demo"], "/srv/d"),
        (["manage.py", "demo"], ["manage.py", "demo"], None),
        (["manage.py", "x", "--", "--data", "y"], ["manage.py", "x", "--", "--data", "y"], None),
    ],
)
def test_every_command_takes_its_data_folder(
    monkeypatch: pytest.MonkeyPatch, given: list[str], rest: list[str], folder: str | None
) -> None:
    # Set first, so that monkeypatch puts the test run's own folder back.
    monkeypatch.setenv("DATA_DIR", "unset")
    monkeypatch.delenv("DATA_DIR")
    assert take_data_folder(given) == rest
    assert os.environ.get("DATA_DIR") == folder


def test_a_relative_data_folder_is_meant_from_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", "unset")
    monkeypatch.chdir(tmp_path)
    take_data_folder(["manage.py", "demo", "--data", "mine"])
    assert os.environ["DATA_DIR"] == str(tmp_path / "mine")


def test_a_data_folder_without_a_name_is_a_mistake() -> None:
    with pytest.raises(SystemExit, match="--data needs a folder"):
        take_data_folder(["manage.py", "demo", "--data"])


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("No", False)])
def test_switches_are_yes_or_no(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("SOME_SWITCH", text)
    assert switch("SOME_SWITCH", default=not value) is value


def test_switches_refuse_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SWITCH", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="SOME_SWITCH must be true or false"):
        switch("SOME_SWITCH", default=True)


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        ("http://127.0.0.1:8000/engine", []),
        ("http://localhost:8000/engine", []),
        ("https://speech.example.org", []),
        ("http://speech.example.org", ["conversations.E003"]),
        ("ftp://127.0.0.1/engine", ["conversations.E003"]),
        ("https://api.symbl.ai", ["conversations.E002"]),
        ("https://symbl.ai.example.org", []),
    ],
)
def test_the_speech_server_is_never_a_vendors(
    settings: Settings, address: str, errors: list[str]
) -> None:
    settings.SYMBL_BASE_URL = address
    assert [found.id for found in run_checks()] == errors


def test_a_queue_that_repeats_running_tasks_is_refused(settings: Settings) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 60}
    assert [found.id for found in run_checks()] == ["conversations.E001"]


def test_recogniser_ends_itself_before_its_cluster_ends_it(settings: Settings) -> None:
    longest = Limits().wall_factor * settings.MAX_RECORDING_SECONDS
    assert settings.Q_CLUSTER["ALT_CLUSTERS"]["engine"]["timeout"] > longest


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        ("", []),
        ("https://meetings.example.org", []),
        ("http://127.0.0.1:8000", []),
        ("meetings.example.org", ["conversations.E005"]),
        ("https://", ["conversations.E005"]),
        ("ftp://meetings.example.org", ["conversations.E005"]),
    ],
)
def test_webhooks_need_an_address_that_can_be_called(
    settings: Settings, address: str, errors: list[str]
) -> None:
    settings.WEBHOOK_BASE_URL = address
    assert [found.id for found in run_checks()] == errors


@pytest.mark.parametrize(("switched_on", "errors"), [(True, ["conversations.E006"]), (False, [])])
def test_a_production_does_not_misbehave_on_demand(
    *, settings: Settings, switched_on: bool, errors: list[str]
) -> None:
    settings.ENGINE_FAULTS = switched_on
    found = run_checks(include_deployment_checks=True)
    assert [one.id for one in found if str(one.id).startswith("conversations.")] == errors


@pytest.mark.parametrize(
    ("address", "hosts", "enabled", "errors"),
    [
        ("http://127.0.0.1:8000/engine", ["127.0.0.1"], True, []),
        ("http://[::1]:8000/engine", ["[::1]"], True, []),
        ("https://Meet.example.org/engine", [".example.org"], True, []),
        ("http://127.0.0.1:8000/engine", ["meet.example.org"], True, ["conversations.E004"]),
        ("http://127.0.0.1:8000/engine", ["meet.example.org"], False, []),
        ("https://speech.example.org", ["meet.example.org"], True, []),
    ],
)
def test_worker_must_reach_the_bundled_engine(
    *, settings: Settings, address: str, hosts: list[str], enabled: bool, errors: list[str]
) -> None:
    settings.SYMBL_BASE_URL = address
    settings.ALLOWED_HOSTS = hosts
    settings.ENGINE_ENABLED = enabled
    found = run_checks(include_deployment_checks=True)
    assert [one.id for one in found if str(one.id).startswith("conversations.")] == errors


def test_production_is_secure_without_being_told(tmp_path: Path) -> None:
    code = (
        "import json; from django.conf import settings; "
        f"print(json.dumps({{name: getattr(settings, name) for name in {SHOWN}}}))"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "symbl_dashboard.settings",
    }
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert json.loads(shown.stdout) == {
        "DEBUG": False,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "SYMBL_BASE_URL": "http://127.0.0.1:8000/engine",
    }
