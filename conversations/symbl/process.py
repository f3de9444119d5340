"""The calls that hand something in to be processed, and the job that does it.

Mixed into the client (client.py). None of the submissions is idempotent: every
accepted call adds transcript (contract 2.8). Each is sent once, and once more only if
the server answers 401 to the first (nothing was done then). Each raises
OutcomeUnknown when it may have been taken, with `accepted` set when it was and only
the ids are lost.

`on_chunk(bytes_sent, size)` is called once before the connection is opened and then
right before each chunk of the body, the last one included; if it raises, the transfer
is broken off and its exception comes out as it is.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from conversations.symbl import payloads
from conversations.symbl.bodies import TextMessage, messages_body
from conversations.symbl.connection import JSON_HEADERS, Connection
from conversations.symbl.encoding import (
    Kind,
    OnChunk,
    chunks_of,
    content_type_of,
    json_of,
    query_of,
    segment,
)
from conversations.symbl.payloads import Accepted, Job
from conversations.symbl.wire import Answer, Call

QUERY_OPTIONS = frozenset({"enableSpeakerDiarization", "diarizationSpeakerCount"})
"""Options that stay in the query where the others are in the body (contract 2.4)."""


class ProcessCalls(Connection):
    """Submissions and their jobs."""

    def submit_file(
        self,
        path: Path,
        *,
        kind: Kind,
        conversation_id: str | None,
        content_type: str | None,
        options: Mapping[str, object],
        on_chunk: OnChunk | None = None,
    ) -> Accepted:
        """Send a recording to a new conversation, or append it to `conversation_id`.

        `options` go into the query. Raises OSError when the file cannot be opened.
        """
        named_type = content_type_of(kind, content_type)
        method, target = _target(f"/v1/process/{kind}", conversation_id)
        call = Call(
            method=method,
            path=target,
            acts=True,
            query=query_of(options),
            headers={"Content-Type": named_type} if named_type else {},
            secrets=_secrets_in(options),
        )
        return self._submit(call, lambda ready: self._upload(path, ready, on_chunk))

    def submit_url(
        self,
        url: str,
        *,
        kind: Kind,
        conversation_id: str | None,
        options: Mapping[str, object],
        on_chunk: OnChunk | None = None,
    ) -> Accepted:
        """Have the server fetch a recording, for a new conversation or `conversation_id`.

        `options` go into the body, but for diarization, which goes into the query:
        that is where every server looks for it (contract 2.4).
        """
        in_query = {name: value for name, value in options.items() if name in QUERY_OPTIONS}
        in_body = {name: value for name, value in options.items() if name not in QUERY_OPTIONS}
        return self._submit_json(
            f"/v1/process/{kind}/url",
            conversation_id,
            {**in_body, "url": url},
            query=in_query,
            on_chunk=on_chunk,
        )

    def submit_text(
        self,
        messages: Sequence[TextMessage],
        *,
        conversation_id: str | None,
        options: Mapping[str, object],
        on_chunk: OnChunk | None = None,
    ) -> Accepted:
        """Send messages to a new conversation, or append them to `conversation_id`.

        `options` go into the body. Raises ValueError for a time without an offset.
        """
        return self._submit_json(
            "/v1/process/text",
            conversation_id,
            {**options, "messages": messages_body(messages)},
            on_chunk=on_chunk,
        )

    def job(self, job_id: str) -> Job:
        """Return the state of a job, with its progress where the server tells it."""
        return self._read(f"/v1/job/{segment(job_id)}", payloads.read_job, progress=True)

    def _submit_json(
        self,
        path: str,
        conversation_id: str | None,
        body: Mapping[str, object],
        *,
        query: Mapping[str, object] | None = None,
        on_chunk: OnChunk | None,
    ) -> Accepted:
        content = json_of(body)
        method, target = _target(path, conversation_id)
        call = Call(
            method=method,
            path=target,
            acts=True,
            query=query_of(query or {}),
            headers=JSON_HEADERS,
            secrets=_secrets_in(body),
        )
        return self._submit(
            call, lambda ready: self._stream(BytesIO(content), len(content), ready, on_chunk)
        )

    def _upload(self, path: Path, call: Call, on_chunk: OnChunk | None) -> Answer:
        """Send `call` once with the file as its body, opened afresh for every try."""
        with path.open("rb") as recording:
            size = os.fstat(recording.fileno()).st_size
            return self._stream(recording, size, call, on_chunk)

    def _stream(self, body: BinaryIO, size: int, call: Call, on_chunk: OnChunk | None) -> Answer:
        """Send `call` once with `size` bytes of `body`, in chunks."""
        if on_chunk:
            on_chunk(0, size)
        return self._wire.send(
            replace(
                call,
                headers={**call.headers, "Content-Length": str(size)},
                content=chunks_of(body, size, on_chunk),
            )
        )


def _secrets_in(options: Mapping[str, object]) -> tuple[str, ...]:
    """Return what an answer that quotes the request must not be shown with.

    Who knows the end of a webhook's address can speak as the server.
    """
    return (str(options.get("webhookUrl", "")).rstrip("/").rpartition("/")[2],)


def _target(path: str, conversation_id: str | None) -> tuple[str, str]:
    """Return method and path: POST for a new conversation, PUT to append to one."""
    if conversation_id is None:
        return "POST", path
    return "PUT", f"{path}/{segment(conversation_id)}"
