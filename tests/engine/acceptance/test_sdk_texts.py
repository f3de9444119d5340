"""The vendor's Python client against the engine: texts, and what is computed from them."""

from typing import Any

import pytest

from conversations.engine.models import Job, Message
from tests.engine.acceptance import stored
from tests.engine.acceptance.sdk import Sdk

pytestmark = pytest.mark.django_db(transaction=True)

SHIPS = "We ship the dashboard on 9 January 2026, and the dashboard looks great."
ASKS = "When is the release meeting?"
SENDS = "I will send the deck tomorrow."
CALLS = "Let's schedule a call next week about the dashboard."
NEEDS = "The dashboard needs a good deck before the release meeting."
GOES = "The deck goes out with the dashboard after the release meeting."
AGREED = "The release meeting decides about the deck and the dashboard."


def said(name: str, start: int, end: int, content: str) -> dict[str, object]:
    """Return a message of a text; times in seconds after ten o'clock."""
    start_time, end_time = (f"2026-01-05T10:00:{second:02}.000Z" for second in (start, end))
    return {
        "payload": {"content": content, "contentType": "text/plain"},
        "from": {"name": name, "userId": f"{name.lower()}@example.test"},
        "duration": {"startTime": start_time, "endTime": end_time},
    }


TEXT = {
    "name": "Plan",
    "detectEntities": True,
    "entities": [{"customType": "product", "text": "dashboard"}],
    "trackers": [{"name": "Shipping", "vocabulary": ["ship the dashboard", "send the deck"]}],
    "messages": [
        said("Ida", 0, 4, SHIPS),
        said("Bo", 5, 7, ASKS),
        said("Ida", 8, 11, SENDS),
        said("Bo", 12, 15, CALLS),
    ],
}


@pytest.fixture
def plan(sdk: Sdk) -> str:
    """Return the id of a conversation made of the text, which the client has waited for."""
    return str(sdk("Text.process", TEXT)["conversationId"])


def message_id(text: str) -> str:
    return Message.objects.get(text=text).id


def message_ref(text: str, offset: int) -> dict[str, object]:
    return {"id": message_id(text), "text": text, "offset": offset}


def by(text: str, email: str = "email") -> dict[str, str]:
    """Return who said the text; `email` is what the address is called."""
    member = Message.objects.get(text=text).member
    assert member
    return stored.person(member, email)


def found(sdk: Sdk, what: str, conversation_id: str) -> list[dict[str, Any]]:
    """Return the one list of an answer, whose ids are checked and taken out."""
    ((_, items),) = sdk(f"Conversations.get_{what}", conversation_id).items()
    assert all(len(item["id"]) == 16 and item["id"].isdigit() for item in items)
    return [{key: value for key, value in item.items() if key != "id"} for item in items]


def test_it_submits_a_text_and_appends_one(sdk: Sdk) -> None:
    waited = sdk("Text.process", TEXT)
    conversation_id = waited["conversationId"]
    more = {"messages": [said("Cy", 20, 22, GOES), said("Ida", 23, 25, AGREED)]}
    appended = sdk("Text.append", more, conversation_id)
    assert [waited, appended] == [
        {"conversationId": conversation_id, "jobId": str(job.pk), "status": "completed"}
        for job in Job.objects.order_by("seq")
    ]
    lines = Message.objects.order_by("position").values_list("member__email", "text", "start_ms")
    assert list(lines) == [
        ("ida@example.test", SHIPS, 0),
        ("bo@example.test", ASKS, 5000),
        ("ida@example.test", SENDS, 8000),
        ("bo@example.test", CALLS, 12_000),
        ("cy@example.test", GOES, 15_000),
        ("ida@example.test", AGREED, 18_000),
    ]
    for name, wanted in (
        ("get_conversation", stored.conversation),
        ("get_members", stored.members),
        ("get_messages", stored.messages),
    ):
        assert sdk(f"Conversations.{name}", conversation_id) == wanted(conversation_id)


def test_it_reads_questions(sdk: Sdk, plan: str) -> None:
    assert found(sdk, "questions", plan) == [
        {
            "type": "question",
            "text": ASKS,
            "score": 0.95,
            "messageIds": [message_id(ASKS)],
            "from": by(ASKS, "userId"),
        }
    ]


def test_it_reads_action_items(sdk: Sdk, plan: str) -> None:
    assert found(sdk, "action_items", plan) == [
        {
            "type": "action_item",
            "text": SENDS,
            "score": 0.9,
            "messageIds": [message_id(SENDS)],
            "definitive": True,
            "phrases": [{"type": "action_phrase", "text": "send the deck tomorrow"}],
            "entities": [{"type": "date", "text": "tomorrow", "offset": 21, "value": "2026-01-06"}],
            "from": by(SENDS, "userId"),
            "assignee": by(SENDS),
            "dueBy": "2026-01-06T00:00:00+00:00",
        }
    ]


def test_it_reads_follow_ups(sdk: Sdk, plan: str) -> None:
    phrase = "schedule a call next week about the dashboard"
    assert found(sdk, "follow_ups", plan) == [
        {
            "type": "follow_up",
            "text": CALLS,
            "score": 0.7,
            "messageIds": [message_id(CALLS)],
            "definitive": False,
            "phrases": [{"type": "action_phrase", "text": phrase}],
            "entities": [{"type": "date", "text": "next week", "offset": 22}],
            "from": by(CALLS, "userId"),
            "assignee": {},
            "dueBy": "2026-01-18T00:00:00+00:00",
        }
    ]


def test_it_reads_insights_of_every_kind(sdk: Sdk, plan: str) -> None:
    insights = sdk("ConversationsApi.get_insights_by_conversation_id", plan)["insights"]
    assert [(one["type"], one["messageIds"]) for one in insights] == [
        ("question", [message_id(ASKS)]),
        ("action_item", [message_id(SENDS)]),
        ("follow_up", [message_id(CALLS)]),
    ]


def test_it_reads_topics(sdk: Sdk, plan: str) -> None:
    assert found(sdk, "topics", plan) == [
        {
            "type": "topic",
            "text": "dashboard",
            "score": 0.58,
            "messageIds": [message_id(SHIPS), message_id(CALLS)],
        }
    ]


def test_it_reads_analytics(sdk: Sdk, plan: str) -> None:
    ida = {
        "pace": {"wpm": 163.0},
        "talkTime": {"percentage": 58.333, "seconds": 7.0},
        "listenTime": {"percentage": 41.667, "seconds": 5.0},
        "overlap": {},
    }
    bo = {
        "pace": {"wpm": 168.0},
        "talkTime": {"percentage": 41.667, "seconds": 5.0},
        "listenTime": {"percentage": 58.333, "seconds": 7.0},
        "overlap": {},
    }
    assert sdk("Conversations.get_analytics", plan) == {
        "metrics": [
            {"type": "total_silence", "percent": 20.0, "seconds": 3.0},
            {"type": "total_talk_time", "percent": 80.0, "seconds": 12.0},
            {"type": "total_overlap", "percent": 0.0, "seconds": 0.0},
        ],
        "members": [by(SHIPS, "userId") | ida, by(ASKS, "userId") | bo],
    }


def test_it_reads_entities(sdk: Sdk, plan: str) -> None:
    # The client itself makes times of dates and names the fields in its own way.
    assert sdk("Conversations.get_entities", plan)["entities"] == [
        {
            "type": "custom",
            "custom_type": "product",
            "text": "dashboard",
            "value": "dashboard",
            "message_refs": [message_ref(SHIPS, 12), message_ref(CALLS, 42)],
        },
        {
            "type": "date",
            "text": "9 January 2026",
            "value": "2026-01-09T00:00:00",
            "message_refs": [message_ref(SHIPS, 25)],
        },
        {
            "type": "date",
            "text": "tomorrow",
            "value": "2026-01-06T00:00:00",
            "message_refs": [message_ref(SENDS, 21)],
        },
        {
            "type": "date",
            "text": "next week",
            "start": "2026-01-12T00:00:00",
            "end": "2026-01-18T00:00:00",
            "message_refs": [message_ref(CALLS, 22)],
        },
    ]


def test_it_reads_trackers(sdk: Sdk, plan: str) -> None:
    action_item = sdk("Conversations.get_action_items", plan)["actionItems"][0]
    (tracker,) = sdk("Conversations.get_trackers", plan)
    assert (tracker["name"], tracker["matches"]) == (
        "Shipping",
        [
            {
                "type": "vocabulary",
                "value": "ship the dashboard",
                "messageRefs": [message_ref(SHIPS, 3)],
                "insightRefs": [],
            },
            {
                "type": "vocabulary",
                "value": "send the deck",
                "messageRefs": [message_ref(SENDS, 7)],
                "insightRefs": [
                    {"id": action_item["id"], "type": "action_item", "text": SENDS, "offset": 7}
                ],
            },
        ],
    )


def test_it_reads_a_summary(sdk: Sdk, plan: str) -> None:
    more = [
        said("Cy", 20, 22, NEEDS),
        said("Cy", 23, 25, GOES),
        said("Ida", 26, 28, AGREED),
    ]
    sdk("Text.append", {"messages": more}, plan)
    (line,) = sdk.request("GET", f"/v1/conversations/{plan}/summary")["summary"]
    assert (line["text"], line["messageRefs"]) == (NEEDS, [{"id": message_id(NEEDS)}])


def test_it_reads_a_formatted_transcript(sdk: Sdk, plan: str) -> None:
    # `Conversations.get_formatted_transcript` calls a function that is not there.
    wanted = {"contentType": "text/markdown", "showSpeakerSeparation": True}
    lines = [f"Ida: {SHIPS}", f"Bo: {ASKS}", f"Ida: {SENDS}", f"Bo: {CALLS}"]
    assert sdk.request("POST", f"/v1/conversations/{plan}/transcript", wanted) == {
        "transcript": {
            "payload": "<br/><br/>".join(lines),
            "contentType": "text/markdown",
        }
    }
