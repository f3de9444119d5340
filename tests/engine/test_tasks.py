"""The worker's tasks with the real child process, which hears what the test wrote."""

import datetime as dt
import json
import os
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from conversations import sealing
from conversations.engine import audio, jobs, tasks
from conversations.engine.models import Conversation, Job, Member, Message, Status
from conversations.engine.recognition.types import Request
from tests.doubles import wakes
from tests.doubles.scripted_recognition import Turn, channels, recording
from tests.engine.support import NOW, Api, stored_files

pytestmark = pytest.mark.django_db

DIARIZES = {"enableSpeakerDiarization": True}
PER_CHANNEL = {"enableSeparateRecognitionPerChannel": True}
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
    ("options", "asked"),
    [
        ({}, Request(speakers=1, language="en-US")),
        ({"diarizationSpeakerCount": 2}, Request(speakers=1, language="en-US")),
        (DIARIZES, Request(language="en-US")),
        (
            {**DIARIZES, "diarizationSpeakerCount": 2},
            Request(speakers=2, language="en-US"),
        ),
        (PER_CHANNEL, Request(speakers=1, per_channel=True, language="en-US")),
        ({**PER_CHANNEL, **DIARIZES}, Request(language="en-US")),
        (
            {"languageCode": "en-IN", "customVocabulary": ["Acme"]},
            Request(speakers=1, language="en-IN", vocabulary=("Acme",)),
        ),
    ],
)
def test_request_asks_what_the_options_ask(options: dict[str, object], asked: Request) -> None:
    assert tasks.request_of(options) == asked


def test_work_hears_each_channel_as_the_person_it_belongs_to(api: Api) -> None:
    people = [{"channel": 2, "speaker": {"name": "May", "email": "may@example.test"}}]
    query = urlencode(
        {
            "enableSeparateRecognitionPerChannel": "true",
            "channelMetadata": json.dumps(people),
            "customVocabulary": json.dumps(["Acme"]),
        }
    )
    late, early = Turn(2.0, 2.5, 0, "Hello."), Turn(0.5, 1.0, 0, "Hi.")
    api.submit(f"v1/process/audio?{query}", channels([late], [early], []))
    tasks.work()
    assert list(Message.objects.values_list("member__name", "text", "start_ms")) == [
        ("May", "Hi.", 500),
        ("Channel 1", "Hello.", 2000),
    ]
    assert Job.objects.get().note == (
        "This recogniser cannot use custom vocabulary; it was left out."
    )


def test_work_tells_speakers_apart_when_asked_for_channels_as_well(job: Job) -> None:
    Job.objects.update(options={**PER_CHANNEL, **DIARIZES})
    submit(job, channels([HELLO, HI], [HELLO, HI]))
    tasks.work()
    assert list(Message.objects.values_list("member__name", "text")) == [
        ("Speaker 1", "Hello."),
        ("Speaker 2", "Hi."),
    ]


def test_work_takes_in_a_text(job: Job, tmp_path: Path) -> None:
    Job.objects.update(media_type="application/json", options={})
    times = {"start": "2026-01-05T10:00:00+00:00", "end": "2026-01-05T10:00:04.500000+00:00"}
    ida = {"content": "We ship on Friday.", "name": "Ida", "userId": "ida@example.test", **times}
    submit(job, json.dumps([ida]).encode())
    tasks.work()
    job.refresh_from_db()
    assert Message.objects.values_list("member__email", "text", "end_ms").get() == (
        "ida@example.test",
        "We ship on Friday.",
        4500,
    )
    assert (job.status, job.note, stored_files(tmp_path)) == (Status.COMPLETED, "", [])
    assert Conversation.objects.get().metadata == {}


def test_work_fails_a_text_that_is_gone(job: Job) -> None:
    Job.objects.update(media_type="application/json")
    audio.discard(job.audio)
    tasks.work()
    job.refresh_from_db()
    assert (job.status, job.reason) == (
        Status.FAILED,
        "The submitted text could not be read any more. Submit it again.",
    )


@pytest.fixture
def distant(job: Job, httpserver: HTTPServer, settings: Settings) -> HTTPServer:
    """Return a server that the job's recording has to be fetched from."""
    settings.ENGINE_FETCH_HOSTS = [httpserver.host]
    audio.discard(job.audio)
    Job.objects.update(audio="", url=sealing.seal(httpserver.url_for("/call.wav")))
    return httpserver


def test_work_fetches_a_recording_and_recognises_it(
    job: Job, distant: HTTPServer, tmp_path: Path
) -> None:
    distant.expect_oneshot_request("/call.wav").respond_with_data(recording(HELLO))
    tasks.work()
    job.refresh_from_db()
    assert (job.status, job.audio, job.url, job.reason) == (Status.COMPLETED, "", "", "")
    assert Message.objects.get().text == "Hello."
    assert stored_files(tmp_path) == []


def test_work_fetches_a_recording_once(job: Job, distant: HTTPServer) -> None:
    distant.expect_oneshot_request("/call.wav").respond_with_data(recording(HELLO))
    lost = jobs.claim(NOW)
    assert lost

    def now() -> dt.datetime:
        """Let the other worker have the job as soon as its recording is there."""
        return NOW + jobs.LEASE if lost.audio and jobs.claim(NOW + jobs.LEASE) else NOW

    tasks.recognise(lost, now=now)
    successor = Job.objects.get()
    assert (successor.status, successor.url, successor.attempts) == (Status.IN_PROGRESS, "", 2)
    tasks.recognise(successor)
    assert Message.objects.get().text == "Hello."


def test_work_fails_a_job_whose_recording_cannot_be_fetched(
    job: Job, distant: HTTPServer, tmp_path: Path
) -> None:
    distant.expect_request("/call.wav").respond_with_data("gone", status=404)
    tasks.work()
    job.refresh_from_db()
    assert (job.status, job.url, stored_files(tmp_path)) == (Status.FAILED, "", [])
    assert job.reason == "The address answers 404 instead of the file."


def test_work_fails_a_job_whose_address_was_sealed_with_another_key(
    job: Job, distant: HTTPServer, settings: Settings
) -> None:
    settings.SECRET_KEY = "another"
    tasks.work()
    job.refresh_from_db()
    assert (job.status, job.url, job.reason, distant.log) == (
        Status.FAILED,
        "",
        "The address could not be read any more. Submit it again.",
        [],
    )


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
