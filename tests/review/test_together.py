"""Several people at once: what one decides, another's step must not undo."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from conversations.models import Change, Conversation, Member
from conversations.pipeline.lease import claim
from conversations.pipeline.sync import Fetched, write
from conversations.review.naming import Conflict, EmailTaken, rename
from conversations.symbl import Conversation as RemoteConversation
from conversations.symbl import Person

PEOPLE = 6
pytestmark = pytest.mark.django_db(transaction=True)


def together(tasks: list[Callable[[], str]]) -> list[str]:
    """Run the tasks at the same instant, each in a thread and connection of its own."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], str]) -> str:
        try:
            start.wait(timeout=10)
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return sorted(pool.map(run, tasks))


def test_one_email_goes_to_one_speaker(
    speaker: Callable[..., Member], ana: User, conversation: Conversation
) -> None:
    rows = [speaker(f"Speaker {number}") for number in range(PEOPLE)]

    def name(row: Member) -> str:
        try:
            rename(row, name="John", email="john@example.com", version=1, actor=ana)
        except EmailTaken:
            return "taken"
        return "saved"

    assert together([partial(name, row) for row in rows]) == ["saved"] + ["taken"] * 5
    assert Member.objects.filter(email="john@example.com").count() == 1


def test_one_version_is_used_once(speaker: Callable[..., Member], ana: User) -> None:
    row = speaker("Speaker 1")

    def name(number: int) -> str:
        try:
            rename(row, name=f"Name {number}", email="", version=1, actor=ana)
        except Conflict:
            return "conflict"
        return "saved"

    outcomes = together([partial(name, number) for number in range(PEOPLE)])
    assert outcomes == ["conflict"] * 5 + ["saved"]
    assert Change.objects.count() == 1


def test_a_sync_and_a_correction_do_not_overwrite_each_other(
    speaker: Callable[..., Member], ana: User, conversation: Conversation
) -> None:
    rows = [speaker(f"Speaker {number}") for number in range(PEOPLE)]
    people = tuple(Person(row.remote_id, f"Renamed {row.remote_id}", "") for row in rows)
    remote = RemoteConversation("5120345678901234", "Interview", None, None, (), {}, {})
    lease = claim(conversation.pk, timezone.now())
    assert lease is not None

    def sync() -> str:
        with transaction.atomic():
            lease.renew(timezone.now())
            write(conversation, Fetched(remote, people, ()), append_id=None)
        return "synced"

    def name(row: Member) -> str:
        rename(row, name=f"Decided {row.remote_id}", email="", version=1, actor=ana)
        return "saved"

    together([sync, *(partial(name, row) for row in rows)])
    shown = set(Member.objects.values_list("name", "remote_name", "decided"))
    assert shown == {(f"Decided {row.remote_id}", f"Renamed {row.remote_id}", True) for row in rows}
