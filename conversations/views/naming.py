"""Saying who a speaker is: the naming form, the merge it may turn into, and conflicts.

Every answer to htmx replaces the place the form opened in; the rail's card and the
progress come along out of band, and the event `speaker-changed` lets the page relabel
the lines it shows without fetching them again.
"""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from conversations.forms import MergeForm, NamingForm, isolated
from conversations.models import Change, Member, PushState
from conversations.review import merging, naming
from conversations.review.speakers import Speaker, progress, speakers
from conversations.review.transcript import numbered, tracks
from conversations.views import access
from conversations.views.htmx import HtmxHttpRequest, respond

PARTIALS = "conversations/partials"


@require_http_methods(["GET", "POST"])
def member_rename(request: HtmxHttpRequest, uuid: UUID, pk: int) -> HttpResponse:
    """Offer the naming form, and take the name in."""
    member = access.correctable_member(request.user, uuid, pk)
    if request.method == "GET":
        member = member.stands_for
        return ask(request, "naming_form", {"member": member, "form": NamingForm.of(member)})
    form = NamingForm(request.POST, auto_id=f"member-{member.pk}-%s")
    if not form.is_valid():
        return ask(request, "naming_form", {"member": member, "form": form}, status=422)
    wanted = {field: form.cleaned_data[field] for field in ("name", "email", "version")}
    try:
        naming.rename(member, **wanted, actor=request.user)
    except naming.EmailTaken as taken:
        return ask_to_merge(request, member, taken.other, wanted["name"], wanted["version"])
    except naming.Conflict as conflict:
        context = {
            "member": conflict.member,
            "change": conflict.change,
            "mine": form.wish(conflict.member),
        }
        return ask(request, "naming_conflict", context, status=409)
    return named(request, member, f"Saved: {isolated(wanted['name'])}.")


@require_POST
def member_merge(request: HtmxHttpRequest, uuid: UUID, pk: int) -> HttpResponse:
    """Merge a speaker into the one who has the same e-mail address."""
    member = access.correctable_member(request.user, uuid, pk)
    form = MergeForm(request.POST)
    if not form.is_valid():
        raise Http404
    into = access.correctable_member(request.user, uuid, form.cleaned_data["into"])
    if into.pk == member.pk:
        return named(request, member, f"{isolated(member.name)} is one person already.")
    if "apart" in request.POST:
        return ask_again_apart(request, member, into, form)
    try:
        merging.merge(
            member,
            into,
            name=form.cleaned_data["name"],
            version=form.cleaned_data["version"],
            into_version=form.cleaned_data["into_version"],
            actor=request.user,
        )
    except naming.Conflict:
        # Somebody was faster. The same question again, about what is true now.
        member = access.correctable_member(request.user, uuid, pk).stands_for
        into = access.correctable_member(request.user, uuid, into.pk).stands_for
        if into.pk == member.pk:
            message = f"They are one person already: {isolated(member.name)}."
            return named(request, member, message)
        return ask_to_merge(
            request, member, into, form.cleaned_data["name"], member.version, again=True
        )
    message = f"Merged into {isolated(form.cleaned_data['name'])}."
    return named(request, into, message, absorbed=member)


@require_GET
def member_card(request: HtmxHttpRequest, uuid: UUID, pk: int) -> HttpResponse:
    """Answer with the speaker as they are now: for a conflict given way to, or the card itself."""
    member = access.visible_member(request.user, uuid, pk)
    if request.htmx.target == f"speaker-{pk}":
        return card(request, member)
    return named(request, member, "")


@require_POST
def member_push(request: HtmxHttpRequest, uuid: UUID, pk: int) -> HttpResponse:
    """Send a correction that the API did not take once more."""
    member = access.correctable_member(request.user, uuid, pk)
    about = Q(member=member) | Q(into=member)
    change = Change.objects.filter(about, push_state=PushState.FAILED).order_by("-pk").first()
    if change is not None:
        merging.retry_push(change)
    return named(request, member, "It is sent again.")


def ask(
    request: HtmxHttpRequest, question: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return the form or question, in its place or as a page of its own without htmx."""
    fragment = f"{PARTIALS}/{question}.html"
    return respond(
        request,
        page="conversations/naming.html",
        fragment=fragment,
        context={
            **context,
            "fragment": fragment,
            "conversation": context["member"].conversation,
        },
        status=status,
    )


def ask_to_merge(
    request: HtmxHttpRequest,
    member: Member,
    into: Member,
    typed: str,
    version: int,
    *,
    again: bool = False,
) -> HttpResponse:
    """Return the question whether two speakers are one; nothing has been changed yet."""
    preview = merging.preview(member, into)
    context = {
        "member": member,
        "preview": preview,
        "version": version,
        "names": list(dict.fromkeys([preview.name, typed, into.name])),
        "typed": typed,
        "again": again,
    }
    # A first question is no error; one that has to be asked again is a conflict.
    return ask(request, "merge_form", context, status=409 if again else 200)


def ask_again_apart(
    request: HtmxHttpRequest, member: Member, into: Member, question: MergeForm
) -> HttpResponse:
    """Return the naming form after all: the typed name is kept, the other's e-mail is not."""
    form = NamingForm.apart(
        member,
        into,
        name=question.cleaned_data["typed"] or member.name,
        version=question.cleaned_data["version"],
    )
    return ask(request, "naming_form", {"member": member, "form": form})


def card(request: HtmxHttpRequest, member: Member) -> HttpResponse:
    """Return the card to itself: it asks while a correction is on its way to the API."""
    conversation, may_correct = access.conversation_for(request.user, member.conversation.uuid)
    known = speakers(conversation)
    speaker = speaker_of(known, member)
    context = {
        "conversation": conversation,
        "may_correct": may_correct,
        "speaker": speaker,
        "recording_number": dict(numbered(known, tracks(conversation)))[speaker],
    }
    return render(request, f"{PARTIALS}/speaker_card.html", context)


def named(
    request: HtmxHttpRequest, member: Member, message: str, *, absorbed: Member | None = None
) -> HttpResponse:
    """Return the speaker as they are now, in every place of the page that shows them."""
    conversation, may_correct = access.conversation_for(request.user, member.conversation.uuid)
    if not request.htmx:
        return redirect(f"{conversation.get_absolute_url()}#speaker-{member.pk}")
    known = speakers(conversation)
    speaker = speaker_of(known, member)
    cards = numbered(known, tracks(conversation))
    context = {
        "conversation": conversation,
        "may_correct": may_correct,
        "speaker": speaker,
        "recording_number": dict(cards)[speaker],
        "speakers": known if absorbed else None,
        "cards": cards,
        "progress": progress(known),
    }
    response = render(request, f"{PARTIALS}/named.html", context)
    event = {
        **label_of(speaker),
        "ids": [speaker.member.pk, *([absorbed.pk] if absorbed else [])],
        "message": message,
    }
    # After the settling: only then stand the new card and its link, which takes the focus.
    return trigger_client_event(response, "speaker-changed", event, after="settle")


def speaker_of(known: list[Speaker], member: Member) -> Speaker:
    """Return the speaker that stands for `member` now; 404 if there is none any more."""
    member = member.stands_for
    for speaker in known:
        if speaker.member.pk == member.pk:
            return speaker
    raise Http404


def label_of(speaker: Speaker) -> dict[str, Any]:
    """Return what the page needs to write the speaker's name wherever it stands."""
    return {
        "id": speaker.member.pk,
        "name": speaker.member.name,
        "initials": speaker.initials,
        "tone": speaker.tone,
        "shape": speaker.shape,
    }
