"""Adding a recording to a conversation, watching it, and deciding when it is stuck."""

from typing import Any, Protocol
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from conversations.forms import AppendForm
from conversations.models import Append, Conversation, Source
from conversations.pipeline import decisions
from conversations.pipeline.accept import RefusedRecording, accept_recording, append_recording
from conversations.pipeline.activity import activities
from conversations.pipeline.options import USUAL
from conversations.views import access
from conversations.views.conversation import activity_context, append_context, number_in
from conversations.views.htmx import HtmxHttpRequest, respond
from conversations.views.sample_files import sample_file, sample_named
from conversations.views.uploads import only_refused_field, refusal_of, refused_field

PARTIALS = "conversations/partials"


class Decision(Protocol):
    """A person's decision; returns False if the append is no longer as they saw it."""

    def __call__(self, append: Append, *, user: User, seen_version: str) -> bool: ...


DECISIONS: dict[str, Decision] = {
    "retry": decisions.retry,
    "give_up": decisions.give_up,
    "it_is_there": decisions.it_is_there,
    "cancel": decisions.cancel,
}
TOO_LATE = "Nothing was changed: this has moved on meanwhile. Here is how it stands now."


@require_http_methods(["GET", "POST"])
def conversation_append(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Offer the form for one more recording, and put the recording in line."""
    conversation = access.correctable_conversation(request.user, uuid)
    if request.method == "GET":
        return append_form(request, conversation)
    refusal = refusal_of(request)
    if "sample" in request.POST:
        append_sample(request, conversation, request.POST["sample"])
        return appended(request, conversation, "The recording is in line.")
    form = AppendForm(request.POST, request.FILES)
    if refusal is not None:
        form.break_off(refused_field(request), refusal.reason)
    elif form.is_valid():
        try:
            append_submission(request, conversation, form)
        except RefusedRecording as error:
            form.add_error(form.refusal_field, error.reason)
        else:
            return appended(request, conversation, form.taken())
    return append_form(request, conversation, form, status=422)


def append_submission(
    request: HtmxHttpRequest, conversation: Conversation, form: AppendForm
) -> None:
    """Put what the form hands over in line. Raises RefusedRecording."""
    team, user = conversation.team, request.user
    if form.chosen == Source.FILE:
        file = form.cleaned_data["recording"]
        recording = accept_recording(file=file, team=team, user=user)
    else:
        recording = form.accept(team=team, user=user)
    append_recording(conversation, recording, options=form.options(form.chosen), user=user)


def append_sample(request: HtmxHttpRequest, conversation: Conversation, name: str) -> None:
    """Put one of the samples in line; 404 for a name that there is not."""
    with sample_file(sample_named(name)) as file:
        recording = accept_recording(file=file, team=conversation.team, user=request.user)
    append_recording(conversation, recording, options=USUAL, user=request.user)


def append_form(
    request: HtmxHttpRequest,
    conversation: Conversation,
    form: AppendForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Return the form; after a broken-off upload only its field, as the rest never came."""
    response = respond(
        request,
        page="conversations/append.html",
        fragment=f"{PARTIALS}/append_form.html",
        context=append_context(conversation, activities(conversation), form),
        status=status,
    )
    return only_refused_field(request, response) if status == 422 and request.htmx else response


def appended(request: HtmxHttpRequest, conversation: Conversation, said: str) -> HttpResponse:
    """Return an empty form and, beside it, the activity that has just begun; `said` tells it."""
    if not request.htmx:
        return redirect(conversation)
    everything = activities(conversation)
    context = {
        **append_context(conversation, everything),
        **activity_context(conversation, everything, may_correct=True),
    }
    response = render(request, f"{PARTIALS}/appended.html", context)
    return trigger_client_event(response, "recording-added", {"message": said})


@require_GET
def conversation_activity(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with the activity panel; tell the page when the transcript has grown since `ready`."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    if not request.htmx:
        return redirect(conversation)
    context = activity_context(conversation, activities(conversation), may_correct=may_correct)
    response = render(request, f"{PARTIALS}/activity.html", context)
    return tell_if_grown(request, response, context)


@require_POST
def append_decide(request: HtmxHttpRequest, uuid: UUID, pk: int, decision: str) -> HttpResponse:
    """Carry out what a person decided about an append, if it still stands as they saw it."""
    append = access.correctable_append(request.user, uuid, pk)
    decide = DECISIONS.get(decision)
    if decide is None:
        raise Http404
    done = decide(append, user=request.user, seen_version=request.POST.get("version", ""))
    if not request.htmx:
        if not done:
            messages.warning(request, TOO_LATE)
        return redirect(append.conversation)
    conversation = append.conversation
    context = activity_context(conversation, activities(conversation), may_correct=True)
    context["too_late"] = "" if done else TOO_LATE
    status = 200 if done else 409
    response = render(request, f"{PARTIALS}/activity.html", context, status=status)
    return tell_if_grown(request, response, context)


def tell_if_grown(
    request: HtmxHttpRequest, response: HttpResponse, context: dict[str, Any]
) -> HttpResponse:
    """Add the event `transcript-changed` if more recordings are ready than the page knows of."""
    known = number_in(request.GET.get("ready", "") or request.POST.get("ready", ""))
    if known is not None and known < context["ready"]:
        trigger_client_event(response, "transcript-changed", {})
    return response
