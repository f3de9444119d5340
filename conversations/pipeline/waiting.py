"""How long to wait before looking again: pure functions, used by every step of the pipeline."""

import datetime as dt
import random

FIRST_WAIT = 5.0
LONGEST_WAIT = 60.0
#: Beyond the end of an attempt, how long the API may still take to show what it accepted.
SETTLE = dt.timedelta(minutes=2)
#: Slowest link that a sending is planned for, in bytes a second.
SLOWEST_LINK = 128 * 1024
#: Fruitless tries of telling the API something, after which a person decides.
GIVE_UP_AFTER = 8
ANSWER_TIME = dt.timedelta(minutes=2)
# Below the queue's own time limit for a task: an attempt ends by our word, not by its.
LONGEST_ATTEMPT = dt.timedelta(minutes=55)


def backoff(tries: int) -> dt.timedelta:
    """Return the wait after `tries` fruitless tries: 5 s doubling to a minute, with jitter."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 10))
    return dt.timedelta(seconds=longest * random.uniform(0.8, 1.2))  # noqa: S311


def next_poll(running_for: dt.timedelta) -> dt.timedelta:
    """Return the wait until the next look at a running job: a tenth of its age, 1 s to 60 s."""
    return dt.timedelta(seconds=min(60.0, max(1.0, running_for.total_seconds() / 10)))


def attempt_time(size: int) -> dt.timedelta:
    """Return how long an attempt to send `size` bytes may take, answer included."""
    return min(LONGEST_ATTEMPT, ANSWER_TIME + dt.timedelta(seconds=size / SLOWEST_LINK))
