"""The client of a Symbl server: one short method per call of the API.

Used by the pipeline and by the code that pushes corrections. Calls that only read
are repeated for a few seconds while that may help; calls that change something are
sent once, and what is known after a failure is in the error (errors.py).
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from conversations.symbl import payloads, reading
from conversations.symbl.encoding import Kind, chunks_of, content_type_of, query_of, segment
from conversations.symbl.errors import OutcomeUnknown, Unauthorised, Unreadable
from conversations.symbl.payloads import Accepted, Conversation, Job, Message, Person
from conversations.symbl.retry import Retries
from conversations.symbl.tokens import MemoryTokenStore, TokenKeeper, TokenStore
from conversations.symbl.wire import DEFAULT_TIMEOUTS, Answer, Call, Timeouts, Transport, Wire

JSON_HEADERS = {"Content-Type": "application/json"}

Value = TypeVar("Value")


class SymblClient:
    """A Symbl server, reached with the credentials of one account.

    A context manager; may be used from several threads. Every method raises a
    `SymblError` when the call fails.
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

    def submit_file(
        self,
        path: Path,
        *,
        kind: Kind,
        conversation_id: str | None,
        content_type: str | None,
        options: Mapping[str, object],
        on_chunk: Callable[[int], None] | None = None,
    ) -> Accepted:
        """Send a recording to a new conversation, or append it to `conversation_id`.

        Not idempotent: every accepted call adds transcript. The body is sent once,
        and once more only if the server answers 401 to the first (nothing was done
        then). `options` go into the query. `on_chunk(bytes_sent)` is called once
        before the connection is opened and then right before each chunk, the last
        one included; if it raises, the transfer is broken off and its exception
        comes out as it is.

        Raises OutcomeUnknown when the recording may have been taken, with `accepted`
        set when it was and only the ids are lost, and OSError when the file cannot be
        opened.
        """
        appended = "" if conversation_id is None else f"/{segment(conversation_id)}"
        named_type = content_type_of(kind, content_type)
        call = Call(
            method="PUT" if appended else "POST",
            path=f"/v1/process/{kind}{appended}",
            acts=True,
            query=query_of(options),
            headers={"Content-Type": named_type} if named_type else {},
        )

        def send(token: str) -> Answer:
            return self._upload(path, replace(call, token=token), on_chunk)

        return _accepted(self._authorised(send, self._retries()))

    def job(self, job_id: str) -> Job:
        """Return the state of a job, with its progress where the server tells it."""
        return self._read(f"/v1/job/{segment(job_id)}", payloads.read_job, progress=True)

    def conversation(self, conversation_id: str) -> Conversation:
        """Return a conversation; incomplete while one of its jobs is running."""
        return self._read(_conversation_path(conversation_id), payloads.read_conversation)

    def messages(self, conversation_id: str) -> tuple[Message, ...]:
        """Return the messages with words and sentiment; incomplete while a job is running."""
        return self._read(
            f"{_conversation_path(conversation_id)}/messages",
            payloads.read_messages,
            verbose=True,
            sentiment=True,
        )

    def members(self, conversation_id: str) -> tuple[Person, ...]:
        """Return the members; each has an id."""
        return self._read(f"{_conversation_path(conversation_id)}/members", payloads.read_members)

    def update_member(
        self, conversation_id: str, member_id: str, *, name: str, email: str | None = None
    ) -> None:
        """Name a member; with an e-mail that another member has, merge it into that one.

        A merge eliminates `member_id` and cannot be undone at the server. The e-mail
        is trimmed and sent in lower case, because servers compare it as it is
        (contract 4.3). Raises OutcomeUnknown when it may have happened: read the
        members to find out.
        """
        body = {"id": member_id, "name": name}
        address = (email or "").strip().lower()
        if address:
            body["email"] = address
        self._act_json(
            "PUT", f"{_conversation_path(conversation_id)}/members/{segment(member_id)}", body
        )

    def _upload(self, path: Path, call: Call, on_chunk: Callable[[int], None] | None) -> Answer:
        """Send `call` once with the file as its body, opened afresh for every try."""
        with path.open("rb") as recording:
            size = os.fstat(recording.fileno()).st_size
            if on_chunk:
                on_chunk(0)
            return self._wire.send(
                replace(
                    call,
                    headers={**call.headers, "Content-Length": str(size)},
                    content=chunks_of(recording, size, on_chunk),
                )
            )

    def _read(
        self, path: str, read: Callable[[object], Value], **options: bool | int | str | None
    ) -> Value:
        """GET a document and return `read` of it, repeating the request while that may help."""
        retries = self._retries()
        query = query_of(options)

        def fetch(token: str) -> Answer:
            call = Call(method="GET", path=path, acts=False, query=query, token=token)
            return retries.run(lambda: self._wire.send(call))

        return read(reading.decode(self._authorised(fetch, retries).body))

    def _act_json(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Send a JSON body once; any 2xx is success, whatever the answer says."""
        content = json.dumps(body).encode()

        def send(token: str) -> Answer:
            return self._wire.send(
                Call(
                    method=method,
                    path=path,
                    acts=True,
                    token=token,
                    headers=JSON_HEADERS,
                    content=content,
                )
            )

        try:
            self._authorised(send, self._retries())
        except OutcomeUnknown as error:
            if not error.accepted:
                raise

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
            content=json.dumps(grant).encode(),
        )
        answer = retries.run(lambda: self._wire.send(call))
        return self._tokens.keep(reading.decode(answer.body))


def _conversation_path(conversation_id: str) -> str:
    return f"/v1/conversations/{segment(conversation_id)}"


def _accepted(answer: Answer) -> Accepted:
    """Return the ids that answer a submission; without them it is accepted, yet lost."""
    try:
        return payloads.read_accepted(reading.decode(answer.body))
    except Unreadable as error:
        raise OutcomeUnknown(
            "The Symbl server accepted the recording, but its answer does not name the job.",
            status=answer.status,
            excerpt=answer.excerpt,
            accepted=True,
        ) from error
