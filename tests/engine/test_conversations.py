"""What the API tells of jobs, conversations, messages and members, and its changes to them."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from conversations.engine import insights, jobs
from conversations.engine.models import Conversation, Delivery, Job, Member, Message, Status
from conversations.engine.recognition.types import Piece
from tests.engine.support import NOW, Api, result, stored_files
from tests.engine.transcripts import add_job

IDA = uuid.UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture
def ida(conversation: Conversation) -> Member:
    return Member.objects.create(
        id=IDA, conversation=conversation, position=1, name="Ida", email="ida@example.test"
    )


def test_conversation_tells_its_times_and_members(
    api: Api, conversation: Conversation, ida: Member
) -> None:
    Member.objects.create(id=uuid.UUID(int=2), conversation=conversation, position=2, name="Bo")
    Conversation.objects.update(duration_ms=2_472_300, metadata={"recogniser": "x 1"})
    assert api.get(f"v1/conversations/{conversation.id}") == (
        200,
        {
            "id": "5120345678901234",
            "type": "meeting",
            "name": "Weekly",
            "startTime": "2026-01-05T10:00:00.000Z",
            "endTime": "2026-01-05T10:41:12.300Z",
            "members": [
                {"id": str(IDA), "name": "Ida", "email": "ida@example.test"},
                {"id": str(uuid.UUID(int=2)), "name": "Bo"},
            ],
            "metadata": {"recogniser": "x 1"},
        },
    )


def test_members_are_listed_in_order_of_appearance(
    api: Api, conversation: Conversation, ida: Member
) -> None:
    Member.objects.create(id=uuid.UUID(int=0), conversation=conversation, position=2, name="Bo")
    assert api.get(f"v1/conversations/{conversation.id}/members") == (
        200,
        {
            "members": [
                {"id": str(IDA), "name": "Ida", "email": "ida@example.test"},
                {"id": str(uuid.UUID(int=0)), "name": "Bo"},
            ]
        },
    )


def test_messages_carry_speaker_and_times(api: Api, job: Job, ida: Member) -> None:
    claimed = jobs.claim(NOW)
    assert claimed
    pieces = [Piece(5.2, 7.9, 0, "We ship on Friday."), Piece(8.0, 9.004, 1, "Good.")]
    jobs.complete(claimed, result(*pieces), recogniser="x")
    first, second = job.conversation.messages.order_by("position")
    first.member = ida
    first.save()
    answer = api.get(f"v1/conversations/{job.conversation_id}/messages")
    assert answer == (
        200,
        {
            "messages": [
                {
                    "id": first.id,
                    "text": "We ship on Friday.",
                    "from": {"id": str(IDA), "name": "Ida", "email": "ida@example.test"},
                    "startTime": "2026-01-05T10:00:05.200Z",
                    "endTime": "2026-01-05T10:00:07.900Z",
                    "timeOffset": 0.0,
                    "duration": 2.7,
                    "phrases": [],
                    "conversationId": "5120345678901234",
                },
                {
                    "id": second.id,
                    "text": "Good.",
                    "from": {"id": str(second.member_id), "name": "Speaker 2"},
                    "startTime": "2026-01-05T10:00:08.000Z",
                    "endTime": "2026-01-05T10:00:09.004Z",
                    "timeOffset": 2.8,
                    "duration": 1.0,
                    "phrases": [],
                    "conversationId": "5120345678901234",
                },
            ]
        },
    )


def test_messages_without_diarization_come_from_nobody(api: Api, job: Job) -> None:
    Job.objects.update(options={})
    claimed = jobs.claim(NOW)
    assert claimed
    jobs.complete(claimed, result(Piece(0.0, 1.0, 0, "Hello.")), recogniser="x")
    body = api.get(f"v1/conversations/{job.conversation_id}/messages").body
    assert [message["from"] for message in body["messages"]] == [{}]
    assert Member.objects.count() == 0


def test_messages_tell_their_words_with_estimated_times(
    api: Api, conversation: Conversation, ida: Member
) -> None:
    add_job(conversation, (None, 1000, 1500, "Hm."), (ida, 5200, 7900, "We ship  on Friday."))
    body = api.get(f"v1/conversations/{conversation.id}/messages?verbose=true").body
    first, second = body["messages"]

    def word(text: str, start: int, end: int) -> dict[str, object]:
        return {
            "word": text,
            "startTime": f"2026-01-05T10:00:0{start / 1000:.3f}Z",
            "endTime": f"2026-01-05T10:00:0{end / 1000:.3f}Z",
            "timeOffset": round(start / 1000 - 1, 2),
            "duration": round((end - start) / 1000, 2),
        }

    assert first["words"] == [word("Hm.", 1000, 1500)]
    assert second["words"] == [
        word(text, start, end) | {"speakerTag": 1}
        for text, start, end in (
            ("We", 5200, 5560),
            ("ship", 5560, 6280),
            ("on", 6280, 6640),
            ("Friday.", 6640, 7900),
        )
    ]
    assert "sentiment" not in second


def test_messages_tell_their_tone_when_asked(api: Api, conversation: Conversation) -> None:
    texts = ["I love this great plan.", "This is terrible."]
    add_job(conversation, *((None, n * 1000, n * 1000 + 900, text) for n, text in enumerate(texts)))
    add_job(conversation, (None, 3000, 4000, texts[0]), options={"languageCode": "fr-FR"})
    body = api.get(f"v1/conversations/{conversation.id}/messages?sentiment=true").body
    scores = [insights.sentiment(text) for text in texts]
    assert [message.get("sentiment") for message in body["messages"]] == [
        {"polarity": {"score": scores[0]}, "suggested": "positive"},
        {"polarity": {"score": scores[1]}, "suggested": "negative"},
        None,
    ]
    assert "words" not in body["messages"][0]


@pytest.mark.parametrize(
    ("options", "phrases"),
    [
        ({"detectPhrases": True}, [{"type": "action_phrase", "text": "send the deck"}]),
        ({"detectPhrases": False}, []),
        ({"detectPhrases": True, "languageCode": "es-ES"}, []),
        ({}, []),
    ],
)
def test_messages_tell_their_key_phrases_for_jobs_that_look_for_them(
    api: Api, conversation: Conversation, options: dict[str, Any], phrases: list[object]
) -> None:
    add_job(conversation, (None, 0, 1000, "I will send the deck."), options=options)
    body = api.get(f"v1/conversations/{conversation.id}/messages").body
    assert body["messages"][0]["phrases"] == phrases


def test_a_wrong_flag_is_refused(api: Api, conversation: Conversation) -> None:
    answer = api.get(f"v1/conversations/{conversation.id}/messages?verbose=perhaps")
    assert answer == (400, {"message": "verbose must be true or false."})


def test_metadata_is_replaced_but_for_the_name_of_the_recogniser(
    api: Api, conversation: Conversation
) -> None:
    Conversation.objects.update(metadata={"recogniser": "x 1", "old": "gone"})
    body = {"metadata": {"agentId": "ida", "recogniser": "other"}, "name": "Not changed"}
    assert api.put(f"v1/conversations/{conversation.id}", body) == (
        200,
        {"id": "5120345678901234", "metadata": {"agentId": "ida", "recogniser": "x 1"}},
    )
    conversation.refresh_from_db()
    assert conversation.metadata == {"agentId": "ida", "recogniser": "x 1"}
    assert conversation.name == "Weekly"


def test_nobody_can_say_what_recognised_the_text(api: Api, conversation: Conversation) -> None:
    body = {"metadata": {"recogniser": "other"}}
    answer = api.put(f"v1/conversations/{conversation.id}/", body)
    assert answer == (200, {"id": "5120345678901234", "metadata": {}})


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        {"a": 5},
        {"a": None},
        {"a": "x" * 129},
        {"x" * 129: "a"},
        {"": "a"},
        {"a": "\x00"},
        {str(number): "a" for number in range(51)},
    ],
)
def test_wrong_metadata_is_refused(api: Api, conversation: Conversation, metadata: object) -> None:
    assert api.put(f"v1/conversations/{conversation.id}", {"metadata": metadata}) == (
        400,
        {
            "message": "metadata must be an object of at most 50 texts of up to 128 characters, "
            "their names as short."
        },
    )


def test_metadata_may_be_as_large_as_that(api: Api, conversation: Conversation) -> None:
    metadata = {f"{number:0128}": "x" * 128 for number in range(50)}
    answer = api.put(f"v1/conversations/{conversation.id}", {"metadata": metadata})
    assert answer == (200, {"id": "5120345678901234", "metadata": metadata})


def test_deleting_removes_everything_of_the_conversation_and_nothing_else(
    api: Api, job: Job, ida: Member, tmp_path: Path
) -> None:
    add_job(job.conversation, (ida, 0, 1000, "Hello."))
    Delivery.objects.create(job=job, status=Status.SCHEDULED, created_at=NOW)
    other = Conversation.objects.create(name="Other", start_time=NOW)
    add_job(other, (None, 0, 1000, "Hello."))
    assert api.call("DELETE", f"v1/conversations/{job.conversation_id}") == (
        200,
        {"message": "The conversation 5120345678901234 was deleted."},
    )
    assert list(Conversation.objects.values_list("name", flat=True)) == ["Other"]
    assert list(Message.objects.values_list("conversation__name", flat=True)) == ["Other"]
    assert (Job.objects.count(), Member.objects.count(), Delivery.objects.count()) == (1, 0, 0)
    assert stored_files(tmp_path) == []
    again = api.call("DELETE", f"v1/conversations/{job.conversation_id}")
    assert again == (404, {"message": "The conversation id is invalid or unknown."})
    assert api.get(f"v1/job/{job.id}").status == 404


def test_the_worker_of_a_deleted_conversation_ends_without_a_trace(api: Api, job: Job) -> None:
    claimed = jobs.claim(NOW)
    assert claimed
    api.call("DELETE", f"v1/conversations/{job.conversation_id}")
    with pytest.raises(jobs.LeaseLost):
        jobs.renew(claimed, stage="decoding", done=0.5, now=NOW)
    with pytest.raises(jobs.LeaseLost):
        jobs.complete(claimed, result(Piece(0.0, 1.0, 0, "Hello.")), recogniser="x")
    jobs.fail(claimed, "The file is gone.")
    assert (Conversation.objects.count(), Job.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_messages_of_a_running_job_are_an_empty_answer(api: Api, job: Job) -> None:
    answer = api.get(f"v1/conversations/{job.conversation_id}/messages")
    assert answer == (200, {"messages": []})


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["", "/", "/messages", "/messages/", "/members"])
@pytest.mark.parametrize("conversation_id", ["5999999999999999", "x", "%00", "9" * 40])
def test_an_unknown_conversation_is_not_found(api: Api, conversation_id: str, part: str) -> None:
    answer = api.get(f"v1/conversations/{conversation_id}{part}")
    assert answer == (404, {"message": "The conversation id is invalid or unknown."})


def test_job_tells_its_status(api: Api, job: Job) -> None:
    assert api.get(f"v1/job/{job.id}") == (200, {"id": str(job.id), "status": "scheduled"})


def test_job_tells_its_progress_when_asked(api: Api, job: Job) -> None:
    claimed = jobs.claim(NOW)
    assert claimed
    jobs.renew(claimed, stage="separating", done=0.25, now=NOW)
    progress = {"stage": "separating", "done": 0.25, "reason": None, "note": None}
    assert api.get(f"v1/job/{job.id}?progress=true") == (
        200,
        {"id": str(job.id), "status": "in_progress", "progress": progress},
    )


def test_job_tells_why_it_failed_and_what_to_note(api: Api, job: Job) -> None:
    Job.objects.update(status=Status.FAILED, reason="It is damaged.", note="Half of it.", stage="x")
    assert api.get(f"v1/job/{job.id}?progress=true").body["progress"] == {
        "stage": "x",
        "done": 0.0,
        "reason": "It is damaged.",
        "note": "Half of it.",
    }


@pytest.mark.parametrize("job_id", ["x", str(uuid.UUID(int=5)), "%00"])
def test_an_unknown_job_is_not_found(api: Api, job_id: str) -> None:
    answer = api.get(f"v1/job/{job_id}")
    assert answer == (404, {"message": "The job id is invalid or unknown."})
