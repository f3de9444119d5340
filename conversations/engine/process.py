"""The API's submissions: a recording in the body becomes a job."""

from django.http import HttpRequest
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status

from conversations.engine import audio, intake
from conversations.engine.schemas import Accepted, Notice, Parameters


class KindConverter(StringConverter):
    """The part of the path that says what is submitted; anything else is an unknown path."""

    regex = "audio|video"


register_converter(KindConverter, "kind")

_RESPONSES = {201: Accepted, (400, 401, 404, 411, 413, 429, 500, 503): Notice}
_RECORDING = {
    "requestBody": {
        "description": "The recording itself.",
        "required": True,
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}

router = Router(tags=["process"], by_alias=True)


@router.post("/{kind:kind}/", include_in_schema=False, response=_RESPONSES)
@router.post("/{kind:kind}", response=_RESPONSES, openapi_extra=_RECORDING)
def start_conversation(
    request: HttpRequest, kind: intake.Kind, parameters: Query[Parameters]
) -> Status[Accepted]:
    """Submit a recording as a new conversation."""
    return _submit(request, kind, parameters, conversation_id=None)


@router.put("/{kind:kind}/{conversation_id}/", include_in_schema=False, response=_RESPONSES)
@router.put("/{kind:kind}/{conversation_id}", response=_RESPONSES, openapi_extra=_RECORDING)
def append_to_conversation(
    request: HttpRequest, kind: intake.Kind, conversation_id: str, parameters: Query[Parameters]
) -> Status[Accepted]:
    """Append a recording to a conversation. Every call appends again."""
    return _submit(request, kind, parameters, conversation_id=conversation_id)


def _submit(
    request: HttpRequest, kind: intake.Kind, parameters: Parameters, *, conversation_id: str | None
) -> Status[Accepted]:
    """Check everything that can be told from the headers, store the body, make the job."""
    media_type = intake.checked_type(kind, request.content_type or "")
    if conversation_id is not None:
        intake.existing(conversation_id)
    length = intake.body_length(request.headers)
    intake.require_recognition()
    intake.require_room()
    name = audio.store(request, length)
    submission = intake.Submission(
        conversation_id=conversation_id,
        name=parameters.name,
        options=parameters.model_dump(by_alias=True, exclude={"name"}, exclude_none=True),
        audio=name,
        media_type=media_type,
    )
    try:
        job = intake.schedule(submission, timezone.now())
    except BaseException:
        audio.discard(name)
        raise
    return Status(201, Accepted(conversation_id=job.conversation_id, job_id=job.id))
