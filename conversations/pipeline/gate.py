"""The gate before the API: at most so many jobs at a time, none while it says 429."""

import datetime as dt

from django.conf import settings
from django.db.models import Q

from conversations.models import Append, Gate, State
from conversations.pipeline.waiting import SETTLE


def has_room(now: dt.datetime) -> bool:
    """Return True if one more recording may be sent now; binding only under Gate.lock().

    A job whose fate is unknown takes up room as long as it may still be running. After
    that it does not: it blocks its own conversation, not everybody's.
    """
    if now < Gate.pause_until_now():
        return False
    running = Q(state__in=(State.SUBMITTING, State.PROCESSING))
    perhaps = Q(state__in=(State.UNKNOWN, State.STALLED), deadline_at__gt=now - SETTLE)
    limit: int = settings.SYMBL_MAX_JOBS
    return Append.objects.filter(running | perhaps).count() < limit
