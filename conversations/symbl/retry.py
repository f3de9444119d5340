"""When a harmless call is tried again: reads and the token, never anything that acts.

Used by connection.py. This is the innermost of the three retry layers: it bridges a
hiccup of a few seconds. Longer outages belong to the pipeline, which keeps the
next attempt in the database. stamina is not used here because it takes no `sleep`
and no clock from its caller.
"""

import random
from collections.abc import Callable
from typing import TypeVar

from conversations.symbl.errors import SymblError

MORE_TRIES = 2
"""How often a call may be repeated."""

BUDGET_SECONDS = 10.0
"""No try starts later than this after the first one did."""

RETRY_AFTER_CAP_SECONDS = 5.0
"""A server that asks for more is left alone until the pipeline comes back."""

FIRST_WAIT_SECONDS = 0.5

Answer = TypeVar("Answer")

_randomness = random.SystemRandom()


def wait_before_retry(
    error: SymblError, *, failures: int, elapsed: float, spread: float
) -> float | None:
    """Return the seconds to wait before trying again, None to give up.

    `failures` counts the tries that failed (1 or more), `elapsed` is the number of
    seconds since the first of them started, and `spread` (0 to 1) is the random
    part: the wait is between half and the whole of 0.5 s, 1 s, ... so that many
    workers do not return together. A `Retry-After` is obeyed when it is longer.
    """
    if not error.retryable or failures > MORE_TRIES:
        return None
    wait = FIRST_WAIT_SECONDS * 2 ** (failures - 1) * (0.5 + spread / 2)
    if error.retry_after is not None:
        if error.retry_after > RETRY_AFTER_CAP_SECONDS:
            return None
        wait = max(wait, error.retry_after)
    return wait if elapsed + wait < BUDGET_SECONDS else None


class Retries:
    """The retries that one call of the client may spend, its token request included."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        spread: Callable[[], float] = _randomness.random,
    ) -> None:
        """`clock` counts seconds; `spread` draws a number from 0 to 1."""
        self._sleep = sleep
        self._clock = clock
        self._spread = spread
        self._started = clock()
        self._failures = 0

    def run(self, call: Callable[[], Answer]) -> Answer:
        """Return what `call` returns, repeating it while that may help.

        `call` must be harmless to repeat. Raises its last error.
        """
        while True:
            try:
                return call()
            except SymblError as error:
                self._failures += 1
                wait = wait_before_retry(
                    error,
                    failures=self._failures,
                    elapsed=self._clock() - self._started,
                    spread=self._spread(),
                )
                if wait is None:
                    raise
            self._sleep(wait)
