"""Telling webhooks how jobs are doing: each status once in order, again until it is heard.

`announce` is called in the transaction that changes a job's status; `deliver_due` runs
in a worker. Rows are the truth: a lost wake-up costs a minute, the sweep finds the row.
Only this computer and the hosts that the settings allow are ever called (contract 3.2).
"""

import datetime as dt
import json
import logging
from collections.abc import Iterator
from typing import NamedTuple

import httpcore
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversations.addresses import RefusedAddress, check_webhook
from conversations.engine import faults, sealing, wake
from conversations.engine.models import Delivery, Job

#: The waits before the second, third, ... try; a delivery that none of them helped is given up.
WAITS = tuple(dt.timedelta(seconds=s) for s in (1, 5, 30, 120, 600, 1800))
TIMEOUTS = {"connect": 3.0, "write": 3.0, "read": 5.0, "pool": 3.0}
#: Nobody else tries a delivery while one try of it can be under way.
HELD = dt.timedelta(seconds=30)
HEARD = 200

_NOT_HEARD = (
    RefusedAddress,
    UnicodeError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
)
_HELD_BACK = dt.timedelta(seconds=2)
_MOST_AT_ONCE = 100

_log = logging.getLogger(__name__)


class Due(NamedTuple):
    """A delivery that this worker alone tries now."""

    delivery: Delivery
    address: str


def announce(job: Job, now: dt.datetime | None = None) -> None:
    """Have the job's webhook told of the status it has now, within the caller's transaction."""
    if not job.webhook:
        return
    moment = now or timezone.now()
    Delivery.objects.create(job=job, status=job.status, created_at=moment, next_at=moment)
    transaction.on_commit(wake.webhooks, robust=True)


def deliver_due() -> None:
    """Try every delivery that is due, oldest first; one that fails is woken for by itself."""
    for due in _claimed():
        _try(due)


def wake_if_due(now: dt.datetime) -> None:
    """Wake a worker if a delivery is due: its own wake-up may have been lost."""
    if Delivery.objects.filter(next_at__lte=now).exists():
        wake.webhooks()


def _claimed() -> Iterator[Due]:
    """Yield the due deliveries one by one, each taken so that no other worker tries it."""
    seen = 0
    for _ in range(_MOST_AT_ONCE):
        now = timezone.now()
        waiting = Delivery.objects.select_related("job").filter(next_at__lte=now, pk__gt=seen)
        delivery = waiting.order_by("pk").first()
        if delivery is None:
            return
        seen = delivery.pk
        taken = Delivery.objects.filter(pk=delivery.pk, next_at=delivery.next_at)
        if taken.update(next_at=now + HELD, attempts=delivery.attempts + 1):
            delivery.attempts += 1
            # Empty when the installation's key has changed: an address nobody is at.
            yield Due(delivery, sealing.unseal(delivery.job.webhook) or "")


def _try(due: Due) -> None:
    """Send a delivery once and write down whether it was heard."""
    delivery = due.delivery
    row = Delivery.objects.filter(pk=delivery.pk)
    if faults.strike("webhook_hold"):
        return _again(delivery, _HELD_BACK)
    heard = faults.strike("webhook_lose") or _post(due)
    if heard and faults.strike("webhook_double"):
        _post(due)
    if heard:
        row.update(heard_at=timezone.now(), next_at=None)
    elif delivery.attempts > len(WAITS):
        _log.warning("webhook of job %s was never heard", delivery.job_id)
        row.update(next_at=None)
    else:
        _again(delivery, WAITS[delivery.attempts - 1])
    return None


def _again(delivery: Delivery, wait: dt.timedelta) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now() + wait)
    wake.webhooks_later(wait.total_seconds())


def _post(due: Due) -> bool:
    """Return True if the webhook answered 200, which alone counts as heard."""
    job = str(due.delivery.job_id)
    body = dict.fromkeys(settings.ENGINE_WEBHOOK_ID_FIELDS, job)
    content = json.dumps({**body, "status": due.delivery.status}).encode()
    try:
        # Checked again at each try: what an admin no longer allows is not called.
        check_webhook(due.address, settings.ENGINE_WEBHOOK_HOSTS)
        with httpcore.ConnectionPool() as connections:
            answer = connections.request(
                "POST",
                due.address,
                headers={"Content-Type": "application/json", "Content-Length": str(len(content))},
                content=content,
                extensions={"timeout": TIMEOUTS},
            )
    except _NOT_HEARD as error:
        _log.info("webhook of job %s: %s", job, type(error).__name__)
        return False
    return answer.status == HEARD
