"""Giving the lines of a conversation to the people that speaker events name (contract 6).

Called by `conversation_api`. Each call starts from who was detected, so the newest set of
events alone counts and the same set twice changes nothing.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db import transaction

from conversations.engine import changes, members
from conversations.engine.attribution import Ignored, Line, Span, attribute, pair
from conversations.engine.errors import ApiError
from conversations.engine.events import NANOS_PER_SECOND, EventUser, SpeakerEvent
from conversations.engine.models import Conversation, Member, Message

#: More people than that in one conversation are a mistake, and slow to tell apart.
MOST_USERS = 1000

_BATCH = 500
_log = logging.getLogger(__name__)


def associate(conversation: Conversation, events: Sequence[SpeakerEvent]) -> None:
    """Give each message to the person who speaks most of it, and nobody's to who was detected.

    People become members of the conversation by their id, or else by their e-mail,
    compared exactly; a name or e-mail that is given replaces the one that is there.
    Raise ApiError 400, and change nothing, for too many people, and in strict mode for
    events that would be ignored; 404 when the conversation has been deleted meanwhile.
    """
    users = _users(events)
    with transaction.atomic():
        conversation = changes.locked(conversation)
        spans, ignored = pair([event.plain for event in events], end_ms=conversation.duration_ms)
        _remark(conversation, events, ignored)
        known = _upsert(conversation, {span.user: users[span.user] for span in spans})
        lost = _move(conversation, spans, known)
        members.prune(conversation, lost)


def _users(events: Iterable[SpeakerEvent]) -> dict[str, EventUser]:
    """Return each id's user, with the first name and the first e-mail given for the id."""
    users: dict[str, EventUser] = {}
    for user in (event.user for event in events):
        known = users.setdefault(user.id, user.model_copy())
        known.name = known.name or user.name
        known.email = known.email or user.email
    if len(users) > MOST_USERS:
        raise ApiError(400, f"speakerEvents must name at most {MOST_USERS:,} people.")
    return users


def _remark(
    conversation: Conversation, events: Sequence[SpeakerEvent], ignored: Sequence[Ignored]
) -> None:
    """Refuse what is dubious in strict mode; otherwise leave a line in the log."""
    carried = [
        Ignored(index, "has nanos of a second or more")
        for index, event in enumerate(events)
        if event.offset.nanos >= NANOS_PER_SECOND
    ]
    dubious = sorted((*ignored, *carried))
    if dubious and settings.ENGINE_STRICT:
        raise ApiError(400, f"speakerEvents[{dubious[0].place}] {dubious[0].reason}.")
    if dubious:
        _log.info(
            "speaker events of conversation %s: %d ignored, %d with nanos of a second or more",
            conversation.pk, len(ignored), len(carried),
        )  # fmt: skip


def _upsert(conversation: Conversation, users: Mapping[str, EventUser]) -> dict[str, Member]:
    """Return the member of each user's id, made where there is none."""
    present = list(conversation.members.all())
    by_external = {member.external_id: member for member in present if member.external_id}
    by_id = {str(member.pk): member for member in present}
    by_email = {member.email: member for member in present if member.email}
    position = max((member.position for member in present), default=0)
    known: dict[str, Member] = {}
    for user in users.values():
        email = user.email or ""
        member = by_external.get(user.id) or by_id.get(user.id) or by_email.get(email)
        if member is None:
            position += 1
            member = Member(conversation=conversation, position=position, name=email or user.id)
        member.name = user.name or member.name
        if str(member.pk) != user.id:
            member.external_id = member.external_id or user.id
        # An address that somebody else has stays theirs: events merge nobody.
        if email and by_email.setdefault(email, member) is member:
            member.email = email
        known[user.id] = member
    _save(known.values())
    return known


def _save(members_known: Iterable[Member]) -> None:
    known = {member.pk: member for member in members_known}.values()
    Member.objects.bulk_create(member for member in known if member._state.adding)
    there = [member for member in known if not member._state.adding]
    Member.objects.bulk_update(there, ["name", "email", "external_id"], batch_size=_BATCH)


def _move(
    conversation: Conversation, spans: Iterable[Span], known: Mapping[str, Member]
) -> set[uuid.UUID]:
    """Give the lines to their speakers; return the members who lost lines."""
    messages = list(conversation.messages.order_by("position").defer("text"))
    users = attribute([Line(one.start_ms, one.end_ms) for one in messages], spans)
    moved: defaultdict[uuid.UUID | None, list[str]] = defaultdict(list)
    lost: set[uuid.UUID] = set()
    for message, user in zip(messages, users, strict=True):
        speaker = message.detected_member_id if user is None else known[user].pk
        if speaker == message.member_id:
            continue
        moved[speaker].append(message.pk)
        if message.member_id:
            lost.add(message.member_id)
    for member_id, pks in moved.items():
        for start in range(0, len(pks), _BATCH):
            batch = Message.objects.filter(pk__in=pks[start : start + _BATCH])
            batch.update(member_id=member_id)
    return lost
