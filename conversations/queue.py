"""The only door to django-q2: wake-ups, which carry one integer and may be lost or doubled.

Called by the pipeline, the views, the worker command and (by its settings) the engine.
Rows are the truth; a wake-up only says that somebody should look at them.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.tasks import async_task

DEFAULT = "default"
ENGINE = "engine"
SWEEPS = {DEFAULT: "conversations.tasks.sweep", ENGINE: "conversations.engine.tasks.sweep"}


class DelayedBroker(ORM):  # type: ignore[misc]
    """The ORM broker with a delay: its `lock` column means "not before".

    A Schedule row would be up to 30 s late, and a sleep would block a worker.
    """

    def __init__(self, cluster: str, delay: float) -> None:
        super().__init__(list_key=cluster)
        self.delay = delay
        self.row_id: int | None = None

    def enqueue(self, task: str) -> int:
        not_before = timezone.now() + dt.timedelta(seconds=self.delay)
        row = self.get_connection().create(key=self.list_key, payload=task, lock=not_before)
        self.row_id = int(row.pk)
        return self.row_id


class Recurring:
    """A task that a cluster is given again and again, but never while the last one lies unread.

    A cluster that works on one recording for an hour would find hundreds otherwise. The row's
    id is kept here because payloads are pickles, which nobody should open just to look.
    """

    def __init__(self, cluster: str, function: str) -> None:
        self.cluster = cluster
        self.function = function
        self.row_id: int | None = None

    def send(self) -> None:
        """Queue the task unless the one before is unread: a cluster that reads a row locks it."""
        now = timezone.now()
        if not OrmQ.objects.filter(pk=self.row_id, lock__lte=now).exists():
            self.row_id = _put(self.cluster, self.function)


def _put(cluster: str, function: str, *args: int | str, delay: float = 0) -> int | None:
    # The cluster is always named: inside the engine's cluster, the default
    # broker would put the dashboard's tasks into the engine's queue.
    broker = DelayedBroker(cluster, delay)
    async_task(function, *args, broker=broker, task_name=function)
    return broker.row_id


def _enqueue(cluster: str, function: str, *args: int | str, delay: float = 0) -> None:
    transaction.on_commit(lambda: _put(cluster, function, *args, delay=delay))


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


def wake_webhooks() -> None:
    """Have the engine's webhooks told; the engine's own cluster may be busy for an hour."""
    _enqueue(DEFAULT, "conversations.engine.webhooks.deliver_due")


def wake_webhooks_later(seconds: float) -> None:
    """Have the engine's webhooks told in `seconds`."""
    _enqueue(DEFAULT, "conversations.engine.webhooks.deliver_due", delay=seconds)


def canary(cluster: str) -> Recurring:
    """Return the task by which a cluster proves that it works: running it is a beat."""
    return Recurring(cluster, "conversations.tasks.canary")


def sweep(cluster: str) -> Recurring:
    """Return the cluster's search for lost wake-ups, expired leases and left-over files."""
    return Recurring(cluster, SWEEPS[cluster])
