"""Misbehaviour on demand, for tests of whoever talks to the engine.

Nothing here does anything unless ENGINE_FAULTS is on. Then `PUT /v1/faults` sets the
switches. A switch that is a whole number counts down: the next so many times. One
below 1 is a probability. The switches that end in `_seconds` are durations.
"""

import random

from django.conf import settings
from django.db import transaction

from conversations.engine.models import Faults

SWITCHES = {
    "refuse": "A submission is answered 429; nothing was created.",
    "fail_before": "A submission is answered 500; nothing was created.",
    "fail_after": "A submission is answered 502, although its job was created.",
    "lose_answer": "The answer to a submission breaks off after its status line.",
    "answer_after_seconds": "The answer to a submission comes so much later.",
    "webhook_first": "The webhook hears of the job before the submission is answered.",
    "reject_token": "A call is answered 401, although its token is good.",
    "token_seconds": "Tokens are said to live only so long.",
    "fail_job": "A job fails, without a reason.",
    "schedule_seconds": "Jobs stay scheduled at least so long.",
    "read_fails": "A read is answered 503.",
    "read_early": "A read of messages tells only the first half of them.",
    "read_nobody": "A read of messages says of none who spoke.",
    "update_lost": "A naming of a member is done, but answered 500.",
    "webhook_hold": "A delivery is put back behind those that follow.",
    "webhook_lose": "A delivery is counted as heard, but never sent.",
    "webhook_double": "A delivery is sent twice.",
}

#: Times or seconds.
MOST = 1_000_000

_random = random.Random()  # noqa: S311 - misbehaviour is no secret


class UnknownSwitch(ValueError):
    """A switch that there is not, or a value that it cannot have."""


def strike(name: str) -> bool:
    """Return True if the fault is to happen now, and count it."""
    if not settings.ENGINE_FAULTS:
        return False
    with transaction.atomic():
        row = Faults.objects.select_for_update().first()
        left = row.switches.get(name, 0) if row else 0
        if row is None or left <= 0:
            return False
        if left < 1:
            return _random.random() < left
        row.switches[name] = left - 1
        row.save(update_fields=["switches"])
    return True


def seconds(name: str) -> float:
    """Return the duration of a switch, 0 when it is off."""
    if not settings.ENGINE_FAULTS:
        return 0.0
    row = Faults.objects.first()
    return float(row.switches.get(name, 0)) if row else 0.0


def set_switches(wanted: dict[str, float]) -> None:
    """Replace all switches; raise UnknownSwitch and change nothing if one makes no sense."""
    for name, value in wanted.items():
        if name not in SWITCHES:
            raise UnknownSwitch(f"{name} is none of {', '.join(SWITCHES)}.")
        if not 0 <= value <= MOST:
            raise UnknownSwitch(f"{name} must be a number from 0 to {MOST}.")
    Faults.objects.update_or_create(id=1, defaults={"switches": wanted})
