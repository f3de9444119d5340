"""`manage.py worker`: runs the queue's clusters and restarts one that has died or hung.

A cluster can hang for good when one of its idle workers is killed, and its own status
still says "working" then. So a canary task is sent through each queue; a cluster that
gives no new sign of life for too long is ended as a group and started again.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections, connection
from django.utils.module_loading import import_string

from conversations import queue
from conversations.management.database import add_data_folder
from conversations.management.supervisor import MANAGE, Child, Supervisor
from conversations.models import Heartbeat

logger = logging.getLogger(__name__)

CANARY_EVERY = 5.0
SWEEP_EVERY = 60.0
# Above the longest silence of a healthy worker: one call of the API, which beats
# before it and then may connect, write and wait for as long as its timeouts allow.
STALE_AFTER = 90.0
# A recording that is being sent is worth waiting for. Recognition is not: it starts
# again by itself, and nothing of a broken-off one is kept.
FINISH_SENDING = 30.0
BREAK_OFF = 3.0


class Heard(NamedTuple):
    """A cluster's last sign of life, and since when (monotonic seconds) it has been the last."""

    beat: dt.datetime | None
    since: float


class Watch:
    """Sends canaries and sweeps on time, and restarts clusters without a sign of life.

    `on_up` is called once, when every cluster has given its first sign of life.
    """

    def __init__(
        self,
        clusters: Sequence[Child],
        *,
        on_up: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.clusters = clusters
        self.on_up = on_up
        self.clock = clock
        self.canaries = [queue.canary(cluster.name) for cluster in clusters]
        self.sweeps = [queue.sweep(cluster.name) for cluster in clusters]
        self.next_canary = self.next_sweep = 0.0
        self.heard: dict[str, Heard] = {}
        self.starting = {cluster.name for cluster in clusters}

    def tick(self) -> None:
        """Do what is due. A database that is away must not end the supervisor."""
        now = self.clock()
        try:
            close_old_connections()
            if now >= self.next_canary:
                self.next_canary = now + CANARY_EVERY
                self.listen(now)
                self.restart_stale(now)
                for canary in self.canaries:
                    canary.send()
            if now >= self.next_sweep:
                self.next_sweep = now + SWEEP_EVERY
                for sweep in self.sweeps:
                    sweep.send()
        except Error as error:
            logger.warning("the database does not answer: %s", error)
            connection.close()

    def listen(self, now: float) -> None:
        """Note which clusters have beaten since the last time."""
        try:
            beats = dict(Heartbeat.objects.values_list("name", "at"))
        except Error:
            # Without a database nobody can beat: the silence until now proves nothing.
            self.heard.clear()
            raise
        for name in (cluster.name for cluster in self.clusters):
            beat = beats.get(name)
            last = self.heard.setdefault(name, Heard(beat, now))
            if beat != last.beat:
                self.heard[name] = Heard(beat, now)
                self._note_start(name)

    def _note_start(self, name: str) -> None:
        if name in self.starting:
            self.starting.remove(name)
            if not self.starting:
                self.on_up()

    def restart_stale(self, now: float) -> None:
        """End and start again each cluster that has not beaten for too long.

        Its beats' own times are not asked: the clock on the wall jumps, and goes on
        while a laptop sleeps.
        """
        for cluster in self.clusters:
            silent = now - max(self.heard[cluster.name].since, cluster.started_at)
            if silent > STALE_AFTER:
                logger.error("%s has hung for %.0f s; restarting it", cluster.name, silent)
                cluster.restart()


def hand_back() -> None:
    """Have the engine take back what was being recognised, once its cluster has ended."""
    try:
        close_old_connections()
        import_string(settings.ENGINE_HAND_BACK)()
    except Error as error:
        logger.warning("broken-off jobs have to wait for the end of their lease: %s", error)


class Command(BaseCommand):
    help = "Run the background work: sends recordings, watches jobs, recognises speech."

    def add_arguments(self, parser: CommandParser) -> None:
        add_data_folder(parser)

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        graces = {queue.DEFAULT: FINISH_SENDING}
        if settings.ENGINE_ENABLED:
            graces[queue.ENGINE] = BREAK_OFF
        clusters = [
            Child(name, [MANAGE, "qcluster"], {"Q_CLUSTER_NAME": name}, grace)
            for name, grace in graces.items()
        ]

        def say_up() -> None:
            if verbosity:
                self.stdout.write(f"Worker is running: {', '.join(graces)}.")
                self.stdout.flush()

        watch = Watch(clusters, on_up=say_up)
        Supervisor(clusters, log=self.stderr.write, tick=watch.tick).run()
        if settings.ENGINE_ENABLED:
            hand_back()
