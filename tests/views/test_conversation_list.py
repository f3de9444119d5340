"""The list: whose conversations, what it says about each, and what it costs."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from conversations.models import Append, Conversation, Member, Recording, State, Team
from tests.views.support import NOW, address, body


@pytest.mark.parametrize("count", [1, 3, 25])
def test_list_costs_the_same_for_any_number(
    count: int,
    reviewer: Client,
    team: Team,
    recording: Recording,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        conversation = Conversation.objects.create(team=team, name=f"Meeting {number}")
        Append.objects.create(
            conversation=conversation, seq=1, recording=recording, state_since=NOW
        )
        Member.objects.create(conversation=conversation, remote_id="1", name="Speaker 1")
    with django_assert_num_queries(7):
        text = body(reviewer.get("/"))
    assert text.count("<tr role") == count + 1


def test_list_shows_ones_own_teams_only(reviewer: Client, conversation: Conversation) -> None:
    other = Team.objects.create(name="Another team")
    Conversation.objects.create(team=other, name="Secret plans")
    text = body(reviewer.get("/"))
    assert ("Interview" in text, "Secret plans" in text) == (True, False)


def test_list_has_pages(reviewer: Client, team: Team) -> None:
    for number in range(26):
        Conversation.objects.create(team=team, name=f"Meeting {number}")
    newest, oldest = (body(reviewer.get(f"/?page={page}")) for page in (1, 2))
    assert [text.count('class="cell-name"') for text in (newest, oldest)] == [25, 1]
    assert "Page 2 of 2" in oldest


def test_empty_list_offers_the_samples(person: Callable[..., User]) -> None:
    client = Client()
    client.force_login(person("ben"))
    text = body(client.get("/"))
    assert re.findall(r'name="sample" value="([\w-]+)"', text) == [
        "interview-1",
        "interview-2",
        "planning",
        "neighbourhood",
    ]


def test_row_counts_the_speakers_who_have_a_name(
    reviewer: Client, conversation: Conversation, first: Member, john: Member
) -> None:
    text = body(reviewer.get(address("conversation-row", conversation)))
    assert '<span class="number">1/2</span>' in text


@pytest.mark.parametrize(
    ("state", "polls"),
    [(State.QUEUED, True), (State.FAILED, False), (State.SYNCED, False)],
)
def test_row_polls_only_while_it_is_busy(
    state: State, polls: bool, reviewer: Client, conversation: Conversation, append: Append
) -> None:
    Append.objects.update(state=state)
    text = body(reviewer.get(address("conversation-row", conversation)))
    assert ("every 2s" in text) is polls
