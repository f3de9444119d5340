"""The worker's watch over its clusters."""

import datetime as dt
from time import monotonic

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from conversations import queue, tasks
from conversations.management.commands.worker import STALE_AFTER, Watch
from conversations.management.supervisor import Child
from conversations.models import Heartbeat


class Cluster(Child):
    """A cluster that only counts how often it was restarted."""

    restarts = 0

    def restart(self) -> None:
        self.restarts += 1


@pytest.fixture
def cluster(db: None) -> Cluster:
    """One that has been running for an hour."""
    return Cluster("default", [], started_at=-3600.0)


def test_a_beating_cluster_is_left_alone(cluster: Cluster) -> None:
    Heartbeat.beat("default", timezone.now())
    Watch([cluster]).restart_stale()
    assert cluster.restarts == 0


def test_a_silent_cluster_is_restarted(cluster: Cluster) -> None:
    Heartbeat.beat("default", timezone.now() - dt.timedelta(seconds=STALE_AFTER + 1))
    Watch([cluster]).restart_stale()
    assert cluster.restarts == 1


def test_a_cluster_that_never_beat_is_restarted_once_it_had_time(cluster: Cluster) -> None:
    Watch([cluster]).restart_stale()
    assert cluster.restarts == 1


def test_an_old_beat_does_not_condemn_a_cluster_that_just_started(db: None) -> None:
    fresh = Cluster("default", [], started_at=monotonic())
    Heartbeat.beat("default", timezone.now() - dt.timedelta(days=1))
    Watch([fresh]).restart_stale()
    assert fresh.restarts == 0


@pytest.mark.django_db(transaction=True)
def test_the_first_tick_sends_canaries_and_sweeps() -> None:
    watch = Watch([])
    watch.tick()
    watch.tick()
    sent = sorted((row.key, row.task["func"]) for row in OrmQ.objects.all())
    assert sent == [
        ("default", "conversations.tasks.canary"),
        ("default", "conversations.tasks.sweep"),
        ("engine", "conversations.engine.tasks.sweep"),
        ("engine", "conversations.tasks.canary"),
    ]


@pytest.mark.parametrize("name", queue.CLUSTERS)
def test_a_canary_beats_for_the_cluster_that_ran_it(
    db: None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Q_CLUSTER_NAME", name)
    tasks.canary()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == [name]
