"""A server that follows a script and a clock that only moves when told.

Used by the tests of the client that need no sockets.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from conversations.symbl import MemoryTokenStore, SymblClient, Token, TokenStore

BASE_URL = "http://127.0.0.1:8000/engine"
NOW = 1_767_607_200.0


@dataclass
class FakeTime:
    """Seconds since the epoch, and the sleeps that moved them on."""

    now: float = NOW
    sleeps: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move the time on."""
        self.sleeps.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    line: str
    token: str | None
    content_type: str | None
    body: bytes


class Script:
    """Answers requests in the given order and remembers them.

    An answer is a response, an exception to raise, or a JSON document (status 200).
    """

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.seen: list[Seen] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.seen.append(
            Seen(
                line=f"{request.method} {request.url.raw_path.decode()}",
                token=request.headers.get("Authorization"),
                content_type=request.headers.get("Content-Type"),
                body=request.content,
            )
        )
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def lines(self) -> list[str]:
        """Method and target of every request, without the path of the base URL."""
        return [seen.line.replace("/engine", "", 1) for seen in self.seen]


def kept_token(value: str = "kept") -> MemoryTokenStore:
    """Return a store with a token that is fresh for the duration of any test."""
    return MemoryTokenStore(Token(value, use_until=NOW + 3600))


def client_of(
    script: Callable[[httpx.Request], httpx.Response],
    *,
    time: FakeTime | None = None,
    tokens: TokenStore | None = None,
) -> SymblClient:
    """Return a client that talks to `script`, with a fresh token unless told otherwise."""
    time = time or FakeTime()
    return SymblClient(
        BASE_URL,
        "the-app",
        "the-secret",
        transport=httpx.MockTransport(script),
        tokens=kept_token() if tokens is None else tokens,
        sleep=time.sleep,
        clock=time.clock,
    )


def grant(value: str, expires_in: float = 86_400) -> dict[str, object]:
    """Return the answer of the token endpoint."""
    return {"accessToken": value, "expiresIn": expires_in}


def body_of(seen: Seen) -> object:
    """Return the JSON body of a request."""
    document: object = json.loads(seen.body)
    return document
