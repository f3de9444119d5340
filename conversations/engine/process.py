"""The API's submissions: a recording, the address of one, or a text becomes a job (contract 2)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils import timezone
from ninja.responses import Status

from conversations.engine import audio, bodies, intake, openapi, parameters, texts
from conversations.engine.errors import ApiError
from conversations.engine.parameters import AddressParameters, Parameters, SpeechParameters
from conversations.engine.routing import Paths
from conversations.engine.schemas import Accepted, Notice

# What says where a recording lies is as small as every other body of the API.
_ADDRESS_BYTES = 1024**2


class KindConverter(StringConverter):
    """The part of the path that says what is submitted; anything else is an unknown path."""

    regex = "audio|video"


register_converter(KindConverter, "kind")


class Ceiling(Notice):
    """The refusal at the ceiling of jobs, which repeats its status (contract 2.8, C26)."""

    status_code: int


_RESPONSES: dict[Any, Any] = {
    201: Accepted,
    (400, 401, 404, 405, 411, 413, 500): Notice,
    429: Ceiling,
}
_SPEECH_RESPONSES = _RESPONSES | {503: Notice}
_RECORDING = openapi.recording(sorted(frozenset[str]().union(*intake.MEDIA_TYPES.values())))

router = Paths(tags=["process"])


# What is more exact comes first: an id could be any word, also `url`.
@router.post("/text", response=_RESPONSES, openapi_extra=openapi.text())
def start_from_text(request: HttpRequest) -> Status[Accepted]:
    """Submit a text as a new conversation."""
    return _take_text(request, conversation_id=None)


@router.put("/text/{conversation_id}", response=_RESPONSES, openapi_extra=openapi.text())
def append_text(request: HttpRequest, conversation_id: str) -> Status[Accepted]:
    """Append a text to a conversation. Every call appends again."""
    return _take_text(request, conversation_id=conversation_id)


@router.post("/{kind:kind}/url", response=_SPEECH_RESPONSES, openapi_extra=openapi.address())
def start_from_address(request: HttpRequest, kind: intake.Kind) -> Status[Accepted]:
    """Submit the recording at an address as a new conversation."""
    return _take_address(request, conversation_id=None)


@router.put(
    "/{kind:kind}/url/{conversation_id}",
    response=_SPEECH_RESPONSES,
    openapi_extra=openapi.address(),
)
def append_from_address(
    request: HttpRequest, kind: intake.Kind, conversation_id: str
) -> Status[Accepted]:
    """Append the recording at an address to a conversation. Every call appends again."""
    return _take_address(request, conversation_id=conversation_id)


@router.post("/{kind:kind}", response=_SPEECH_RESPONSES, openapi_extra=_RECORDING)
def start_conversation(request: HttpRequest, kind: intake.Kind) -> Status[Accepted]:
    """Submit a recording as a new conversation."""
    return _take_recording(request, kind, conversation_id=None)


@router.put("/{kind:kind}/{conversation_id}", response=_SPEECH_RESPONSES, openapi_extra=_RECORDING)
def append_to_conversation(
    request: HttpRequest, kind: intake.Kind, conversation_id: str
) -> Status[Accepted]:
    """Append a recording to a conversation. Every call appends again."""
    return _take_recording(request, kind, conversation_id=conversation_id)


def _take_recording(
    request: HttpRequest, kind: intake.Kind, *, conversation_id: str | None
) -> Status[Accepted]:
    """Check everything that can be told without the body, store the body, make the job."""
    media_type = intake.checked_type(kind, request.content_type or "")
    asked = parameters.read(SpeechParameters, request.GET)
    _require_place(conversation_id, speech=True)
    length = bodies.recording_length(request.headers, limit=settings.MAX_RECORDING_BYTES)
    required = media_type if settings.ENGINE_STRICT else ""
    name = _stored(bodies.of_type(required, bodies.pieces(request, length)))
    return _schedule(asked, conversation_id, audio=name, media_type=media_type)


def _take_address(request: HttpRequest, *, conversation_id: str | None) -> Status[Accepted]:
    intake.require_json(request.content_type or "")
    _require_place(conversation_id, speech=True)
    body = bodies.read_object(request, limit=_ADDRESS_BYTES)
    asked = parameters.read(AddressParameters, request.GET, body)
    return _schedule(asked, conversation_id, url=asked.url)


def _take_text(request: HttpRequest, *, conversation_id: str | None) -> Status[Accepted]:
    intake.require_json(request.content_type or "")
    _require_place(conversation_id, speech=False)
    body = bodies.read_object(request, limit=settings.ENGINE_MAX_JSON_BYTES)
    asked = parameters.read(texts.TextParameters, request.GET, body)
    name = _stored(texts.encoded(asked.messages))
    return _schedule(asked, conversation_id, audio=name, media_type=texts.MEDIA_TYPE)


def _require_place(conversation_id: str | None, *, speech: bool) -> None:
    """Raise ApiError for a job that could not be taken whatever it is, before its body is read."""
    if conversation_id is not None:
        intake.existing(conversation_id)
    if speech:
        intake.require_recognition()
    intake.require_room()


def _stored(pieces: Iterable[bytes]) -> str:
    try:
        return audio.store(pieces)
    except audio.NotStored as error:
        raise ApiError(500, str(error)) from error


def _schedule(asked: Parameters, conversation_id: str | None, **source: str) -> Status[Accepted]:
    submission = intake.Submission(
        conversation_id=conversation_id,
        name=asked.name,
        options=parameters.options(asked),
        metadata=asked.metadata,
        webhook=asked.webhook_url,
        **source,
    )
    job = intake.schedule(submission, timezone.now())
    return Status(201, Accepted(conversation_id=job.conversation_id, job_id=job.id))
