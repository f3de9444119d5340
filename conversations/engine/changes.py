"""Changing a conversation as a whole: its metadata, and its end. Called by `conversation_api`.

Whoever changes a transcript takes the conversation's lock before any other row of it, a
job with its result as well as a person: they follow one another and cannot block one
another for good.
"""

from django.db import transaction

from conversations.engine import audio
from conversations.engine.errors import ApiError
from conversations.engine.models import Conversation

#: The engine's own entry of the metadata: which recogniser wrote the text.
RECOGNISER = "recogniser"


def locked(conversation: Conversation) -> Conversation:
    """Return the conversation as it is now, held until the caller's transaction ends.

    Raise ApiError 404 when it has been deleted meanwhile.
    """
    found = Conversation.objects.select_for_update().filter(pk=conversation.pk).first()
    if found is None:
        raise ApiError(404, "The conversation id is invalid or unknown.")
    return found


def replace_metadata(conversation: Conversation, metadata: dict[str, str]) -> Conversation:
    """Return the conversation with `metadata` instead of what it had (contract 4.1).

    Replaced and not merged, so that a key can be taken away and the call repeated. The
    engine's own entry stays as it is, whatever the caller says of it.
    """
    with transaction.atomic():
        conversation = locked(conversation)
        kept = {key: value for key, value in metadata.items() if key != RECOGNISER}
        if RECOGNISER in conversation.metadata:
            kept[RECOGNISER] = conversation.metadata[RECOGNISER]
        conversation.metadata = kept
        conversation.save(update_fields=["metadata"])
    return conversation


def delete(conversation: Conversation) -> None:
    """Delete the conversation with its jobs, recordings, members and messages, for good.

    The worker of a running job finds its lease gone and ends without a word.
    """
    with transaction.atomic():
        conversation = locked(conversation)
        # Whoever claims or fails a job locks the job alone, and adds a delivery to it.
        jobs = list(conversation.jobs.select_for_update())
        # Members are protected as long as a message is theirs.
        conversation.messages.all().delete()
        conversation.delete()
    for job in jobs:
        if job.audio:
            audio.discard(job.audio)
