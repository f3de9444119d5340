"""The list of conversations, with the upload of new recordings on top."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations.forms import RecordingsForm, about_file
from conversations.models import (
    Append,
    Conversation,
    Member,
    Message,
    Recording,
    Source,
    State,
    Team,
)
from conversations.pipeline.accept import (
    RefusedRecording,
    accept_recording,
    start_conversation,
)
from conversations.pipeline.activity import Activity, busy
from conversations.pipeline.engine_status import recognition_notice
from conversations.pipeline.imports import FetchState, fetch_state
from conversations.pipeline.options import USUAL
from conversations.samples import SAMPLES
from conversations.views import access
from conversations.views.htmx import HtmxHttpRequest, go
from conversations.views.sample_files import sample_file, sample_named
from conversations.views.uploads import only_refused_field, refusal_of, refused_field

PAGE_SIZE = 25


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    conversation: Conversation
    activity: Activity | None
    speakers: int
    identified: int
    outcome: "Outcome | None"
    fetch: FetchState


@dataclass(frozen=True)
class Outcome:
    """What came of a conversation's recordings: whether there are lines, and the newest remark.

    `recorded`: there are recordings here, and it was not just brought in.
    """

    has_lines: bool
    note: str
    recorded: bool


def outcomes(ids: list[int]) -> dict[int, Outcome]:
    """Return the outcome for each conversation that has a finished recording or was fetched."""
    there = Message.objects.filter(gone=False)
    fetched = Conversation.objects.filter(pk__in=ids, appends=None).exclude(synced_at=None)
    worded = fetched.annotate(has_lines=Exists(there.filter(conversation=OuterRef("pk"))))
    found = {
        pk: Outcome(has, "", recorded=False) for pk, has in worded.values_list("pk", "has_lines")
    }
    lines = there.filter(conversation=OuterRef("conversation"))
    synced = Append.objects.filter(conversation__in=ids, state=State.SYNCED)
    for pk, has_lines, note in (
        synced.annotate(has_lines=Exists(lines))
        .order_by("seq")
        .values_list("conversation", "has_lines", "note")
    ):
        before = found[pk].note if pk in found else ""
        found[pk] = Outcome(has_lines, note or before, recorded=True)
    return found


def rows_of(conversations: list[Conversation]) -> list[Row]:
    """Return the rows; the number of queries does not depend on how many there are."""
    ids = [conversation.pk for conversation in conversations]
    activities = busy(ids)
    finished = outcomes(ids)
    members: dict[int, list[Member]] = defaultdict(list)
    for member in Member.objects.shown().filter(conversation__in=ids, gone=False):
        members[member.conversation_id].append(member)

    def row(conversation: Conversation) -> Row:
        activity = activities.get(conversation.pk)
        return Row(
            conversation,
            activity,
            len(members[conversation.pk]),
            sum(member.is_identified for member in members[conversation.pk]),
            finished.get(conversation.pk),
            fetch_state(conversation, [activity.append] if activity else []),
        )

    return [row(conversation) for conversation in conversations]


def list_page(
    request: HtmxHttpRequest, form: RecordingsForm | None = None, *, status: int = 200
) -> HttpResponse:
    """Return the whole page, with `form` where an upload was refused without script."""
    readable = Conversation.objects.visible_to(request.user)
    page: Page[Conversation] = Paginator(readable, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_of(list(page.object_list)),
        "samples": SAMPLES,
        "notice": recognition_notice(),
        "may_import": bool(access.teams_to_import_to(request.user)),
        **form_context(request, form),
    }
    return render(request, "conversations/list.html", context, status=status)


def form_context(request: HtmxHttpRequest, form: RecordingsForm | None = None) -> dict[str, Any]:
    """Return what the upload form needs; without a team to upload to there is no form."""
    teams = access.teams_to_upload_to(request.user)
    return {
        "form": form or RecordingsForm(teams=teams),
        "may_upload": bool(teams),
        "limit": settings.MAX_RECORDING_BYTES,
    }


@require_GET
def conversation_list(request: HtmxHttpRequest) -> HttpResponse:
    """Show the list."""
    return list_page(request)


@require_GET
def conversation_row(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with one row as it is now; a busy row asks for it every two seconds."""
    conversation = access.visible_conversation(request.user, uuid)
    (row,) = rows_of([conversation])
    return render(request, "conversations/partials/row.html", {"row": row})


@require_http_methods(["GET", "POST"])
def recording_upload(request: HtmxHttpRequest) -> HttpResponse:
    """Start a conversation with each recording; refusals appear at the field they are about."""
    if request.method == "GET":
        return redirect("conversations:list")
    refusal = refusal_of(request)
    form = RecordingsForm(
        request.POST, request.FILES, teams=access.teams_to_upload_to(request.user)
    )
    if refusal is not None:
        form.break_off(refused_field(request), broken_off(request, refusal))
        return refused(request, form)
    if not form.is_valid():
        return refused(request, form)
    try:
        appends = start_all(request, form)
    except ValidationError as error:
        form.add_error(form.refusal_field, error)
        return refused(request, form)
    if len(appends) == 1:
        return go(request, appends[0].conversation.get_absolute_url())
    return go(request, reverse("conversations:list"))


def broken_off(request: HtmxHttpRequest, refusal: RefusedRecording) -> str:
    """Return why the upload was broken off, and at which file if it had come that far.

    Nothing behind that file was read, so nobody can tell whether it was the only one.
    """
    name = request.upload_handlers[0].file_name
    return about_file(refusal.reason, name) if name else refusal.reason


def accept_all(request: HtmxHttpRequest, form: RecordingsForm) -> list[Recording]:
    """Take in what the form hands over. Raises ValidationError; then nothing was kept."""
    team = access.team_to_upload_to(request.user, form.cleaned_data.get("team"))
    if form.chosen != Source.FILE:
        try:
            return [form.accept(team=team, user=request.user)]
        except RefusedRecording as error:
            raise ValidationError(error.reason, code=error.code) from error
    return accept_files(form.cleaned_data["recordings"], team, request.user)


def accept_files(files: "list[UploadedFile[Any]]", team: Team, user: User) -> list[Recording]:
    """Store every file. Raises ValidationError; then none of them was kept."""
    recordings: list[Recording] = []
    for file in files:
        try:
            recordings.append(accept_recording(file=file, team=team, user=user))
        except RefusedRecording as error:
            for recording in recordings:
                recording.file.delete(save=False)
                recording.delete()
            several = len(files) > 1
            reason = about_file(error.reason, file.name or "") if several else error.reason
            raise ValidationError(reason, code=error.code) from error
    return recordings


def start_all(request: HtmxHttpRequest, form: RecordingsForm) -> list[Append]:
    """Start one conversation per recording and return their first appends.

    Raises ValidationError; then nothing was kept.
    """
    recordings = accept_all(request, form)
    name = form.cleaned_data["name"] if len(recordings) == 1 else ""
    options = form.options(form.chosen)
    with transaction.atomic():
        return [
            start_conversation(recording, name=name, options=options, user=request.user)
            for recording in recordings
        ]


def refused(request: HtmxHttpRequest, form: RecordingsForm) -> HttpResponse:
    """Return the form with its errors, as the whole page or as the part that changed.

    A broken-off upload never brought the fields behind the file, so htmx is told to
    replace only the file's field: what was typed into the others stays.
    """
    if not request.htmx:
        return list_page(request, form, status=422)
    context = form_context(request, form)
    response = render(request, "conversations/partials/upload_form.html", context, status=422)
    return only_refused_field(request, response)


@require_POST
def sample_start(request: HtmxHttpRequest) -> HttpResponse:
    """Start a conversation with one of the samples that come with the dashboard."""
    sample = sample_named(request.POST.get("sample", ""))
    team = access.team_to_upload_to(request.user, None)
    with sample_file(sample) as file:
        recording = accept_recording(file=file, team=team, user=request.user)
    append = start_conversation(recording, name=sample.title, options=USUAL, user=request.user)
    return go(request, append.conversation.get_absolute_url())
