"""Telling webhooks how jobs are doing: every status, again until it is heard.

`announce` is called in the transaction that changes a job's status; `deliver_due` runs
in a worker. Rows are the truth: a lost wake-up costs a minute, the sweep finds the row.
Statuses are first tried in order; one that has to be repeated may come after a later one.
Only this computer and the hosts that the settings allow are ever called (contract 3.2).
"""

import datetime as dt
import json
import logging
import time
from collections.abc import Callable, Iterator

import httpcore
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversations import addresses, sealing
from conversations.engine import faults, network, wake
from conversations.engine.models import Delivery, Job

#: The waits before the second, third, ... try; a delivery that none of them helped is given up.
WAITS = tuple(dt.timedelta(seconds=s) for s in (1, 5, 30, 120, 600, 1800))
#: A try that takes longer has not been heard: two slow webhooks must not hold up a worker.
TRY_SECONDS = 8.0
#: Nobody else tries a delivery while one try of it can be under way.
HELD = dt.timedelta(seconds=30)
HEARD = 200

_TIMEOUTS = {"connect": 3.0, "write": 3.0, "read": 5.0, "pool": 3.0}
_HELD_BACK = dt.timedelta(seconds=2)
_MOST_AT_ONCE = 100

_log = logging.getLogger(__name__)


def announce(job: Job, now: dt.datetime | None = None) -> None:
    """Have the job's webhook told of the status it has now, within the caller's transaction."""
    if not job.webhook:
        return
    moment = now or timezone.now()
    Delivery.objects.create(job=job, status=job.status, created_at=moment, next_at=moment)
    transaction.on_commit(wake.webhooks, robust=True)


def deliver_due() -> None:
    """Try every delivery that is due, oldest first; one that fails is woken for by itself."""
    for delivery in _claimed():
        _try(delivery)


def wake_if_due(now: dt.datetime) -> None:
    """Wake a worker if a delivery is due: its own wake-up may have been lost."""
    if Delivery.objects.filter(next_at__lte=now).exists():
        wake.webhooks()


def _claimed() -> Iterator[Delivery]:
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
            yield delivery


def _try(delivery: Delivery) -> None:
    """Send a delivery once and write down whether it was heard."""
    row = Delivery.objects.filter(pk=delivery.pk)
    if faults.strike("webhook_hold"):
        return _again(delivery, _HELD_BACK)
    heard = faults.strike("webhook_lose") or _post(delivery)
    if heard and faults.strike("webhook_double"):
        _post(delivery)
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


def _post(delivery: Delivery) -> bool:
    """Return True if the webhook answered 200, which alone counts as heard."""
    job = str(delivery.job_id)
    body = dict.fromkeys(settings.ENGINE_WEBHOOK_ID_FIELDS, job)
    content = json.dumps({**body, "status": delivery.status}).encode()
    try:
        # Empty when the installation's key has changed: an address nobody is at.
        address = sealing.unseal(delivery.job.webhook) or ""
        return _status_of(address, content) == HEARD
    except (addresses.RefusedAddress, OSError, *network.FAILURES) as error:
        _log.info("webhook of job %s: %s", job, type(error).__name__)
        return False
    except Exception:
        # What nobody foresaw in one address must not keep the others from hearing.
        _log.exception("webhook of job %s", job)
        return False


def _status_of(address: str, content: bytes) -> int:
    """Post a JSON document and return the status of the answer, whose body is left unread.

    Checked anew at each try: what an admin no longer allows is not called.
    """
    target = addresses.check_webhook(address, settings.ENGINE_WEBHOOK_HOSTS)
    numbers = addresses.resolve(target.host, target.port)
    headers: dict[bytes | str, bytes | str] = {
        "Host": network.host_header(target),
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
    }
    with (
        httpcore.ConnectionPool(
            network_backend=network.CheckedNumbers(numbers, _deadline())
        ) as connections,
        connections.stream(
            "POST",
            network.address(address, target),
            headers=headers,
            content=content,
            extensions={"timeout": _TIMEOUTS},
        ) as answer,
    ):
        return answer.status


def _deadline() -> Callable[[], float]:
    """Return what tells the seconds left of a try, and raises ReadTimeout when none are."""
    end = time.monotonic() + TRY_SECONDS

    def left() -> float:
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the webhook took too long")
        return seconds

    return left
