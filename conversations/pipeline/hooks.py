"""The webhook of an attempt: an address of its own, and what calls of it are good for.

A call is a hint (contract 3.2): nobody signs it, it may come early, late, twice or in the
wrong order. It is written down and makes somebody poll; it never moves an append.
"""

import hashlib
import json
import re
import secrets

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from conversations import queue
from conversations.models import Append, State, WebhookHit
from conversations.pipeline.unreadable import kept_if_unreadable
from conversations.symbl import NotFound, SymblClient

MAX_BODY_BYTES = 16 * 1024
MOST_HITS = 20
#: The members that carry the job's id: what runs says `id`, what is written says `jobId`.
ID_NAMES = ("id", "jobId")
PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def new_token() -> str:
    """Return a new token of 256 bits; "" where no webhooks are wanted."""
    return secrets.token_urlsafe(32) if settings.WEBHOOK_BASE_URL else ""


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def parameter(token: str) -> dict[str, object]:
    """Return the API's parameter that names the attempt's own address."""
    if not token:
        return {}
    return {"webhookUrl": f"{settings.WEBHOOK_BASE_URL}{reverse('hook', args=[token])}"}


def receive(token: str, body: bytes) -> None:
    """Keep a call of the address that `token` makes, and have somebody look at the append.

    An unknown token, a call that says nothing new and one too many change nothing.
    """
    append = Append.objects.filter(webhook_hash=digest(token)).first()
    if append is None:
        return
    job_id, status = told_by(body)
    hits = append.present_hits
    if hits.filter(job_id=job_id, status=status).exists() or hits.count() >= MOST_HITS:
        return
    now = timezone.now()
    with transaction.atomic():
        WebhookHit.objects.create(
            append=append, attempt_id=append.attempt_id, at=now, job_id=job_id, status=status
        )
        # Whoever is sending looks by itself when the answer is there.
        waiting = Append.objects.filter(
            pk=append.pk, attempt_id=append.attempt_id, state__in=(State.PROCESSING, State.UNKNOWN)
        )
        if waiting.update(next_at=now):
            queue.wake(append.conversation_id)


def told_by(body: bytes) -> tuple[str, str]:
    """Return job id and status as a call tells them, "" for what it does not."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(told, dict):
        return "", ""
    ids = [told[name] for name in ID_NAMES if isinstance(told.get(name), str)]
    status = told.get("status")
    return (
        next(filter(PLAIN_ID.fullmatch, ids), ""),
        re.sub(r"\W", "", status)[:40] if isinstance(status, str) else "",
    )


def confirmed_job(append: Append, client: SymblClient) -> str | None:
    """Return the job that calls of the present attempt's address name, if it is really there.

    Jobs that the API does not know, or that another append here has, are passed over.
    """
    named = append.present_hits.exclude(job_id="").values_list("job_id", flat=True)
    for job_id in dict.fromkeys(named):
        if Append.objects.filter(job_id=job_id).exists():
            continue
        try:
            with kept_if_unreadable():
                client.job(job_id)
        except NotFound:
            continue
        return job_id
    return None
