"""Reading for the API: conversations, members, messages and jobs as the contract shows them.

Called by the views.
"""

import datetime as dt

from conversations.engine.models import Conversation, Job, Member
from conversations.engine.schemas import (
    ConversationAnswer,
    JobAnswer,
    MemberAnswer,
    MessageAnswer,
    ProgressAnswer,
    SpeakerAnswer,
)


def conversation_answer(conversation: Conversation) -> ConversationAnswer:
    return ConversationAnswer(
        id=conversation.id,
        type="meeting",
        name=conversation.name,
        start_time=_moment(conversation, 0),
        end_time=_moment(conversation, conversation.duration_ms),
        members=member_answers(conversation),
        metadata=conversation.metadata,
    )


def member_answers(conversation: Conversation) -> list[MemberAnswer]:
    """Return the members in order of appearance; `email` only where one is known."""
    members = conversation.members.order_by("position")
    return [MemberAnswer.model_validate(_known(member)) for member in members]


def message_answers(conversation: Conversation) -> list[MessageAnswer]:
    """Return the messages in order; those of a job come all at once when it is done.

    `timeOffset` counts from the first message, as the contract defines it (4.2).
    """
    messages = list(conversation.messages.select_related("member").order_by("position"))
    first = messages[0].start_ms if messages else 0
    return [
        MessageAnswer(
            id=message.id,
            text=message.text,
            speaker=SpeakerAnswer.model_validate(_known(message.member) if message.member else {}),
            start_time=_moment(conversation, message.start_ms),
            end_time=_moment(conversation, message.end_ms),
            time_offset=round((message.start_ms - first) / 1000, 2),
            duration=round((message.end_ms - message.start_ms) / 1000, 2),
            phrases=[],
            conversation_id=conversation.id,
        )
        for message in messages
    ]


def job_answer(job: Job, *, with_progress: bool) -> JobAnswer:
    """Return the job; `progress` is left out unless asked for, as other servers have none."""
    if not with_progress:
        return JobAnswer(id=job.id, status=job.status)
    progress = ProgressAnswer(
        stage=job.stage, done=job.done, reason=job.reason or None, note=job.note or None
    )
    return JobAnswer(id=job.id, status=job.status, progress=progress)


def _known(member: Member) -> dict[str, object]:
    known: dict[str, object] = {"id": member.id, "name": member.name}
    return {**known, "email": member.email} if member.email else known


def _moment(conversation: Conversation, milliseconds: int) -> str:
    """Return a time of the conversation as the API writes it: UTC, milliseconds, Z."""
    moment = conversation.start_time + dt.timedelta(milliseconds=milliseconds)
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
