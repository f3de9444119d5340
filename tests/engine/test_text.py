"""Texts in place of recordings: what is kept of them, and what is wrong with which message."""

import json
from pathlib import Path
from typing import Any

import pytest

from conversations.engine import audio, tasks
from conversations.engine.models import Job
from tests.engine.support import Answer, Api, stored_files

pytestmark = pytest.mark.django_db(transaction=True)

TIME = "must be a time such as 2026-01-05T10:00:00.000Z."
NAMES = "must be a text of at most 200 characters without control characters."
YEARS = "must lie in the years 1970 to 2199."
LIST = "messages must be a JSON list of 1 to 50,000 messages."


def submit(api: Api, messages: object, query: str = "", **parameters: object) -> Answer:
    body = {"messages": messages, **parameters}
    return api.call("POST", f"v1/process/text{query}", body, "application/json")


def message(content: object = "Hello.", **more: Any) -> dict[str, object]:
    return {"payload": {"content": content}, **more}


def during(start: object, end: object) -> dict[str, object]:
    return {"startTime": start, "endTime": end}


def test_a_text_becomes_a_job_with_its_messages_in_a_file(api: Api) -> None:
    answer = submit(
        api,
        [
            {
                "payload": {"content": " We ship on Friday. ", "contentType": "text/plain"},
                "from": {"name": "Zoë", "userId": "zoe@example.org"},
                "duration": during("2026-01-05T10:00:00.00Z", "2026-01-05T11:00:04.5+01:00"),
            },
            {"payload": {"content": "Fine."}, "from": {"userId": "u-7"}, "duration": None},
            {"payload": {"content": "Bye."}, "from": None, "duration": {"endTime": None}},
            message("Late.", duration={"startTime": "2026-01-05T10:00:09"}),
        ],
        name="Weekly",
        detectPhrases="true",
    )
    job = Job.objects.select_related("conversation").get()
    assert answer == (201, {"conversationId": job.conversation.id, "jobId": str(job.id)})
    assert (job.media_type, job.url, job.conversation.name) == ("application/json", "", "Weekly")
    assert job.options["detectPhrases"] is True
    nobody = {"name": "", "userId": "", "start": None, "end": None}
    assert json.loads(audio.path_of(job.audio).read_bytes()) == [
        {
            "content": "We ship on Friday.",
            "name": "Zoë",
            "userId": "zoe@example.org",
            "start": "2026-01-05T10:00:00+00:00",
            "end": "2026-01-05T10:00:04.500000+00:00",
        },
        {**nobody, "content": "Fine.", "userId": "u-7"},
        {**nobody, "content": "Bye."},
        {**nobody, "content": "Late.", "start": "2026-01-05T10:00:09+00:00"},
    ]


def test_parameters_of_a_text_may_be_in_the_query(api: Api) -> None:
    assert submit(api, [message()], "?enableSummary=true&name=Weekly").status == 201
    job = Job.objects.select_related("conversation").get()
    assert (job.conversation.name, job.options["enableSummary"]) == ("Weekly", True)


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        (None, "messages is required."),
        ([], LIST),
        ({}, LIST),
        ("Hello.", LIST),
        ([message()] * 50_001, LIST),
        ([message(), 5], "messages[1] must be a JSON object."),
        ([message(), {}], "messages[1].payload is required."),
        ([{"payload": "Hello."}], "messages[0].payload must be a JSON object."),
        ([{"payload": {}}], "messages[0].payload.content is required."),
        ([message("")], "messages[0].payload.content must be a text of 1 to 10,000 characters."),
        ([message(" ")], "messages[0].payload.content must be a text of 1 to 10,000 characters."),
        (
            [message("x" * 10_001)],
            "messages[0].payload.content must be a text of 1 to 10,000 characters.",
        ),
        (
            [message("a\0b")],
            "messages[0].payload.content must be a text of 1 to 10,000 characters.",
        ),
        (
            [{"payload": {"content": "Hello.", "contentType": "text/html"}}],
            "messages[0].payload.contentType must be text/plain.",
        ),
        ([message(**{"from": "Ida"})], "messages[0].from must be a JSON object."),
        (
            [message(**{"from": {"name": "x" * 201}})],
            f"messages[0].from.name {NAMES}",
        ),
        (
            [message(**{"from": {"userId": 7}})],
            f"messages[0].from.userId {NAMES}",
        ),
        (
            [message(), message(duration=during("2026-01-05T10:00:01Z", "2026-01-05T10:00:00Z"))],
            "messages[1].duration must not end before it starts.",
        ),
        ([message(duration=during("noon", None))], f"messages[0].duration.startTime {TIME}"),
        ([message(duration=during(None, 1767607200))], f"messages[0].duration.endTime {TIME}"),
        (
            [message(duration=during("0001-01-01T00:00:00+01:00", None))],
            f"messages[0].duration.startTime {TIME}",
        ),
        (
            [message(duration=during("0001-01-01T00:00:00Z", None))],
            f"messages[0].duration.startTime {YEARS}",
        ),
        (
            [message(duration=during("1970-01-01T00:59:59+01:00", None))],
            f"messages[0].duration.startTime {YEARS}",
        ),
        (
            [message(duration=during(None, "2200-01-01T00:00:00Z"))],
            f"messages[0].duration.endTime {YEARS}",
        ),
        (
            [message(duration=during("9999-12-31T23:59:59Z", None))],
            f"messages[0].duration.startTime {YEARS}",
        ),
        (
            [
                message(duration=during("2025-01-01T00:00:00Z", None)),
                message(duration=during("2026-01-03T00:00:00Z", None)),
            ],
            "messages must lie within 366 days of each other.",
        ),
    ],
)
def test_a_wrong_message_is_refused_by_its_place(
    api: Api, tmp_path: Path, messages: object, sentence: str
) -> None:
    assert submit(api, messages) == (400, {"message": sentence})
    assert (Job.objects.count(), stored_files(tmp_path)) == (0, [])


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00.000Z", "2199-12-31T23:59:59.000Z"])
def test_the_earliest_and_the_latest_text_can_be_read(api: Api, moment: str) -> None:
    minutes_of_words = "a " * 5000
    last = message("Bye.", duration=during(moment, moment))
    conversation_id = submit(api, [message(minutes_of_words), last]).body["conversationId"]
    tasks.work()
    messages = api.get(f"v1/conversations/{conversation_id}/messages").body["messages"]
    assert [one["endTime"] for one in messages] == [moment, moment]


def test_fifty_thousand_messages_are_accepted(api: Api) -> None:
    assert submit(api, [message("x" * 100)] * 50_000).status == 201
    job = Job.objects.get()
    assert len(json.loads(audio.path_of(job.audio).read_bytes())) == 50_000
