"""The worker's watch over its clusters, its canaries, and what it does when it is stopped."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.db import InterfaceError, connection
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

from conversations import queue, tasks
from conversations.management.commands.worker import (
    CANARY_EVERY,
    FINISH_SENDING,
    STALE_AFTER,
    SWEEP_EVERY,
    Watch,
    hand_back,
)
from conversations.management.supervisor import Child
from conversations.models import Heartbeat
from conversations.pipeline.api import TIMEOUTS

# The watch closes old connections, and one within a transaction counts as such.
pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "conversations.tasks.canary"
SWEEP = "conversations.tasks.sweep"


class Cluster(Child):
    """A cluster that only counts how often it was restarted."""

    restarts = 0

    def restart(self) -> None:
        self.restarts += 1


class Clock:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cluster(clock: Clock) -> Cluster:
    """One that has just been started."""
    return Cluster("default", [], started_at=clock.time)


@pytest.fixture
def watch(cluster: Cluster, clock: Clock) -> Watch:
    return Watch([cluster], clock=clock)


def let_pass(seconds: float, watch: Watch, clock: Clock, *, beating: bool) -> None:
    """Let the time pass in steps of five seconds, with or without signs of life."""
    for _ in range(int(seconds / CANARY_EVERY)):
        clock.time += CANARY_EVERY
        if beating:
            Heartbeat.beat("default", timezone.now())
        watch.tick()


def waiting() -> list[tuple[str, str]]:
    """Return cluster and function of the tasks that were queued, sorted."""
    return sorted((row.key, row.task["func"]) for row in OrmQ.objects.all())


def test_a_beating_cluster_is_left_alone(watch: Watch, clock: Clock, cluster: Cluster) -> None:
    let_pass(3 * STALE_AFTER, watch, clock, beating=True)
    assert cluster.restarts == 0


@pytest.mark.parametrize("has_beaten", [True, False])
def test_a_silent_cluster_is_restarted(
    watch: Watch, clock: Clock, cluster: Cluster, has_beaten: bool
) -> None:
    let_pass(CANARY_EVERY, watch, clock, beating=has_beaten)
    let_pass(STALE_AFTER, watch, clock, beating=False)
    assert cluster.restarts == 0
    let_pass(CANARY_EVERY, watch, clock, beating=False)
    assert cluster.restarts == 1


def test_a_cluster_that_was_started_again_gets_its_time(
    watch: Watch, clock: Clock, cluster: Cluster
) -> None:
    let_pass(STALE_AFTER, watch, clock, beating=False)
    cluster.started_at = clock.time
    let_pass(STALE_AFTER, watch, clock, beating=False)
    assert cluster.restarts == 0


@pytest.mark.parametrize("jump", [dt.timedelta(days=-1), dt.timedelta(days=1)])
def test_a_jump_of_the_wall_clock_condemns_nobody(
    watch: Watch, clock: Clock, cluster: Cluster, jump: dt.timedelta
) -> None:
    let_pass(CANARY_EVERY, watch, clock, beating=True)
    Heartbeat.beat("default", timezone.now() + jump)
    let_pass(STALE_AFTER, watch, clock, beating=False)
    assert cluster.restarts == 0


def test_silence_is_not_counted_while_the_database_is_away(
    watch: Watch, clock: Clock, cluster: Cluster
) -> None:
    let_pass(STALE_AFTER, watch, clock, beating=True)
    with connection.execute_wrapper(no_answer):
        let_pass(2 * STALE_AFTER, watch, clock, beating=False)
    let_pass(STALE_AFTER, watch, clock, beating=False)
    assert cluster.restarts == 0


def test_patience_is_longer_than_one_call_of_the_api() -> None:
    one_call = TIMEOUTS.connect + TIMEOUTS.write + TIMEOUTS.accept
    assert one_call + CANARY_EVERY < STALE_AFTER


def test_the_watch_tells_once_that_all_clusters_are_up(clock: Clock) -> None:
    told: list[float] = []
    Heartbeat.beat("default", timezone.now() - dt.timedelta(days=1))
    clusters = [Cluster(name, [], started_at=clock.time) for name in queue.SWEEPS]
    watch = Watch(clusters, on_up=lambda: told.append(clock.time), clock=clock)
    watch.tick()
    let_pass(10, watch, clock, beating=True)
    assert told == []
    Heartbeat.beat("engine", timezone.now())
    let_pass(10, watch, clock, beating=True)
    assert told == [1015.0]


def test_the_first_tick_sends_canaries_and_sweeps(clock: Clock) -> None:
    Watch([Cluster(name, []) for name in queue.SWEEPS], clock=clock).tick()
    assert waiting() == [
        ("default", CANARY),
        ("default", SWEEP),
        ("engine", "conversations.engine.tasks.sweep"),
        ("engine", CANARY),
    ]


def test_a_cluster_that_does_not_run_is_sent_nothing(watch: Watch) -> None:
    watch.tick()
    assert waiting() == [("default", CANARY), ("default", SWEEP)]


def test_canaries_and_sweeps_do_not_pile_up_unread(watch: Watch, clock: Clock) -> None:
    watch.tick()
    let_pass(2 * SWEEP_EVERY, watch, clock, beating=True)
    assert waiting() == [("default", CANARY), ("default", SWEEP)]


def test_a_canary_that_was_read_is_followed_by_the_next(watch: Watch, clock: Clock) -> None:
    watch.tick()
    broker = ORM("default")
    read = [broker.dequeue()[0][0] for _ in range(2)]
    let_pass(CANARY_EVERY, watch, clock, beating=True)
    unread = OrmQ.objects.exclude(pk__in=read)
    assert [row.task["func"] for row in unread] == [CANARY]
    broker.acknowledge(unread.get().pk)
    let_pass(CANARY_EVERY, watch, clock, beating=True)
    assert [row.task["func"] for row in unread.all()] == [CANARY]


def no_answer(*args: object) -> NoReturn:
    """Stand for a driver that finds its connection gone; it raises no DatabaseError then."""
    raise InterfaceError("connection already closed")


def break_connection() -> None:
    """End the connection behind Django's back, as a restart of the database does."""
    if connection.vendor != "postgresql":
        connection.connection.close()
        return
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid]
        )
    other.close()


def test_a_lost_connection_is_replaced(clock: Clock) -> None:
    watch = Watch([Cluster("default", [], started_at=clock.time)], clock=clock)
    watch.tick()
    OrmQ.objects.all().delete()
    break_connection()
    let_pass(CANARY_EVERY, watch, clock, beating=False)
    # PostgreSQL's connections are checked before they are used; SQLite's fail once.
    assert connection.vendor != "postgresql" or waiting() == [("default", CANARY)]
    let_pass(CANARY_EVERY, watch, clock, beating=False)
    assert waiting() == [("default", CANARY)]


def test_stopping_needs_no_database() -> None:
    with connection.execute_wrapper(no_answer):
        hand_back()


@pytest.mark.parametrize("name", queue.SWEEPS)
def test_a_canary_beats_for_the_cluster_that_ran_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Q_CLUSTER_NAME", name)
    tasks.canary()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == [name]


WORKER = """
    import datetime as dt, json, os, sys
    sys.path.insert(0, os.getcwd())
    import django
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone
    from conversations.engine import jobs
    from conversations.engine.models import Conversation, Job
    from conversations.management.commands import worker
    worker.CANARY_EVERY = 0.5
    call_command("migrate", verbosity=0)
    now = timezone.now()
    conversation = Conversation.objects.create(name="Weekly", start_time=now)
    Job.objects.create(conversation=conversation, seq=1, audio="audio/1", created_at=now)
    jobs.claim(now)
    call_command("worker")
    print(json.dumps(Job.objects.values("status", "attempts").get()))
"""


@pytest.fixture
def running_worker(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """`manage.py worker` with a database of its own, while the engine holds a job."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "symbl_dashboard.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WORKER)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_a_stopped_worker_hands_its_job_back(running_worker: "subprocess.Popen[str]") -> None:
    assert running_worker.stdout is not None
    assert running_worker.stdout.readline() == "Worker is running: default, engine.\n"
    running_worker.send_signal(signal.SIGTERM)
    output, errors = running_worker.communicate(timeout=FINISH_SENDING + 10)
    job: dict[str, Any] = json.loads(output)
    assert (job, errors) == ({"status": "scheduled", "attempts": 0}, "")
    assert running_worker.returncode == 0
