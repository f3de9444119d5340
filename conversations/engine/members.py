"""Writing a conversation's members: naming one, merging two, dropping those who say nothing.

Called by `conversation_api`, `speakers` and `results`.
"""

import uuid
from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import F

from conversations.engine import changes
from conversations.engine.errors import ApiError
from conversations.engine.models import Conversation, Member, Message
from conversations.engine.schemas import MemberUpdate

_LONGEST_NAME = 200


def update_member(conversation: Conversation, member_id: str, update: MemberUpdate) -> None:
    """Name a member, or merge it into the one that already has the e-mail (contract 4.3).

    On a merge the member in the path is eliminated: what it said goes to the older holder
    of the e-mail, who takes the request's name. There is no way back.
    Raise ApiError 400 when the two ids differ, 404 for an unknown member.
    """
    if update.id != member_id:
        raise ApiError(400, "The id in the body must be the id in the path.")
    with transaction.atomic():
        conversation = changes.locked(conversation)
        member = _member(conversation, member_id)
        others = conversation.members.exclude(pk=member.pk)
        holder = others.filter(email=update.email).first() if update.email else None
        if holder:
            _merge(member, into=holder)
            member = holder
        member.name = update.name
        member.email = update.email or member.email
        member.save(update_fields=["name", "email", "external_id"])


def fitting_name(text: str) -> str:
    """Return an address or an id as a member's name, cut to what a name may be long."""
    return text[:_LONGEST_NAME]


def prune(conversation: Conversation, candidates: Collection[uuid.UUID]) -> None:
    """Delete those of the candidates who say nothing any more, if the settings ask for it.

    Their lines then count as detected for whoever has them now.
    """
    if not settings.ENGINE_PRUNE_MEMBERS:
        return
    silent = conversation.members.filter(pk__in=candidates, messages=None)
    conversation.messages.filter(detected_member__in=silent).update(detected_member=F("member"))
    silent.delete()


def _merge(member: Member, *, into: Member) -> None:
    """Give everything of `member` to the other one, in the rows but not yet in its own."""
    member.messages.update(member=into)
    Message.objects.filter(detected_member=member).update(detected_member=into)
    into.external_id = into.external_id or member.external_id
    member.delete()


def _member(conversation: Conversation, member_id: str) -> Member:
    try:
        member = conversation.members.filter(pk=uuid.UUID(member_id)).first()
    except ValueError:
        member = None
    if member is None:
        raise ApiError(404, "The member id is invalid or unknown.")
    return member
