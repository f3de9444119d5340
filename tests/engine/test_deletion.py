"""Deleting a conversation while a worker changes one of its jobs, on two real connections."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from conversations import sealing
from conversations.engine import changes, jobs
from conversations.engine.models import Conversation, Delivery, Job
from tests.engine.support import NOW

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not connection.features.has_select_for_update,
        reason="SQLite lets in one writer at a time",
    ),
]

DEADLINE_SECONDS = 10.0


def wait_until_somebody_waits() -> None:
    """Return as soon as another connection waits for a lock of this one."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting:
            assert time.monotonic() < deadline, "nobody waits for the job"
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            (waiting,) = cursor.fetchone()


def deleted(conversation: Conversation) -> None:
    try:
        changes.delete(conversation)
    finally:
        connection.close()


def claim(job: Job) -> None:
    assert jobs.claim(NOW) == job


def fail(job: Job) -> None:
    jobs.fail(job, "The file is gone.")


@pytest.mark.parametrize("change", [claim, fail])
def test_a_job_may_be_changed_while_its_conversation_is_deleted(
    job: Job, change: Callable[[Job], None]
) -> None:
    Job.objects.update(webhook=sealing.seal("http://127.0.0.1:9/hook"))
    job.refresh_from_db()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            change(job)
            deletion = other.submit(deleted, job.conversation)
            wait_until_somebody_waits()
        deletion.result(DEADLINE_SECONDS)
    assert (Conversation.objects.count(), Job.objects.count(), Delivery.objects.count()) == (0,) * 3
