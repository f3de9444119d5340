"""Recordings as the player asks for them: in short ranges, and harmless in a browser tab.

Whoever stops reading an answer of several pieces holds one of the server's threads. So
a range is answered with one piece at most, which the server takes over at once, and
only a few long files are sent whole at the same time.
"""

import re
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files import File
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from conversations.models import Recording
from conversations.views import access
from conversations.views.htmx import HtmxHttpRequest

PIECE_BYTES = 1024 * 1024
#: How many long files are sent whole at a time; well below the server's threads.
WHOLE_FILES = 4
RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")

whole_files = BoundedSemaphore(WHOLE_FILES)


class Unsatisfiable(Exception):
    """The range lies wholly behind the end of the file."""


class Span(NamedTuple):
    """The bytes from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


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


class WholeFile:
    """The bytes of a long file in pieces; `close` gives its place in `whole_files` back."""

    def __init__(self, file: "File[Any]") -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.file.read(PIECE_BYTES):
            yield piece

    def close(self) -> None:
        self.file.close()
        whole_files.release()


@require_safe
def recording_media(request: HtmxHttpRequest, uuid: UUID) -> HttpResponseBase:
    """Answer with the recording, or the beginning of the range of it that was asked for."""
    recording = access.visible_recording(request.user, uuid)
    if not recording.file:
        raise Http404
    response = media_response(request, recording)
    response["ETag"] = f'"{recording.sha256}"'
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def media_response(request: HtmxHttpRequest, recording: Recording) -> HttpResponseBase:
    """Return 200, 206, 304, 416 or 503, without the headers that all of them share.

    Raises Http404 if the recording's file is gone.
    """
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
    # A server may send less than it was asked for (RFC 9110, 15.3.7); players go on from there.
    span = part and Span(part.first, min(part.last, part.first + PIECE_BYTES - 1))
    try:
        file = recording.file.storage.open(str(recording.file.name), "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = bytes_response(file, span, recording.size, bodiless=request.method == "HEAD")
    if response.status_code < 300:
        response["Content-Type"] = recording.media_type
        response["Content-Disposition"] = (
            content_disposition_header(False, download_name(recording)) or "inline"
        )
    return response


def download_name(recording: Recording) -> str:
    """Return what to call the file: a transcript is kept as JSON, whatever it came as."""
    return recording.original_name if recording.is_playable else f"{recording.title}.json"


def bytes_response(
    file: "File[Any]", part: Span | None, size: int, *, bodiless: bool
) -> HttpResponseBase:
    """Return 206 with `part`, 200 with the whole of `file`, or 503; sees to its closing."""
    span = part or Span(0, size - 1)
    response: HttpResponseBase
    if bodiless or span.length <= PIECE_BYTES:
        with file:
            file.seek(span.first)
            response = HttpResponse(b"" if bodiless else file.read(span.length))
    elif whole_files.acquire(blocking=False):
        response = StreamingHttpResponse(WholeFile(file))
    else:
        file.close()
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    response["Content-Length"] = str(span.length)
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    return response
