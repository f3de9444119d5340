"""Who gets which object: the only place that decides it, called by every view.

Outsiders get 404, so that nothing tells them the object exists. A viewer who may see
but not correct gets 403.
"""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404

from conversations.models import Append, Conversation, Member, Recording, Role, Team
from conversations.models.team import CORRECTING_ROLES


class Access(NamedTuple):
    """A conversation that the reader may see, and whether they may change it."""

    conversation: Conversation
    may_correct: bool


def conversation_for(user: User, uuid: UUID) -> Access:
    """Return the conversation with what `user` may do to it, in one query; else 404."""
    allowed = Conversation.objects.correctable_by(user).filter(pk=OuterRef("pk"))
    readable = Conversation.objects.visible_to(user).select_related("team")
    conversation = get_object_or_404(readable.annotate(may_correct=Exists(allowed)), uuid=uuid)
    return Access(conversation, conversation.may_correct)  # type: ignore[attr-defined]


def visible_conversation(user: User, uuid: UUID) -> Conversation:
    """Return the conversation if `user` may read it; else 404."""
    return conversation_for(user, uuid).conversation


def correctable_conversation(user: User, uuid: UUID) -> Conversation:
    """Return the conversation if `user` may change it; 403 for its viewers, else 404."""
    conversation, may_correct = conversation_for(user, uuid)
    if not may_correct:
        raise PermissionDenied("Your role in this team is to read.")
    return conversation


def visible_member(user: User, uuid: UUID, pk: int) -> Member:
    """Return the speaker of a conversation that `user` may read; else 404."""
    return get_object_or_404(Member, conversation=visible_conversation(user, uuid), pk=pk)


def correctable_member(user: User, uuid: UUID, pk: int) -> Member:
    """Return the speaker of a conversation that `user` may change; 403 or 404 otherwise.

    It may have been merged into another meanwhile: a form that was filled in before
    must not act on that one.
    """
    conversation = correctable_conversation(user, uuid)
    member = get_object_or_404(Member, conversation=conversation, pk=pk)
    member.conversation = conversation
    return member


def correctable_append(user: User, uuid: UUID, pk: int) -> Append:
    """Return the append of a conversation that `user` may change; 403 or 404 otherwise."""
    conversation = correctable_conversation(user, uuid)
    appends = Append.objects.select_related("conversation", "recording")
    return get_object_or_404(appends, conversation=conversation, pk=pk)


def visible_recording(user: User, uuid: UUID) -> Recording:
    """Return the recording if it belongs to a team of `user`; else 404."""
    return get_object_or_404(Recording.objects.filter(team__memberships__user=user), uuid=uuid)


def teams_to_upload_to(user: User) -> list[Team]:
    """Return the teams in which `user` may start a conversation, by name."""
    return _teams(user, CORRECTING_ROLES)


def team_to_upload_to(user: User, pk: int | None) -> Team:
    """Return the team `pk`, or the first of the user's if None; 403 if there is none, else 404."""
    teams = teams_to_upload_to(user)
    return _chosen(teams, pk, "You are not in a team that takes recordings from you.")


def teams_to_import_to(user: User) -> list[Team]:
    """Return the teams that `user` may bring conversations from the API into, by name.

    All teams share the account at the API, so that this is for a team's admins.
    """
    return _teams(user, (Role.ADMIN,))


def team_to_import_to(user: User, pk: int | None) -> Team:
    """Return the team `pk`, or the first of the user's if None; 403 if there is none, else 404."""
    return _chosen(teams_to_import_to(user), pk, "Only an admin of a team may bring in.")


def _teams(user: User, roles: Collection[Role]) -> list[Team]:
    teams = Team.objects.filter(memberships__user=user, memberships__role__in=roles)
    return list(teams.order_by("name"))


def _chosen(teams: list[Team], pk: int | None, refusal: str) -> Team:
    if not teams:
        raise PermissionDenied(refusal)
    if pk is None:
        return teams[0]
    for team in teams:
        if team.pk == pk:
            return team
    raise Http404
