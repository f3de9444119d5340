"""The scenario of the source documents: John and Alice, then John and May, four members, three."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from conversations.exports import write_json
from conversations.models import (
    Append,
    Change,
    Conversation,
    Member,
    Message,
    PushState,
    ReviewStatus,
    State,
)
from conversations.pipeline.api import connect
from conversations.pipeline.lease import claim
from conversations.pipeline.plan import Plan
from conversations.pipeline.sync import refresh
from conversations.review.merging import merge, preview
from conversations.review.naming import EmailTaken, rename
from tests.doubles.scripted_recognition import Turn, recording
from tests.pipeline.conftest import Submit
from tests.support import run_queue

FIRST = recording(
    Turn(0.5, 2.0, 0, "Good morning Alice."),
    Turn(2.5, 4.0, 1, "Good morning John."),
    Turn(4.5, 6.0, 0, "Let us begin."),
    seconds=7.0,
)
SECOND = recording(
    Turn(0.5, 2.0, 0, "Hello May, John here."),
    Turn(2.5, 4.0, 1, "Hello John."),
    seconds=5.0,
)


def named(conversation: Conversation) -> list[tuple[str, str, str]]:
    """Return (speaker, e-mail, text) of every line, as an export shows it."""
    written = write_json(conversation)
    people = {member["id"]: member for member in written["members"]}
    return [
        (people[line["member_id"]]["name"], people[line["member_id"]]["email"], line["text"])
        for line in written["messages"]
    ]


def at_the_api(conversation: Conversation) -> list[tuple[str, str, str]]:
    """Return the same as `named`, as the API says it."""
    with connect() as client:
        messages = client.messages(conversation.remote_id or "")
    return [(m.person.name, m.person.email, m.text) for m in messages if m.person]


def member(conversation: Conversation, name: str) -> Member:
    return Member.objects.shown().get(conversation=conversation, name=name)


def name(conversation: Conversation, old: str, new: str, email: str, by: User) -> None:
    row = member(conversation, old)
    rename(row, name=new, email=email, version=row.version, actor=by)


@pytest.mark.django_db(transaction=True)
def test_the_scenario_of_the_documents(scripted: LiveServer, submit: Submit, ana: User) -> None:
    conversation = submit(FIRST).conversation
    run_queue()
    conversation.refresh_from_db()
    assert named(conversation) == [
        ("Speaker 1", "", "Good morning Alice."),
        ("Speaker 2", "", "Good morning John."),
        ("Speaker 1", "", "Let us begin."),
    ]

    name(conversation, "Speaker 1", "John Doe", " John@Example.com", ana)
    name(conversation, "Speaker 2", "Alice", "alice@example.com", ana)
    run_queue()
    submit(SECOND, to=conversation)
    run_queue()
    assert [row.name for row in conversation.members.all()] == [
        "John Doe", "Alice", "Speaker 1", "Speaker 2",
    ]  # fmt: skip

    double = member(conversation, "Speaker 1")
    with pytest.raises(EmailTaken) as taken:
        rename(double, name="John", email="JOHN@example.com", version=double.version, actor=ana)
    john = taken.value.other
    shown = preview(double, john)
    assert (shown.member_count, shown.into_count, shown.name) == (1, 2, "John Doe")
    merge(
        double, john, name=shown.name, version=double.version, into_version=john.version, actor=ana
    )
    name(conversation, "Speaker 2", "May", "may@example.com", ana)
    run_queue()

    expected = [
        ("John Doe", "john@example.com", "Good morning Alice."),
        ("Alice", "alice@example.com", "Good morning John."),
        ("John Doe", "john@example.com", "Let us begin."),
        ("John Doe", "john@example.com", "Hello May, John here."),
        ("May", "may@example.com", "Hello John."),
    ]
    assert named(conversation) == expected
    assert at_the_api(conversation) == expected
    assert [row.name for row in conversation.members.shown()] == ["John Doe", "Alice", "May"]
    assert set(Change.objects.values_list("push_state", flat=True)) == {PushState.PUSHED}
    assert set(Append.objects.values_list("state", flat=True)) == {State.SYNCED}
    conversation.refresh_from_db()
    assert conversation.review_status == ReviewStatus.IN_REVIEW
    assert conversation.duration_ms == 12_000
    starts = list(conversation.messages.order_by("position").values_list("start_ms", flat=True))
    assert starts == [500, 2500, 4500, 7500, 9500]
    assert_second_sync_changes_nothing(conversation)


def assert_second_sync_changes_nothing(conversation: Conversation) -> None:
    def rows() -> list[tuple[object, ...]]:
        return [
            *Member.objects.order_by("pk").values_list(),
            *Message.objects.order_by("pk").values_list(),
        ]

    before = rows()
    lease = claim(conversation.pk, timezone.now())
    assert lease is not None
    with connect() as client:
        plan = refresh(lease, conversation, client)
    assert plan == Plan()
    assert rows() == before
