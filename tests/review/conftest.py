"""A conversation with a short transcript."""

from collections.abc import Callable

import pytest

from conversations.models import Conversation, Member, Message


@pytest.fixture
def speaker(conversation: Conversation) -> Callable[..., Member]:
    """Return a function that adds a member as the API says it."""

    def add(name: str, email: str = "") -> Member:
        count = Member.objects.filter(conversation=conversation).count()
        return Member.objects.create(
            conversation=conversation,
            remote_id=f"m{count}",
            remote_name=name,
            remote_email=email,
            name=name,
            email=email,
        )

    return add


@pytest.fixture
def says(conversation: Conversation) -> Callable[..., Message]:
    """Return a function that adds a line of one second for each word."""

    def add(member: Member | None, text: str) -> Message:
        last = Message.objects.filter(conversation=conversation).order_by("position").last()
        start_ms = last.end_ms + 500 if last else 0
        return Message.objects.create(
            conversation=conversation,
            remote_id=f"l{start_ms}",
            position=last.position + 1 if last else 0,
            remote_text=text,
            text=text,
            start_ms=start_ms,
            end_ms=start_ms + 1000 * len(text.split()),
            remote_member=member,
            member=member,
        )

    return add
