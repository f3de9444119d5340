"""What most tests share: people, a conversation, and the engine over real HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files import File
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from pytest_httpserver import HTTPServer

from conversations.models import Conversation, Membership, Recording, Role, Team
from conversations.pipeline.accept import accept_recording
from tests import support
from tests.doubles.symbl_conversation import Server


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Research")


@pytest.fixture
def person(team: Team) -> Callable[..., User]:
    """Return a function that makes a user with a role in the team (None: an outsider)."""

    def make(name: str, role: Role | None = Role.REVIEWER) -> User:
        user = User.objects.create_user(name)
        if role is not None:
            Membership.objects.create(team=team, user=user, role=role)
        return user

    return make


@pytest.fixture
def ana(person: Callable[..., User]) -> User:
    return person("ana")


@pytest.fixture
def conversation(team: Team) -> Conversation:
    """A conversation that the API knows and that was read whole."""
    return Conversation.objects.create(
        team=team, name="Interview", remote_id="5120345678901234", synced_at=timezone.now()
    )


@pytest.fixture
def recording(team: Team, tmp_path: Path) -> Iterator[Recording]:
    """A stored recording of two tones."""
    path = support.write_tones(tmp_path / "tones.wav", [(220.0, 0.4), (440.0, 0.4)])
    with path.open("rb") as stream:
        recording = accept_recording(file=File(stream, name=path.name), team=team, user=None)
    yield recording
    recording.file.delete(save=False)


@pytest.fixture
def server(httpserver: HTTPServer, settings: Settings) -> Server:
    """A Symbl server that holds one conversation; the dashboard asks it."""
    settings.SYMBL_BASE_URL = httpserver.url_for("").rstrip("/")
    return Server(httpserver)


@pytest.fixture
def engine(live_server: LiveServer, settings: Settings) -> LiveServer:
    """The engine over real HTTP on loopback, with the credentials that the dashboard has."""
    settings.SYMBL_BASE_URL = f"{live_server.url}/engine"
    return live_server
