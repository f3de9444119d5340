"""Recordings as the player asks for them: in ranges, in pieces, and harmless in a browser tab."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files import File
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from conversations.models import Recording
from conversations.views import access
from conversations.views.htmx import HtmxHttpRequest

PIECE_BYTES = 256 * 1024
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Unsatisfiable(Exception):
    """The range lies wholly behind the end of the file."""


class Span(NamedTuple):
    """The bytes from `first` to `last`, both included."""

    first: int
    last: int


def wanted_span(header: str, size: int) -> Span | None:
    """Return the one range that `header` asks of `size` bytes; None to send everything.

    Several ranges and anything unreadable count as no range (RFC 9110, 14.2).
    Raises Unsatisfiable.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise Unsatisfiable
        return Span(size - length, size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return Span(int(first), min(int(last), size - 1) if last else size - 1)


def pieces(file: "File[Any]", span: Span) -> Iterator[bytes]:
    """Yield the bytes of `span` in pieces, and close the file at the end."""
    with file:
        file.seek(span.first)
        left = span.last - span.first + 1
        while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece


@require_safe
def recording_media(request: HtmxHttpRequest, uuid: UUID) -> HttpResponseBase:
    """Answer with the recording, or the range of it that was asked for."""
    recording = access.visible_recording(request.user, uuid)
    response = media_response(request, recording)
    response["ETag"] = f'"{recording.sha256}"'
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def media_response(request: HtmxHttpRequest, recording: Recording) -> HttpResponseBase:
    """Return 200, 206, 304 or 416, without the headers that all of them share."""
    etag = f'"{recording.sha256}"'
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304)
    header = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        header = ""
    try:
        part = wanted_span(header, recording.size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{recording.size}"})
    span = part or Span(0, recording.size - 1)
    headers = {
        "Content-Type": recording.media_type,
        "Content-Length": str(span.last - span.first + 1),
        "Content-Disposition": content_disposition_header(False, recording.original_name)
        or "inline",
    }
    if part:
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{recording.size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    file = recording.file.storage.open(str(recording.file.name), "rb")
    return StreamingHttpResponse(pieces(file, span), status=status, headers=headers)
