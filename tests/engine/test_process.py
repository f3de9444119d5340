"""Submissions: what is accepted, what is refused, and that a refusal leaves nothing behind."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from pytest_django import Settings

from conversations import addresses, sealing
from conversations.engine import audio
from conversations.engine.models import Conversation, Delivery, Job, Status
from tests.doubles import missing_recognition, wakes
from tests.engine.support import Answer, Api, stored_files

pytestmark = pytest.mark.django_db(transaction=True)

AUDIO = "v1/process/audio"
JSON = "application/json"
AUDIO_TYPES = "audio/mp3, audio/mpeg, audio/wav, audio/wave"
URL = "https://media.example.org/weekly.mp3"
MESSAGES = [{"payload": {"content": "We ship on Friday."}}]


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


@pytest.mark.parametrize("conversation_id", ["5999999999999999", "word", "١٢٣", "%00"])
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


WAVE = b"RIFF\x24\0\0\0WAVEfmt "
MP4 = b"\0\0\0\x20ftypisom"
FRAME = b"\xff\xfb\x90\x00"
TAG = b"ID3\x04\0\0"


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        (AUDIO, "audio/wav", WAVE),
        (AUDIO, "audio/wave", b"RF64\xff\xff\xff\xffWAVEds64"),
        (AUDIO, "audio/mpeg", TAG),
        (AUDIO, "audio/mp3", FRAME),
        ("v1/process/video", "video/mp4", MP4),
        (AUDIO, "", b"s"),
        (AUDIO, "application/octet-stream", MP4),
        ("v1/process/video", "", WAVE),
    ],
)
def test_a_strict_engine_takes_what_is_as_its_type_says(
    api: Api, settings: Settings, path: str, content_type: str, body: bytes
) -> None:
    settings.ENGINE_STRICT = True
    assert api.submit(path, body, content_type).status == 201
    assert audio.path_of(Job.objects.get().audio).read_bytes() == body


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        (AUDIO, "audio/wav", FRAME),
        (AUDIO, "audio/wave", b"RIFF\x24\0\0\0AVI LIST"),
        (AUDIO, "audio/mpeg", WAVE),
        (AUDIO, "audio/mp3", b"\xff\xf1\x50\x80"),
        (AUDIO, "audio/mpeg", b"s"),
        ("v1/process/video", "video/mp4", WAVE),
    ],
)
def test_only_a_strict_engine_compares_the_type_with_the_recording(
    api: Api, settings: Settings, path: str, content_type: str, body: bytes
) -> None:
    settings.ENGINE_STRICT = True
    answer = api.submit(path, body, content_type)
    sentence = f"The body is not {content_type}, which its Content-Type says it is."
    assert answer == (400, {"message": sentence})
    assert (Job.objects.count(), stored_files(settings.ENGINE_DATA_DIR)) == (0, [])
    settings.ENGINE_STRICT = False
    assert api.submit(path, body, content_type).status == 201


@pytest.mark.parametrize("path", [AUDIO, f"{AUDIO}/url", "v1/process/text"])
def test_a_body_without_length_is_refused(api: Api, tmp_path: Path, path: str) -> None:
    kind = "" if path == AUDIO else JSON
    refusal = (411, {"message": "Content-Length is required."})
    for headers in ({"Transfer-Encoding": "chunked"}, {"Content-Length": "9" * 5000}):
        assert api.call("POST", path, b"sound", kind, **headers) == refusal
    assert api.submit(AUDIO, b"") == refusal
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


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_an_address_is_kept_for_the_worker(api: Api, tmp_path: Path, kind: str) -> None:
    answer = api.call("POST", f"v1/process/{kind}/url", {"url": URL, "name": "Weekly"}, JSON)
    job = Job.objects.select_related("conversation").get()
    assert answer == (201, {"conversationId": job.conversation.id, "jobId": str(job.id)})
    assert (sealing.unseal(job.url), job.audio, job.media_type) == (URL, "", "")
    assert (job.conversation.name, stored_files(tmp_path)) == ("Weekly", [])


def test_an_address_is_sealed_however_long_it_is(api: Api) -> None:
    url = f"{URL}?signature=".ljust(addresses.MAX_LENGTH, "é")
    assert api.call("POST", f"{AUDIO}/url", {"url": url}, JSON).status == 201
    job = Job.objects.get()
    assert sealing.unseal(job.url) == url
    assert "signature" not in job.url


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("audio/url/{id}", {"url": URL}),
        ("video/url/{id}/", {"url": URL}),
        ("text/{id}", {"messages": MESSAGES}),
        ("text/{id}/", {"messages": MESSAGES}),
    ],
)
def test_addresses_and_texts_are_appended(
    api: Api, conversation: Conversation, path: str, body: object
) -> None:
    answer = api.call("PUT", f"v1/process/{path.format(id=conversation.id)}", body, JSON)
    job = Job.objects.get(conversation=conversation)
    assert answer == (201, {"conversationId": conversation.id, "jobId": str(job.id)})


@pytest.mark.parametrize("path", ["audio/url/5999999999999999", "text/5999999999999999"])
def test_addresses_and_texts_go_to_no_unknown_conversation(api: Api, path: str) -> None:
    answer = api.call("PUT", f"v1/process/{path}", {"url": URL, "messages": MESSAGES}, JSON)
    assert answer == (404, {"message": "The conversation id is invalid or unknown."})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "audio"),
        ("POST", "audio/5120345678901234"),
        ("POST", "video/url/5120345678901234"),
        ("POST", "text/5120345678901234"),
        ("PUT", "audio/url"),
        ("PUT", "text"),
        ("DELETE", "video/url"),
    ],
)
def test_a_path_takes_its_own_method_alone(api: Api, method: str, path: str) -> None:
    answer = api.call(method, f"v1/process/{path}", {"url": URL}, JSON)
    assert answer == (405, {"message": f"{method} is not allowed here."})


@pytest.mark.parametrize("path", ["audio/url", "text"])
@pytest.mark.parametrize("content_type", ["", "text/plain", "audio/mpeg"])
def test_what_is_not_said_to_be_json_is_refused(api: Api, path: str, content_type: str) -> None:
    answer = api.call("POST", f"v1/process/{path}", {"url": URL}, content_type)
    assert answer == (400, {"message": "Content-Type must be application/json."})


@pytest.mark.parametrize("path", ["audio/url", "text"])
@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"{", b"\xff", b'{"url": NaN}', b'{"url": "\\ud800"}', b"[" * 5000]
)
def test_what_is_no_json_object_is_refused(api: Api, path: str, body: bytes) -> None:
    answer = api.call("POST", f"v1/process/{path}", body, JSON)
    assert answer == (400, {"message": "The body must be a JSON object."})


def test_a_large_json_body_is_refused(api: Api, settings: Settings, tmp_path: Path) -> None:
    settings.ENGINE_MAX_JSON_BYTES = 2 * 1024**2
    large = {"url": URL, "messages": MESSAGES, "other": "x" * 1024**2}
    refused = api.call("POST", f"{AUDIO}/url", large, JSON)
    assert refused == (413, {"message": "The body is larger than 1 MB."})
    assert api.call("POST", "v1/process/text", large, JSON).status == 201
    larger = api.call("POST", "v1/process/text", large | {"more": "x" * 1024**2}, JSON)
    assert larger == (413, {"message": "The body is larger than 2 MB."})
    assert len(stored_files(tmp_path)) == 1


def test_addresses_need_recognition_and_texts_do_not(api: Api, settings: Settings) -> None:
    settings.ENGINE_FACTORY = "tests.doubles.missing_recognition"
    by_address = api.call("POST", f"{AUDIO}/url", {"url": URL}, JSON)
    assert by_address == (503, {"message": missing_recognition.REASON})
    assert api.call("POST", "v1/process/text", {"messages": MESSAGES}, JSON).status == 201


def test_the_ceiling_counts_addresses_and_texts(api: Api, tmp_path: Path) -> None:
    api.call("POST", f"{AUDIO}/url", {"url": URL}, JSON)
    api.call("POST", "v1/process/text", {"messages": MESSAGES}, JSON)
    message = "The limit of 2 concurrent jobs is reached; try again later."
    refusal = (429, {"statusCode": 429, "message": message})
    assert api.call("POST", f"{AUDIO}/url", {"url": URL}, JSON) == refusal
    assert api.call("POST", "v1/process/text", {"messages": MESSAGES}, JSON) == refusal
    assert len(stored_files(tmp_path)) == 1


def test_a_webhook_is_sealed_and_told_that_the_job_is_scheduled(api: Api) -> None:
    api.submit(f"{AUDIO}?webhookUrl=http://127.0.0.1:9/hook/secret")
    job = Job.objects.get()
    assert sealing.unseal(job.webhook) == "http://127.0.0.1:9/hook/secret"
    assert "secret" not in job.webhook
    delivery = job.deliveries.get()
    assert (delivery.status, delivery.next_at) == (Status.SCHEDULED, job.created_at)


def test_without_a_webhook_nobody_is_told(api: Api) -> None:
    api.submit(f"{AUDIO}?webhookUrl=")
    assert (Job.objects.get().webhook, Delivery.objects.count()) == ("", 0)


def test_metadata_is_kept_with_the_conversation(api: Api, conversation: Conversation) -> None:
    conversation.metadata = {"recogniser": "ours", "stage": "first", "room": "4"}
    conversation.save()
    told = quote(json.dumps({"recogniser": "theirs", "stage": "second"}))
    api.append(f"{AUDIO}/{conversation.id}?metadata={told}")
    started = api.submit(f"{AUDIO}?metadata={told}").body["conversationId"]
    conversation.refresh_from_db()
    assert conversation.metadata == {"recogniser": "ours", "stage": "second", "room": "4"}
    assert Conversation.objects.get(pk=started).metadata == {"stage": "second"}


def test_appends_bring_no_more_metadata_than_a_conversation_may_have(
    api: Api, conversation: Conversation, tmp_path: Path
) -> None:
    kept = {"recogniser": "ours"} | {f"key {number}": "x" for number in range(49)}
    conversation.metadata = kept
    conversation.save()

    def append(**told: str) -> Answer:
        return api.append(f"{AUDIO}/{conversation.id}?metadata={quote(json.dumps(told))}")

    message = "metadata must not bring the conversation to more than 50 entries."
    assert append(stage="first", room="4") == (400, {"message": message})
    conversation.refresh_from_db()
    assert (conversation.metadata, stored_files(tmp_path)) == (kept, [])
    assert append(stage="first", recogniser="theirs").status == 201
    assert append(stage="second").status == 201
    conversation.refresh_from_db()
    assert conversation.metadata == kept | {"stage": "second"}


def test_the_document_describes_every_submission(api: Api) -> None:
    paths = api.get("v1/openapi.json").body["paths"]
    speech = [201, 400, 401, 404, 405, 411, 413, 429, 500, 503]
    texts = [status for status in speech if status != 503]
    described = {
        (path.rpartition("process")[2], method): (
            sorted(int(status) for status in call["responses"]),
            list(call["requestBody"]["content"]),
        )
        for path, calls in paths.items()
        for method, call in calls.items()
        if "/process/" in path
    }
    assert described == {
        ("/text", "post"): (texts, [JSON]),
        ("/text/{conversation_id}", "put"): (texts, [JSON]),
        ("/{kind}/url", "post"): (speech, [JSON]),
        ("/{kind}/url/{conversation_id}", "put"): (speech, [JSON]),
        ("/{kind}", "post"): (speech, [*AUDIO_TYPES.split(", "), "video/mp4"]),
        ("/{kind}/{conversation_id}", "put"): (speech, [*AUDIO_TYPES.split(", "), "video/mp4"]),
    }


def test_the_document_says_which_parameters_are_json(api: Api) -> None:
    paths = api.get("v1/openapi.json").body["paths"]
    (path,) = (path for path in paths if path.endswith("/process/{kind}"))
    asked = [entry for entry in paths[path]["post"]["parameters"] if entry["in"] == "query"]
    in_json = {entry["name"] for entry in asked if "content" in entry}
    assert in_json == {
        "entities", "trackers", "metadata", "features", "customVocabulary", "channelMetadata",
    }  # fmt: skip
    assert {entry["name"] for entry in asked} - in_json == {
        "name", "webhookUrl", "confidenceThreshold", "detectPhrases", "detectEntities",
        "enableAllTrackers", "enableSummary", "conversationType", "parentRefs", "sentiment",
        "languageCode", "mode", "enableSeparateRecognitionPerChannel",
        "enableSpeakerDiarization", "diarizationSpeakerCount", "timezoneOffset",
    }  # fmt: skip
    assert "$ref" not in json.dumps([entry.get("content") for entry in asked])
