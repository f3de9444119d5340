"""Giving the lines of a conversation to the people that speaker events name (contract 6).

Called by `conversation_api`. Each call starts from who was detected, so the newest set of
events alone counts and the same set twice changes nothing.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from conversations.engine import changes, members
from conversations.engine.attribution import Event, Ignored, Span, Stretch, attribute, pair
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
    plain = [event.plain for event in events]
    # Nobody waits for the arithmetic, unless something was appended in the meantime.
    heard = _hear(conversation, plain)
    with transaction.atomic():
        conversation = changes.locked(conversation)
        if not heard.is_all_of(conversation):
            heard = _hear(conversation, plain)
        _remark(conversation, events, heard.ignored)
        spoke = dict.fromkeys(span.user for span in heard.spans)
        known = _upsert(conversation, [users[user] for user in spoke])
        lost = _move(conversation, heard.users, known)
        members.prune(conversation, lost)


class _Heard(NamedTuple):
    """What the events say of a conversation that is `end_ms` long: each line's user, or None."""

    end_ms: int
    spans: list[Span]
    ignored: list[Ignored]
    users: list[str | None]

    def is_all_of(self, conversation: Conversation) -> bool:
        """Return whether the conversation has no lines, and no time, besides these."""
        lines = conversation.messages.count()
        return (self.end_ms, len(self.users)) == (conversation.duration_ms, lines)


def _hear(conversation: Conversation, events: Sequence[Event]) -> _Heard:
    spans, ignored = pair(events, end_ms=conversation.duration_ms)
    times = conversation.messages.order_by("position").values_list("start_ms", "end_ms")
    users = attribute([Stretch(*one) for one in times], spans)
    return _Heard(conversation.duration_ms, spans, ignored, users)


def _users(events: Iterable[SpeakerEvent]) -> dict[str, EventUser]:
    """Return each id's user, with the first name and the first e-mail given for the id."""
    users: dict[str, EventUser] = {}
    for user in (event.user for event in events):
        known = users.get(user.id) or users.setdefault(user.id, user.model_copy())
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


def _upsert(conversation: Conversation, users: Sequence[EventUser]) -> dict[str, Member]:
    """Return the member of each user's id, made where there is none.

    Ids come first. Whoever is known by an id is nobody else's by an address which that
    person does not name.
    """
    present = list(conversation.members.all())
    known = _by_id(present, users)
    _move_addresses(present, known, users)
    by_id = {member.pk for member in known.values()}
    named = {(known[user.id].pk, user.email) for user in users if user.id in known}
    by_email = {
        member.email: member
        for member in present
        if member.email and (member.pk not in by_id or (member.pk, member.email) in named)
    }
    held = {member.email for member in present}
    position = max((member.position for member in present), default=0)
    for user in users:
        email = user.email or ""
        member = known.get(user.id) or by_email.get(email)
        if member is None:
            position += 1
            name = members.fitting_name(email or user.id)
            member = Member(conversation=conversation, position=position, name=name)
            # An address that somebody else has stays theirs: events merge nobody.
            if email and email not in held:
                member.email = email
                by_email[email] = member
        member.name = user.name or member.name
        if str(member.pk) != user.id:
            member.external_id = member.external_id or user.id
        known[user.id] = member
    _save(known.values())
    return known


def _by_id(present: Iterable[Member], users: Iterable[EventUser]) -> dict[str, Member]:
    """Return whom the users' ids mean."""
    by_id = {str(member.pk): member for member in present}
    by_id |= {member.external_id: member for member in present if member.external_id}
    return {user.id: by_id[user.id] for user in users if user.id in by_id}


def _move_addresses(
    present: Sequence[Member], known: Mapping[str, Member], users: Iterable[EventUser]
) -> None:
    """Give the known users the addresses they name, where nobody else keeps them.

    They move all at once, so an address that one leaves is free for another whatever the
    order of the users is, and the same set again finds nothing left to move.
    """
    wanted: dict[str, uuid.UUID] = {}
    for user in users:
        if user.email and user.id in known:
            wanted.setdefault(user.email, known[user.id].pk)
    moving = {pk: email for email, pk in wanted.items()}
    kept = {member.email for member in present if member.pk not in moving}
    while blocked := [member for member in present if moving.get(member.pk) in kept]:
        for member in blocked:
            del moving[member.pk]
            kept.add(member.email)
    moved = [member for member in present if moving.get(member.pk, member.email) != member.email]
    # Row by row, no address may be there twice.
    Member.objects.filter(pk__in=[member.pk for member in moved if member.email]).update(email="")
    for member in moved:
        member.email = moving[member.pk]


def _save(members_known: Iterable[Member]) -> None:
    known = {member.pk: member for member in members_known}.values()
    there = [member for member in known if not member._state.adding]
    Member.objects.bulk_create(member for member in known if member._state.adding)
    Member.objects.bulk_update(there, ["name", "email", "external_id"], batch_size=_BATCH)


def _move(
    conversation: Conversation, users: Iterable[str | None], known: Mapping[str, Member]
) -> set[uuid.UUID]:
    """Give the lines to their users, in order; return the members who lost lines."""
    lines = conversation.messages.order_by("position")
    rows: Iterable[tuple[str, uuid.UUID | None, uuid.UUID | None]] = lines.values_list(
        "pk", "member_id", "detected_member_id"
    )
    moved: defaultdict[uuid.UUID | None, list[str]] = defaultdict(list)
    lost: set[uuid.UUID] = set()
    for (pk, member_id, detected_id), user in zip(rows, users, strict=True):
        speaker = detected_id if user is None else known[user].pk
        if speaker == member_id:
            continue
        moved[speaker].append(pk)
        if member_id:
            lost.add(member_id)
    for speaker, pks in moved.items():
        for start in range(0, len(pks), _BATCH):
            batch = Message.objects.filter(pk__in=pks[start : start + _BATCH])
            batch.update(member_id=speaker)
    return lost
