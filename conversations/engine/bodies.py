"""What a submission carries: a recording in pieces, or a JSON object, each up to a limit.

Called by the `process` views. A body that breaks off must never count as a whole one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from django.http import HttpRequest
from django.http.request import UnreadablePostError
from pydantic_core import from_json

from conversations.engine.audio import PIECE_BYTES
from conversations.engine.errors import ApiError

_MEGABYTE = 1024**2
_LENGTH = re.compile(r"[0-9]{1,18}")

# How a recording of a type begins: a container's mark, a tag, or a frame of MPEG layer III.
_WAVE = re.compile(rb"(?:RIFF|RF64).{4}WAVE", re.DOTALL)
_MP3 = re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
_MP4 = re.compile(rb".{4}ftyp", re.DOTALL)
_BEGINNINGS = {
    "audio/wav": _WAVE,
    "audio/wave": _WAVE,
    "audio/mpeg": _MP3,
    "audio/mp3": _MP3,
    "video/mp4": _MP4,
}
_HEAD_BYTES = 12


class Body(Protocol):
    """The part of a request that is read here."""

    def read(self, size: int, /) -> bytes: ...


def stated_length(headers: Mapping[str, str], *, limit: int, what: str) -> int:
    """Return the length in bytes of the body that is about to be read.

    Raise ApiError 411 without Content-Length: web servers take the chunks apart and show
    the body of a client that died as one that ended, so the two cannot be told apart
    (contract 2.2, C10). Raise 413 for a `what` of more than `limit` bytes.
    """
    text = headers.get("Content-Length", "")
    if "Transfer-Encoding" in headers or not _LENGTH.fullmatch(text):
        raise ApiError(411, "Content-Length is required.")
    length = int(text)
    if length > limit:
        raise ApiError(413, f"The {what} is larger than {limit // _MEGABYTE} MB.")
    return length


def recording_length(headers: Mapping[str, str], *, limit: int) -> int:
    """Return the length of the recording in the body; raise ApiError as `stated_length` does.

    Raise 400 for an empty one.
    """
    length = stated_length(headers, limit=limit, what="recording")
    if length == 0:
        raise ApiError(400, "The body must be a recording, but it is empty.")
    return length


def pieces(body: Body, length: int) -> Iterator[bytes]:
    """Yield exactly `length` bytes of the body; raise ApiError 400 when it ends before."""
    left = length
    while left:
        try:
            piece = body.read(min(PIECE_BYTES, left))
        except UnreadablePostError as error:
            raise _broken_off() from error
        if not piece:
            raise _broken_off()
        left -= len(piece)
        yield piece


def of_type(media_type: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces of a recording that begins as `media_type` does, "" being any.

    Raise ApiError 400 for another one: it is not what its Content-Type says.
    """
    rest = iter(pieces)
    head = b""
    while len(head) < _HEAD_BYTES and (piece := next(rest, b"")):
        head += piece
    if media_type and not _BEGINNINGS[media_type].match(head):
        raise ApiError(400, f"The body is not {media_type}, which its Content-Type says it is.")
    yield head
    yield from rest


def read_object(request: HttpRequest, *, limit: int) -> dict[str, object]:
    """Return the JSON object in the body.

    Raise ApiError 400 for anything else, and 411 or 413 as `stated_length` does.
    """
    length = stated_length(request.headers, limit=limit, what="body")
    try:
        document = from_json(b"".join(pieces(request, length)), allow_inf_nan=False)
    except ValueError as error:
        raise _not_an_object() from error
    if not isinstance(document, dict):
        raise _not_an_object()
    return document


def _broken_off() -> ApiError:
    return ApiError(400, "The body broke off before its stated length; nothing was created.")


def _not_an_object() -> ApiError:
    return ApiError(400, "The body must be a JSON object.")
