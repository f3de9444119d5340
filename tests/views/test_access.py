"""Who gets what: every address with a member, a viewer, an outsider and a stranger."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from conversations.models import Append, Conversation, Member, Role
from tests.views.support import HTMX, address

#: Address, method, and what a viewer of the team gets; a reviewer gets it done.
ADDRESSES = [
    ("conversation", "get", 200),
    ("conversation-row", "get", 200),
    ("conversation-title", "get", 302),
    ("conversation-speakers", "get", 200),
    ("conversation-transcript", "get", 200),
    ("conversation-timeline", "get", 200),
    ("conversation-text", "get", 200),
    ("conversation-json", "get", 200),
    ("conversation-activity", "get", 302),
    ("conversation-rename", "get", 403),
    ("conversation-rename", "post", 403),
    ("conversation-append", "get", 403),
    ("conversation-append", "post", 403),
    ("conversation-fetch", "post", 403),
    ("conversation-fetching", "get", 302),
    ("conversation-differences", "get", 403),
    ("member-card", "get", 302),
    ("member-rename", "get", 403),
    ("member-rename", "post", 403),
    ("member-merge", "post", 403),
    ("member-push", "post", 403),
    ("append-decide", "post", 403),
]


def path_of(name: str, conversation: Conversation, member: Member, append: Append) -> str:
    if name.startswith("member-"):
        return address(name, conversation, member.pk)
    if name == "append-decide":
        return address(name, conversation, append.pk, "retry")
    return address(name, conversation)


@pytest.mark.parametrize(("name", "method", "status"), ADDRESSES)
def test_viewer_reads_but_does_not_change(
    *,
    name: str,
    method: str,
    status: int,
    person: Callable[..., User],
    client: Client,
    conversation: Conversation,
    first: Member,
    append: Append,
) -> None:
    client.force_login(person("vic", Role.VIEWER))
    response = getattr(client, method)(path_of(name, conversation, first, append))
    assert response.status_code == status


@pytest.mark.parametrize(("name", "method", "_status"), ADDRESSES)
def test_outsider_finds_nothing(
    *,
    name: str,
    method: str,
    _status: int,
    person: Callable[..., User],
    client: Client,
    conversation: Conversation,
    first: Member,
    append: Append,
) -> None:
    client.force_login(person("olga", None))
    response = getattr(client, method)(path_of(name, conversation, first, append))
    assert response.status_code == 404


@pytest.mark.parametrize(("name", "method", "_status"), ADDRESSES)
def test_stranger_is_sent_to_sign_in(
    *,
    name: str,
    method: str,
    _status: int,
    client: Client,
    conversation: Conversation,
    first: Member,
    append: Append,
) -> None:
    path = path_of(name, conversation, first, append)
    response = getattr(client, method)(path)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={path}")


def test_stranger_with_a_fragment_request_leaves_the_page(
    client: Client, conversation: Conversation
) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/conversations/x/?a=1"}
    response = client.get(address("conversation-activity", conversation), headers=headers)
    assert (response.status_code, response["HX-Redirect"]) == (
        200,
        "/sign-in/?next=%2Fconversations%2Fx%2F%3Fa%3D1",
    )


def test_recording_is_not_there_for_outsiders(
    client: Client, person: Callable[..., User], append: Append
) -> None:
    client.force_login(person("olga", None))
    assert client.get(f"/recordings/{append.recording.uuid}/media").status_code == 404


@pytest.mark.parametrize("name", ["member-card", "member-rename"])
def test_member_of_another_conversation_is_not_there(
    name: str, reviewer: Client, conversation: Conversation, first: Member
) -> None:
    other = Conversation.objects.create(team=conversation.team, name="Other")
    response = reviewer.get(address(name, other, first.pk))
    assert response.status_code == 404


def test_pages_behind_sign_in_are_not_stored(reviewer: Client, conversation: Conversation) -> None:
    response = reviewer.get(address("conversation", conversation))
    assert response["Cache-Control"] == "no-store"
