"""The transcript as a file."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_safe

from conversations.exports import write_json, write_text
from conversations.models import Conversation
from conversations.views import access
from conversations.views.htmx import HtmxHttpRequest


def attachment(conversation: Conversation, ending: str) -> str:
    """Return the Content-Disposition that saves the file under the conversation's name."""
    # The underscore keeps get_valid_filename from refusing a name of which nothing is left.
    stem = get_valid_filename(f"_{conversation.name}").strip("._") or "conversation"
    return content_disposition_header(True, f"{stem}.{ending}") or "attachment"


@require_safe
def export_text(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with the transcript as plain text."""
    conversation = access.visible_conversation(request.user, uuid)
    return HttpResponse(
        write_text(conversation),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": attachment(conversation, "txt")},
    )


@require_safe
def export_json(request: HtmxHttpRequest, uuid: UUID) -> JsonResponse:
    """Answer with the transcript as JSON."""
    conversation = access.visible_conversation(request.user, uuid)
    return JsonResponse(
        write_json(conversation),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": attachment(conversation, "json")},
    )
