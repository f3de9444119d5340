"""What all calls share: the account and its token, retries, reading and acting.

Used by the modules that hold the calls (process.py, conversations.py,
intelligence.py). Calls that only read are repeated for a few seconds while that may
help; calls that change something are sent once, and what is known after a failure
is in the error (errors.py).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from conversations.symbl import payloads, reading
from conversations.symbl.encoding import json_of, query_of
from conversations.symbl.errors import OutcomeUnknown, Unauthorised, Unreadable
from conversations.symbl.payloads import Accepted
from conversations.symbl.retry import Retries
from conversations.symbl.tokens import MemoryTokenStore, TokenKeeper, TokenStore
from conversations.symbl.wire import DEFAULT_TIMEOUTS, Answer, Call, Timeouts, Transport, Wire

JSON_HEADERS = {"Content-Type": "application/json"}

Value = TypeVar("Value")


class Connection:
    """A Symbl server, reached with the credentials of one account.

    A context manager; may be used from several threads. Every call raises a
    `SymblError` when it fails.
    """

    def __init__(
        self,
        base_url: str,
        app_id: str,
        app_secret: str,
        *,
        transport: Transport | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        tokens: TokenStore | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Connects to nothing yet.

        `base_url` may have a path. `tokens` may be shared by several clients of the
        same account; then `clock` (seconds since the epoch) must be the same too.
        Raises ValueError for a base URL that is not http or https.
        """
        self._app_id = app_id
        self._app_secret = app_secret
        self._sleep = sleep
        self._clock = clock
        self._tokens = TokenKeeper(MemoryTokenStore() if tokens is None else tokens, clock=clock)
        self._wire = Wire(
            base_url, transport=transport, timeouts=timeouts, clock=clock, secret=app_secret
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        self._wire.close()

    def _read(self, path: str, read: Callable[[object], Value], **options: object) -> Value:
        """GET a document and return `read` of it, repeating the request while that may help."""
        return self._ask(Call(method="GET", path=path, acts=False, query=query_of(options)), read)

    def _ask(self, call: Call, read: Callable[[object], Value]) -> Value:
        """Return `read` of the answer to a call that changes nothing; repeated like `_read`."""
        retries = self._retries()

        def send(token: str) -> Answer:
            return retries.run(lambda: self._wire.send(replace(call, token=token)))

        return _understood(call, self._authorised(send, retries), read)

    def _act(self, method: str, path: str, body: Mapping[str, object] | None = None) -> None:
        """Send a call once; any 2xx is success, whatever the answer says."""
        call = Call(
            method=method,
            path=path,
            acts=True,
            headers={} if body is None else JSON_HEADERS,
            content=b"" if body is None else json_of(body),
        )
        try:
            self._send_once(call, self._wire.send)
        except OutcomeUnknown as error:
            if not error.accepted:
                raise

    def _submit(self, call: Call, send: Callable[[Call], Answer] | None = None) -> Accepted:
        """Send a submission once and return the ids that answer it.

        Without them it is accepted, yet lost: OutcomeUnknown with `accepted` set.
        `send` sends the call, `call` as it stands if there is none.
        """
        answer = self._send_once(call, send or self._wire.send)
        try:
            return _understood(call, answer, payloads.read_accepted)
        except Unreadable as error:
            raise OutcomeUnknown(
                "The Symbl server accepted the submission, but its answer does not name the job.",
                status=answer.status,
                excerpt=answer.excerpt,
                accepted=True,
            ) from error

    def _send_once(self, call: Call, send: Callable[[Call], Answer]) -> Answer:
        return self._authorised(lambda token: send(replace(call, token=token)), self._retries())

    def _retries(self) -> Retries:
        return Retries(sleep=self._sleep, clock=self._clock)

    def _authorised(self, send: Callable[[str], Answer], retries: Retries) -> Answer:
        """Return `send(token)`; after a 401, which means nothing was done, once more.

        A refresh may hand out the very token that was refused (contract 1.2), so the
        second try is made with whatever it returns.
        """
        token = self._tokens.current() or self._fetch_token(retries)
        try:
            return send(token)
        except Unauthorised:
            replacement = self._tokens.after_rejection(token) or self._fetch_token(retries)
        return send(replacement)

    def _fetch_token(self, retries: Retries) -> str:
        """Fetch and keep a token; `acts` is False, for a token changes no conversation."""
        grant = {"type": "application", "appId": self._app_id, "appSecret": self._app_secret}
        call = Call(
            method="POST",
            path="/oauth2/token:generate",
            acts=False,
            headers=JSON_HEADERS,
            content=json_of(grant),
        )
        answer = retries.run(lambda: self._wire.send(call))
        try:
            return self._tokens.keep(reading.decode(answer.body))
        except Unreadable as error:
            error.keep(request=_request_of(call), body=b"")
            raise


def _understood(call: Call, answer: Answer, read: Callable[[object], Value]) -> Value:
    """Return `read` of the answer's document; an answer that makes no sense is kept."""
    try:
        return read(reading.decode(answer.body))
    except Unreadable as error:
        error.keep(request=_request_of(call), body=answer.body)
        raise


def _request_of(call: Call) -> str:
    return f"{call.method} {call.path}"
