"""Recordings that lie elsewhere: fetched once, by the worker, from addresses anyone may see.

Called by `tasks`. The host's name is asked for once, and the connection goes to a number
that was checked: a name that answers otherwise the second time leads nowhere new.
"""

import ssl
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus

import httpcore
from django.conf import settings

from conversations import addresses
from conversations.addresses import RefusedAddress
from conversations.engine import audio, network

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 3600.0
#: On average, measured whenever as many seconds have gone by: one slow address would
#: otherwise keep a worker from everybody else's recordings.
LEAST_BYTES_PER_SECOND = 64 * 1024
MEASURED_SECONDS = 60.0

_HEADERS: dict[bytes | str, bytes | str] = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "User-Agent": "Speech-engine/1",
}
_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS}


class FetchRefused(Exception):
    """The recording was not fetched. `reason` is one sentence for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fetch(
    url: str,
    on_bytes: Callable[[int], None] | None = None,
    *,
    resolve: addresses.Resolve = addresses.resolve,
    tls: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Return the name under which `audio` keeps the recording that lies at `url`.

    `on_bytes` is told the bytes there are so far, at least every READ_SECONDS; what it
    raises ends the fetch. Raise FetchRefused otherwise. Nothing is left behind by a fetch
    that fails.
    """
    try:
        target = addresses.check_url(
            url, allowed_hosts=settings.ENGINE_FETCH_HOSTS, resolve=resolve
        )
    except RefusedAddress as error:
        raise FetchRefused(f"The address {error}") from error
    progress = _Progress(on_bytes, clock)
    numbers = network.CheckedNumbers(target.addresses, progress.seconds_left)
    try:
        with (
            httpcore.ConnectionPool(network_backend=numbers, ssl_context=tls) as connections,
            connections.stream(
                "GET",
                network.address(url, target),
                headers={"Host": network.host_header(target), **_HEADERS},
                extensions={"timeout": _TIMEOUTS},
            ) as answer,
        ):
            _check(answer)
            return audio.store(_pieces(answer, progress))
    except network.FAILURES as error:
        raise FetchRefused(_sentence(error)) from error
    except audio.NotStored as error:
        raise FetchRefused(str(error)) from error


class _Progress:
    """How far a fetch is, in bytes and in time."""

    def __init__(self, on_bytes: Callable[[int], None] | None, clock: Callable[[], float]) -> None:
        self.done = 0
        self._on_bytes = on_bytes
        self._clock = clock
        self._measured_at, self._measured = clock(), 0
        self._end = self._measured_at + TOTAL_SECONDS

    def seconds_left(self) -> float:
        """Tell the bytes so far and return the time that is left.

        Raise ReadTimeout at its end, and FetchRefused when the bytes come too slowly.
        """
        if self._on_bytes:
            self._on_bytes(self.done)
        now = self._clock()
        if now >= self._end:
            raise httpcore.ReadTimeout("the fetch took too long")
        self._require_pace(now)
        return self._end - now

    def _require_pace(self, now: float) -> None:
        seconds = now - self._measured_at
        if seconds < MEASURED_SECONDS:
            return
        if self.done - self._measured < LEAST_BYTES_PER_SECOND * seconds:
            least = LEAST_BYTES_PER_SECOND // 1024
            raise FetchRefused(
                f"The address sends the file too slowly: less than {least} KB a second."
            )
        self._measured_at, self._measured = now, self.done


def _check(answer: httpcore.Response) -> None:
    """Raise FetchRefused unless the answer is a whole file that may be kept."""
    headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
    if 300 <= answer.status < 400:
        raise FetchRefused("The address redirects; use the address of the file itself.")
    if answer.status != HTTPStatus.OK:
        raise FetchRefused(f"The address answers {answer.status} instead of the file.")
    if headers.get(b"content-type", "").partition(";")[0].strip().lower() == "text/html":
        raise FetchRefused("The address leads to a web page, not to a recording.")
    length = headers.get(b"content-length")
    # Without either, a file that breaks off looks like one that has ended.
    if length is None and b"transfer-encoding" not in headers:
        raise FetchRefused("The address does not say how long the file is.")
    if length and int(length) > settings.MAX_RECORDING_BYTES:
        raise _too_large()


def _pieces(answer: httpcore.Response, progress: _Progress) -> Iterator[bytes]:
    for piece in answer.iter_stream():
        progress.done += len(piece)
        if progress.done > settings.MAX_RECORDING_BYTES:
            raise _too_large()
        yield piece
    if progress.done == 0:
        raise FetchRefused("The file at the address is empty.")


def _too_large() -> FetchRefused:
    megabytes = settings.MAX_RECORDING_BYTES // 1024**2
    return FetchRefused(f"The recording is larger than {megabytes} MB.")


def _sentence(error: Exception) -> str:
    """Return what went wrong on the way, as people can act on it."""
    if isinstance(error.__context__, ssl.SSLCertVerificationError):
        return "The address has no valid certificate."
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return "The address could not be reached."
    if isinstance(error, httpcore.TimeoutException):
        return "The address did not send the file in time."
    return "The connection to the address broke off."
