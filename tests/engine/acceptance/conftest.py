"""The engine over real HTTP with a worker of its own, and a client nobody here wrote."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.engine.acceptance import worker
from tests.engine.acceptance.sdk import Sdk, started


@pytest.fixture
def sdk(live_server: LiveServer, settings: Settings, tmp_path: Path) -> Iterator[Sdk]:
    settings.ENGINE_WAKE = "tests.engine.acceptance.worker.wake"
    with worker.working(), started(f"{live_server.url}/engine", tmp_path) as client:
        yield client
