"""How ids, options, times and recordings are put into a request.

Used by the modules that hold the calls. Rules: the wire contract, sections 2.2 and 2.3.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import BinaryIO, Literal
from urllib.parse import quote, urlencode

from conversations.symbl.errors import OutcomeUnknown

CHUNK_BYTES = 256 * 1024

NAMED_AUDIO_TYPES = frozenset({"audio/wav", "audio/wave", "audio/mpeg", "audio/mp3"})
"""The API validates these; every other audio format is sent without a type and detected."""

CUT_SHORT = (
    "The recording could not be read to its end while it was being sent; "
    "whether the Symbl server took a part of it is unknown."
)

Kind = Literal["audio", "video"]

OnChunk = Callable[[int, int], None]
"""Called with the bytes that were sent and the size of the whole body."""


def segment(identifier: str) -> str:
    """Return an id as one segment of a path.

    Raises ValueError for ids that would lead to another path.
    """
    if identifier in {"", ".", ".."}:
        raise ValueError(f"{identifier!r} cannot be the id of anything.")
    return quote(identifier, safe="")


def query_of(options: Mapping[str, object]) -> str:
    """Return options as an encoded query string.

    Booleans are lower case, lists and objects are one JSON document each, and None
    is left out. Raises TypeError or ValueError for a value that cannot be expressed.
    """
    pairs = [(name, _query_value(value)) for name, value in options.items() if value is not None]
    return urlencode(pairs, quote_via=quote)


def _query_value(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    raise TypeError(f"{type(value).__name__} cannot be put into a query.")


def json_of(document: Mapping[str, object]) -> bytes:
    """Return a JSON body; fields that are None are left out.

    Raises TypeError or ValueError for a value that cannot be expressed.
    """
    told = {name: value for name, value in document.items() if value is not None}
    return json.dumps(told, allow_nan=False).encode()


def written_moment(moment: datetime) -> str:
    """Return a time in ISO 8601, in UTC, cut to milliseconds.

    Raises ValueError for a time without an offset: it could mean any time zone.
    """
    if moment.utcoffset() is None:
        raise ValueError("A time without an offset cannot be sent.")
    written = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def written_address(email: str | None) -> str | None:
    """Return an e-mail address trimmed and in lower case, None when there is none.

    Servers compare addresses as they are (contract 4.3), so all are sent in one form.
    """
    return (email or "").strip().lower() or None


def content_type_of(kind: Kind, content_type: str | None) -> str | None:
    """Return the Content-Type to send with a recording, None to send none."""
    if kind == "video":
        return content_type or "video/mp4"
    return content_type if content_type in NAMED_AUDIO_TYPES else None


def chunks_of(recording: BinaryIO, size: int, on_chunk: OnChunk | None) -> Iterator[bytes]:
    """Yield the first `size` bytes of a recording in chunks of 256 KiB.

    `on_chunk` is called when a chunk is ready, right before it leaves: reading a slow
    disk must not come between that check and the network.
    Raises OutcomeUnknown when the file ends early or cannot be read to its end.
    """
    sent = 0
    while sent < size:
        try:
            chunk = recording.read(min(CHUNK_BYTES, size - sent))
        except OSError as error:
            raise OutcomeUnknown(CUT_SHORT) from error
        if not chunk:
            raise OutcomeUnknown(CUT_SHORT)
        if on_chunk:
            on_chunk(sent, size)
        yield chunk
        sent += len(chunk)
