"""The API's calls for conversations, their messages and members: reads, names, speaker events."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import ValidationError

from conversations.engine import (
    answers,
    bodies,
    changes,
    intake,
    listing,
    members,
    openapi,
    parameters,
    speakers,
)
from conversations.engine.errors import ApiError
from conversations.engine.events import SpeakerEvents
from conversations.engine.parameters import Flag
from conversations.engine.routing import Paths
from conversations.engine.schemas import (
    BODY_REFUSALS,
    REFUSALS,
    ConversationAnswer,
    ConversationsAnswer,
    MembersAnswer,
    MemberUpdate,
    MessagesAnswer,
    MetadataAnswer,
    MetadataUpdate,
    Notice,
)

router = Paths(tags=["conversations"])


@router.get("", response={200: ConversationsAnswer, **REFUSALS})
def conversations(request: HttpRequest, wanted: Query[listing.Wanted]) -> ConversationsAnswer:
    """Return the conversations of a window of time, by default of the last seven days."""
    found = listing.wanted_conversations(wanted, timezone.now())
    return ConversationsAnswer(conversations=[answers.conversation_answer(one) for one in found])


@router.get("/{conversation_id}", response={200: ConversationAnswer, **REFUSALS})
def conversation(request: HttpRequest, conversation_id: str) -> ConversationAnswer:
    """Return a conversation with its members."""
    return answers.conversation_answer(intake.existing(conversation_id))


@router.put("/{conversation_id}", response={200: MetadataAnswer, **BODY_REFUSALS})
def update_conversation(
    request: HttpRequest, conversation_id: str, update: MetadataUpdate
) -> MetadataAnswer:
    """Replace a conversation's metadata, but for the engine's own entry in it."""
    found = changes.replace_metadata(intake.existing(conversation_id), update.metadata)
    return MetadataAnswer(id=found.id, metadata=found.metadata)


@router.delete("/{conversation_id}", response={200: Notice, **REFUSALS})
def delete_conversation(request: HttpRequest, conversation_id: str) -> Notice:
    """Delete a conversation and everything that belongs to it, for good."""
    changes.delete(intake.existing(conversation_id))
    return Notice(message=f"The conversation {conversation_id} was deleted.")


@router.get("/{conversation_id}/messages", response={200: MessagesAnswer, **REFUSALS})
def messages(
    request: HttpRequest, conversation_id: str, verbose: Flag = False, sentiment: Flag = False
) -> MessagesAnswer:
    """Return every message; while a job is running, those of the finished jobs.

    `verbose` adds the words, their times estimated; `sentiment` the tone of the words.
    """
    found = intake.existing(conversation_id)
    return MessagesAnswer(
        messages=answers.message_answers(found, verbose=verbose, sentiment=sentiment)
    )


@router.get("/{conversation_id}/members", response={200: MembersAnswer, **REFUSALS})
def conversation_members(request: HttpRequest, conversation_id: str) -> MembersAnswer:
    """Return the speakers of a conversation."""
    found = intake.existing(conversation_id)
    return MembersAnswer(members=answers.member_answers(found))


@router.put("/{conversation_id}/members/{member_id}", response={200: Notice, **BODY_REFUSALS})
def update_member(
    request: HttpRequest, conversation_id: str, member_id: str, update: MemberUpdate
) -> Notice:
    """Name a member; with the e-mail of another member, merge it into that one for good."""
    members.update_member(intake.existing(conversation_id), member_id, update)
    return Notice(
        message=f"Member with id: {member_id} for conversationId: {conversation_id} "
        "updated successfully!"
    )


@router.put(
    "/{conversation_id}/speakers",
    response={200: Notice, **BODY_REFUSALS, 411: Notice},
    openapi_extra=openapi.body(SpeakerEvents, "Who started and stopped speaking when."),
)
def update_speakers(request: HttpRequest, conversation_id: str) -> Notice:
    """Give each message to whom the speaker events say; the newest set of them counts."""
    found = intake.existing(conversation_id)
    body = bodies.read_object(request, limit=settings.ENGINE_MAX_JSON_BYTES)
    try:
        events = SpeakerEvents.model_validate(body).speaker_events
    except ValidationError as error:
        raise ApiError(400, parameters.sentence(error)) from error
    speakers.associate(found, events)
    return Notice(
        message=f"Speaker events associated for conversationId: {conversation_id} successfully!"
    )
