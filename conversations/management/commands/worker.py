"""`manage.py worker`: runs the queue's clusters and restarts one that has died or hung.

A cluster can hang for good when one of its idle workers is killed, and its own status
still says "working" then. So a canary task is sent through each queue; a cluster whose
last sign of life is too old is ended as a group and started again.
"""

import logging
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone

from conversations import queue
from conversations.management.supervisor import MANAGE, Child, Supervisor
from conversations.models import Heartbeat

logger = logging.getLogger(__name__)

CANARY_EVERY = 5.0
SWEEP_EVERY = 60.0
# Above the longest silence of a healthy worker, which is waiting for the API's
# answer after the last byte of a recording.
STALE_AFTER = 50.0
# A recording that is being sent is worth waiting for. Recognition is not: it starts
# again by itself, and nothing of a broken-off one is kept.
FINISH_SENDING = 30.0
BREAK_OFF = 3.0


class Watch:
    """Sends canaries and sweeps on time, and restarts clusters without a sign of life."""

    def __init__(self, clusters: list[Child]) -> None:
        self.clusters = clusters
        self.next_canary = self.next_sweep = 0.0

    def tick(self) -> None:
        """Do what is due. A database that is away must not end the supervisor."""
        now = monotonic()
        try:
            if now >= self.next_canary:
                self.next_canary = now + CANARY_EVERY
                self.restart_stale()
                queue.send_canaries()
            if now >= self.next_sweep:
                self.next_sweep = now + SWEEP_EVERY
                queue.send_sweeps()
        except DatabaseError as error:
            logger.warning("the database does not answer: %s", error)

    def restart_stale(self) -> None:
        """End and start again each cluster that has not beaten for too long."""
        beats = dict(Heartbeat.objects.values_list("name", "at"))
        for cluster in self.clusters:
            running_for = monotonic() - cluster.started_at
            beat = beats.get(cluster.name)
            silent = (timezone.now() - beat).total_seconds() if beat else running_for
            if min(silent, running_for) > STALE_AFTER:
                logger.error("%s has hung for %.0f s; restarting it", cluster.name, silent)
                cluster.restart()


class Command(BaseCommand):
    help = "Run the background work: sends recordings, watches jobs, recognises speech."

    def handle(self, *args: Any, **options: Any) -> None:
        graces = {queue.DEFAULT: FINISH_SENDING}
        if settings.ENGINE_ENABLED:
            graces[queue.ENGINE] = BREAK_OFF
        clusters = [
            Child(name, [MANAGE, "qcluster"], {"Q_CLUSTER_NAME": name}, grace)
            for name, grace in graces.items()
        ]
        watch = Watch(clusters)
        Supervisor(clusters, log=self.stderr.write, tick=watch.tick).run()
