"""Naming a member, and the merge that an e-mail already taken means (contract 4.3)."""

from typing import Any

import pytest

from conversations.engine.models import Conversation, Job, Member, Message
from tests.engine.support import NOW, Answer, Api


@pytest.fixture
def members(job: Job) -> list[Member]:
    """Return Ida, who has an e-mail, and Speaker 1, each with one message."""
    conversation = job.conversation
    found = [
        Member(conversation=conversation, position=1, name="Ida", email="ida@example.test"),
        Member(conversation=conversation, position=2, name="Speaker 1"),
    ]
    for position, member in enumerate(found, 1):
        member.save()
        Message.objects.create(
            conversation=conversation, job=job, member=member, detected_member=member,
            position=position, text="Can you hear me?", start_ms=0, end_ms=1000,
        )  # fmt: skip
    return found


def update(api: Api, member: Member, **body: Any) -> Answer:
    path = f"v1/conversations/{member.conversation_id}/members/{member.id}"
    return api.put(path, {"id": str(member.id), **body})


def people(conversation: Conversation) -> list[tuple[str, str, int]]:
    """Return name, e-mail and number of messages of every member."""
    return [
        (member.name, member.email, member.messages.count())
        for member in conversation.members.order_by("position")
    ]


def test_a_name_alone_renames(api: Api, members: list[Member]) -> None:
    answer = update(api, members[1], name=" Bo ", pace={}, talkTime={})
    assert answer == (
        200,
        {
            "message": f"Member with id: {members[1].id} for conversationId: 5120345678901234 "
            "updated successfully!"
        },
    )
    assert people(members[1].conversation) == [("Ida", "ida@example.test", 1), ("Bo", "", 1)]


def test_a_new_email_is_stored_with_the_name(api: Api, members: list[Member]) -> None:
    update(api, members[1], name="Bo", email="bo@example.test")
    assert people(members[1].conversation) == [
        ("Ida", "ida@example.test", 1),
        ("Bo", "bo@example.test", 1),
    ]


@pytest.mark.parametrize("email", [{}, {"email": None}, {"email": ""}])
def test_leaving_out_the_email_keeps_it(
    api: Api, members: list[Member], email: dict[str, object]
) -> None:
    assert update(api, members[0], name="Ida B.", **email).status == 200
    assert people(members[0].conversation)[0] == ("Ida B.", "ida@example.test", 1)


def test_the_email_of_another_member_merges_into_that_one(api: Api, members: list[Member]) -> None:
    ida, unknown = members
    update(api, unknown, name="Ida Berg", email="ida@example.test")
    assert people(ida.conversation) == [("Ida Berg", "ida@example.test", 2)]
    assert Member.objects.get().id == ida.id
    assert update(api, unknown, name="Ida Berg", email="ida@example.test").status == 404


def test_a_merge_takes_along_what_was_detected_and_the_id_of_texts_and_events(
    api: Api, members: list[Member]
) -> None:
    ida, unknown = members
    Member.objects.filter(pk=unknown.pk).update(external_id="u-1", first_name="Speaker 1")
    update(api, unknown, name="Ida Berg", email="ida@example.test")
    detected = Message.objects.values_list("member", "detected_member")
    assert list(detected) == [(ida.pk, ida.pk)] * 2
    ida.refresh_from_db()
    assert (ida.external_id, ida.first_name) == ("u-1", "")


def test_a_merge_keeps_the_id_that_the_survivor_has(api: Api, members: list[Member]) -> None:
    for number, member in enumerate(members):
        Member.objects.filter(pk=member.pk).update(external_id=f"u-{number}")
    update(api, members[1], name="Ida Berg", email="ida@example.test")
    assert Member.objects.get().external_id == "u-0"


def test_insights_follow_names_and_merges(api: Api, members: list[Member]) -> None:
    ida, unknown = members
    path = f"v1/conversations/{ida.conversation_id}/questions"

    def asked_by() -> list[object]:
        return [question["from"] for question in api.get(path).body["questions"]]

    before = api.get(path).body["questions"]
    whole = {"id": str(ida.id), "name": "Ida", "userId": "ida@example.test"}
    assert asked_by() == [whole, {"id": str(unknown.id), "name": "Speaker 1"}]
    update(api, unknown, name="Bo", email="bo@example.test")
    bo = {"id": str(unknown.id), "name": "Bo", "userId": "bo@example.test"}
    assert asked_by() == [whole, bo]
    update(api, unknown, name="Ida Berg", email="ida@example.test")
    assert asked_by() == [whole | {"name": "Ida Berg"}] * 2
    after = api.get(path).body["questions"]
    assert [question["id"] for question in after] == [question["id"] for question in before]


def test_the_documents_own_merge_leaves_three_of_four_members(
    api: Api, conversation: Conversation
) -> None:
    john, _alice, again, _may = [
        Member.objects.create(conversation=conversation, position=position, name=name, email=email)
        for position, (name, email) in enumerate(
            [
                ("John Doe", "john@example.com"),
                ("Alice", "alice@example.com"),
                ("Speaker 1", ""),
                ("Speaker 2", ""),
            ]
        )
    ]
    body = {"email": "john@example.com", "name": "John Doe"}
    assert update(api, again, **body).status == 200
    assert people(conversation) == [
        ("John Doe", "john@example.com", 0),
        ("Alice", "alice@example.com", 0),
        ("Speaker 2", "", 0),
    ]
    assert Member.objects.filter(pk=john.pk).exists()


def test_the_own_email_again_is_no_merge(api: Api, members: list[Member]) -> None:
    update(api, members[0], name="Ida Berg", email="ida@example.test")
    assert people(members[0].conversation)[0] == ("Ida Berg", "ida@example.test", 1)
    assert Member.objects.count() == 2


def test_emails_are_compared_exactly(api: Api, members: list[Member]) -> None:
    update(api, members[1], name="Ida", email="Ida@example.test")
    assert Member.objects.count() == 2


def test_the_same_email_in_another_conversation_is_no_merge(
    api: Api, members: list[Member]
) -> None:
    other = Conversation.objects.create(name="Other", start_time=NOW)
    stranger = Member.objects.create(conversation=other, position=1, name="Speaker 1")
    update(api, stranger, name="Ida", email="ida@example.test")
    assert people(other) == [("Ida", "ida@example.test", 0)]
    assert Member.objects.count() == 3


TEXT_OF_200 = "must be a text of 1 to 200 characters without control characters."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "Bo", "id": "other"}, "The id in the body must be the id in the path."),
        *(
            ({"name": wrong}, f"name {TEXT_OF_200}")
            for wrong in (" ", "x" * 201, 5, "B\x00", "B\nC", "B\x1bC", "B\x85C", "B\u2028C")
        ),
        ({}, "name: Field required."),
        ({"name": "Bo", "email": "bo"}, "email must be an e-mail address."),
        ({"name": "Bo", "email": "bo\x00@example.test"}, "email must be an e-mail address."),
    ],
)
def test_a_wrong_update_is_refused(
    api: Api, members: list[Member], body: dict[str, object], message: str
) -> None:
    before = people(members[1].conversation)
    assert update(api, members[1], **body) == (400, {"message": message})
    assert people(members[1].conversation) == before


@pytest.mark.parametrize("member_id", ["x", "00000000-0000-4000-8000-000000000009"])
def test_an_unknown_member_is_not_found(
    api: Api, conversation: Conversation, member_id: str
) -> None:
    path = f"v1/conversations/{conversation.id}/members/{member_id}"
    answer = api.put(path, {"id": member_id, "name": "Bo"})
    assert answer == (404, {"message": "The member id is invalid or unknown."})


def test_a_member_of_another_conversation_is_not_found(api: Api, members: list[Member]) -> None:
    other = Conversation.objects.create(name="Other", start_time=NOW)
    path = f"v1/conversations/{other.id}/members/{members[0].id}"
    assert api.put(path, {"id": str(members[0].id), "name": "Bo"}).status == 404
