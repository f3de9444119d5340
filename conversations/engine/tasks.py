"""What the queue runs: `work` for one job at a time, `sweep` now and then.

Both are called by name and take no arguments; the rows say what there is to do. A
task that is lost, doubled or late does no harm.
"""

import datetime as dt
import logging
from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from conversations.engine import audio, intake, jobs, wake
from conversations.engine.models import Job
from conversations.engine.recognition import runner
from conversations.engine.recognition.types import RecognitionError

Now = Callable[[], dt.datetime]

_log = logging.getLogger(__name__)
CRASHED = "crashed"
_WRITE_EVERY = dt.timedelta(seconds=1)


def work(*, now: Now = timezone.now) -> None:
    """Recognise the oldest job that can run, then see that somebody looks at the next."""
    job = jobs.claim(now())
    try:
        if job:
            recognise(job, now=now)
    finally:
        wake_for_next(now())


def sweep(*, now: Now = timezone.now) -> None:
    """Give back the jobs of lost workers and delete recordings that no job owns."""
    released = jobs.release_expired(now())
    orphans = audio.discard_orphans(now())
    if released or orphans:
        _log.warning("released %d jobs of lost workers, deleted %d files", released, orphans)
    # Nobody is woken for later: the next sweep comes soon enough, and wake-ups would pile up.
    if jobs.seconds_to_next(now()) == 0:
        wake.now()


def recognise(job: Job, *, now: Now = timezone.now) -> None:
    """Take a claimed job to its end. Leave it alone when another worker has taken it over."""
    try:
        result = runner.recognise(
            audio.path_of(job.audio),
            speakers=speakers_wanted(job),
            factory=settings.ENGINE_FACTORY,
            limits=runner.Limits(
                max_seconds=settings.MAX_RECORDING_SECONDS, memory_mb=settings.ENGINE_MEMORY_MB
            ),
            on_event=Progress(job, now),
        )
        jobs.complete(job, result, recogniser=_recogniser())
    except RecognitionError as error:
        # A damaged or silent file is its owner's business; a crash is ours.
        _log.warning("job %s failed: %s", job.pk, error, exc_info=error.code == CRASHED)
        jobs.fail(job, error.reason)
    except jobs.LeaseLost:
        _log.warning("job %s was taken over by another worker", job.pk)


def wake_for_next(now: dt.datetime) -> None:
    """Wake a worker for what can run now, or for when the lease of a running job ends."""
    seconds = jobs.seconds_to_next(now)
    if seconds == 0:
        wake.now()
    elif seconds is not None:
        wake.later(seconds)


class Progress:
    """Keeps the lease of a job while it is recognised, writing at most once a second."""

    def __init__(self, job: Job, now: Now) -> None:
        self._job = job
        self._now = now
        self._write_at = now()

    def __call__(self, stage: str, done: float) -> None:
        now = self._now()
        if now >= self._write_at:
            jobs.renew(self._job, stage=stage, done=done, now=now)
            wake.beat()
            self._write_at = now + _WRITE_EVERY


def speakers_wanted(job: Job) -> int | None:
    """Return how many people to look for: None when unknown, one when nobody asked."""
    if not job.options.get("enableSpeakerDiarization"):
        return 1
    count: int | None = job.options.get("diarizationSpeakerCount")
    return count


def _recogniser() -> str:
    status = intake.recognition_status()
    return f"{status.engine} {status.version or ''}".strip()
