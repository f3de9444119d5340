"""A server on loopback, and a client that has a token for it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from conversations.symbl import MemoryTokenStore, SymblClient, Token

Call = Callable[[SymblClient], object]


@dataclass
class Server:
    """Gives the answers in turn, the last one again and again, and keeps what it was sent.

    An answer is a JSON document (bytes are sent as they are); `status` is that of all.
    """

    url: str
    status: int = 200
    answers: list[object] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    types: list[str | None] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.lines.append(f"{request.method} {request.environ['REQUEST_URI']}")
        self.tokens.append(request.headers.get("Authorization"))
        self.types.append(request.headers.get("Content-Type"))
        self.bodies.append(request.get_data())
        answer = self.answers.pop(0) if self.answers[1:] else self.answers[0]
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Response(body, status=self.status)

    @property
    def documents(self) -> list[object]:
        """The JSON body of every request, None for an empty one."""
        return [json.loads(body) if body else None for body in self.bodies]


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    server = Server(httpserver.url_for("").rstrip("/"))
    httpserver.expect_request(re.compile(".*")).respond_with_handler(server)
    return server


@pytest.fixture
def client(server: Server) -> Iterator[SymblClient]:
    tokens = MemoryTokenStore(Token("kept", use_until=float("inf")))
    with SymblClient(
        server.url, "app", "secret", tokens=tokens, sleep=lambda seconds: None
    ) as client:
        yield client
