"""The calls that read, over real HTTP on loopback: what is sent and what is returned."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from conversations.symbl import (
    Analytics,
    Conversation,
    Entity,
    Insight,
    Job,
    MemoryTokenStore,
    NotFound,
    Person,
    ServerError,
    SummaryItem,
    SymblClient,
    Topic,
    Tracker,
    Unreadable,
)
from tests.symbl.conftest import Call, Server

START = datetime(2026, 1, 5, 11, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
END = datetime(2026, 1, 6, tzinfo=UTC)
QUESTION = {"id": "1", "type": "question", "text": "Why?"}
READ_QUESTION = Insight("1", "question", "Why?", None, (), None, None, None, None, (), (), {})

READS: list[tuple[Call, object, str, object]] = [
    (
        lambda client: client.job("7"),
        {"id": "7", "status": "complete"},
        "/v1/job/7?progress=true",
        Job(id="7", status="complete"),
    ),
    (
        lambda client: client.conversation("42"),
        {"id": "42"},
        "/v1/conversations/42",
        Conversation("42", "42", None, None, (), {}, {}),
    ),
    (
        lambda client: client.conversations(start=START),
        {"conversations": [{"id": "42"}]},
        "/v1/conversations?startTime=2026-01-05T10%3A00%3A00.999Z&offset=0&limit=100&order=desc",
        (Conversation("42", "42", None, None, (), {}, {}),),
    ),
    (
        lambda client: client.conversations(
            start=START, end=END, offset=200, limit=50, newest_first=False
        ),
        {"conversations": []},
        "/v1/conversations?startTime=2026-01-05T10%3A00%3A00.999Z"
        "&endTime=2026-01-06T00%3A00%3A00.000Z&offset=200&limit=50&order=asc",
        (),
    ),
    (
        lambda client: client.messages("42"),
        {"messages": []},
        "/v1/conversations/42/messages?verbose=true&sentiment=true",
        (),
    ),
    (
        lambda client: client.messages("42", verbose=False, sentiment=False),
        {"messages": []},
        "/v1/conversations/42/messages?verbose=false&sentiment=false",
        (),
    ),
    (
        lambda client: client.members("42"),
        {"members": [{"id": "m1", "name": "Ida"}]},
        "/v1/conversations/42/members",
        (Person("m1", "Ida", ""),),
    ),
    (
        lambda client: client.insights("42"),
        {"insights": [QUESTION]},
        "/v1/conversations/42/insights",
        (READ_QUESTION,),
    ),
    (
        lambda client: client.questions("42"),
        {"questions": [QUESTION]},
        "/v1/conversations/42/questions",
        (READ_QUESTION,),
    ),
    (
        lambda client: client.action_items("42"),
        {"actionItems": [QUESTION]},
        "/v1/conversations/42/action-items",
        (READ_QUESTION,),
    ),
    (
        lambda client: client.follow_ups("42"),
        {"followUps": [QUESTION]},
        "/v1/conversations/42/follow-ups",
        (READ_QUESTION,),
    ),
    (
        lambda client: client.topics("42"),
        {"topics": [{"text": "plans"}]},
        "/v1/conversations/42/topics?sentiment=false&parentRefs=false",
        (Topic("", "plans", "", None, (), None, (), {}),),
    ),
    (
        lambda client: client.topics(
            "42", sentiment=True, parents=True, refresh=True, vocabulary=("a", "b")
        ),
        {"topics": []},
        "/v1/conversations/42/topics?sentiment=true&parentRefs=true&refresh=true"
        "&customTopicVocabulary=%5B%22a%22%2C%22b%22%5D",
        (),
    ),
    (
        lambda client: client.entities("42"),
        {"entities": [{"type": "date", "text": "now"}]},
        "/v1/conversations/42/entities",
        (Entity("date", "now", "now", "", "", "", (), {}),),
    ),
    (
        lambda client: client.trackers("42"),
        [{"id": "8", "name": "Promises"}],
        "/v1/conversations/42/trackers-detected",
        (Tracker("8", "Promises", (), {}),),
    ),
    (
        lambda client: client.analytics("42"),
        {"metrics": [], "members": []},
        "/v1/conversations/42/analytics",
        Analytics((), ()),
    ),
    (
        lambda client: client.summary("42"),
        {"summary": [{"id": "9", "text": "All went well."}]},
        "/v1/conversations/42/summary",
        (SummaryItem("9", "All went well.", (), {}),),
    ),
    (
        lambda client: client.summary("42", refresh=True),
        {"summary": []},
        "/v1/conversations/42/summary?refresh=true",
        (),
    ),
]


@pytest.mark.parametrize(("call", "answer", "target", "value"), READS)
def test_read_asks_for_one_document_and_returns_it(
    *, server: Server, client: SymblClient, call: Call, answer: object, target: str, value: object
) -> None:
    server.answers = [answer]
    assert call(client) == value
    assert server.lines == [f"GET {target}"]
    assert (server.tokens, server.bodies) == (["Bearer kept"], [b""])


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (
            lambda client: client.transcript("42", content_type="text/markdown"),
            {
                "contentType": "text/markdown",
                "showSpeakerSeparation": True,
                "createParagraphs": False,
                "phrases": {
                    "highlightOnlyInsightKeyPhrases": False,
                    "highlightAllKeyPhrases": False,
                },
            },
        ),
        (
            lambda client: client.transcript(
                "42",
                content_type="text/markdown",
                paragraphs=True,
                highlight_phrases="insights",
                speakers=False,
            ),
            {
                "contentType": "text/markdown",
                "showSpeakerSeparation": False,
                "createParagraphs": True,
                "phrases": {
                    "highlightOnlyInsightKeyPhrases": True,
                    "highlightAllKeyPhrases": False,
                },
            },
        ),
        (
            lambda client: client.transcript(
                "42", content_type="text/srt", paragraphs=True, highlight_phrases="all"
            ),
            {"contentType": "text/srt", "showSpeakerSeparation": True},
        ),
    ],
)
def test_transcript_is_asked_for_in_the_body(
    server: Server, client: SymblClient, call: Call, body: object
) -> None:
    server.answers = [{"transcript": {"payload": "Ida: Good morning."}}]
    assert call(client) == "Ida: Good morning."
    assert server.lines == ["POST /v1/conversations/42/transcript"]
    assert (server.documents, server.types) == ([body], ["application/json"])


def page(first: int, count: int) -> dict[str, object]:
    """Return a page of `count` conversations, whose ids count from `first`."""
    return {"conversations": [{"id": str(first + number)} for number in range(count)]}


def test_every_conversation_is_read_page_by_page_until_a_short_one(
    server: Server, client: SymblClient
) -> None:
    server.answers = [page(0, 100), page(100, 99)]
    ids = [conversation.id for conversation in client.every_conversation(start=END)]
    assert ids == [str(number) for number in range(199)]
    window = "/v1/conversations?startTime=2026-01-06T00%3A00%3A00.000Z"
    assert server.lines == [
        f"GET {window}&offset=0&limit=100&order=asc",
        f"GET {window}&offset=100&limit=100&order=asc",
    ]


def test_every_conversation_of_a_server_that_ignores_the_offset_comes_once(
    server: Server, client: SymblClient
) -> None:
    server.answers = [page(0, 100)]
    ids = [conversation.id for conversation in client.every_conversation(start=START, end=END)]
    assert ids == [str(number) for number in range(100)]
    assert len(server.lines) == 2


def test_every_conversation_is_fetched_only_as_far_as_it_is_used(
    server: Server, client: SymblClient
) -> None:
    server.answers = [page(0, 100)]
    assert next(client.every_conversation(start=START)).id == "0"
    assert len(server.lines) == 1


def test_time_window_without_an_offset_is_refused(server: Server, client: SymblClient) -> None:
    with pytest.raises(ValueError, match="without an offset"):
        client.conversations(start=datetime(2026, 1, 5))  # noqa: DTZ001  what is refused
    assert server.lines == []


def test_answer_that_makes_no_sense_is_kept_with_the_request(
    server: Server, client: SymblClient
) -> None:
    server.answers = [{"topics": [{"text": 7}]}]
    with pytest.raises(Unreadable) as caught:
        client.topics("42", sentiment=True)
    error = caught.value
    assert (error.request, error.path, error.problem, error.body) == (
        "GET /v1/conversations/42/topics",
        "topics[0].text",
        "a text is expected",
        b'{"topics": [{"text": 7}]}',
    )


def test_answer_that_may_hold_a_token_is_not_kept(server: Server) -> None:
    server.answers = [{"accessToken": "usable", "expiresIn": "86400"}]
    with (
        SymblClient(server.url, "app", "secret", tokens=MemoryTokenStore()) as client,
        pytest.raises(Unreadable) as caught,
    ):
        client.job("7")
    error = caught.value
    assert (error.request, error.path, error.body) == (
        "POST /oauth2/token:generate",
        "expiresIn",
        b"",
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.summary("42"),
        lambda client: client.trackers("42"),
        lambda client: client.transcript("42", content_type="text/srt"),
    ],
)
def test_read_of_what_is_not_there_is_asked_for_once(
    server: Server, client: SymblClient, call: Call
) -> None:
    server.status, server.answers = 404, [{"message": "no such conversation"}]
    with pytest.raises(NotFound):
        call(client)
    assert len(server.lines) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.insights("42"),
        lambda client: client.transcript("42", content_type="text/srt"),
    ],
)
def test_read_of_a_failing_server_is_tried_three_times(
    server: Server, client: SymblClient, call: Call
) -> None:
    server.status, server.answers = 503, [b""]
    with pytest.raises(ServerError):
        call(client)
    assert len(server.lines) == 3
