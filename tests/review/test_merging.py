"""Merging: one row written, both histories kept, and the name that stays is chosen."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from conversations.exports import write_json
from conversations.models import (
    ChangeKind,
    Conversation,
    Member,
    Message,
    PushState,
)
from conversations.review.merging import merge, preview, retry_push
from conversations.review.naming import Conflict, rename
from conversations.review.speakers import speakers

Speaker = Callable[..., Member]
Says = Callable[..., Message]


def test_merge_moves_every_line_and_writes_none(
    conversation: Conversation, speaker: Speaker, says: Says, ana: User
) -> None:
    john, again = speaker("John Doe", "john@example.com"), speaker("Speaker 1")
    lines = [says(john, "one two"), says(again, "three"), says(again, "four five six")]
    change = merge(again, john, name="John", version=1, into_version=1, actor=ana)
    assert [Message.objects.get(pk=line.pk).member for line in lines] == [john, again, again]
    (shown,) = speakers(conversation)
    assert (shown.member.name, shown.member.email, shown.count, shown.talk_ms) == (
        "John", "john@example.com", 3, 6000,
    )  # fmt: skip
    assert [quote.text for quote in shown.quotes] == ["four five six", "one two", "three"]
    written = write_json(conversation)
    assert written["members"] == [{"id": "m0", "name": "John", "email": "john@example.com"}]
    assert [line["member_id"] for line in written["messages"]] == ["m0", "m0", "m0"]
    assert (change.kind, change.member, change.into) == (ChangeKind.MERGE, again, john)
    assert change.before == {
        "name": "Speaker 1", "email": "",
        "into_name": "John Doe", "into_email": "john@example.com",
    }  # fmt: skip


def test_preview_counts_what_was_merged_before(speaker: Speaker, says: Says, ana: User) -> None:
    john, second, third = speaker("John"), speaker("Speaker 1"), speaker("Speaker 2")
    for member in (john, second, second, third):
        says(member, "word")
    merge(second, john, name="John", version=1, into_version=1, actor=ana)
    john.refresh_from_db()
    shown = preview(third, john)
    assert (shown.member_count, shown.into_count, shown.name) == (1, 3, "John")


def test_preview_keeps_the_name_that_a_person_gave(speaker: Speaker) -> None:
    assert preview(speaker("May"), speaker("Speaker 1")).name == "May"


@pytest.mark.parametrize("late", ["version", "into_version"])
def test_a_merge_on_an_old_sight_changes_nothing(speaker: Speaker, ana: User, late: str) -> None:
    john, again = speaker("John"), speaker("Speaker 1")
    changed = again if late == "version" else john
    rename(changed, name="Somebody else", email="", version=1, actor=ana)
    with pytest.raises(Conflict):
        merge(again, john, name="John", version=1, into_version=1, actor=ana)
    again.refresh_from_db()
    assert again.merged_into is None


def test_a_merged_member_is_not_merged_again(speaker: Speaker, ana: User) -> None:
    john, again, other = speaker("John"), speaker("Speaker 1"), speaker("Speaker 2")
    merge(again, john, name="John", version=1, into_version=1, actor=ana)
    with pytest.raises(Conflict):
        merge(again, other, name="Speaker 2", version=2, into_version=1, actor=ana)


def test_only_two_members_of_one_conversation_can_be_merged(
    conversation: Conversation, speaker: Speaker, ana: User
) -> None:
    elsewhere = Conversation.objects.create(team=conversation.team, name="Other")
    stranger = Member.objects.create(conversation=elsewhere, remote_id="x", name="X")
    row = speaker("Speaker 1")
    for other in (row, stranger):
        with pytest.raises(ValueError, match="two members of one conversation"):
            merge(row, other, name="X", version=1, into_version=1, actor=ana)


def test_a_failed_push_is_sent_again_once(speaker: Speaker, ana: User) -> None:
    change = rename(speaker("Speaker 1"), name="John", email="", version=1, actor=ana)
    assert change is not None
    change.push_state, change.next_at = PushState.FAILED, None
    change.save()
    assert retry_push(change)
    change.refresh_from_db()
    assert (change.push_state, change.next_at is None) == (PushState.PENDING, False)
    assert not retry_push(change)


def test_a_failed_push_is_said_with_its_reason(
    conversation: Conversation, speaker: Speaker, ana: User
) -> None:
    row = speaker("Speaker 1")
    change = rename(row, name="John", email="", version=1, actor=ana)
    assert change is not None
    change.push_state, change.push_error = PushState.FAILED, "The server is on strike."
    change.save()
    (shown,) = speakers(conversation)
    assert (shown.push, shown.push_error) == ("failed", "The server is on strike.")
