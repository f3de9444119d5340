"""A conversation of short lines, and drafts of speaker events about it."""

from collections.abc import Sequence

from django.contrib.auth.models import User

from conversations.models import Conversation, Member, Message, SpeakerEventBatch
from conversations.pipeline import speaker_dry_run, speaker_events
from conversations.pipeline.speaker_dry_run import preview_of
from conversations.pipeline.speaker_events import Match
from conversations.pipeline.speaker_reading import read_events
from conversations.speaker_events import ZoomOptions

HEADER = "start,end,speaker,email,id\n"


def add_speaker(conversation: Conversation, remote_id: str, name: str, email: str = "") -> Member:
    return Member.objects.create(
        conversation=conversation, remote_id=remote_id, name=name, email=email,
        remote_name=name, remote_email=email,
    )  # fmt: skip


def add_lines(conversation: Conversation, owners: Sequence[Member | None]) -> list[Message]:
    """Add a line of five seconds for each owner, one right after the other."""
    conversation.duration_ms = len(owners) * 5000
    conversation.save(update_fields=["duration_ms"])
    return Message.objects.bulk_create(
        Message(
            conversation=conversation, remote_id=str(place), position=place,
            text=f"Line {place}.", remote_text=f"Line {place}.", start_ms=place * 5000,
            end_ms=place * 5000 + 5000, member=owner, remote_member=owner,
        )
        for place, owner in enumerate(owners)
    )  # fmt: skip


def draft(
    conversation: Conversation, user: User, *rows: str, people: dict[str, Match] | None = None
) -> SpeakerEventBatch:
    """Bring rows of `start,end,speaker,email,id` in, matched as `people` says."""
    text = HEADER + "\n".join(rows)
    found, timeline = read_events(text, format="csv", file_name="", options=ZoomOptions())
    batch = speaker_events.take_in(
        conversation, timeline, source_format=found, file_name="who.csv", user=user
    )
    if people is not None:
        speaker_events.decide(batch, version=1, people=people)
        batch.refresh_from_db()
    return batch


def send(batch: SpeakerEventBatch) -> SpeakerEventBatch:
    """Hand the batch over as somebody does who has just seen its page."""
    digest = preview_of(batch).dry_run.digest
    speaker_dry_run.send(batch, version=batch.version, digest=digest)
    batch.refresh_from_db()
    return batch
