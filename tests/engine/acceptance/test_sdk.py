"""The vendor's Python client against the engine: every call of the contract that it knows."""

import datetime as dt
import io
from pathlib import Path

import av
import pytest
from django.conf import settings

from conversations.engine import tokens
from conversations.engine.models import Conversation, Job, Member, Message
from tests.doubles.scripted_recognition import Turn, recording
from tests.engine.acceptance import stored
from tests.engine.acceptance.sdk import Sdk

pytestmark = pytest.mark.django_db(transaction=True)

TWO_SPEAKERS = {"enableSpeakerDiarization": True, "diarizationSpeakerCount": 2}
FIRST = recording(
    Turn(0.5, 2.0, 0, "Good morning Alice."),
    Turn(2.5, 4.0, 1, "Good morning John."),
    seconds=5.0,
)
SECOND = recording(
    Turn(0.5, 2.0, 0, "Hello May, John here."),
    Turn(2.5, 4.0, 1, "Hello John."),
    seconds=5.0,
)


@pytest.fixture
def first(sdk: Sdk, tmp_path: Path) -> str:
    """Return the id of a conversation of two speakers that the client has waited for."""
    path = tmp_path / "first.wav"
    path.write_bytes(FIRST)
    waited = sdk("Audio.process_file", str(path), parameters={"name": "Weekly", **TWO_SPEAKERS})
    return str(waited["conversationId"])


def lines(conversation_id: str) -> list[tuple[int | None, str | None, str]]:
    """Return (number of the member, name, text) of every line in the database."""
    found = Message.objects.filter(conversation=conversation_id).order_by("position")
    return list(found.values_list("member__position", "member__name", "text"))


def check_reads(sdk: Sdk, conversation_id: str) -> None:
    """Check that the client reads of the conversation what the database holds."""
    wanted = stored.conversation(conversation_id)
    assert sdk("Conversations.get_conversation", conversation_id) == wanted
    assert sdk("Conversations.get_members", conversation_id) == stored.members(conversation_id)
    assert sdk("Conversations.get_messages", conversation_id) == stored.messages(conversation_id)


def test_it_gets_the_token_that_the_engine_gave(sdk: Sdk) -> None:
    token = sdk("AuthenticationToken.get_access_token")
    app_id = settings.ENGINE_CREDENTIALS.app_id
    assert token == tokens.issue(app_id, dt.datetime.now(dt.UTC)).text


def test_it_submits_a_recording_waits_for_the_job_and_reads(sdk: Sdk, tmp_path: Path) -> None:
    path = tmp_path / "first.wav"
    path.write_bytes(FIRST)
    waited = sdk("Audio.process_file", str(path), parameters={"name": "Weekly", **TWO_SPEAKERS})
    job = Job.objects.get()
    assert waited == {
        "conversationId": job.conversation_id,
        "jobId": str(job.pk),
        "status": "completed",
    }
    assert job.status == "completed"
    assert sdk("JobsApi.get_job_status", str(job.pk)) == {"id": str(job.pk), "status": "completed"}
    assert job.conversation.name == "Weekly"
    assert lines(job.conversation_id) == [
        (1, "Speaker 1", "Good morning Alice."),
        (2, "Speaker 2", "Good morning John."),
    ]
    check_reads(sdk, job.conversation_id)


def test_it_reads_words_and_sentiment(sdk: Sdk, first: str) -> None:
    asked = {"verbose": True, "sentiment": True}
    read = sdk("Conversations.get_messages", first, parameters=asked)["messages"]
    assert [
        (
            [word["word"] for word in message["words"]],
            {word["speakerTag"] for word in message["words"]},
            message["words"][0]["startTime"] == message["startTime"],
            message["words"][-1]["endTime"] == message["endTime"],
            message["sentiment"],
        )
        for message in read
    ] == [
        (text.split(), {tag}, True, True, {"polarity": {"score": 0.0}, "suggested": "neutral"})
        for tag, text in enumerate(["Good morning Alice.", "Good morning John."], 1)
    ]


def test_it_waits_for_a_job_that_fails(sdk: Sdk, tmp_path: Path) -> None:
    path = tmp_path / "damaged.wav"
    path.write_bytes(b"not a sound")
    assert sdk("Audio.process_file", str(path))["status"] == "failed"
    assert Job.objects.get().status == "failed"


def append_second(sdk: Sdk, conversation_id: str, folder: Path) -> object:
    path = folder / "second.wav"
    path.write_bytes(SECOND)
    return sdk("Audio.append_file", str(path), conversation_id, parameters=TWO_SPEAKERS)


def test_it_appends_a_recording(sdk: Sdk, first: str, tmp_path: Path) -> None:
    waited = append_second(sdk, first, tmp_path)
    job = Job.objects.get(seq=2)
    assert waited == {"conversationId": first, "jobId": str(job.pk), "status": "completed"}
    assert lines(first) == [
        (1, "Speaker 1", "Good morning Alice."),
        (2, "Speaker 2", "Good morning John."),
        (3, "Speaker 1", "Hello May, John here."),
        (4, "Speaker 2", "Hello John."),
    ]
    check_reads(sdk, first)


def write_film(path: Path, sound: bytes) -> None:
    """Write an MP4 file with one black picture and the sound, whose samples stay as they are."""
    with av.open(io.BytesIO(sound), "r") as source, av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=10)
        stream = container.add_stream("alac", rate=16_000, layout="mono")
        assert isinstance(picture, av.VideoStream)
        assert isinstance(stream, av.AudioStream)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        container.mux(picture.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(picture.encode(None))
        for frame in source.decode(audio=0):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_it_submits_a_video_and_appends_one(sdk: Sdk, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    write_film(path, FIRST)
    waited = sdk("Video.process_file", str(path), parameters=TWO_SPEAKERS)
    assert waited["status"] == "completed"
    conversation_id = waited["conversationId"]
    write_film(path, SECOND)
    assert sdk("Video.append_file", str(path), conversation_id)["status"] == "completed"
    assert lines(conversation_id) == [
        (1, "Speaker 1", "Good morning Alice."),
        (2, "Speaker 2", "Good morning John."),
        (None, None, "Hello May, John here."),
        (None, None, "Hello John."),
    ]
    check_reads(sdk, conversation_id)


def test_it_names_members_and_merges_two_by_email(sdk: Sdk, first: str, tmp_path: Path) -> None:
    append_second(sdk, first, tmp_path)
    ids = list(Member.objects.order_by("position").values_list("pk", flat=True))
    for pk, name in zip(ids, ["John", "Alice", "John Doe", "May"], strict=True):
        email = f"{name.split()[0].lower()}@example.test"
        # `Conversations.put_members` hands its arguments on in the wrong order and sends nothing.
        answer = sdk(
            "ConversationsApi.put_members_information_by_members_id",
            {"id": str(pk), "name": name, "email": email},
            first,
            str(pk),
        )
        assert answer == {
            "message": f"Member with id: {pk} for conversationId: {first} updated successfully!"
        }
        check_reads(sdk, first)
    members = Member.objects.order_by("position").values_list("pk", "name", "email")
    assert list(members) == [
        (ids[0], "John Doe", "john@example.test"),
        (ids[1], "Alice", "alice@example.test"),
        (ids[3], "May", "may@example.test"),
    ]
    assert lines(first) == [
        (1, "John Doe", "Good morning Alice."),
        (2, "Alice", "Good morning John."),
        (1, "John Doe", "Hello May, John here."),
        (4, "May", "Hello John."),
    ]


def speaking(kind: str, name: str, seconds: int) -> dict[str, object]:
    user = {"id": name.lower(), "name": name, "email": f"{name.lower()}@example.test"}
    return {"type": kind, "user": user, "offset": {"seconds": seconds, "nanos": 0}}


def test_it_associates_speaker_events(sdk: Sdk, first: str) -> None:
    events = [
        speaking("started_speaking", "John", 0),
        speaking("stopped_speaking", "John", 2),
        speaking("started_speaking", "Alice", 2),
        speaking("stopped_speaking", "Alice", 5),
    ]
    # `Conversations.put_speakers_events` sends nothing for the same reason.
    answer = sdk(
        "ConversationsApi.put_speakers_event_by_conversation_id", {"speakerEvents": events}, first
    )
    assert answer == {
        "message": f"Speaker events associated for conversationId: {first} successfully!"
    }
    assert lines(first) == [
        (3, "John", "Good morning Alice."),
        (4, "Alice", "Good morning John."),
    ]
    check_reads(sdk, first)


def test_it_deletes_a_conversation(sdk: Sdk, first: str) -> None:
    # `Conversations.delete_conversation` calls a function that is not there and hides the error.
    answer = sdk.request("DELETE", f"/v1/conversations/{first}")
    assert answer == {"message": f"The conversation {first} was deleted."}
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert sdk("Conversations.get_messages", first) == {
        "message": "The conversationId is either invalid or does not exist."
    }
