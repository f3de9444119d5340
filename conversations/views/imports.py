"""Bringing in what exists at the API, fetching a conversation again, and what differs."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from conversations.pipeline import imports
from conversations.pipeline.activity import activities
from conversations.pipeline.compare import differences
from conversations.pipeline.imports import ApiTrouble, BroughtIn, Doubtful
from conversations.views import access
from conversations.views.conversation import activity_context, fetch_context
from conversations.views.htmx import HtmxHttpRequest
from conversations.views.import_forms import ChosenForm, IdForm, WindowForm

STATUS = "conversations/import_status.html"
NOT_NOW = (
    "Nothing was fetched: a recording is on its way, or waits for a decision. "
    "Its transcript is fetched when it is ready."
)
NOT_TO_BE_HAD = "No conversation with this id can be brought in. Check its digits."


@require_GET
def import_list(request: HtmxHttpRequest) -> HttpResponse:
    """Show what the API holds in a window of days, to choose from."""
    return import_page(request, window=WindowForm.of(request.GET))


@require_http_methods(["GET", "POST"])
def import_chosen(request: HtmxHttpRequest) -> HttpResponse:
    """Bring in the ticked conversations.

    Whoever opens the address that a refused form has left in the browser is led to the page.
    """
    if request.method == "GET":
        return redirect("conversations:import-list")
    form = ChosenForm(request.POST, teams=access.teams_to_import_to(request.user))
    window = WindowForm.of(request.POST)
    if not form.is_valid():
        return import_page(request, window=window, chosen=form, status=422)
    team = access.team_to_import_to(request.user, form.cleaned_data.get("team"))
    try:
        outcome = imports.bring_in(form.cleaned_data["ids"], team=team, user=request.user)
    except ApiTrouble as error:
        return import_page(request, window=window, chosen=form, trouble=error)
    if outcome.left_out:
        left_out = counted(len(outcome.left_out))
        messages.warning(request, f"{left_out} could not be brought in: not available.")
    if outcome.doubtful.remote_ids:
        held_back = counted(len(outcome.doubtful.remote_ids))
        messages.warning(request, f"{held_back} could not be brought in. {doubt(outcome.doubtful)}")
    return brought_in(request, outcome)


@require_http_methods(["GET", "POST"])
def import_by_id(request: HtmxHttpRequest) -> HttpResponse:
    """Bring in one conversation by its id; an id that cannot be had is said at the field.

    Whoever opens the address that a refused form has left in the browser is led to the page.
    """
    if request.method == "GET":
        return redirect("conversations:import-list")
    form = IdForm(request.POST, teams=access.teams_to_import_to(request.user))
    window = WindowForm.of(request.POST)
    if not form.is_valid():
        return import_page(request, window=window, by_id=form, status=422)
    team = access.team_to_import_to(request.user, form.cleaned_data.get("team"))
    try:
        outcome = imports.bring_in([form.cleaned_data["remote_id"]], team=team, user=request.user)
    except ApiTrouble as error:
        return import_page(request, window=window, by_id=form, trouble=error)
    if outcome.left_out:
        form.add_error("remote_id", NOT_TO_BE_HAD)
    if outcome.doubtful.remote_ids:
        form.add_error("remote_id", doubt(outcome.doubtful))
    if form.errors:
        return import_page(request, window=window, by_id=form, status=422)
    return brought_in(request, outcome)


def brought_in(request: HtmxHttpRequest, outcome: BroughtIn) -> HttpResponse:
    """Lead to the conversation, or to the list if there are several or none."""
    if outcome.here:
        messages.info(request, f"{counted(len(outcome.here))} had been brought in before.")
    together = [*outcome.new, *outcome.here]
    if len(together) == 1:
        return redirect(together[0])
    if outcome.new:
        messages.success(request, f"{counted(len(outcome.new))} will be fetched from the API.")
    return redirect("conversations:list")


def counted(number: int) -> str:
    return "1 conversation" if number == 1 else f"{number} conversations"


def doubt(doubtful: Doubtful) -> str:
    """Return why something is held back; a recording is named to those who may see it."""
    what = "this conversation" if len(doubtful.remote_ids) == 1 else "one of them"
    if not doubtful.to_decide:
        return f"A recording of another team, whose outcome is unknown, may be {what}."
    names = ", ".join(f"“{conversation.name}”" for conversation in doubtful.to_decide)
    return f"A recording whose outcome is unknown may be {what}. Decide about it first: {names}."


def import_page(
    request: HtmxHttpRequest,
    *,
    window: WindowForm,
    chosen: ChosenForm | None = None,
    by_id: IdForm | None = None,
    trouble: ApiTrouble | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page; 403 for somebody who has no team to bring anything into.

    After `trouble` the API is not asked again for the list; the answer is then 502, or 503
    if trying again may help, and what was ticked is kept.
    """
    access.team_to_import_to(request.user, None)
    teams = access.teams_to_import_to(request.user)
    chosen = chosen or ChosenForm(teams=teams)
    page = None
    if window.is_valid() and trouble is None:
        start, end = window.window()
        try:
            page = imports.list_remote(request.user, start=start, end=end, page=window.page_number)
        except ApiTrouble as error:
            trouble = error
    context = {
        "window": window,
        "chosen": chosen,
        "by_id": by_id or IdForm(teams=teams),
        "page": page,
        "kept": chosen.ticked if page is None else [],
        "problem": trouble.problem if trouble else None,
        **(page_links(window, page) if page else {}),
    }
    status = status_of(trouble) if trouble else status
    return render(request, "conversations/import.html", context, status=status)


def status_of(trouble: ApiTrouble) -> int:
    """Return the status of a page that could not ask the API."""
    return 503 if trouble.may_pass else 502


def page_links(window: WindowForm, page: imports.RemotePage) -> dict[str, Any]:
    """Return the addresses of the pages beside this one, and whether anything on it is new."""
    days = {name: window.cleaned_data[name].isoformat() for name in ("start", "end")}
    base = reverse("conversations:import-list")

    def to(number: int) -> str:
        return f"{base}?{urlencode({**days, 'page': number})}"

    return {
        "newer": to(page.number - 1) if page.number > 1 else "",
        "older": to(page.number + 1) if page.has_next else "",
        "any_new": any(row.here is None for row in page.rows),
    }


@require_POST
def conversation_fetch(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Have the conversation read once more; not while a recording is on its way."""
    conversation = access.correctable_conversation(request.user, uuid)
    if not imports.fetch_again(conversation):
        messages.warning(request, NOT_NOW)
    return redirect(conversation)


@require_GET
def conversation_fetching(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with how the fetching stands; once it is over, tell the page to catch up."""
    conversation, may_correct = access.conversation_for(request.user, uuid)
    if not request.htmx:
        return redirect(conversation)
    everything = activities(conversation)
    context = fetch_context(conversation, everything, may_correct=may_correct)
    if context["fetch"] == imports.FetchState.FETCHING:
        return render(request, STATUS, context)
    context |= activity_context(conversation, everything, may_correct=may_correct)
    response = render(request, "conversations/import_fetched.html", context)
    if context["fetch"] in (imports.FetchState.FAILED, imports.FetchState.DELETED):
        return response
    said = {"message": "Fetched from the API."}
    return trigger_client_event(response, "transcript-changed", said)


@require_GET
def conversation_differences(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Show what differs between here and the API; nothing is changed by looking."""
    conversation = access.correctable_conversation(request.user, uuid)
    if conversation.remote_id is None:
        raise Http404
    context: dict[str, Any] = {"conversation": conversation}
    status = 200
    try:
        context["sections"] = differences(conversation)
    except ApiTrouble as error:
        context["problem"] = error.problem
        status = status_of(error)
    return render(request, "conversations/differences.html", context, status=status)
