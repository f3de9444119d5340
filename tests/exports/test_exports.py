"""Transcripts written out, with the names as shown."""

import datetime as dt

import pytest

from conversations.exports import write_json, write_text
from conversations.models import Conversation, Member, Message


@pytest.fixture
def spoken(conversation: Conversation) -> Conversation:
    conversation.started_at = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
    conversation.duration_ms = 3_725_500
    conversation.made_by = "moonshine-tiny+dvec 1"
    conversation.save()
    ida = Member.objects.create(
        conversation=conversation, remote_id="a", remote_name="Speaker 1", name="Ida Lund",
        email="ida@example.test", decided=True,
    )  # fmt: skip
    for position, (member, text, start_ms) in enumerate(
        [(ida, "Good morning.", 5200), (ida, "Shall we <begin>?", 7500), (None, "Yes.", 3_723_000)]
    ):
        Message.objects.create(
            conversation=conversation, remote_id=str(position), position=position,
            remote_text=text, text=text, start_ms=start_ms, end_ms=start_ms + 1500,
            remote_member=member, member=member,
        )  # fmt: skip
    return conversation


def test_text_is_a_paragraph_a_turn(spoken: Conversation) -> None:
    assert write_text(spoken) == (
        "Interview\n\n"
        "[0:00:05] Ida Lund: Good morning. Shall we <begin>?\n\n"
        "[1:02:03] Unknown speaker: Yes.\n"
    )


def test_json_has_members_and_messages_in_seconds(spoken: Conversation) -> None:
    assert write_json(spoken) == {
        "id": str(spoken.uuid),
        "name": "Interview",
        "started_at": "2026-01-05T10:00:00+00:00",
        "duration": 3725.5,
        "made_by": "moonshine-tiny+dvec 1",
        "members": [{"id": "a", "name": "Ida Lund", "email": "ida@example.test"}],
        "messages": [
            {"id": "0", "start": 5.2, "end": 6.7, "member_id": "a", "text": "Good morning."},
            {"id": "1", "start": 7.5, "end": 9.0, "member_id": "a", "text": "Shall we <begin>?"},
            {"id": "2", "start": 3723.0, "end": 3724.5, "member_id": None, "text": "Yes."},
        ],
    }


def test_an_empty_conversation_can_be_written_too(conversation: Conversation) -> None:
    assert write_text(conversation) == "Interview\n"
    assert write_json(conversation)["messages"] == []
