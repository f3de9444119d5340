"""The engine by itself: its own addresses, a folder of its own, and scripted recognition."""

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from conversations.engine import tokens
from conversations.engine.models import Conversation, Job, Status
from tests.doubles import wakes
from tests.engine.support import NOW, Api


@pytest.fixture(autouse=True)
def engine_settings(settings: Settings, tmp_path: Path) -> None:
    settings.ROOT_URLCONF = "tests.engine.urls"
    settings.ENGINE_DATA_DIR = tmp_path
    settings.ENGINE_FACTORY = "tests.doubles.scripted_recognition"
    settings.ENGINE_WAKE = "tests.doubles.wakes.wake"
    settings.ENGINE_WAKE_LATER = "tests.doubles.wakes.wake_later"
    settings.ENGINE_WAKE_WEBHOOKS = "tests.doubles.wakes.wake_webhooks"
    settings.ENGINE_WAKE_WEBHOOKS_LATER = "tests.doubles.wakes.wake_webhooks_later"
    settings.ENGINE_BEAT = "tests.doubles.wakes.beat"
    settings.ENGINE_MAX_JOBS = 2
    wakes.forget()


@pytest.fixture
def token(db: None, settings: Settings) -> str:
    return tokens.issue(settings.ENGINE_CREDENTIALS.app_id, dt.datetime.now(dt.UTC)).text


@pytest.fixture
def api(client: Client, token: str) -> Api:
    """Return a caller of the API that has a token."""
    return Api(client, token)


@pytest.fixture
def conversation(db: None) -> Conversation:
    return Conversation.objects.create(id="5120345678901234", name="Weekly", start_time=NOW)


@pytest.fixture
def job(conversation: Conversation, tmp_path: Path) -> Job:
    """Return a scheduled job with speaker diarization, whose audio file exists."""
    path = tmp_path / "audio" / "first"
    path.parent.mkdir()
    path.write_bytes(b"sound")
    return Job.objects.create(
        conversation=conversation,
        seq=1,
        status=Status.SCHEDULED,
        options={"enableSpeakerDiarization": True},
        audio="audio/first",
        created_at=NOW,
    )
