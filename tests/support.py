"""Small helpers of the tests: sound files made on the spot, and the queue run by hand."""

import math
import struct
import wave
from collections.abc import Iterable
from pathlib import Path

from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from conversations.models import Append, Change, SpeakerEventBatch

RATE = 16_000


def write_tones(path: Path, tones: Iterable[tuple[float, float]]) -> Path:
    """Write a mono WAV file of (frequency in hertz, length in seconds); 0 Hz is silence."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for hertz, seconds in tones:
            samples = (
                round(12_000 * math.sin(2 * math.pi * hertz * index / RATE))
                for index in range(round(seconds * RATE))
            )
            file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


def hurry() -> None:
    """Make everything that is due later due now, instead of waiting for it."""
    now = timezone.now()
    Append.objects.filter(next_at__gt=now).update(next_at=now)
    Change.objects.filter(next_at__gt=now).update(next_at=now)
    SpeakerEventBatch.objects.filter(next_at__gt=now).update(next_at=now)


def run_queue(limit: int = 200) -> int:
    """Run queued tasks here, in order of their time, until none is left; return how many ran."""
    for count in range(limit):
        row = OrmQ.objects.order_by("lock", "pk").first()
        if row is None:
            return count
        task = row.task
        row.delete()
        hurry()
        import_string(task["func"])(*task["args"])
    raise AssertionError(f"the queue did not run empty within {limit} tasks")
