"""Taking an upload's bytes in: limited, hashed and looked at while they stream to the disk.

Named in the settings as the only upload handler. The views ask `refusal_of(request)`
and show the answer at the field that `refused_field(request)` names.
"""

import errno
import hashlib
import os
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django_htmx.http import reselect, retarget

from conversations.pipeline.accept import RefusedRecording
from conversations.pipeline.sniffing import HEAD_BYTES, sniff
from conversations.pipeline.speaker_reading import MAX_BYTES as MAX_TIMELINE_BYTES
from conversations.pipeline.texts import MAX_TEXT_BYTES

#: What the other fields and the boundaries of the form may add to the file's size.
FORM_ALLOWANCE_BYTES = 1024 * 1024
#: The fields whose file is a transcript or speaker events; those of all others are media.
TRANSCRIPT = "transcript"
TIMELINE = "timeline"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def refusal_of(request: HttpRequest) -> RefusedRecording | None:
    """Return why the request's upload was broken off, None if it was not. Reads the body."""
    _ = request.FILES
    refusal: RefusedRecording | None = getattr(request, "refusal", None)
    return refusal


def refused_field(request: HttpRequest) -> str:
    """Return the field whose file the upload was broken off at."""
    return str(request.upload_handlers[0].field_name)


def only_refused_field(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Have htmx replace only the field that the upload was broken off at, if it was.

    The fields behind the file never came: what was typed into them stays.
    """
    if refusal_of(request) is None:
        return response
    field = f"#{refused_field(request)}-field"
    return reselect(retarget(response, field), field)


class RecordingUploadHandler(TemporaryFileUploadHandler):
    """Streams one recording or transcript after another into the data folder.

    A file that will not be taken ends the upload at once: its temporary file and
    those before it are deleted, the fields before it stay readable (the CSRF token
    among them), and `request.refusal` says why. A whole file carries `sha256`.
    """

    file: TemporaryUploadedFile

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.declared = 0
        self.limit = 0
        self.received = 0
        self.head = b""
        self.digest = hashlib.sha256()

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self.declared = content_length

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        """Open the temporary file, unless the request cannot be taken whatever is in it."""
        self.field_name = field_name
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            # The view would send a stranger away only after the last byte.
            raise StopUpload(connection_reset=True)
        if self.declared > settings.MAX_RECORDING_BYTES + FORM_ALLOWANCE_BYTES:
            self.refuse("too_large")
        text_limits = {TRANSCRIPT: MAX_TEXT_BYTES, TIMELINE: MAX_TIMELINE_BYTES}
        self.limit = text_limits.get(field_name, settings.MAX_RECORDING_BYTES)
        self.received = 0
        self.head = b""
        self.digest = hashlib.sha256()
        super().new_file(field_name, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the bytes; break off on too many, on a wrong beginning and on a full disk."""
        self.received += len(raw_data)
        is_text = self.field_name in (TRANSCRIPT, TIMELINE)
        if self.received > self.limit:
            self.refuse("text_too_large" if is_text else "too_large")
        if len(self.head) < HEAD_BYTES and not is_text:
            self.head += raw_data[: HEAD_BYTES - len(self.head)]
            if len(self.head) == HEAD_BYTES and sniff(self.head) is None:
                self.refuse("wrong_type")
        self.digest.update(raw_data)
        try:
            self.file.write(raw_data)
        except OSError as error:
            self.refuse_if_full(error)

    def file_complete(self, file_size: int) -> TemporaryUploadedFile:
        """Return the file, on the disk for good and with its hash."""
        try:
            self.file.flush()
            os.fsync(self.file.fileno())
        except OSError as error:
            self.refuse_if_full(error)
        super().file_complete(file_size)
        self.file.sha256 = self.digest.hexdigest()  # type: ignore[attr-defined]
        return self.file

    def refuse_if_full(self, error: OSError) -> None:
        """Refuse the file if `error` says that there is no room; raise any other again."""
        if error.errno not in NO_ROOM:
            raise error
        self.refuse("disk_full")

    def refuse(self, code: str) -> None:
        """End the upload; raises StopUpload always."""
        self.request.refusal = RefusedRecording(code)  # type: ignore[union-attr]
        raise StopUpload(connection_reset=True)
