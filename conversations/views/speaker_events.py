"""Speaker events of a conversation: bringing them in, deciding, sending, and taking them away.

Every step is a plain form; only the state of what is being sent refreshes by itself.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from conversations.exports import write_speaker_events
from conversations.forms import EventsForm
from conversations.forms.speaker_events import TOO_LARGE
from conversations.models import BatchState, Conversation, SpeakerEventBatch
from conversations.pipeline import speaker_dry_run, speaker_events
from conversations.pipeline.speaker_dry_run import Preview, preview_of
from conversations.pipeline.texts import clock
from conversations.review.transcript import tracks
from conversations.speaker_events import FORMATS_OUT, Code, write
from conversations.views import access
from conversations.views.conversation import number_in
from conversations.views.exports import attachment
from conversations.views.htmx import HtmxHttpRequest, go
from conversations.views.speaker_batch import batch_context, people_form, state_context
from conversations.views.uploads import refusal_of

PAGES = "conversations/speaker_events"
CONTENT_TYPES = {
    "symbl": "application/json",
    "rttm": "text/plain",
    "vtt": "text/vtt",
    "csv": "text/csv",
}
ENDINGS = {"symbl": "json"}
OUTDATED = (
    "Nothing was changed: somebody changed or sent this meanwhile. Here is how it stands now."
)
REFUSALS: dict[type[Exception], str] = {
    speaker_events.Outdated: OUTDATED,
    speaker_events.AnotherOnItsWay: (
        "Nothing was sent: other speaker events of this conversation are on their way. "
        "Look again when they have arrived, because they change what these do."
    ),
    speaker_events.RecordingOnItsWay: (
        "Nothing was sent: a recording is on its way, and brings lines that nobody has seen "
        "beside these. Look again when it is ready."
    ),
    speaker_events.MayHaveArrived: (
        "Nothing was discarded: the API may have these events. Tick the box if you want to "
        "discard them here all the same."
    ),
    speaker_events.Overtaken: (
        "Nothing was sent: newer speaker events have been sent since, and these would undo them. "
        "To have these back, change them first and look at what they change now."
    ),
    speaker_dry_run.DryRunChanged: (
        "Nothing was sent: the transcript was changed meanwhile. "
        "This is what would change now; send it if that is still right."
    ),
    speaker_dry_run.ChangedSince: (
        "Nothing was sent: names or lines have changed since, so that it would do something "
        "else now. Choose \u201cChange it first\u201d and look at what it changes."
    ),
    speaker_dry_run.Unready: "Nothing was sent: say first who everybody in it is.",
}


@require_http_methods(["GET", "POST"])
def speaker_event_list(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Show what was brought in before with the form for more, and take more in."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    if request.method == "GET":
        return list_page(request, conversation, may_correct=may_correct)
    conversation = access.correctable_conversation(request.user, uuid)
    refusal = refusal_of(request)
    form = EventsForm(request.POST, request.FILES, starts=starts(conversation))
    if refusal is not None:
        too_large = refusal.code == "text_too_large"
        form.errors.clear()
        form.add_error("timeline", TOO_LARGE if too_large else refusal.reason)
    elif form.is_valid():
        found, timeline = form.read
        batch = speaker_events.take_in(
            conversation,
            timeline,
            source_format=found,
            file_name=form.file_name,
            user=request.user,
            window=form.window,
        )
        return to_batch(batch)
    return list_page(request, conversation, may_correct=True, form=form, status=422)


def list_page(
    request: HtmxHttpRequest,
    conversation: Conversation,
    *,
    may_correct: bool,
    form: EventsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the list with the form."""
    lost = ExpressionWrapper(Q(outcome__unknown=True), output_field=BooleanField())
    rows = SpeakerEventBatch.objects.filter(conversation=conversation).annotate(lost=lost)
    context = {
        "conversation": conversation,
        "may_correct": may_correct,
        "form": form or EventsForm(starts=starts(conversation)),
        "batches": rows.select_related("created_by").defer(*speaker_events.HEAVY),
        "has_lines": conversation.messages.filter(gone=False).exists(),
    }
    return render(request, f"{PAGES}/list.html", context, status=status)


def starts(conversation: Conversation) -> list[tuple[str, int]]:
    """Return where the times of a file may begin: at each of the recordings."""
    labels = []
    for number, track in enumerate(tracks(conversation), 1):
        begins = f"Recording {number}" if track.start_ms else "The start of the conversation"
        at = f", from {clock(track.start_ms)}" if track.start_ms else ""
        labels.append((f"{begins}{at}: {track.recording.original_name}", track.start_ms))
    return labels


def batch_of(conversation: Conversation, uuid: UUID) -> SpeakerEventBatch:
    """Return the batch of a conversation that the reader may see; else 404."""
    rows = SpeakerEventBatch.objects.select_related("created_by")
    batch = get_object_or_404(rows, conversation=conversation, uuid=uuid)
    batch.conversation = conversation
    return batch


def batch_address(name: str, batch: SpeakerEventBatch) -> str:
    return reverse(f"conversations:{name}", args=[batch.conversation.uuid, batch.uuid])


def to_batch(batch: SpeakerEventBatch, place: str = "") -> HttpResponse:
    """Lead to a batch's page, or to a part of it."""
    return redirect(batch_address("speaker-batch", batch) + place)


@require_GET
def speaker_batch(request: HtmxHttpRequest, uuid: UUID, batch: UUID) -> HttpResponse:
    """Show one batch: a draft with all there is to decide, or what became of it."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    return batch_page(request, batch_of(conversation, batch), may_correct=may_correct)


def batch_page(
    request: HtmxHttpRequest,
    batch: SpeakerEventBatch,
    *,
    may_correct: bool,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return the page of a batch; `form` may be the people's form with its errors."""
    form = more.pop("form", None)
    context = batch_context(
        batch,
        page=request.GET.get("page", ""),
        people_page=request.GET.get("people", ""),
        may_correct=may_correct,
        form=form,
    )
    return render(request, f"{PAGES}/batch.html", {**context, **more}, status=status)


@require_GET
def speaker_batch_status(request: HtmxHttpRequest, uuid: UUID, batch: UUID) -> HttpResponse:
    """Answer with how a batch stands that was handed over; it asks until that is settled."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    row = batch_of(conversation, batch)
    if not request.htmx or row.state == BatchState.DRAFT:
        return go(request, batch_address("speaker-batch", row))
    if row.state != BatchState.PENDING:
        context = batch_context(row, page="", may_correct=may_correct)
        return render(request, f"{PAGES}/settled.html", context)
    context = {
        "conversation": conversation,
        "batch": row,
        "may_correct": may_correct,
        **state_context(row),
    }
    return render(request, f"{PAGES}/status.html", context)


def refused(
    request: HtmxHttpRequest, conversation: Conversation, batch: UUID, error: Exception
) -> HttpResponse:
    """Return the page as the batch stands now, with why nothing was changed."""
    row = batch_of(conversation, batch)
    return batch_page(request, row, may_correct=True, status=409, refusal=REFUSALS[type(error)])


def decided(request: HttpRequest) -> int:
    """Return the version that the reader decided about; nonsense is no version."""
    return number_in(request.POST.get("version", "")) or 0


@require_POST
def speaker_batch_fix(request: HtmxHttpRequest, uuid: UUID, batch: UUID) -> HttpResponse:
    """Add a fix to a draft, all that can be made, or take all of them back."""
    conversation = access.correctable_conversation(request.user, uuid)
    row = batch_of(conversation, batch)
    asked = request.POST.get("code", "")
    try:
        fixes = wanted_fixes(row, asked)
        speaker_events.decide(row, version=decided(request), fixes=fixes)
    except speaker_events.Outdated as error:
        return refused(request, conversation, batch, error)
    return to_batch(row, "#problems-title")


def wanted_fixes(batch: SpeakerEventBatch, asked: str) -> frozenset[Code]:
    """Return the fixes that a draft has from now on; 404 for one that there is not."""
    if asked == "none":
        return frozenset()
    preview = preview_of(batch)
    can_fix, fixes = preview.conversed.can_fix, preview.draft.fixes
    if asked == "all":
        return fixes | {one.code for one in preview.problems if can_fix(one.code)}
    if asked not in {code.value for code in Code if can_fix(code)}:
        raise Http404
    return fixes | {Code(asked)}


@require_POST
def speaker_batch_people(request: HtmxHttpRequest, uuid: UUID, batch: UUID) -> HttpResponse:
    """Take in who the people of a draft are."""
    conversation = access.correctable_conversation(request.user, uuid)
    row = batch_of(conversation, batch)
    preview = preview_of(row)
    form = people_form(preview, {}, request.POST)
    if not form.is_valid():
        if (row.state, row.version) == (BatchState.DRAFT, decided(request)):
            return batch_page(request, row, may_correct=True, status=422, form=form)
        return refused(request, conversation, batch, speaker_events.Outdated())
    people = form.people()
    try:
        speaker_events.decide(row, version=decided(request), people=people)
    except speaker_events.Outdated as error:
        return refused(request, conversation, batch, error)
    now = Preview(preview.conversed, replace(preview.draft, people=people))
    # Where two are one, that is said at the people, and is not to be missed.
    return to_batch(row, "#people-title" if now.shared else "#changes-title")


@require_POST
def speaker_batch_send(request: HtmxHttpRequest, uuid: UUID, batch: UUID) -> HttpResponse:
    """Have a draft sent as its dry run was seen, or look for, or send, what may not be there."""
    conversation = access.correctable_conversation(request.user, uuid)
    row = batch_of(conversation, batch)
    version = decided(request)
    try:
        if request.POST.get("look"):
            speaker_events.look(row, version=version)
        elif request.POST.get("again"):
            speaker_dry_run.send_again(row, version=version)
        else:
            digest = request.POST.get("digest", "")
            speaker_dry_run.send(row, version=version, digest=digest)
    except tuple(REFUSALS) as error:
        return refused(request, conversation, batch, error)
    return to_batch(row)


@require_POST
def speaker_batch_reopen(request: HtmxHttpRequest, uuid: UUID, batch: UUID) -> HttpResponse:
    """Make a draft again of what did not reach the API."""
    conversation = access.correctable_conversation(request.user, uuid)
    row = batch_of(conversation, batch)
    try:
        draft = speaker_events.reopen(row, version=decided(request))
    except speaker_events.Outdated as error:
        return refused(request, conversation, batch, error)
    return to_batch(draft)


@require_POST
def speaker_batch_discard(request: HtmxHttpRequest, uuid: UUID, batch: UUID) -> HttpResponse:
    """Delete what the API does not have, or what it may have if that is said."""
    conversation = access.correctable_conversation(request.user, uuid)
    row = batch_of(conversation, batch)
    try:
        anyway = bool(request.POST.get("anyway"))
        speaker_events.discard(row, version=decided(request), anyway=anyway)
    except (speaker_events.Outdated, speaker_events.MayHaveArrived) as error:
        return refused(request, conversation, batch, error)
    return redirect("conversations:speaker-events", conversation.uuid)


@require_safe
def speaker_batch_export(
    request: HtmxHttpRequest, uuid: UUID, batch: UUID, format: str
) -> HttpResponse:
    """Answer with a batch's turns as a file, mended and matched as far as that was decided."""
    conversation = access.visible_conversation(request.user, uuid)
    row = batch_of(conversation, batch)
    is_draft = row.state == BatchState.DRAFT
    spans = preview_of(row).spans if is_draft else speaker_events.spans_of(row)
    return as_file(conversation, write(spans, known(format)), format)


@require_safe
def speaker_event_export(request: HtmxHttpRequest, uuid: UUID, format: str) -> HttpResponse:
    """Answer with the transcript as it stands, as speaker events."""
    conversation = access.visible_conversation(request.user, uuid)
    return as_file(conversation, write_speaker_events(conversation, known(format)), format)


def known(format: str) -> str:
    """Return a format that can be written; 404 for any other."""
    if format not in FORMATS_OUT:
        raise Http404
    return format


def as_file(conversation: Conversation, text: str, format: str) -> HttpResponse:
    """Return a download under the conversation's name."""
    ending = f"speakers.{ENDINGS.get(format, format)}"
    return HttpResponse(
        text,
        content_type=f"{CONTENT_TYPES[format]}; charset=utf-8",
        headers={"Content-Disposition": attachment(conversation, ending)},
    )
