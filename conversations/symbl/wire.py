"""One HTTP exchange with a Symbl server: the connections, the headers, the errors.

Used by connection.py. No policy lives here: what is repeated, and which token is
used, is decided by the caller. This and failures.py are the modules that handle
httpx, so another HTTP library would be a change of two files.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import NamedTuple

import httpx

from conversations.symbl.failures import (
    excerpt_of,
    failure_of_answer,
    failure_of_exchange,
    failure_of_status,
    retry_after_of,
)

ERROR_BODY_LIMIT = 4096

Transport = httpx.BaseTransport
"""What carries the requests; tests hand in one of their own."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds each phase may take; `accept` is the wait for the answer to a call that acts."""

    connect: float = 5.0
    write: float = 30.0
    read: float = 30.0
    accept: float = 120.0
    pool: float = 5.0


DEFAULT_TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `acts` says that it changes something at the server.

    `path` is appended to the base URL and already encoded, as is `query`. `secrets` are
    removed from quoted answers, as is the token.
    """

    method: str
    path: str
    acts: bool
    query: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Iterator[bytes] = field(default=b"", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Answer(NamedTuple):
    """A 2xx answer; `excerpt` is its beginning, fit to be shown."""

    status: int
    body: bytes
    excerpt: str


class Wire:
    """The connections to one server."""

    def __init__(
        self,
        base_url: str,
        *,
        timeouts: Timeouts,
        clock: Callable[[], float],
        secret: str,
        transport: Transport | None = None,
    ) -> None:
        """`secret` is removed from quoted answers. Raises ValueError for a bad base URL."""
        self._base_url = checked_base_url(base_url)
        self._clock = clock
        self._secret = secret
        tls = httpx.create_ssl_context(trust_env=False)
        reads = transport or httpx.HTTPTransport(verify=tls, trust_env=False)
        # Calls that act never reuse a connection: one that the server has just closed
        # would leave the outcome unknown although nothing was sent.
        acts = transport or httpx.HTTPTransport(
            verify=tls, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._reads = _http_client(reads, timeouts, answer=timeouts.read)
        self._acts = _http_client(acts, timeouts, answer=timeouts.accept)

    def send(self, call: Call) -> Answer:
        """Send `call` once and return a 2xx answer.

        Raises a `SymblError` for anything else; an exception raised by the iterator
        behind `call.content` breaks the transfer off and comes out as it is.
        """
        client = self._acts if call.acts else self._reads
        try:
            response = client.send(self._request(client, call), stream=True)
        except httpx.HTTPError as error:
            raise failure_of_exchange(error, acts=call.acts) from error
        with contextlib.closing(response):
            status = response.status_code
            if not response.is_success:
                wish = response.headers.get("Retry-After")
                raise failure_of_status(
                    status,
                    acts=call.acts,
                    excerpt=self._excerpt(_beginning_of(response), call),
                    retry_after=retry_after_of(wish, now=self._clock()),
                )
            try:
                body = response.read()
            except httpx.HTTPError as error:
                raise failure_of_answer(error, acts=call.acts, status=status) from error
        return Answer(status, body, self._excerpt(body[:ERROR_BODY_LIMIT], call))

    def close(self) -> None:
        """Close the connections; the wire cannot be used afterwards."""
        self._reads.close()
        self._acts.close()

    def _excerpt(self, body: bytes, call: Call) -> str:
        return excerpt_of(body, secrets=(self._secret, call.token or "", *call.secrets))

    def _request(self, client: httpx.Client, call: Call) -> httpx.Request:
        authorisation = {"Authorization": f"Bearer {call.token}"} if call.token else {}
        query = f"?{call.query}" if call.query else ""
        return client.build_request(
            call.method,
            f"{self._base_url}{call.path}{query}",
            headers={**call.headers, **authorisation},
            content=call.content,
        )


def checked_base_url(base_url: str) -> str:
    """Return `base_url` without a trailing slash.

    Raises ValueError unless it is http or https with a host and, at most, a path.
    """
    try:
        parts = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise ValueError("The base URL of the Symbl server is not a URL.") from error
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise ValueError("The base URL of the Symbl server must start with http:// or https://.")
    if parts.userinfo or parts.query or parts.fragment:
        raise ValueError("The base URL of the Symbl server may hold a host, a port and a path.")
    return base_url.rstrip("/")


def _http_client(transport: Transport, timeouts: Timeouts, *, answer: float) -> httpx.Client:
    return httpx.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept": "application/json", "User-Agent": f"symbl-dashboard/{_version()}"},
        timeout=httpx.Timeout(
            connect=timeouts.connect, write=timeouts.write, read=answer, pool=timeouts.pool
        ),
    )


def _version() -> str:
    try:
        return metadata.version("symbl-dashboard")
    except metadata.PackageNotFoundError:
        return "development"


def _beginning_of(response: httpx.Response) -> bytes:
    """Return the beginning of an error's body, as far as it arrives; the status is enough."""
    body = bytearray()
    with contextlib.suppress(httpx.HTTPError):
        for chunk in response.iter_bytes(ERROR_BODY_LIMIT):
            body += chunk
            if len(body) >= ERROR_BODY_LIMIT:
                break
    return bytes(body)
