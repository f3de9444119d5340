"""Submissions: what is accepted, what is refused, and that a refusal leaves nothing behind."""

from pathlib import Path

import pytest
from pytest_django import Settings

from conversations.engine import audio
from conversations.engine.models import Conversation, Job, Status
from tests.doubles import missing_recognition, wakes
from tests.engine.support import Api, stored_files

pytestmark = pytest.mark.django_db(transaction=True)

AUDIO = "v1/process/audio"
AUDIO_TYPES = "audio/mp3, audio/mpeg, audio/wav, audio/wave"
COUNT = "diarizationSpeakerCount must be a whole number from 1 to 20."
THRESHOLD = "confidenceThreshold must be a number from 0.5 to 1.0."
NAME = "name must be a text of at most 200 characters."


def test_post_stores_the_recording_and_schedules_a_job(api: Api, tmp_path: Path) -> None:
    answer = api.submit(f"{AUDIO}?name=Weekly+sync", b"some sound", "audio/mpeg")
    job = Job.objects.select_related("conversation").get()
    assert answer == (201, {"conversationId": job.conversation.id, "jobId": str(job.id)})
    assert (job.seq, job.status, job.media_type) == (1, Status.SCHEDULED, "audio/mpeg")
    assert audio.path_of(job.audio).read_bytes() == b"some sound"
    assert job.conversation.name == "Weekly sync"
    assert job.conversation.start_time.microsecond % 1000 == 0
    assert len(wakes.immediate) == 1


def test_post_names_a_conversation_after_its_id_and_ids_have_16_digits(api: Api) -> None:
    answer = api.submit(AUDIO)
    conversation = Conversation.objects.get()
    assert conversation.name == conversation.id == answer.body["conversationId"]
    assert (len(conversation.id), conversation.id.isdigit()) == (16, True)


def test_put_appends_a_new_job_to_the_conversation(api: Api) -> None:
    first = api.submit(f"{AUDIO}?name=Weekly").body
    second = api.append(f"v1/process/video/{first['conversationId']}", content_type="video/mp4")
    assert second.status == 201
    assert second.body["conversationId"] == first["conversationId"]
    assert second.body["jobId"] != first["jobId"]
    seqs = Job.objects.order_by("seq").values_list("seq", "conversation__name")
    assert list(seqs) == [(1, "Weekly"), (2, "Weekly")]


def test_put_may_rename_the_conversation(api: Api, conversation: Conversation) -> None:
    api.append(f"{AUDIO}/{conversation.id}?name=Monthly")
    conversation.refresh_from_db()
    assert conversation.name == "Monthly"


@pytest.mark.parametrize("conversation_id", ["5999999999999999", "url", "١٢٣", "%00"])
def test_put_refuses_an_unknown_conversation(
    api: Api, tmp_path: Path, conversation_id: str
) -> None:
    answer = api.append(f"{AUDIO}/{conversation_id}")
    assert answer == (404, {"message": "The conversation id is invalid or unknown."})
    assert (Job.objects.count(), stored_files(tmp_path)) == (0, [])


def test_a_trailing_slash_is_tolerated(api: Api) -> None:
    first = api.submit(f"{AUDIO}/")
    second = api.append(f"{AUDIO}/{first.body['conversationId']}/")
    assert (first.status, second.status) == (201, 201)


@pytest.mark.parametrize(
    ("kind", "content_type", "stored"),
    [
        ("audio", "", ""),
        ("audio", "application/octet-stream", ""),
        ("audio", "application/x-www-form-urlencoded", ""),
        ("audio", "audio/wav", "audio/wav"),
        ("audio", "audio/wave", "audio/wave"),
        ("audio", "audio/mpeg", "audio/mpeg"),
        ("audio", "Audio/MP3; x=1", "audio/mp3"),
        ("video", "", ""),
        ("video", "video/mp4", "video/mp4"),
    ],
)
def test_content_type_is_accepted(api: Api, kind: str, content_type: str, stored: str) -> None:
    assert api.submit(f"v1/process/{kind}", content_type=content_type).status == 201
    assert Job.objects.get().media_type == stored


@pytest.mark.parametrize(
    ("kind", "content_type", "known"),
    [
        ("audio", "audio/ogg", AUDIO_TYPES),
        ("audio", "multipart/form-data; boundary=x", AUDIO_TYPES),
        ("audio", "video/mp4", AUDIO_TYPES),
        ("video", "audio/mp4", "video/mp4"),
        ("video", "application/octet-stream", "video/mp4"),
    ],
)
def test_content_type_is_refused(
    api: Api, tmp_path: Path, kind: str, content_type: str, known: str
) -> None:
    answer = api.submit(f"v1/process/{kind}", content_type=content_type)
    message = f"Content-Type must be one of {known}, or be left out."
    assert answer == (400, {"message": message})
    assert (Job.objects.count(), stored_files(tmp_path)) == (0, [])


def test_parameters_are_kept_with_the_job(api: Api) -> None:
    query = "enableSpeakerDiarization=true&diarizationSpeakerCount=3&languageCode=en-GB"
    api.submit(f"{AUDIO}?{query}&confidenceThreshold=0.75&webhookUrl=http://x.test&other=1")
    assert Job.objects.get().options == {
        "enableSpeakerDiarization": True,
        "diarizationSpeakerCount": 3,
        "languageCode": "en-GB",
        "confidenceThreshold": 0.75,
        "webhookUrl": "http://x.test",
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("diarizationSpeakerCount=0", COUNT),
        ("diarizationSpeakerCount=21", COUNT),
        ("diarizationSpeakerCount=2.0", COUNT),
        ("diarizationSpeakerCount=two", COUNT),
        ("enableSpeakerDiarization=maybe", "enableSpeakerDiarization must be true or false."),
        (
            "languageCode=de-DE",
            "languageCode must be English, such as en-US: this engine recognises English only.",
        ),
        ("confidenceThreshold=0.4", THRESHOLD),
        ("confidenceThreshold=1.1", THRESHOLD),
        ("confidenceThreshold=nan", THRESHOLD),
        (f"name={'x' * 201}", NAME),
        ("name=%00", NAME),
    ],
)
def test_a_wrong_parameter_is_refused(api: Api, query: str, message: str) -> None:
    assert api.submit(f"{AUDIO}?{query}") == (400, {"message": message})
    assert Job.objects.count() == 0


@pytest.mark.parametrize("code", ["en", "en-US", "EN-gb", "en_AU"])
def test_every_english_is_accepted(api: Api, code: str) -> None:
    assert api.submit(f"{AUDIO}?languageCode={code}").status == 201


def test_a_body_without_length_is_refused(api: Api, tmp_path: Path) -> None:
    assert api.submit(AUDIO, b"") == (411, {"message": "Content-Length is required."})
    chunked = api.call("POST", AUDIO, b"sound", **{"Transfer-Encoding": "chunked"})
    assert chunked.status == 411
    assert (Job.objects.count(), stored_files(tmp_path)) == (0, [])


def test_an_empty_body_is_refused(api: Api) -> None:
    answer = api.call("POST", AUDIO, b"", **{"Content-Length": "0"})
    assert answer == (400, {"message": "The body must be a recording, but it is empty."})


def test_a_recording_over_the_limit_is_refused(
    api: Api, settings: Settings, tmp_path: Path
) -> None:
    settings.MAX_RECORDING_BYTES = 1024**2
    assert api.submit(AUDIO, b"x" * 1024**2).status == 201
    answer = api.submit(AUDIO, b"x" * (1024**2 + 1))
    assert answer == (413, {"message": "The recording is larger than 1 MB."})
    assert (Job.objects.count(), len(stored_files(tmp_path))) == (1, 1)


def test_the_ceiling_counts_scheduled_and_running_jobs(api: Api, tmp_path: Path) -> None:
    ids = [api.submit(AUDIO).body["jobId"] for _ in range(2)]
    Job.objects.filter(pk=ids[0]).update(
        status=Status.IN_PROGRESS, lease_until="2026-01-05T10:00:00Z"
    )
    message = "The limit of 2 concurrent jobs is reached; try again later."
    assert api.submit(AUDIO) == (429, {"statusCode": 429, "message": message})
    assert (Conversation.objects.count(), len(stored_files(tmp_path))) == (2, 2)
    Job.objects.filter(pk=ids[0]).update(status=Status.COMPLETED)
    assert api.submit(AUDIO).status == 201


def test_recognition_that_cannot_run_refuses_recordings(
    api: Api, settings: Settings, tmp_path: Path
) -> None:
    settings.ENGINE_FACTORY = "tests.doubles.missing_recognition"
    assert api.submit(AUDIO) == (503, {"message": missing_recognition.REASON})
    assert (Job.objects.count(), stored_files(tmp_path)) == (0, [])


def test_a_failing_queue_does_not_take_the_job_back(
    api: Api, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ENGINE_WAKE = "tests.doubles.wakes.missing"
    assert api.submit(AUDIO).status == 201
    assert Job.objects.count() == 1
