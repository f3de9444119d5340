"""Signs of life of the queue's clusters, which the worker's supervisor watches."""

import os

from django.utils import timezone

from conversations.models import Heartbeat


def beat() -> None:
    """Say that this process's cluster is alive; long tasks call it while they make progress."""
    Heartbeat.beat(os.environ.get("Q_CLUSTER_NAME", "default"), timezone.now())
