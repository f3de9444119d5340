"""The worker's tasks with the real child process, which hears what the test wrote."""

import datetime as dt
import os
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from conversations.engine import audio, jobs, tasks
from conversations.engine.models import Conversation, Job, Member, Message, Status
from tests.doubles import wakes
from tests.doubles.scripted_recognition import Turn, recording
from tests.engine.support import NOW, Api, stored_files

pytestmark = pytest.mark.django_db

HELLO = Turn(0.5, 1.25, 0, "Hello.")
HI = Turn(1.5, 2.0, 1, "Hi.")


def submit(job: Job, body: bytes) -> None:
    """Make `body` the recording of the job."""
    audio.path_of(job.audio).write_bytes(body)


def test_work_recognises_a_submitted_recording(api: Api, tmp_path: Path) -> None:
    query = "enableSpeakerDiarization=true&diarizationSpeakerCount=2"
    ids = api.submit(f"v1/process/audio?{query}", recording(HELLO, HI, seconds=3.0)).body
    tasks.work()
    path = f"v1/conversations/{ids['conversationId']}"
    messages = api.get(f"{path}/messages").body["messages"]
    assert [(m["from"]["name"], m["text"], m["duration"]) for m in messages] == [
        ("Speaker 1", "Hello.", 0.75),
        ("Speaker 2", "Hi.", 0.5),
    ]
    assert api.get(f"v1/job/{ids['jobId']}").body["status"] == "completed"
    conversation = Conversation.objects.get()
    assert (conversation.duration_ms, conversation.metadata) == (
        3000,
        {"recogniser": "scripted 1"},
    )
    assert stored_files(tmp_path) == []


def test_work_without_diarization_names_nobody(job: Job) -> None:
    Job.objects.update(options={"diarizationSpeakerCount": 2})
    submit(job, recording(HELLO, HI))
    tasks.work()
    assert list(Message.objects.order_by("position").values_list("text", flat=True)) == [
        "Hello.",
        "Hi.",
    ]
    assert list(Message.objects.filter(member=None).values_list("position", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("options", "speakers"),
    [
        ({}, 1),
        ({"diarizationSpeakerCount": 2}, 1),
        ({"enableSpeakerDiarization": True}, None),
        ({"enableSpeakerDiarization": True, "diarizationSpeakerCount": 2}, 2),
    ],
)
def test_speakers_wanted_is_one_when_nobody_asked(
    options: dict[str, object], speakers: int | None
) -> None:
    assert tasks.speakers_wanted(Job(options=options)) == speakers


def test_work_keeps_to_the_number_of_speakers(job: Job) -> None:
    Job.objects.update(options={"enableSpeakerDiarization": True, "diarizationSpeakerCount": 1})
    submit(job, recording(HELLO, HI))
    tasks.work()
    assert list(Member.objects.values_list("name", flat=True)) == ["Speaker 1"]


def test_work_notes_a_file_that_breaks_off_and_a_silent_one(job: Job) -> None:
    submit(job, recording(seconds=2.0, stated_seconds=62.0))
    tasks.work()
    job.refresh_from_db()
    assert (job.status, job.note) == (
        Status.COMPLETED,
        "Only 0:02 of the stated 1:02 could be read: the file breaks off. "
        "No speech was found in this recording.",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (recording(fail=("unreadable", "The file is damaged.")), "The file is damaged."),
        (b"not a sound", "The file is damaged or is not a known audio or video format."),
        (recording(crash=True), "The speech engine stopped unexpectedly (signal 6)."),
    ],
)
def test_work_fails_a_job_with_a_sentence(
    job: Job, tmp_path: Path, body: bytes, reason: str
) -> None:
    submit(job, body)
    tasks.work()
    job.refresh_from_db()
    assert (job.status, job.reason, stored_files(tmp_path)) == (Status.FAILED, reason, [])


def test_work_keeps_to_the_limit_of_length(job: Job, settings: Settings) -> None:
    settings.MAX_RECORDING_SECONDS = 60
    submit(job, recording(HELLO, seconds=61.0))
    tasks.work()
    job.refresh_from_db()
    assert job.reason == "The recording is longer than 1 minute."


class Clock:
    """A clock on which every look takes 30 seconds."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> dt.datetime:
        self.time += dt.timedelta(seconds=30)
        return self.time


def test_work_writes_the_progress_of_the_child(job: Job) -> None:
    submit(job, recording(HELLO))
    tasks.work(now=Clock())
    job.refresh_from_db()
    assert (job.status, job.stage) == (Status.COMPLETED, "recognising")


def test_recognise_leaves_a_job_that_was_taken_over(job: Job) -> None:
    submit(job, recording(HELLO))
    lost = jobs.claim(NOW)
    assert lost
    successor = jobs.claim(NOW + jobs.LEASE)
    assert successor
    tasks.recognise(lost)
    job.refresh_from_db()
    assert (job.status, job.lease_token) == (Status.IN_PROGRESS, successor.lease_token)
    assert Message.objects.count() == 0


def test_progress_is_written_at_most_once_a_second(job: Job) -> None:
    claimed = jobs.claim(NOW)
    assert claimed
    moments = iter([0.0, 0.0, 0.5, 0.9, 1.0])
    progress = tasks.Progress(claimed, lambda: NOW + dt.timedelta(seconds=next(moments)))
    written = []
    for number in range(1, 5):
        progress("decoding", number / 10)
        job.refresh_from_db()
        written.append(job.done)
    assert written == [0.1, 0.1, 0.1, 0.4]
    assert len(wakes.beats) == 2


def test_work_wakes_again_when_more_can_run(job: Job) -> None:
    submit(job, b"not a sound")
    Job.objects.create(conversation=job.conversation, seq=2, audio="audio/2", created_at=NOW)
    tasks.work()
    assert (len(wakes.immediate), wakes.delayed) == (1, [])


def test_work_wakes_later_when_only_leased_jobs_remain(job: Job) -> None:
    jobs.claim(NOW)
    tasks.work(now=lambda: NOW + dt.timedelta(seconds=20))
    assert (wakes.immediate, wakes.delayed) == ([], [40.0])


def test_work_wakes_nobody_when_nothing_is_left() -> None:
    tasks.work()
    assert (wakes.immediate, wakes.delayed) == ([], [])


def test_sweep_frees_lost_jobs_and_wakes_a_worker(job: Job) -> None:
    jobs.claim(NOW)
    tasks.sweep(now=lambda: NOW)
    assert (wakes.immediate, wakes.delayed) == ([], [])
    tasks.sweep(now=lambda: NOW + jobs.LEASE)
    job.refresh_from_db()
    assert (job.status, len(wakes.immediate)) == (Status.SCHEDULED, 1)


def test_sweep_deletes_old_files_that_no_job_owns(job: Job, tmp_path: Path) -> None:
    now = timezone.now()
    for name, hours in {"first": 30, "old": 25, "young": 23}.items():
        path = tmp_path / "audio" / name
        path.write_bytes(b"sound")
        written = (now - dt.timedelta(hours=hours)).timestamp()
        os.utime(path, (written, written))
    tasks.sweep(now=lambda: now)
    assert stored_files(tmp_path) == ["first", "young"]
