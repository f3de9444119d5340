"""What can go wrong between us and a Symbl server, and what is known afterwards.

Raised by everything in this package; the pipeline and the review code branch on
the class, on `nothing_sent` and on `retryable`, never on the wording.

    SymblError
    ├── NotConnected      no connection was made (refused, DNS, connect or pool timeout)
    ├── OutcomeUnknown    a call that changes something was cut off: it may have happened
    ├── Rejected          the server refused the call (400, 413, 415, 422, any other 4xx)
    │   └── NotFound      404
    ├── Unauthorised      401 with a fresh token too, or the app id and secret are wrong
    ├── TooManyJobs       429
    ├── ServerError       a call that changes nothing failed: 5xx, or the answer was cut off
    ├── Redirected        3xx: the base URL is wrong
    └── Unreadable        the answer arrived and makes no sense; names the place in it

All of them survive pickling, because a worker hands them to another process.
"""

from typing import Self

KEPT_BODY_BYTES = 1_000_000
"""How much of an answer that makes no sense is kept."""


class SymblError(Exception):
    """Base of the tree; `str()` is one plain sentence that holds no secret.

    `nothing_sent` is proof that the server cannot have acted on the call: only
    then may a call that is not idempotent be sent again without a person.
    `retryable` says that the same call may succeed later, and that repeating it
    is safe. `status` is the HTTP status, None when none arrived. `excerpt` is the
    beginning of the server's answer (at most 300 characters, secrets removed).
    `retry_after` is the number of seconds the server asked us to wait.
    """

    nothing_sent: bool = True
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        excerpt: str = "",
        retry_after: float | None = None,
    ) -> None:
        # Everything but the message has a default and lives in __dict__, which is
        # what lets the default pickling rebuild the error.
        super().__init__(message)
        self.status = status
        self.excerpt = excerpt
        self.retry_after = retry_after


class NotConnected(SymblError):
    """No connection was made, so the server saw nothing of the call."""

    retryable = True


class OutcomeUnknown(SymblError):
    """A call that changes something ended without an answer we can rely on.

    `accepted` is True when the server did say yes (a 2xx status) but its answer,
    and with it the job id, could not be read; if it arrived whole, the `Unreadable`
    behind this error (`__cause__`) keeps it.
    """

    nothing_sent = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        excerpt: str = "",
        retry_after: float | None = None,
        accepted: bool = False,
    ) -> None:
        super().__init__(message, status=status, excerpt=excerpt, retry_after=retry_after)
        self.accepted = accepted


class Rejected(SymblError):
    """The server refused the call and did nothing; sending it again will not help."""


class NotFound(Rejected):
    """The conversation, job or member does not exist at the server."""


class Unauthorised(SymblError):
    """The server accepts neither our token nor a fresh one, or not our credentials."""


class TooManyJobs(SymblError):
    """The account's limit of concurrent jobs is reached; nothing was created."""

    retryable = True


class ServerError(SymblError):
    """A call that changes nothing failed at the server's end; harmless, try later."""

    retryable = True


class Redirected(SymblError):
    """The server sent us elsewhere; we never follow, the base URL has to be corrected.

    Some redirects follow an action; then `nothing_sent` is False on the instance.
    """


class Unreadable(SymblError):
    """The answer arrived whole, and does not say what the contract promises.

    `path` is the place in the JSON document, such as `messages[3].startTime`, and
    is empty for the document itself; `problem` says what is wrong there. `request`
    is the method and the path of the call without its query, and `body` the first
    megabyte of the answer as it came, so that it can be kept for an admin; both are
    empty until the client knows them, and `body` stays empty where the answer may
    hold an access token.
    """

    path: str = ""
    problem: str = ""
    request: str = ""
    body: bytes = b""

    @classmethod
    def at(cls, path: str, problem: str) -> Self:
        """Return the error for one place of the document."""
        place = f" at {path}" if path else ""
        error = cls(f"The server's answer cannot be read{place}: {problem}.")
        error.path = path
        error.problem = problem
        return error

    def inside(self, prefix: str) -> Self:
        """Return the same error with its place described from one level further out."""
        path = prefix if not self.path else f"{prefix}.{self.path}"
        return type(self).at(path, self.problem)

    def keep(self, *, request: str, body: bytes) -> None:
        """Keep what the error is about, the body cut to a megabyte."""
        self.request = request
        self.body = body[:KEPT_BODY_BYTES]
