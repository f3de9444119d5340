"""The list of conversations: its window, its pages and its order (contract 4.1)."""

import datetime as dt

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from conversations.engine.models import Conversation
from tests.engine.support import NOW, Api
from tests.engine.transcripts import add_member

DAY = dt.timedelta(days=1)


@pytest.fixture
def week(db: None) -> list[Conversation]:
    """Return three conversations: of today, six days ago and eight days ago."""
    return [
        Conversation.objects.create(id=str(number), name=name, start_time=NOW - days * DAY)
        for number, name, days in ((1, "Today", 0), (2, "Six", 6), (3, "Eight", 8))
    ]


def names(api: Api, query: str = "") -> list[str]:
    with time_machine.travel(NOW + dt.timedelta(hours=1), tick=False):
        answer = api.get(f"v1/conversations{query}")
    assert answer.status == 200
    return [conversation["name"] for conversation in answer.body["conversations"]]


def test_the_list_is_of_the_last_seven_days_oldest_first(
    api: Api, week: list[Conversation]
) -> None:
    assert names(api) == ["Six", "Today"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("/", ["Six", "Today"]),
        ("?order=desc", ["Today", "Six"]),
        ("?sort=conversation.startTime&order=asc", ["Six", "Today"]),
        ("?limit=1", ["Six"]),
        ("?limit=1&offset=1", ["Today"]),
        ("?limit=0", []),
        ("?offset=2", []),
        ("?startTime=2025-12-01", ["Eight", "Six", "Today"]),
        ("?startTime=2025-12-01T00:00:00Z&endTime=2026-01-01T00:00:00Z", ["Eight", "Six"]),
        ("?endTime=2026-01-05T09:59:59%2B00:00", ["Six"]),
        ("?endTime=2026-01-05T10:59:59.000%2B01:00", ["Six"]),
        ("?endTime=2026-01-01T00:00:00Z", ["Eight", "Six"]),
        ("?startTime=2025-12-30T10:00:00Z&endTime=2026-01-05T10:00:00Z", ["Six", "Today"]),
        ("?startTime=0001-01-01T00:00:00Z&endTime=0001-01-03T00:00:00Z", []),
        ("?endTime=0001-01-03T00:00:00Z", []),
        ("?filter=", ["Six", "Today"]),
    ],
)
def test_the_query_chooses(
    api: Api, week: list[Conversation], query: str, expected: list[str]
) -> None:
    assert names(api, query) == expected


def test_each_is_told_whole(api: Api, conversation: Conversation) -> None:
    ida = add_member(conversation, "Ida", email="ida@example.test")
    with time_machine.travel(NOW + DAY, tick=False):
        answer = api.get("v1/conversations")
    assert answer == (
        200,
        {
            "conversations": [
                {
                    "id": "5120345678901234",
                    "type": "meeting",
                    "name": "Weekly",
                    "startTime": "2026-01-05T10:00:00.000Z",
                    "endTime": "2026-01-05T10:00:00.000Z",
                    "members": [{"id": str(ida.id), "name": "Ida", "email": "ida@example.test"}],
                    "metadata": {},
                }
            ]
        },
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=-1", "limit must be a whole number from 0 to 65,536."),
        ("limit=65537", "limit must be a whole number from 0 to 65,536."),
        ("limit=1_0", "limit must be a whole number from 0 to 65,536."),
        ("offset=x", "offset must be a whole number from 0 on."),
        ("order=up", "order must be asc or desc."),
        ("startTime=yesterday", "startTime must be a time such as 2026-01-05T10:00:00.000Z."),
        ("endTime=5", "endTime must be a time such as 2026-01-05T10:00:00.000Z."),
        (
            "startTime=2026-01-02T00:00:00Z&endTime=2026-01-02T00:00:00Z",
            "startTime must be before endTime, and before now.",
        ),
        ("startTime=2126-01-02T00:00:00Z", "startTime must be before endTime, and before now."),
        ("endTime=0001-01-01T00:00:00Z", "startTime must be before endTime, and before now."),
        (
            "startTime=2126-01-02T00:00:00Z&endTime=2127-01-02T00:00:00Z",
            "startTime must be before endTime, and before now.",
        ),
        (
            "filter=conversation.name==x",
            "filter must be left out: use startTime and endTime.",
        ),
        ("&".join(["a=1"] * 1001), "The query or the body has too many parts."),
    ],
)
def test_a_wrong_query_is_refused(api: Api, query: str, message: str) -> None:
    assert api.get(f"v1/conversations?{query}") == (400, {"message": message})


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    api: Api,
    week: list[Conversation],
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for conversation in week[:count]:
        add_member(conversation, "Ida")
    query = f"?startTime=2025-12-01&order=desc&limit={count}"
    with django_assert_num_queries(3):  # the token, the conversations, their members
        assert len(names(api, query)) == count
