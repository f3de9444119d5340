"""Transcripts written out, with the names as shown."""

import datetime as dt

import pytest

from conversations.exports import write_json, write_text
from conversations.exports.speaker_events import turns
from conversations.models import Append, Conversation, Member, Message, Recording, State


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


def test_a_turn_holds_short_pauses_and_no_silence(spoken: Conversation) -> None:
    last = Message.objects.get(remote_id="1")
    for position, start_ms in ((3, last.end_ms + 5000), (4, last.end_ms + 5000 + 1500 + 5001)):
        Message.objects.create(
            conversation=spoken, remote_id=str(position), position=position, text="So.",
            remote_text="So.", start_ms=start_ms, end_ms=start_ms + 1500,
            remote_member=last.member, member=last.member,
        )  # fmt: skip
    Message.objects.filter(remote_id="2").update(position=5)
    assert [(turn.speaker.id, turn.start_ms, turn.end_ms) for turn in turns(spoken)] == [
        ("a", 5200, 15_500), ("a", 20_501, 22_001),
    ]  # fmt: skip


def test_a_turn_ends_with_its_recording_and_where_nobody_is_known(
    spoken: Conversation, recording: Recording
) -> None:
    first, later = (
        Append.objects.create(
            conversation=spoken, seq=seq, recording=recording, state=State.SYNCED,
            state_since=spoken.created_at, offset_ms=2000 * (seq - 1),
        )
        for seq in (1, 2)
    )  # fmt: skip
    ida = Member.objects.get()
    for number, (member, from_append) in enumerate(
        [(ida, first), (ida, first), (ida, later), (None, later), (ida, later)]
    ):
        Message.objects.update_or_create(
            remote_id=str(number),
            defaults={
                "conversation": spoken, "position": number, "start_ms": number * 1000,
                "end_ms": number * 1000 + 1000, "remote_text": "So.", "text": "So.",
                "remote_member": member, "member": member, "append": from_append,
            },
        )  # fmt: skip
    assert [(turn.start_ms, turn.end_ms) for turn in turns(spoken)] == [
        (0, 2000), (2000, 3000), (4000, 5000),
    ]  # fmt: skip
