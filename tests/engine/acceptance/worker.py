"""A worker of the engine in a thread of its own; ENGINE_WAKE may name `wake`."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread

from django.db import connections

from conversations.engine import tasks

_wanted: SimpleQueue[bool] = SimpleQueue()


def wake() -> None:
    _wanted.put(True)


@contextmanager
def working() -> Iterator[None]:
    """Have jobs done as they come in; on leaving, wait for the one that is running."""
    thread = Thread(target=_work)
    thread.start()
    try:
        yield
    finally:
        _wanted.put(False)
        thread.join()


def _work() -> None:
    try:
        while _wanted.get():
            tasks.work()
    finally:
        connections.close_all()
