"""Reading insights, topics, entities and the like, in every shape servers give them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from conversations.symbl import (
    Analytics,
    Entity,
    EntityRef,
    Insight,
    InsightEntity,
    MemberAnalytics,
    Metric,
    Overlap,
    Person,
    Phrase,
    Sentiment,
    SummaryItem,
    TextRef,
    Topic,
    Tracker,
    TrackerMatch,
    Unreadable,
)
from conversations.symbl.payloads import (
    read_action_items,
    read_analytics,
    read_entities,
    read_follow_ups,
    read_insights,
    read_questions,
    read_summary,
    read_topics,
    read_trackers,
    read_transcript,
)
from tests.symbl.samples import (
    ACTION_ITEM,
    ANALYTICS,
    BARE_TOPIC,
    MARKDOWN,
    NESTED_SRT,
    NEWER_ENTITY,
    OLDER_ENTITY,
    QUESTION,
    SUMMARY_ITEM,
    TOPIC,
    TRACKER,
)

READ_TRACKER = Tracker(
    id="8001",
    name="Promises",
    matches=(
        TrackerMatch(
            type="vocabulary",
            value="we ship",
            message_refs=(TextRef("4711000000000001", "We ship on Friday.", 0),),
            insight_refs=(
                TextRef("4820000000000007", "Ida will send the deck tomorrow.", -1, "action_item"),
            ),
        ),
    ),
    extra={"languageCode": "en-US"},
)


def test_insight_with_everything_is_read() -> None:
    assert read_insights({"insights": [ACTION_ITEM]}) == (
        Insight(
            id="4820000000000007",
            type="action_item",
            text="Ida will send the deck tomorrow.",
            score=0.93,
            message_ids=("4711000000000001",),
            person=Person("9a1c", "Ida", "ida@example.test"),
            assignee=Person("9a1c", "Speaker 2", "ida@example.test"),
            due_by=datetime(2026, 1, 6, 7, tzinfo=UTC),
            definitive=True,
            phrases=(Phrase("action_phrase", "send the deck"),),
            entities=(
                InsightEntity("date", "tomorrow", "2026-01-06", 23),
                InsightEntity("person", "Ida", "Ida", 0),
                InsightEntity("daterange", "this week", "2026-01-05 to 2026-01-09", None),
            ),
            extra={"dismissed": False},
        ),
    )


@pytest.mark.parametrize(
    ("read", "key", "type_"),
    [
        (read_insights, "insights", ""),
        (read_questions, "questions", "question"),
        (read_action_items, "actionItems", "action_item"),
        (read_follow_ups, "followUps", "follow_up"),
    ],
)
def test_insight_with_the_least_is_read_and_typed_by_where_it_was_listed(
    read: Callable[[object], object], key: str, type_: str
) -> None:
    bare = Insight(
        id="4820000000000008",
        type=type_,
        text="When do we ship?",
        score=None,
        message_ids=("4711000000000002", "4711000000000003"),
        person=None,
        assignee=None,
        due_by=None,
        definitive=None,
        phrases=(),
        entities=(),
        extra={},
    )
    assert read({key: [QUESTION]}) == (bare,)


@pytest.mark.parametrize("absent", [{}, None])
def test_insight_whose_people_are_empty_or_null_has_none(absent: object) -> None:
    item = ACTION_ITEM | {"from": absent, "assignee": absent, "dueBy": ""}
    (insight,) = read_insights({"insights": [item]})
    assert (insight.person, insight.assignee, insight.due_by) == (None, None, None)


def test_topics_are_read_with_and_without_an_id() -> None:
    assert read_topics({"topics": [TOPIC, BARE_TOPIC]}) == (
        Topic(
            id="6001",
            text="rollout plan",
            type="topic",
            score=0.8,
            message_ids=("4711000000000001",),
            sentiment=Sentiment(-0.4, "negative"),
            parents=("plans",),
            extra={"rank": 2},
        ),
        Topic("", "plans", "", None, ("4711000000000004",), None, (), {}),
    )


def test_summary_is_read() -> None:
    assert read_summary({"summary": [SUMMARY_ITEM]}) == (
        SummaryItem(
            id="7001",
            text="The team agreed to ship on Friday.",
            message_ids=("4711000000000001", "4711000000000002"),
            extra={"startTime": "2026-01-05T10:00:05.200Z"},
        ),
    )


def test_entities_are_read_in_the_older_and_in_the_newer_shape() -> None:
    assert read_entities({"entities": [OLDER_ENTITY, NEWER_ENTITY]}) == (
        Entity(
            type="custom",
            value="Deck",
            text="the deck",
            custom_type="product",
            category="",
            sub_type="",
            refs=(EntityRef("4711000000000001", "Send the deck.", 5),),
            extra={"score": 0.7},
        ),
        Entity(
            type="PHONE_NUMBER",
            value="555 0100",
            text="555 0100",
            custom_type="",
            category="PII",
            sub_type="mobile",
            refs=(EntityRef("4711000000000005", "Call 555 0100.", 5),),
            extra={"source": "model"},
        ),
        Entity(
            type="PHONE_NUMBER",
            value="5550199",
            text="5550199",
            custom_type="",
            category="PII",
            sub_type="mobile",
            refs=(),
            extra={"source": "model", "confidence": 0.5},
        ),
    )


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ({"value": "2026-01-06"}, "2026-01-06"),
        ({"value": 12}, "12"),
        ({"value": 2.5}, "2.5"),
        ({"value": {"name": "Ida", "assignee": True}}, "Ida"),
        ({"value": {"amount": 5, "unit": "km"}}, '{"amount": 5, "unit": "km"}'),
        ({"start": "2026-01-05", "end": "2026-01-09"}, "2026-01-05 to 2026-01-09"),
        ({"start": "2026-01-05"}, "2026-01-05"),
        ({}, "the mention"),
        ({"value": None}, "the mention"),
        ({"value": ""}, "the mention"),
    ],
)
def test_value_of_an_entity_is_rendered_as_text(told: dict[str, object], value: str) -> None:
    (entity,) = read_entities({"entities": [{"type": "any", "text": "the mention", **told}]})
    assert entity.value == value


@pytest.mark.parametrize("document", [[TRACKER], {"trackers": [TRACKER]}, TRACKER])
def test_trackers_are_read_from_a_list_an_object_or_alone(document: object) -> None:
    assert read_trackers(document) == (READ_TRACKER,)


@pytest.mark.parametrize("document", [[], {"trackers": []}])
def test_no_trackers_are_read_as_none(document: object) -> None:
    assert read_trackers(document) == ()


def test_analytics_are_read_with_either_spelling_of_a_share() -> None:
    assert read_analytics(ANALYTICS) == Analytics(
        metrics=(Metric("total_silence", 20.0, 20.0), Metric("total_talk_time", 80.0, 80.0)),
        members=(
            MemberAnalytics(
                person=Person("9a1c", "Ida", "ida@example.test"),
                words_per_minute=128.0,
                talk_percent=62.5,
                talk_seconds=50.0,
                listen_percent=37.5,
                listen_seconds=30.0,
                overlap_seconds=4.0,
                overlaps=(Overlap(Person("77b0", "Bo", "bo@example.test"), 5.0, 4.0),),
            ),
            MemberAnalytics(Person("", "", ""), None, 37.5, 30.0, 62.5, 50.0, None, ()),
        ),
    )


def test_difference_that_came_out_a_hair_below_nothing_is_nothing() -> None:
    metric = {"type": "total_silence", "percent": -1e-12, "seconds": -7e-15}
    assert read_analytics({"metrics": [metric], "members": []}).metrics == (
        Metric("total_silence", 0.0, 0.0),
    )


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (MARKDOWN, "Ida: Good morning."),
        (NESTED_SRT, "1\n0:0:6,800 --> 0:0:9,0"),
        ({"transcript": {"payload": "1\n", "contentType": "text/srt"}}, "1\n"),
    ],
)
def test_transcript_is_read_from_a_text_or_an_object(document: object, text: str) -> None:
    assert read_transcript(document) == text


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"id": None}, "insights[0].id"),
        ({"text": 7}, "insights[0].text"),
        ({"type": 7}, "insights[0].type"),
        ({"score": "high"}, "insights[0].score"),
        ({"messageIds": "4711"}, "insights[0].messageIds"),
        ({"messageIds": ["4711", None]}, "insights[0].messageIds[1]"),
        ({"messageIds": [], "messageRefs": [{}]}, "insights[0].messageRefs[0].id"),
        ({"from": "Ida"}, "insights[0].from"),
        ({"assignee": {"name": 1}}, "insights[0].assignee.name"),
        ({"dueBy": "tomorrow"}, "insights[0].dueBy"),
        ({"definitive": "yes"}, "insights[0].definitive"),
        ({"phrases": [{}]}, "insights[0].phrases[0].text"),
        ({"entities": [{"type": "date"}]}, "insights[0].entities[0].text"),
        (
            {"entities": [{"type": "date", "text": "now", "offset": 1.5}]},
            "insights[0].entities[0].offset",
        ),
    ],
)
def test_unreadable_insight_is_located(changed: dict[str, object], path: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_insights({"insights": [ACTION_ITEM | changed]})
    assert caught.value.path == path


NOTHING: dict[str, object] = {"percentage": 0, "seconds": 0}
SILENT: dict[str, object] = {"talkTime": NOTHING, "listenTime": NOTHING}


@pytest.mark.parametrize(
    ("read", "document", "path"),
    [
        (read_questions, {"insights": []}, "questions"),
        (read_topics, {"topics": [TOPIC, {}]}, "topics[1].text"),
        (read_topics, {"topics": [TOPIC | {"parentRefs": ["plans"]}]}, "topics[0].parentRefs[0]"),
        (
            read_topics,
            {"topics": [TOPIC | {"sentiment": {}}]},
            "topics[0].sentiment.polarity",
        ),
        (read_summary, {"summary": "all went well"}, "summary"),
        (read_entities, {"entities": [{"text": "Ida"}]}, "entities[0].type"),
        (
            read_entities,
            {"entities": [NEWER_ENTITY | {"matches": [{}]}]},
            "entities[0].matches[0].detectedValue",
        ),
        (
            read_entities,
            {"entities": [OLDER_ENTITY | {"messageRefs": [{"id": "1", "offset": "5"}]}]},
            "entities[0].messageRefs[0].offset",
        ),
        (read_trackers, [{}], "[0].name"),
        (read_trackers, {}, "trackers"),
        (
            read_trackers,
            {"trackers": [{"name": "a", "matches": [{"type": "b"}]}]},
            "trackers[0].matches[0].value",
        ),
        (read_analytics, {"members": []}, "metrics"),
        (
            read_analytics,
            {"metrics": [{"type": "total_silence", "seconds": 1}], "members": []},
            "metrics[0].percentage",
        ),
        (read_analytics, {"metrics": [], "members": [{}]}, "members[0].talkTime"),
        (
            read_analytics,
            {"metrics": [{"type": "a", "percent": -5, "seconds": 1}], "members": []},
            "metrics[0].percent",
        ),
        (
            read_analytics,
            {"metrics": [{"type": "a", "percent": 5, "seconds": 1e308}], "members": []},
            "metrics[0].seconds",
        ),
        (
            read_analytics,
            {"metrics": [], "members": [SILENT | {"pace": {"wpm": 1e308}}]},
            "members[0].pace.wpm",
        ),
        (read_transcript, {}, "transcript"),
        (read_transcript, {"transcript": {}}, "transcript.payload"),
        (read_transcript, {"transcript": {"payload": {}}}, "transcript.payload.content"),
    ],
)
def test_unreadable_answer_is_located(
    read: Callable[[object], object], document: object, path: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        read(document)
    assert caught.value.path == path
