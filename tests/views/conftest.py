"""What the tests of the screens share: a signed-in browser and a conversation with speakers."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from conversations.models import Append, Conversation, Member, Message, Recording, State
from tests.views.support import NOW


@pytest.fixture
def reviewer(ana: User) -> Client:
    """A browser in which Ana, a reviewer, is signed in."""
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def append(conversation: Conversation, recording: Recording) -> Append:
    """The conversation's only append, ready."""
    return Append.objects.create(
        conversation=conversation,
        seq=1,
        recording=recording,
        state=State.SYNCED,
        state_since=NOW,
    )


@pytest.fixture
def speak(conversation: Conversation, append: Append) -> Callable[..., Message]:
    """Return a function that adds one line of one second to the conversation."""

    def add(member: Member, text: str = "Good morning.") -> Message:
        position = Message.objects.count()
        return Message.objects.create(
            conversation=conversation,
            append=append,
            remote_id=f"message-{position}",
            position=position,
            remote_text=text,
            text=text,
            start_ms=position * 1000,
            end_ms=position * 1000 + 1000,
            remote_member=member,
            member=member,
        )

    return add


@pytest.fixture
def first(conversation: Conversation) -> Member:
    """A speaker whom nobody has named yet."""
    return Member.objects.create(conversation=conversation, remote_id="m1", name="Speaker 1")


@pytest.fixture
def john(conversation: Conversation) -> Member:
    """A speaker with a name and an address."""
    return Member.objects.create(
        conversation=conversation, remote_id="m2", name="John Doe", email="john@example.com"
    )
