"""Shows that a meeting ten times as long costs not much more than ten times as much.

`python -m tests.benchmarks.long_meetings`: reads of the engine, speaker events, and pages
of the dashboard, at 1,000 and at 10,000 lines, in one run. Exit status 1 when a ratio is
above MOST, half-way to what an algorithm costs that has become quadratic (100).
"""

import datetime as dt
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402

from conversations import models  # noqa: E402
from conversations.engine import models as engine  # noqa: E402
from conversations.engine import tokens  # noqa: E402

SIZES = (1_000, 10_000)
MOST = 30.0
LINE_MS = 4_000
SENTENCES = (
    "We ship the new payment service on Friday.",
    "Can you send the report to Ida by Monday?",
    "I will check the budget with the team tomorrow.",
    "What did the city say about the fence?",
)
READS = ("messages?verbose=true&sentiment=true", "insights", "topics", "entities", "analytics")
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)


def lines(count: int) -> list[tuple[int, str]]:
    """Return start and text of every line; four people take turns."""
    return [(n * LINE_MS, SENTENCES[n % len(SENTENCES)]) for n in range(count)]


def engine_meeting(count: int) -> str:
    """Store a meeting as the engine has it and return its id."""
    meeting = engine.Conversation.objects.create(start_time=NOW, duration_ms=count * LINE_MS)
    job = engine.Job.objects.create(
        conversation=meeting, seq=1, status="completed", created_at=NOW,
        options={"detectEntities": True, "detectPhrases": True},
    )  # fmt: skip
    people = [
        engine.Member.objects.create(conversation=meeting, position=n, name=f"Speaker {n}")
        for n in range(1, 5)
    ]
    engine.Message.objects.bulk_create(
        engine.Message(
            conversation=meeting, job=job, member=people[n % 4], detected_member=people[n % 4],
            position=n, text=text, start_ms=start, end_ms=start + LINE_MS - 200,
        )
        for n, (start, text) in enumerate(lines(count))
    )  # fmt: skip
    return meeting.pk


def local_meeting(count: int, team: models.Team) -> str:
    """Store a meeting as the dashboard has it and return the address of its page."""
    meeting = models.Conversation.objects.create(
        team=team, name=f"{count} lines", remote_id=str(10**15 + count), started_at=NOW,
        synced_at=NOW, duration_ms=count * LINE_MS,
    )  # fmt: skip
    people = [
        models.Member.objects.create(conversation=meeting, remote_id=f"m{n}", name=f"Speaker {n}")
        for n in range(1, 5)
    ]
    models.Message.objects.bulk_create(
        models.Message(
            conversation=meeting, remote_id=str(n), position=n, text=text, remote_text=text,
            start_ms=start, end_ms=start + LINE_MS - 200,
            member=people[n % 4], remote_member=people[n % 4],
        )
        for n, (start, text) in enumerate(lines(count))
    )  # fmt: skip
    return meeting.get_absolute_url()


def events(count: int) -> dict[str, object]:
    """Return speaker events that move every fourth line."""
    return {
        "speakerEvents": [
            {
                "type": kind,
                "user": {"id": f"u{n % 3}", "name": f"Person {n % 3}"},
                "offset": {"seconds": (n * LINE_MS + shift) // 1000, "nanos": 0},
            }
            for n in range(count)
            for kind, shift in (("started_speaking", 0), ("stopped_speaking", LINE_MS - 1000))
        ]
    }


def seconds(call: Callable[[], int]) -> float:
    """Return the processor time of one call, after one that warms up; the status must be good."""
    assert call() in (200, 302), "the call failed"
    started = time.process_time()
    call()
    return time.process_time() - started


def calls(
    size: int, team: models.Team, reader: Client, machine: Client
) -> dict[str, Callable[[], int]]:
    """Return what is measured on a meeting of that many lines; each call returns its status."""
    below = f"/engine/v1/conversations/{engine_meeting(size)}"
    page = local_meeting(size, team)
    body = events(size)
    return {
        **{
            f"engine: GET {read}": partial(status, machine.get, f"{below}/{read}") for read in READS
        },
        "engine: PUT speakers": partial(
            status, machine.put, f"{below}/speakers", body, content_type="application/json"
        ),
        "page: conversation": partial(status, reader.get, page),
        "page: panels": partial(status, reader.get, f"{page}panels/"),
    }


def status(send: Callable[..., Any], *arguments: object, **options: object) -> int:
    """Return the status of what a test client's `send` is answered."""
    return int(send(*arguments, **options).status_code)


def measure() -> dict[str, list[float]]:
    """Return the seconds of each call by size."""
    team = models.Team.objects.create(name="Benchmark")
    user = User.objects.create_user("benchmark")
    models.Membership.objects.create(team=team, user=user, role=models.Role.ADMIN)
    reader = Client()
    reader.force_login(user)
    token = tokens.issue(settings.ENGINE_CREDENTIALS.app_id, dt.datetime.now(dt.UTC))
    machine = Client(headers={"Authorization": f"Bearer {token.text}"})
    taken: dict[str, list[float]] = {}
    for size in SIZES:
        for name, call in calls(size, team, reader, machine).items():
            taken.setdefault(name, []).append(seconds(call))
    return taken


def main() -> int:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        taken = measure()
    finally:
        teardown_databases(databases, verbosity=0)
    print(f"{'':46} {'1,000':>9} {'10,000':>9} {'ratio':>7}")
    for name, (short, long) in taken.items():
        print(f"{name:46} {short * 1000:6.0f} ms {long * 1000:6.0f} ms {long / short:7.1f}")
    return int(any(long / short > MOST for short, long in taken.values()))


if __name__ == "__main__":
    sys.exit(main())
