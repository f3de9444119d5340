"""An engine that uses processor time for ever."""

from __future__ import annotations


def engine() -> None:
    while True:
        pass
