"""What the engine's tests share: a fixed time, a caller of the API, results of recognition."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.test import Client

from conversations.engine.recognition.protocol import Result
from conversations.engine.recognition.types import Piece

NOW = dt.datetime(2026, 1, 5, 10, 0, tzinfo=dt.UTC)


class Answer(NamedTuple):
    status: int
    body: Any


@dataclass(frozen=True)
class Api:
    """Calls the API below /engine with a Bearer token; bodies are JSON unless they are bytes."""

    client: Client
    token: str

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def put(self, path: str, body: object) -> Answer:
        return self.call("PUT", path, body, "application/json")

    def submit(self, path: str, body: bytes = b"sound", content_type: str = "") -> Answer:
        return self.call("POST", path, body, content_type)

    def append(self, path: str, body: bytes = b"sound", content_type: str = "") -> Answer:
        return self.call("PUT", path, body, content_type)

    def call(
        self, method: str, path: str, body: object = b"", content_type: str = "", **headers: str
    ) -> Answer:
        response = self.client.generic(
            method,
            f"/engine/{path}",
            body if isinstance(body, bytes) else json.dumps(body),
            content_type=content_type,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        return Answer(response.status_code, response.json())


def result(*pieces: Piece, seconds: float = 10.0, stated_seconds: float | None = None) -> Result:
    speakers = len({piece.speaker for piece in pieces})
    return Result(pieces, seconds, stated_seconds, speakers, peak_memory=0)


def stored_files(folder: Path) -> list[str]:
    """Return the names of the recordings in the engine's folder."""
    return sorted(path.name for path in (folder / "audio").glob("*"))
