"""What the queue runs: `work` for one job at a time, `sweep` now and then.

Both are called by name and take no arguments; the rows say what there is to do. A
task that is lost, doubled or late does no harm.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from conversations import sealing
from conversations.engine import (
    audio,
    faults,
    fetching,
    intake,
    jobs,
    text_lines,
    texts,
    wake,
    webhooks,
)
from conversations.engine.fetching import FetchRefused
from conversations.engine.models import Job
from conversations.engine.recognition import runner
from conversations.engine.recognition.protocol import CRASHED, Result
from conversations.engine.recognition.types import RecognitionError, Request

Now = Callable[[], dt.datetime]

_log = logging.getLogger(__name__)
_LANGUAGE = "en-US"
_WRITE_EVERY = dt.timedelta(seconds=1)


def work(*, now: Now = timezone.now) -> None:
    """Take the oldest job that can run to its end, then see that somebody looks at the next."""
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
    webhooks.wake_if_due(now())
    # Nobody is woken for later: the next sweep comes soon enough, and wake-ups would pile up.
    if jobs.seconds_to_next(now()) == 0:
        wake.now()


def recognise(job: Job, *, now: Now = timezone.now) -> None:
    """Take a claimed job to its end. Leave it alone when another worker has taken it over."""
    progress = Progress(job, now)
    try:
        if faults.strike("fail_job"):
            return jobs.fail(job, "")
        if job.url:
            _fetch(job, progress)
        if job.media_type == texts.MEDIA_TYPE:
            jobs.complete_text(job, text_lines.read(audio.path_of(job.audio)))
        else:
            jobs.complete(job, _result(job, progress), recogniser=_recogniser())
    except (RecognitionError, FetchRefused, text_lines.Unreadable) as error:
        # A damaged or silent file is its owner's business; a crash is ours.
        is_crash = isinstance(error, RecognitionError) and error.code == CRASHED
        _log.warning("job %s failed: %s", job.pk, error.reason, exc_info=is_crash)
        jobs.fail(job, error.reason)
    except jobs.LeaseLost:
        _log.warning("job %s was taken over by another worker", job.pk)
    return None


def _fetch(job: Job, progress: "Progress") -> None:
    """Bring the recording here, so that a retry does not have to."""
    url = sealing.unseal(job.url)
    if url is None:
        raise FetchRefused("The address could not be read any more. Submit it again.")
    name = fetching.fetch(url, lambda _bytes: progress("fetching", 0.0))
    jobs.keep_recording(job, name)


def _result(job: Job, progress: "Progress") -> Result:
    return runner.recognise(
        audio.path_of(job.audio),
        request_of(job.options),
        factory=settings.ENGINE_FACTORY,
        limits=runner.Limits(
            max_seconds=settings.MAX_RECORDING_SECONDS, memory_mb=settings.ENGINE_MEMORY_MB
        ),
        on_event=progress,
    )


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


def request_of(options: Mapping[str, Any]) -> Request:
    """Return what a job's options ask of the recognition (contract 2.3).

    One speaker is looked for when nobody asked for more. Asked for both, the speakers are
    told apart and the channels are not.
    """
    diarizes = bool(options.get("enableSpeakerDiarization"))
    return Request(
        speakers=options.get("diarizationSpeakerCount") if diarizes else 1,
        per_channel=not diarizes and bool(options.get("enableSeparateRecognitionPerChannel")),
        language=options.get("languageCode", _LANGUAGE),
        vocabulary=tuple(options.get("customVocabulary", ())),
    )


def _recogniser() -> str:
    status = intake.recognition_status()
    return f"{status.engine} {status.version or ''}".strip()
