"""The screen of one conversation, and the parts of it that refresh by themselves."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from conversations.forms import AppendForm, ConversationNameForm, repeated
from conversations.models import Conversation, State
from conversations.models.append import FINISHED
from conversations.pipeline.activity import Activity, activities
from conversations.pipeline.imports import FetchState, fetch_state
from conversations.review.speakers import Speaker, progress, speakers
from conversations.review.transcript import Track, numbered, timeline, tracks, window
from conversations.views import access
from conversations.views.htmx import HtmxHttpRequest, respond
from conversations.views.sample_files import samples_to_add
from conversations.views.timeline import SLICES, stripes

PARTIALS = "conversations/partials"
WINDOW_SIZE = 50
#: What is to be expected of a conversation that came from the API without a recording.
IMPORTED = {
    FetchState.FETCHING: "fetching",
    FetchState.FAILED: "unfetched",
    FetchState.DELETED: "unfetched",
    FetchState.PARTLY: "wordless",
    FetchState.NONE: "wordless",
}


def number_in(text: str) -> int | None:
    """Return the number that `text` is, None unless it is one to nine digits."""
    return int(text) if text.isdecimal() and len(text) <= 9 else None


def activity_context(
    conversation: Conversation, everything: list[Activity], *, may_correct: bool
) -> dict[str, Any]:
    """Return what the activity panel shows.

    `ready` counts the recordings whose transcript is there: the panel sends it back
    with its next poll, and a higher count means that the transcript has grown.
    """
    open_ones = [activity for activity in everything if not is_over(activity)]
    return {
        "conversation": conversation,
        "may_correct": may_correct,
        "open_activities": open_ones,
        "past_activities": [activity for activity in everything if is_over(activity)],
        "moving": any(activity.moving for activity in open_ones),
        "outlook": outlook(conversation, everything),
        "ready": sum(activity.append.state == State.SYNCED for activity in everything),
    }


def outlook(conversation: Conversation, everything: list[Activity]) -> str:
    """Return what is to be expected of a conversation that has no line yet.

    "moving": it comes by itself; "stuck": a person has to decide; "silent": nothing was
    said in what is ready; "empty": every recording was given up. Without a recording
    here: "fetching" from the API, "unfetched" because that failed, "wordless" there too.
    """
    if not everything and conversation.remote_id is not None:
        return IMPORTED[fetch_state(conversation, [])]
    open_ones = [activity for activity in everything if not is_over(activity)]
    if any(activity.moving for activity in open_ones):
        return "moving"
    if open_ones:
        return "stuck"
    ready = any(activity.append.state == State.SYNCED for activity in everything)
    return "silent" if ready else "empty"


def is_over(activity: Activity) -> bool:
    """Return True if nothing will happen to the append any more."""
    return activity.append.state in FINISHED


def fetch_context(
    conversation: Conversation, everything: list[Activity], *, may_correct: bool
) -> dict[str, Any]:
    """Return what the page says about reading the conversation from the API."""
    return {
        "conversation": conversation,
        "may_correct": may_correct,
        "fetch": fetch_state(conversation, [activity.append for activity in everything]),
    }


def append_context(
    conversation: Conversation, everything: list[Activity], form: AppendForm | None = None
) -> dict[str, Any]:
    """Return what the form for one more recording needs; `everything` is in it already."""
    present = {activity.append.recording.original_name for activity in everything}
    initial = repeated(activity.append for activity in everything)
    return {
        "conversation": conversation,
        "append_form": form or AppendForm(initial=initial),
        "repeats": bool(initial),
        "samples": samples_to_add(present),
        "limit": settings.MAX_RECORDING_BYTES,
    }


def player_context(conversation: Conversation, known: list[Track]) -> dict[str, Any]:
    """Return what the player needs to play the recordings as one."""
    return {"tracks": known, "total_ms": conversation.duration_ms}


def transcript_context(
    conversation: Conversation, known: list[Speaker], start: int
) -> dict[str, Any]:
    """Return one window of the transcript from message number `start` on."""
    shown = window(conversation, known, start=start, size=WINDOW_SIZE)
    return {"conversation": conversation, "window": shown, "start": start}


@require_GET
def conversation_page(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Show the conversation."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    known = speakers(conversation)
    everything = activities(conversation)
    recordings = tracks(conversation)
    context = {
        "speakers": known,
        "cards": numbered(known, recordings),
        "progress": progress(known),
        **activity_context(conversation, everything, may_correct=may_correct),
        **fetch_context(conversation, everything, may_correct=may_correct),
        **transcript_context(conversation, known, 0),
        **player_context(conversation, recordings),
        **append_context(conversation, everything),
    }
    return render(request, "conversations/conversation.html", context)


@require_GET
def conversation_speakers(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with the speaker rail and, beside it, the progress in the header."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    known = speakers(conversation)
    context = {
        "conversation": conversation,
        "may_correct": may_correct,
        "speakers": known,
        "cards": numbered(known, tracks(conversation)),
        "progress": progress(known),
    }
    return render(request, f"{PARTIALS}/speakers_answer.html", context)


@require_GET
def conversation_transcript(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with one window of the transcript; a whole page without htmx."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    start = number_in(request.GET.get("from", "")) or 0
    known = speakers(conversation)
    context = {
        **transcript_context(conversation, known, start),
        "may_correct": may_correct,
    }
    if not context["window"].total:
        context["outlook"] = outlook(conversation, activities(conversation))
    return respond(
        request,
        page="conversations/transcript.html",
        fragment=f"{PARTIALS}/transcript_window.html",
        context=context,
    )


@require_GET
def conversation_timeline(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with the drawing above the player, and the tracks that it spans."""
    conversation = access.visible_conversation(request.user, uuid)
    player = player_context(conversation, tracks(conversation))
    known = speakers(conversation)
    context = {
        "conversation": conversation,
        "stripes": stripes(timeline(conversation, known), player["total_ms"]),
        "slices": SLICES,
        **player,
    }
    return render(request, f"{PARTIALS}/timeline.html", context)


@require_http_methods(["GET", "POST"])
def conversation_rename(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Offer the form for the conversation's name, and take the name in."""
    conversation = access.correctable_conversation(request.user, uuid)
    form = ConversationNameForm(request.POST or None, initial={"name": conversation.name})
    context = {"conversation": conversation, "may_correct": True, "form": form}
    if request.method == "POST" and form.is_valid():
        conversation.name = form.cleaned_data["name"]
        conversation.save(update_fields=["name"])
        if not request.htmx:
            return redirect(conversation)
        return render(request, f"{PARTIALS}/title.html", context)
    return respond(
        request,
        page="conversations/rename_conversation.html",
        fragment=f"{PARTIALS}/title_form.html",
        context=context,
        status=422 if request.method == "POST" else 200,
    )


@require_GET
def conversation_title(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with the conversation's name, for a form that was closed without saving."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    if not request.htmx:
        return redirect(conversation)
    context = {"conversation": conversation, "may_correct": may_correct}
    return render(request, f"{PARTIALS}/title.html", context)
