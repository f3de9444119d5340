"""The pipeline's tests: real HTTP to the real engine, whose recognition follows a script."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files import File
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from pytest_httpserver import HTTPServer

from conversations.models import Append, Conversation, Team
from conversations.pipeline.accept import accept_recording, append_recording, start_conversation
from conversations.pipeline.options import AppendOptions
from tests.doubles.symbl_server import Api

SCRIPTED = "tests.doubles.scripted_recognition"

Submit = Callable[..., Append]


@pytest.fixture
def scripted(engine: LiveServer, settings: Settings, tmp_path: Path) -> LiveServer:
    """The engine over loopback, hearing what the test wrote into the recording."""
    settings.ENGINE_FACTORY = SCRIPTED
    settings.ENGINE_STATUS = f"{SCRIPTED}.status"
    settings.ENGINE_DATA_DIR = tmp_path / "engine"
    return engine


@pytest.fixture
def submit(team: Team, tmp_path: Path, ana: User) -> Submit:
    """Return a function that hands bytes to the pipeline as a recording."""

    def put(
        content: bytes,
        *,
        to: Conversation | None = None,
        name: str = "meeting.wav",
        speakers: int | None = None,
    ) -> Append:
        path = tmp_path / name
        path.write_bytes(content)
        with path.open("rb") as stream:
            recording = accept_recording(file=File(stream, name=name), team=team, user=ana)
        options = AppendOptions(speakers=speakers)
        if to is None:
            return start_conversation(recording, name="", options=options, user=ana)
        return append_recording(to, recording, options=options, user=ana)

    return put


@pytest.fixture
def api(httpserver: HTTPServer, settings: Settings) -> Iterator[Api]:
    settings.SYMBL_BASE_URL = httpserver.url_for("").rstrip("/")
    yield Api(httpserver)
