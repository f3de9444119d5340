"""Topics: their shape, and what a call may ask of them (contract 4.5)."""

import pytest
from pytest_django import Settings

from conversations.engine import insights
from conversations.engine.models import Conversation
from tests.engine.support import Api
from tests.engine.transcripts import add_job, read

PLANS = "I love the great launch plan. The launch plan costs 500 dollars."
TERRIBLE = "The launch plan is terrible, and I will call Bo about the launch plan."
DECK = "Ida will send the deck tomorrow."
FIRST, SECOND, THIRD = (str(4_711_000_000_000_000 + n) for n in range(1, 4))


def plan(conversation: Conversation) -> None:
    lines = enumerate((PLANS, TERRIBLE, DECK))
    add_job(conversation, *((None, n * 1000, n * 1000 + 900, line) for n, line in lines))


def test_topics_tell_their_messages(api: Api, conversation: Conversation) -> None:
    plan(conversation)
    body = read(api, conversation, "topics?refresh=true")
    (topic,) = body["topics"]
    said = [insights.Said(FIRST, PLANS, None, 0, 1000), insights.Said(SECOND, TERRIBLE, None, 0, 1)]
    (expected,) = insights.topics(said)
    assert topic == {
        "id": topic["id"],
        "text": "launch plan",
        "type": "topic",
        "score": expected.score,
        "messageIds": [FIRST, SECOND],
    }
    assert len(topic["id"]) == 16
    assert read(api, conversation, "topics") == body


def test_topics_have_tone_parents_and_wanted_words_when_asked(
    api: Api, conversation: Conversation
) -> None:
    plan(conversation)
    query = 'topics?sentiment=true&parentRefs=true&customTopicVocabulary=["deck"]'
    topics = {topic["text"]: topic for topic in read(api, conversation, query)["topics"]}
    tones = [insights.sentiment(PLANS), insights.sentiment(TERRIBLE)]
    mean = round(sum(tone or 0.0 for tone in tones) / 2, 3)
    assert set(topics) == {"launch plan", "deck"}
    assert topics["launch plan"]["sentiment"] == {
        "polarity": {"score": mean},
        "suggested": insights.suggested(mean),
    }
    assert topics["launch plan"]["parentRefs"] == []
    assert topics["deck"]["messageIds"] == [THIRD]


def test_a_topic_names_its_parents_by_their_text(api: Api, conversation: Conversation) -> None:
    lines = ["The launch plan.", "The launch plan.", "The launch.", "The launch.", "The launch."]
    add_job(conversation, *((None, n * 1000, n * 1000 + 900, line) for n, line in enumerate(lines)))
    topics = read(api, conversation, "topics?parentRefs=true")["topics"]
    parents = {topic["text"]: topic["parentRefs"] for topic in topics}
    assert parents == {"launch": [], "launch plan": [{"type": "topic", "text": "launch"}]}


@pytest.mark.parametrize(
    "query",
    [
        "customVocabulary=[%22deck%22]",
        "customVocabulary=deck",
        "customTopicVocabulary=deck&customTopicVocabulary=music",
    ],
)
def test_wanted_words_may_be_a_list_or_one_by_one(
    api: Api, conversation: Conversation, query: str
) -> None:
    plan(conversation)
    topics = read(api, conversation, f"topics?{query}")["topics"]
    assert {topic["text"] for topic in topics} == {"launch plan", "deck"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sentiment=perhaps", "sentiment must be true or false."),
        (
            "customVocabulary=[1]",
            "customVocabulary must be a JSON list of at most 500 texts of 1 to 200 characters.",
        ),
    ],
)
def test_a_wrong_query_for_topics_is_refused(
    api: Api, conversation: Conversation, query: str, message: str
) -> None:
    answer = api.get(f"v1/conversations/{conversation.id}/topics?{query}")
    assert answer == (400, {"message": message})


def test_a_strict_engine_combines_no_tone_with_parents(
    api: Api, conversation: Conversation, settings: Settings
) -> None:
    settings.ENGINE_STRICT = True
    path = f"v1/conversations/{conversation.id}/topics?sentiment=true&parentRefs=true"
    assert api.get(path) == (
        400,
        {"message": "sentiment and parentRefs cannot be asked for together."},
    )
