"""The API's reads of jobs, conversations, messages and members, and the naming of a member."""

import uuid

from django.http import HttpRequest
from ninja import Router

from conversations.engine import answers, intake, transcript
from conversations.engine.errors import ApiError
from conversations.engine.models import Job
from conversations.engine.schemas import (
    ConversationAnswer,
    JobAnswer,
    MembersAnswer,
    MemberUpdate,
    MessagesAnswer,
    Notice,
)

_REFUSALS = {(401, 404, 500): Notice}

router = Router(by_alias=True, exclude_unset=True)


@router.get("/job/{job_id}", response={200: JobAnswer, **_REFUSALS}, tags=["jobs"])
def job(request: HttpRequest, job_id: str, progress: bool = False) -> JobAnswer:
    """Return the job's status, with `progress=true` also how far it is (an extension)."""
    try:
        found = Job.objects.filter(pk=uuid.UUID(job_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise ApiError(404, "The job id is invalid or unknown.")
    return answers.job_answer(found, with_progress=progress)


@router.get(
    "/conversations/{conversation_id}",
    response={200: ConversationAnswer, **_REFUSALS},
    tags=["conversations"],
)
def conversation(request: HttpRequest, conversation_id: str) -> ConversationAnswer:
    """Return a conversation with its members."""
    return answers.conversation_answer(intake.existing(conversation_id))


@router.get(
    "/conversations/{conversation_id}/messages",
    response={200: MessagesAnswer, **_REFUSALS},
    tags=["conversations"],
)
def messages(request: HttpRequest, conversation_id: str) -> MessagesAnswer:
    """Return every message; while a job is running, those of the finished jobs."""
    found = intake.existing(conversation_id)
    return MessagesAnswer(messages=answers.message_answers(found))


@router.get(
    "/conversations/{conversation_id}/members",
    response={200: MembersAnswer, **_REFUSALS},
    tags=["conversations"],
)
def members(request: HttpRequest, conversation_id: str) -> MembersAnswer:
    """Return the speakers of a conversation."""
    found = intake.existing(conversation_id)
    return MembersAnswer(members=answers.member_answers(found))


@router.put(
    "/conversations/{conversation_id}/members/{member_id}",
    response={200: Notice, (400, 401, 404, 500): Notice},
    tags=["conversations"],
)
def update_member(
    request: HttpRequest, conversation_id: str, member_id: str, update: MemberUpdate
) -> Notice:
    """Name a member; with the e-mail of another member, merge it into that one for good."""
    transcript.update_member(intake.existing(conversation_id), member_id, update)
    return Notice(
        message=f"Member with id: {member_id} for conversationId: {conversation_id} "
        "updated successfully!"
    )
