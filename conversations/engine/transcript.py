"""Writing a conversation's transcript: what a job found, and what people say about members.

Called by `jobs` when a recording is recognised, and by the view that names a member.
`answers` reads it.
"""

import uuid

from django.db import transaction
from django.db.models import Max

from conversations.engine.errors import ApiError
from conversations.engine.models import Conversation, Job, Member, Message
from conversations.engine.recognition.protocol import Result
from conversations.engine.schemas import MemberUpdate

_BATCH = 500


def add_result(job: Job, result: Result, *, recogniser: str) -> None:
    """Append a recognised recording to its conversation, within the caller's transaction.

    The recording starts where the conversation ended. With speaker diarization every
    job brings members of its own, "Speaker 1" and so on in order of appearance
    (contract 4.3): only people can tell who they are. Without it messages have no member.
    `recogniser` goes into the metadata, so that a reader can tell what wrote the text.
    """
    conversation = Conversation.objects.select_for_update().get(pk=job.conversation_id)
    members: list[Member] = []
    if job.options.get("enableSpeakerDiarization"):
        members = _new_members(conversation, result.speakers)
    last = conversation.messages.aggregate(position=Max("position"))["position"] or 0
    offset = conversation.duration_ms
    Message.objects.bulk_create(
        (
            Message(
                conversation=conversation,
                job=job,
                member=members[piece.speaker] if members else None,
                position=position,
                text=piece.text.replace("\x00", ""),
                start_ms=offset + round(piece.start * 1000),
                end_ms=offset + round(piece.end * 1000),
            )
            for position, piece in enumerate(result.pieces, last + 1)
        ),
        batch_size=_BATCH,
    )
    conversation.duration_ms = offset + round(result.seconds * 1000)
    conversation.metadata["recogniser"] = recogniser
    conversation.save(update_fields=["duration_ms", "metadata"])


def _new_members(conversation: Conversation, count: int) -> list[Member]:
    last = conversation.members.aggregate(position=Max("position"))["position"] or 0
    return Member.objects.bulk_create(
        Member(conversation=conversation, position=last + number, name=f"Speaker {number}")
        for number in range(1, count + 1)
    )


def update_member(conversation: Conversation, member_id: str, update: MemberUpdate) -> None:
    """Name a member, or merge it into the one that already has the e-mail (contract 4.3).

    On a merge the member in the path is eliminated: its messages go to the older holder
    of the e-mail, who takes the request's name. There is no way back.
    Raise ApiError 400 when the two ids differ, 404 for an unknown member.
    """
    if update.id != member_id:
        raise ApiError(400, "The id in the body must be the id in the path.")
    with transaction.atomic():
        # A second update of the same conversation waits here and sees the outcome.
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        member = _member(conversation, member_id)
        others = conversation.members.exclude(pk=member.pk)
        holder = others.filter(email=update.email).first() if update.email else None
        if holder:
            member.messages.update(member=holder)
            member.delete()
            member = holder
        member.name = update.name
        member.email = update.email or member.email
        member.save(update_fields=["name", "email"])


def _member(conversation: Conversation, member_id: str) -> Member:
    try:
        member = conversation.members.filter(pk=uuid.UUID(member_id)).first()
    except ValueError:
        member = None
    if member is None:
        raise ApiError(404, "The member id is invalid or unknown.")
    return member
