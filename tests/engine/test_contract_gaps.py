"""Requests as the source documents show them, and rules of theirs that no other test spells out."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import numpy as np
import pytest
from django.test import Client

from conversations import sealing
from conversations.engine import tasks
from conversations.engine.api import api as engine_api
from conversations.engine.models import Conversation, Job, Member, Status
from conversations.engine.parameters import RECOGNISED
from conversations.engine.recognition.media import decode
from tests.engine.support import NOW, Answer, Api
from tests.engine.transcripts import add_job, add_member, read

JSON = "application/json"
SHIP = "I will send the deck."
WHEN = "When do we ship?"
UNKNOWN = (404, {"message": "The conversation id is invalid or unknown."})


@pytest.fixture
def detected(conversation: Conversation) -> tuple[Member, Member]:
    """Return the two members of a conversation as diarization leaves them, each with a line."""
    first, second = add_member(conversation, "Speaker 1"), add_member(conversation, "Speaker 2")
    add_job(conversation, (first, 0, 4000, SHIP), (second, 4000, 8000, WHEN))
    return first, second


def name(api: Api, member: Member, **body: str) -> Answer:
    path = f"v1/conversations/{member.conversation_id}/members/{member.id}"
    return api.put(path, {"id": str(member.id), **body})


def told(api: Api, conversation: Conversation) -> tuple[list[str], list[Any], list[Any]]:
    """Return the names of the members, and whom the messages and the insights come from."""
    return (
        [member["name"] for member in read(api, conversation, "members")["members"]],
        [message["from"] for message in read(api, conversation, "messages")["messages"]],
        [insight["from"] for insight in read(api, conversation, "insights")["insights"]],
    )


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("audio", "audio/wav"),
        ("audio", "audio/wave"),
        ("audio", "audio/mpeg"),
        ("audio", "audio/mp3"),
        ("video", "video/mp4"),
    ],
)
def test_the_documents_own_append_is_taken(
    api: Api, conversation: Conversation, kind: str, content_type: str
) -> None:
    query = "name=Business%20Meeting&confidenceThreshold=0.6"
    answer = api.append(f"v1/process/{kind}/{conversation.id}?{query}", b"sound", content_type)
    job = Job.objects.select_related("conversation").get()
    assert answer == (201, {"conversationId": conversation.id, "jobId": str(job.id)})
    assert (job.conversation.name, job.options["confidenceThreshold"], job.media_type) == (
        "Business Meeting",
        0.6,
        content_type,
    )


def test_the_tutorials_own_submission_is_taken(api: Api) -> None:
    url = "https://media.example.org/interview.mp4"
    query = "enableSpeakerDiarization=true&diarizationSpeakerCount=2"
    answer = api.call("POST", f"v1/process/video/url?{query}", {"url": url}, JSON)
    job = Job.objects.get()
    assert (answer.status, sealing.unseal(job.url)) == (201, url)
    asked = {key: job.options[key] for key in job.options if "iarization" in key}
    assert asked == {"enableSpeakerDiarization": True, "diarizationSpeakerCount": 2}


def test_parameters_that_arrive_as_one_json_text_are_left_out(
    api: Api, conversation: Conversation
) -> None:
    query = quote(json.dumps({"name": "BusinessMeeting", "confidenceThreshold": 0.6}))
    assert api.append(f"v1/process/audio/{conversation.id}?{query}").status == 201
    job = Job.objects.select_related("conversation").get()
    assert (job.conversation.name, job.options["confidenceThreshold"]) == ("Weekly", 0.5)


def test_an_address_without_the_slash_before_the_id_is_unknown(
    api: Api, conversation: Conversation
) -> None:
    answer = api.append(f"v1/process/audio{conversation.id}", b"sound", "audio/wav")
    assert answer == (404, {"message": "There is nothing at this path."})
    assert not Job.objects.exists()


@pytest.mark.parametrize("code", ["es-ES", "es-US"])
def test_spanish_is_refused_for_want_of_a_model(api: Api, code: str) -> None:
    models = ", ".join(RECOGNISED)
    answer = api.submit(f"v1/process/audio?enableSpeakerDiarization=true&languageCode={code}")
    message = f"languageCode is {code}, for which there is no model here, only for {models}."
    assert answer == (400, {"message": message})


def test_the_mode_changes_nothing_in_recognition() -> None:
    asked = [tasks.request_of({"mode": mode}) for mode in ("phone", "default")]
    assert asked == [tasks.request_of({})] * 2


def test_all_trackers_of_the_account_are_none(api: Api, conversation: Conversation) -> None:
    add_job(conversation, (None, 0, 4000, SHIP), options={"enableAllTrackers": True})
    assert read(api, conversation, "trackers-detected") == []


def test_a_summary_is_there_whether_it_was_asked_for_or_not(
    api: Api, conversation: Conversation
) -> None:
    line = "The playground fence has a hole at post"
    add_job(
        conversation,
        *((None, number * 1000, number * 1000 + 900, f"{line} {number}.") for number in range(12)),
    )
    without = read(api, conversation, "summary")
    Job.objects.update(options={"enableSummary": True})
    assert without["summary"] != []
    assert read(api, conversation, "summary") == without


def test_reads_while_an_append_runs_tell_what_is_there_so_far(
    api: Api, detected: tuple[Member, Member]
) -> None:
    conversation = detected[0].conversation
    before = [read(api, conversation, what) for what in ("messages", "members", "insights")]
    Job.objects.create(conversation=conversation, seq=2, audio="audio/next", created_at=NOW)
    assert set(Job.objects.values_list("status", flat=True)) == {
        Status.COMPLETED,
        Status.SCHEDULED,
    }
    after = [read(api, conversation, what) for what in ("messages", "members", "insights")]
    assert (after, len(before[0]["messages"])) == (before, 2)


def test_the_tutorials_renaming_shows_everywhere(api: Api, detected: tuple[Member, Member]) -> None:
    first, second = detected
    assert name(api, second, name="John Doe", email="john@example.com").status == 200
    known = {"id": str(second.id), "name": "John Doe"}
    unnamed = {"id": str(first.id), "name": "Speaker 1"}
    assert told(api, first.conversation) == (
        ["Speaker 1", "John Doe"],
        [unnamed, known | {"email": "john@example.com"}],
        [unnamed, known | {"userId": "john@example.com"}],
    )


def test_the_tutorials_merging_leaves_one_member_everywhere(
    api: Api, detected: tuple[Member, Member]
) -> None:
    john, again = detected
    for member in (john, again):
        assert name(api, member, name="John Doe", email="john@example.com").status == 200
    one = {"id": str(john.id), "name": "John Doe"}
    assert told(api, john.conversation) == (
        ["John Doe"],
        [one | {"email": "john@example.com"}] * 2,
        [one | {"userId": "john@example.com"}] * 2,
    )


def test_speaker_events_show_in_messages_and_insights(
    api: Api, detected: tuple[Member, Member]
) -> None:
    conversation = detected[0].conversation
    user = {"id": "4194eb50", "name": "Derek", "email": "derek@example.com"}
    body = {
        "speakerEvents": [
            {"type": f"{kind}_speaking", "user": user, "offset": {"seconds": seconds, "nanos": 0}}
            for kind, seconds in (("started", 4), ("stopped", 8))
        ]
    }
    assert api.put(f"v1/conversations/{conversation.id}/speakers", body).status == 200
    names, messages, insights = told(api, conversation)
    derek = {"id": str(conversation.members.get(name="Derek").pk), "name": "Derek"}
    assert names == ["Speaker 1", "Speaker 2", "Derek"]
    assert messages[1] == derek | {"email": "derek@example.com"}
    assert insights[1] == derek | {"userId": "derek@example.com"}
    assert [one["name"] for one in (messages[0], insights[0])] == ["Speaker 1"] * 2


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [
        ("PUT", "", {"metadata": {}}),
        ("DELETE", "", {}),
        ("PUT", "/members/x", {"id": "x", "name": "Bo"}),
    ],
)
def test_a_change_of_an_unknown_conversation_is_refused(
    api: Api, method: str, part: str, body: object
) -> None:
    assert api.call(method, f"v1/conversations/5999999999999999{part}", body, JSON) == UNKNOWN


@pytest.mark.parametrize(
    ("ending", "codec"), [("ac3", "ac3"), ("aiff", "pcm_s16be"), ("wma", "wmav2")]
)
def test_the_rarer_formats_of_the_documents_are_read(
    tmp_path: Path, ending: str, codec: str
) -> None:
    path = tmp_path / f"tone.{ending}"
    tone = np.sin(2 * np.pi * 440 * np.arange(3 * 44_100) / 44_100) * 8000
    frame = av.AudioFrame.from_ndarray(tone.astype("<i2")[None], format="s16", layout="mono")
    frame.sample_rate = 44_100
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=44_100, layout="mono", bit_rate=64_000)
        assert isinstance(stream, av.AudioStream)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    sound = decode(path, max_seconds=60.0)
    loudest = float(np.argmax(np.abs(np.fft.rfft(sound.pcm)))) * 16_000 / len(sound.pcm)
    assert sound.seconds == pytest.approx(3.0, abs=0.15)
    assert loudest == pytest.approx(440, abs=1)


def test_amr_of_telephones_is_read(tmp_path: Path) -> None:
    # 150 frames of 20 ms at 12.2 kbit/s (RFC 4867, 5.3), whose bits say nothing.
    path = tmp_path / "call.amr"
    path.write_bytes(b"#!AMR\n" + (b"\x3c" + bytes(31)) * 150)
    assert decode(path, max_seconds=60.0).seconds == 3.0


def test_every_call_but_the_one_for_a_token_wants_a_token(client: Client, db: None) -> None:
    paths = engine_api.get_openapi_schema(path_prefix="/")["paths"]
    stranger = Api(client, "wrong")
    answers = {
        f"{method.upper()} {path}": stranger.call(
            method.upper(),
            path.lstrip("/")
            .replace("{kind}", "audio")
            .format(conversation_id="5120345678901234", member_id="x", job_id="x"),
            {},
            JSON,
        ).status
        for path, calls in paths.items()
        for method in calls
    }
    open_to_all = {call for call, status in answers.items() if status != 401}
    assert open_to_all == {"POST /oauth2/token:generate"}
    assert len(answers) > 20
