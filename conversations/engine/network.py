"""The engine's own connections: to numbers that were checked, and no longer than planned.

Used for fetching recordings and for calling webhooks.
"""

import ssl
from collections.abc import Callable, Iterable
from urllib.parse import quote, urlsplit

import httpcore

from conversations.addresses import PORTS, Target

#: Of one step, where nobody says otherwise.
LONGEST_SECONDS = 30.0
#: What can go wrong with a connection that was allowed.
FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)

# What may stand in the path and the query of an address as it is; the rest is encoded.
_AS_IS = "/?%:@!$&'()*+,;=~[]"

Watch = Callable[[], float]


class CheckedNumbers(httpcore.NetworkBackend):
    """Connects to the given IP addresses, whatever the host's name would lead to by now.

    `watch` is called before each step and returns the seconds that are left.
    """

    def __init__(self, numbers: Iterable[str], watch: Watch) -> None:
        self._numbers = tuple(numbers)
        self._watch = watch
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the host has no number")
        for number in self._numbers:
            limit = min(timeout or LONGEST_SECONDS, self._watch())
            try:
                stream = self._network.connect_tcp(
                    number, port, limit, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _WatchedStream(stream, self._watch)
        raise failure


class _WatchedStream(httpcore.NetworkStream):
    """A connection on which nobody can keep us waiting by sending a little now and then."""

    def __init__(self, inner: httpcore.NetworkStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, min(timeout or LONGEST_SECONDS, self._watch()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _WatchedStream(stream, self._watch)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def host_header(target: Target) -> str:
    """Return what the request says of whom it is for; signed addresses want no usual port."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == PORTS[target.scheme] else f"{host}:{target.port}"


def address(url: str, target: Target) -> httpcore.URL:
    """Return a checked address as it goes over the wire: ASCII, encoded once."""
    parts = urlsplit(url)
    wanted = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return httpcore.URL(
        scheme=target.scheme,
        host=target.host,
        port=target.port,
        target=quote(wanted, safe=_AS_IS),
    )
