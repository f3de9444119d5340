"""What the API tells of jobs, conversations, messages and members."""

import uuid

import pytest

from conversations.engine import jobs
from conversations.engine.models import Conversation, Job, Member, Status
from conversations.engine.recognition.types import Piece
from tests.engine.support import NOW, Api, result

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


def test_messages_of_a_running_job_are_an_empty_answer(api: Api, job: Job) -> None:
    answer = api.get(f"v1/conversations/{job.conversation_id}/messages")
    assert answer == (200, {"messages": []})


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["", "/messages", "/members"])
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
