"""Reading for the API: conversations, members, messages and jobs as the contract shows them.

Called by the views; `intelligence` has what is computed from the text.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from conversations.engine import insights
from conversations.engine.models import Conversation, Job, Member, Message
from conversations.engine.schemas import (
    ConversationAnswer,
    JobAnswer,
    MemberAnswer,
    MessageAnswer,
    PhraseAnswer,
    PolarityAnswer,
    ProgressAnswer,
    SentimentAnswer,
    SpeakerAnswer,
    WordAnswer,
)


def conversation_answer(conversation: Conversation) -> ConversationAnswer:
    return ConversationAnswer(
        id=conversation.id,
        type="meeting",
        name=conversation.name,
        start_time=moment(conversation, 0),
        end_time=moment(conversation, conversation.duration_ms),
        members=member_answers(conversation),
        metadata=conversation.metadata,
    )


def member_answers(conversation: Conversation) -> list[MemberAnswer]:
    """Return the members in order of appearance; `email` only where one is known."""
    return [MemberAnswer.model_validate(_known(member)) for member in conversation.members.all()]


def message_answers(
    conversation: Conversation, *, verbose: bool = False, sentiment: bool = False
) -> list[MessageAnswer]:
    """Return the messages in order; those of a job come all at once when it is done.

    `timeOffset` counts from the first message, as the contract defines it (4.2).
    `phrases` are there for jobs with `detectPhrases`, `sentiment` for text in English.
    """
    # One query for both: a member may be merged away at any moment.
    messages = list(conversation.messages.select_related("member").order_by("position"))
    options: dict[uuid.UUID, Any] = dict(conversation.jobs.values_list("pk", "options"))
    members = {message.member_id: message.member for message in messages}
    speakers = {pk: speaker_answer(member) for pk, member in members.items() if member}
    first = messages[0].start_ms if messages else 0
    answers: list[MessageAnswer] = []
    for message in messages:
        asked = options.get(message.job_id, {})
        more: dict[str, Any] = {}
        if verbose:
            more["words"] = _words(conversation, message, first)
        if sentiment and in_english(asked) and (tone := sentiment_answer(message.text)):
            more["sentiment"] = tone
        answers.append(
            MessageAnswer(
                id=message.id,
                text=message.text,
                speaker=speakers[message.member_id] if message.member_id else SpeakerAnswer(),
                start_time=moment(conversation, message.start_ms),
                end_time=moment(conversation, message.end_ms),
                time_offset=_seconds(message.start_ms - first),
                duration=_seconds(message.end_ms - message.start_ms),
                phrases=_phrases(message, asked),
                conversation_id=conversation.id,
                **more,
            )
        )
    return answers


def job_answer(job: Job, *, with_progress: bool) -> JobAnswer:
    """Return the job; `progress` is left out unless asked for, as other servers have none."""
    if not with_progress:
        return JobAnswer(id=job.id, status=job.status)
    progress = ProgressAnswer(
        stage=job.stage, done=job.done, reason=job.reason or None, note=job.note or None
    )
    return JobAnswer(id=job.id, status=job.status, progress=progress)


def speaker_answer(member: Member) -> SpeakerAnswer:
    return SpeakerAnswer.model_validate(_known(member))


def sentiment_answer(text: str) -> SentimentAnswer | None:
    """Return the tone of a text, None where it has no words."""
    score = insights.sentiment(text)
    return None if score is None else scored(score)


def scored(score: float) -> SentimentAnswer:
    return SentimentAnswer(
        polarity=PolarityAnswer(score=score), suggested=insights.suggested(score)
    )


def in_english(options: Mapping[str, Any]) -> bool:
    """Return True if a job's text is English: the rules on the text know no other (2.7)."""
    return str(options.get("languageCode", "en")).lower().startswith("en")


def moment(conversation: Conversation, milliseconds: int) -> str:
    """Return a time of the conversation as the API writes it: UTC, milliseconds, Z."""
    at = conversation.start_time + dt.timedelta(milliseconds=milliseconds)
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _known(member: Member) -> dict[str, object]:
    known: dict[str, object] = {"id": member.id, "name": member.name}
    return {**known, "email": member.email} if member.email else known


def _phrases(message: Message, options: Mapping[str, Any]) -> list[PhraseAnswer]:
    if not (options.get("detectPhrases") and in_english(options)):
        return []
    return [
        PhraseAnswer(type="action_phrase", text=phrase.text)
        for phrase in insights.phrases(message.text)
    ]


def _words(conversation: Conversation, message: Message, first: int) -> list[WordAnswer]:
    """Return the words, each with its share of the line's time by its share of the letters."""
    words = message.text.split()
    letters = sum(map(len, words))
    length = message.end_ms - message.start_ms
    tag: dict[str, Any] = {"speaker_tag": message.member.position} if message.member else {}
    answers: list[WordAnswer] = []
    passed = 0
    end = message.start_ms
    end_time = moment(conversation, end)
    for word in words:
        start, start_time = end, end_time
        passed += len(word)
        end = message.start_ms + length * passed // letters
        end_time = moment(conversation, end)
        answers.append(
            WordAnswer(
                word=word,
                start_time=start_time,
                end_time=end_time,
                time_offset=_seconds(start - first),
                duration=_seconds(end - start),
                **tag,
            )
        )
    return answers


def _seconds(milliseconds: int) -> float:
    return round(milliseconds / 1000, 2)
