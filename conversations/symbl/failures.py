"""Turns what HTTP reports into the errors of this package, by one table.

Used by wire.py. Whether a failed call may have happened at the server follows
from measurements of httpx over real sockets (docs/contract.md, Failures): only a
connection that was never made is proof of nothing; "all bytes written" proves
nothing, because they may sit in a kernel buffer; a status that arrived counts,
even when the connection broke right after it.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from conversations.symbl.errors import (
    NotConnected,
    NotFound,
    OutcomeUnknown,
    Redirected,
    Rejected,
    ServerError,
    SymblError,
    TooManyJobs,
    Unauthorised,
)

EXCERPT_LENGTH = 300

_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_REFUSALS: dict[int, tuple[str, type[SymblError]]] = {
    HTTPStatus.UNAUTHORIZED: ("The Symbl server does not accept our credentials", Unauthorised),
    HTTPStatus.NOT_FOUND: ("The Symbl server does not know what was asked for", NotFound),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too many jobs are running for this account", TooManyJobs),
}

# JSON may escape slashes, and an address within another one is percent-encoded, even twice.
_URL = re.compile(
    r"""https?(?::|%(?:25)*3A|\\u003A)(?:\\?/|%(?:25)*2F|\\u002F){2}[^\s"'<>&,]+""", re.IGNORECASE
)


def failure_of_exchange(error: httpx.HTTPError, *, acts: bool) -> SymblError:
    """Return what it means that no status arrived; `acts`: the call changes something."""
    if isinstance(error, _NEVER_CONNECTED):
        return NotConnected(f"No connection to the Symbl server could be made ({_kind(error)}).")
    if acts:
        return OutcomeUnknown(
            f"The connection broke before the Symbl server answered ({_kind(error)}); "
            "whether it took the call is unknown."
        )
    return ServerError(f"The Symbl server did not answer ({_kind(error)}).")


def failure_of_answer(error: httpx.HTTPError, *, acts: bool, status: int) -> SymblError:
    """Return what it means that a 2xx status arrived and the rest of the answer did not."""
    if acts:
        return OutcomeUnknown(
            f"The Symbl server accepted the call ({status}), but its answer was cut off.",
            status=status,
            accepted=True,
        )
    return ServerError(
        f"The answer of the Symbl server was cut off ({_kind(error)}).", status=status
    )


def failure_of_status(
    status: int, *, acts: bool, excerpt: str, retry_after: float | None
) -> SymblError:
    """Return what a status outside 2xx means."""
    message, kind = _meaning(status, acts=acts)
    detail = f": {excerpt}" if excerpt else "."
    failure = kind(
        f"{message} ({status}){detail}", status=status, excerpt=excerpt, retry_after=retry_after
    )
    if isinstance(failure, Redirected):
        # Some redirects follow an action (303, and 302 in practice).
        failure.nothing_sent = not acts
    return failure


def _meaning(status: int, *, acts: bool) -> tuple[str, type[SymblError]]:
    if status < HTTPStatus.BAD_REQUEST:
        return "The Symbl server redirects; the base URL has to be corrected", Redirected
    # A gateway that reports a time-out may have passed the call on.
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        if acts:
            return "The Symbl server failed; whether it took the call is unknown", OutcomeUnknown
        return "The Symbl server failed", ServerError
    return _REFUSALS.get(status, ("The Symbl server refused the call", Rejected))


def excerpt_of(body: bytes, *, secrets: Iterable[str]) -> str:
    """Return the beginning of an error answer on one line, without secrets and URLs.

    URLs are removed because a server may quote the request, and with it the token
    in the address of the webhook.
    """
    content = " ".join(_message_of(body).split())
    for secret in secrets:
        if secret:
            content = content.replace(secret, "[secret]")
    return _URL.sub("[address]", content)[:EXCERPT_LENGTH]


def _message_of(body: bytes) -> str:
    """Return the `message` of a JSON error (contract, section 5), else the whole body."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and isinstance(document.get("message"), str):
        return str(document["message"])
    return body.decode("utf-8", errors="replace")


def retry_after_of(header: str | None, *, now: float) -> float | None:
    """Return the seconds a `Retry-After` header asks for, None when it asks for nothing.

    `header` holds seconds or an HTTP date (RFC 9110, 10.2.3); `now` is seconds
    since the epoch.
    """
    if not header:
        return None
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)


def _kind(error: httpx.HTTPError) -> str:
    """Return the kind of a failure; its text may quote bytes of the exchange."""
    return type(error).__name__
