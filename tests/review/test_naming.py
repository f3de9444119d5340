"""Naming: everywhere at once, one row written, nobody's work lost."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from conversations.models import (
    Change,
    ChangeKind,
    Conversation,
    Member,
    Message,
    PushState,
    ReviewStatus,
)
from conversations.review.naming import Conflict, EmailTaken, rename

Speaker = Callable[..., Member]
Says = Callable[..., Message]


def test_rename_is_a_decision_with_a_record(
    conversation: Conversation, speaker: Speaker, ana: User
) -> None:
    row = speaker("Speaker 1")
    change = rename(row, name=" John Doe ", email=" John@Example.com ", version=1, actor=ana)
    row.refresh_from_db()
    assert (row.name, row.email, row.decided, row.version) == (
        "John Doe", "john@example.com", True, 2,
    )  # fmt: skip
    assert (row.remote_name, row.remote_email) == ("Speaker 1", "")
    assert change is not None
    assert (change.kind, change.actor, change.push_state) == (
        ChangeKind.RENAME, ana, PushState.PENDING,
    )  # fmt: skip
    assert change.before == {"name": "Speaker 1", "email": ""}
    assert change.after == {"name": "John Doe", "email": "john@example.com"}
    conversation.refresh_from_db()
    assert conversation.review_status == ReviewStatus.IN_REVIEW


def test_rename_to_the_same_writes_nothing(speaker: Speaker, ana: User) -> None:
    row = speaker("Speaker 1")
    rename(row, name="John", email="", version=1, actor=ana)
    assert rename(row, name="John", email="", version=2, actor=ana) is None
    assert Change.objects.count() == 1


def test_confirming_a_machine_name_is_a_decision_too(speaker: Speaker, ana: User) -> None:
    row = speaker("Ida")
    assert rename(row, name="Ida", email="", version=1, actor=ana) is not None
    row.refresh_from_db()
    assert row.decided


def test_a_late_save_is_refused_and_says_who_was_first(
    speaker: Speaker, ana: User, person: Callable[..., User]
) -> None:
    row = speaker("Speaker 1")
    rename(row, name="Ben", email="", version=1, actor=ana)
    with pytest.raises(Conflict) as conflict:
        rename(row, name="Bo", email="", version=1, actor=person("bea"))
    assert conflict.value.member.name == "Ben"
    assert conflict.value.change is not None
    assert conflict.value.change.actor == ana
    row.refresh_from_db()
    assert row.name == "Ben"


@pytest.mark.parametrize("email", ["john@example.com", "JOHN@Example.COM "])
def test_an_email_that_another_speaker_has_is_not_taken_silently(
    speaker: Speaker, ana: User, email: str
) -> None:
    john, again = speaker("John", "john@example.com"), speaker("Speaker 1")
    with pytest.raises(EmailTaken) as taken:
        rename(again, name="John", email=email, version=1, actor=ana)
    assert taken.value.other == john
    again.refresh_from_db()
    assert (again.name, again.version) == ("Speaker 1", 1)


def test_the_same_email_in_another_conversation_is_nobodys_business(
    conversation: Conversation, speaker: Speaker, ana: User
) -> None:
    other = Conversation.objects.create(team=conversation.team, name="Other")
    Member.objects.create(conversation=other, remote_id="m0", name="John", email="john@example.com")
    row = speaker("Speaker 1")
    assert rename(row, name="John", email="john@example.com", version=1, actor=ana) is not None


def test_a_rename_costs_the_same_however_long_the_transcript_is(
    speaker: Speaker, says: Says, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = speaker("Speaker 1")
    for _ in range(50):
        says(row, "word")
    with django_assert_num_queries(9):
        rename(row, name="John", email="john@example.com", version=1, actor=ana)
