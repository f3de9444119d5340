"""The only door to django-q2: wake-ups, which carry one integer and may be lost or doubled.

Called by the pipeline, the views and (by its settings) the engine. Rows are the truth;
a wake-up only says that somebody should look at them.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.tasks import async_task

DEFAULT = "default"
ENGINE = "engine"
CLUSTERS = (DEFAULT, ENGINE)


class DelayedBroker(ORM):  # type: ignore[misc]
    """The ORM broker with a delay: its `lock` column means "not before".

    A Schedule row would be up to 30 s late, and a sleep would block a worker.
    """

    def __init__(self, cluster: str, delay: float) -> None:
        super().__init__(list_key=cluster)
        self.delay = delay

    def enqueue(self, task: str) -> int:
        not_before = timezone.now() + dt.timedelta(seconds=self.delay)
        row = self.get_connection().create(key=self.list_key, payload=task, lock=not_before)
        return int(row.pk)


def _enqueue(cluster: str, function: str, *args: int | str, delay: float = 0) -> None:
    # The cluster is always named: inside the engine's cluster, the default
    # broker would put the dashboard's tasks into the engine's queue.
    def put() -> None:
        async_task(function, *args, broker=DelayedBroker(cluster, delay), task_name=function)

    transaction.on_commit(put)


def wake(conversation_id: int) -> None:
    """Have a worker look at the conversation once the running transaction has committed."""
    _enqueue(DEFAULT, "conversations.tasks.advance", conversation_id)


def wake_later(conversation_id: int, seconds: float) -> None:
    """Have a worker look at the conversation in `seconds`."""
    _enqueue(DEFAULT, "conversations.tasks.advance", conversation_id, delay=seconds)


def wake_engine() -> None:
    """Have the engine's worker look for a job."""
    _enqueue(ENGINE, "conversations.engine.tasks.work")


def wake_engine_later(seconds: float) -> None:
    """Have the engine's worker look for a job in `seconds`."""
    _enqueue(ENGINE, "conversations.engine.tasks.work", delay=seconds)


def send_canaries() -> None:
    """Put a canary into each cluster's queue; a cluster that works runs it and so beats."""
    for cluster in CLUSTERS:
        _enqueue(cluster, "conversations.tasks.canary")


def send_sweeps() -> None:
    """Have lost wake-ups, expired leases and left-over files looked for."""
    _enqueue(DEFAULT, "conversations.tasks.sweep")
    if settings.ENGINE_ENABLED:
        _enqueue(ENGINE, "conversations.engine.tasks.sweep")
