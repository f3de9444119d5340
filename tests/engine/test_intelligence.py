"""What the API computes from the text: shapes, ids, members and what each job asked for.

Which words are an action item and what it scores is the business of tests/engine/insights.
"""

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from conversations.engine import insights
from conversations.engine.models import Conversation, Job, Member, Status
from tests.engine.support import NOW, Api
from tests.engine.transcripts import add_job, add_member, read

IDA = uuid.UUID("00000000-0000-4000-8000-000000000001")
BO = uuid.UUID("00000000-0000-4000-8000-000000000002")
DECK = "Ida will send the deck tomorrow."
HEAR = "Can you hear me?"
MEET = "Let's meet again on Friday to follow up."
PLANS = "I love the great launch plan. The launch plan costs 500 dollars."
TERRIBLE = "The launch plan is terrible, and I will call Bo about the launch plan."
FIRST, SECOND, THIRD, FOURTH, FIFTH = (str(4_711_000_000_000_000 + n) for n in range(1, 6))
READS = (
    "insights", "questions", "action-items", "follow-ups", "topics", "entities", "trackers",
    "trackers-detected", "analytics", "summary",
)  # fmt: skip


@pytest.fixture
def ida(conversation: Conversation) -> Member:
    return add_member(conversation, "Ida", id=IDA, email="ida@example.test", first_name="Speaker 1")


@pytest.fixture
def bo(conversation: Conversation, ida: Member) -> Member:
    return add_member(conversation, "Bo", id=BO, external_id="u-2")


def meet(conversation: Conversation, ida: Member, bo: Member, **options: Any) -> None:
    add_job(
        conversation,
        (ida, 0, 4000, DECK),
        (bo, 4000, 6000, HEAR),
        (bo, 6000, 9000, MEET),
        (None, 9000, 12000, PLANS),
        (ida, 12000, 15000, TERRIBLE),
        options=options,
    )


def score(text: str) -> float:
    """Return what the rules give a sentence said by Ida to Bo."""
    voices = [insights.Voice(str(IDA), "Ida"), insights.Voice(str(BO), "Bo")]
    said = [insights.Said("1", text, str(IDA), 0, 1000)]
    (found,) = insights.findings(said, voices, started=NOW.date())
    return found.score


def test_insights_are_told_whole(
    api: Api, conversation: Conversation, ida: Member, bo: Member
) -> None:
    meet(conversation, ida, bo)
    body = read(api, conversation, "insights")
    ids = [insight.pop("id") for insight in body["insights"]]
    assert all(len(one) == 16 and one.isdigit() for one in ids)
    assert len(set(ids)) == 4
    assert body == {
        "insights": [
            {
                "type": "action_item",
                "text": DECK,
                "score": score(DECK),
                "messageIds": [FIRST],
                "from": {"id": str(IDA), "name": "Ida", "userId": "ida@example.test"},
                "definitive": True,
                "phrases": [{"type": "action_phrase", "text": "send the deck tomorrow"}],
                "entities": [
                    {
                        "type": "person",
                        "text": "Ida",
                        "offset": 0,
                        "value": {"name": "Ida", "assignee": True},
                    },
                    {"type": "date", "text": "tomorrow", "offset": 23, "value": "2026-01-06"},
                ],
                "assignee": {"id": str(IDA), "name": "Speaker 1", "email": "ida@example.test"},
                "dueBy": "2026-01-06T00:00:00.000Z",
            },
            {
                "type": "question",
                "text": HEAR,
                "score": score(HEAR),
                "messageIds": [SECOND],
                "from": {"id": str(BO), "name": "Bo", "userId": "u-2"},
            },
            {
                "type": "follow_up",
                "text": MEET,
                "score": score(MEET),
                "messageIds": [THIRD],
                "from": {"id": str(BO), "name": "Bo", "userId": "u-2"},
                "definitive": False,
                "phrases": [{"type": "action_phrase", "text": "meet again on Friday to follow up"}],
                "entities": [
                    {"type": "date", "text": "Friday", "offset": 20, "value": "2026-01-09"}
                ],
                "assignee": {},
                "dueBy": "2026-01-09T00:00:00.000Z",
            },
            {
                "type": "action_item",
                "text": TERRIBLE,
                "score": score(TERRIBLE),
                "messageIds": [FIFTH],
                "from": {"id": str(IDA), "name": "Ida", "userId": "ida@example.test"},
                "definitive": True,
                "phrases": [{"type": "action_phrase", "text": "call Bo about the launch plan"}],
                "entities": [
                    {
                        "type": "person",
                        "text": "Bo",
                        "offset": 45,
                        "value": {"name": "Bo", "assignee": False},
                    }
                ],
                "assignee": {"id": str(IDA), "name": "Speaker 1", "email": "ida@example.test"},
            },
        ]
    }


def test_questions_action_items_and_follow_ups_are_the_insights_of_their_kind(
    api: Api, conversation: Conversation, ida: Member, bo: Member
) -> None:
    meet(conversation, ida, bo)
    deck, hear, meet_again, call = read(api, conversation, "insights")["insights"]
    assert read(api, conversation, "questions") == {"questions": [hear]}
    assert read(api, conversation, "action-items/") == {"actionItems": [deck, call]}
    assert read(api, conversation, "follow-ups") == {"followUps": [meet_again]}


def test_the_same_sentence_twice_is_two_insights_with_ids_that_stay(
    api: Api, conversation: Conversation
) -> None:
    add_job(conversation, (None, 0, 4000, f"{HEAR} {HEAR}"))
    first, second = read(api, conversation, "questions")["questions"]
    assert first["id"] != second["id"]
    assert first["from"] == {}
    assert read(api, conversation, "questions")["questions"] == [first, second]


def test_the_assignee_has_the_new_name_where_the_settings_say_so(
    api: Api, conversation: Conversation, ida: Member, bo: Member, settings: Settings
) -> None:
    settings.ENGINE_STALE_ASSIGNEES = False
    meet(conversation, ida, bo)
    deck = read(api, conversation, "action-items")["actionItems"][0]
    assert deck["assignee"] == {"id": str(IDA), "name": "Ida", "email": "ida@example.test"}


def test_each_job_has_its_own_threshold(api: Api, conversation: Conversation) -> None:
    add_job(conversation, (None, 0, 1000, HEAR), options={"confidenceThreshold": 1.0})
    add_job(conversation, (None, 1000, 2000, HEAR), options={"confidenceThreshold": 0.5})
    questions = read(api, conversation, "questions")["questions"]
    assert [question["messageIds"] for question in questions] == [[SECOND]]


def test_text_in_another_language_has_no_insights(
    api: Api, conversation: Conversation, ida: Member, bo: Member
) -> None:
    wanted = [{"name": "Plans", "vocabulary": ["launch plan"]}]
    meet(
        conversation, ida, bo, languageCode="es-ES", detectEntities=True, trackers=wanted,
        detectPhrases=True,
    )  # fmt: skip
    assert read(api, conversation, "insights") == {"insights": []}
    assert read(api, conversation, "topics") == {"topics": []}
    assert read(api, conversation, "entities") == {"entities": []}
    assert read(api, conversation, "summary") == {"summary": []}
    assert [tracker["name"] for tracker in read(api, conversation, "trackers")] == ["Plans"]


def test_entities_are_those_of_the_jobs_that_look_for_them(
    api: Api, conversation: Conversation, ida: Member
) -> None:
    plan = [{"customType": "Product", "text": "launch plan"}]
    add_job(conversation, (ida, 0, 1000, "The launch plan is due on 2026-01-09."))
    add_job(
        conversation,
        (ida, 1000, 2000, "The launch plan is due on 2026-01-09."),
        options={"entities": plan},
    )
    add_job(
        conversation,
        (ida, 2000, 3000, "The Launch Plan is due on 2026-01-09."),
        options={"entities": plan, "detectEntities": True},
    )
    early = {"id": SECOND, "text": "The launch plan is due on 2026-01-09."}
    late = {"id": THIRD, "text": "The Launch Plan is due on 2026-01-09."}
    assert read(api, conversation, "entities") == {
        "entities": [
            {
                "type": "custom",
                "text": "launch plan",
                "value": "launch plan",
                "customType": "Product",
                "messageRefs": [{**early, "offset": 4}, {**late, "offset": 4}],
            },
            {
                "type": "date",
                "text": "2026-01-09",
                "value": "2026-01-09",
                "messageRefs": [{**late, "offset": 26}],
            },
        ]
    }


@pytest.mark.parametrize("path", ["trackers", "trackers-detected"])
def test_trackers_are_those_of_their_jobs(
    api: Api, conversation: Conversation, ida: Member, bo: Member, path: str
) -> None:
    def wanting(name: str, *vocabulary: str) -> dict[str, Any]:
        return {"trackers": [{"name": name, "vocabulary": list(vocabulary)}]}

    add_job(conversation, (bo, 0, 1000, "A deck."), options=wanting("Others", "plan"))
    add_job(conversation, (ida, 1000, 2000, f"Well. {DECK}"), options=wanting("Deck", "deck"))
    add_job(conversation, (bo, 2000, 3000, "A deck."), options=wanting("Deck", "deck", "card"))
    (action,) = read(api, conversation, "action-items")["actionItems"]
    (tracker,) = read(api, conversation, path)
    assert tracker == {
        "id": tracker["id"],
        "name": "Deck",
        "matches": [
            {
                "type": "vocabulary",
                "value": "deck",
                "messageRefs": [
                    {"id": SECOND, "text": f"Well. {DECK}", "offset": 24},
                    {"id": THIRD, "text": "A deck.", "offset": 2},
                ],
                "insightRefs": [
                    {"id": action["id"], "type": "action_item", "text": DECK, "offset": 18}
                ],
            }
        ],
    }


def test_an_answer_repeats_a_message_once_for_each_thing_found_in_it(
    api: Api, conversation: Conversation
) -> None:
    options = {
        "trackers": [{"name": str(n), "vocabulary": ["a"]} for n in range(4)],
        "entities": [{"customType": "Letter", "text": "a"}],
    }
    (message,) = add_job(conversation, (None, 0, 4000, "a " * 5000), options=options)
    refs = [{"id": message.id, "text": message.text, "offset": 0}]
    trackers = read(api, conversation, "trackers-detected")
    assert [[match["messageRefs"] for match in one["matches"]] for one in trackers] == [[refs]] * 4
    (entity,) = read(api, conversation, "entities")["entities"]
    assert entity["messageRefs"] == refs


def test_an_answer_has_an_end_however_many_phrases_are_found(
    api: Api, conversation: Conversation
) -> None:
    vocabulary = ["a" + "." * n for n in range(500)]
    wanted = [{"name": str(n), "vocabulary": vocabulary} for n in range(3)]
    add_job(conversation, (None, 0, 4000, "a " * 5000), options={"trackers": wanted})
    trackers = read(api, conversation, "trackers-detected")
    refs = [ref for one in trackers for match in one["matches"] for ref in match["messageRefs"]]
    assert len(refs) == 10_000_000 // 10_100 + 1


def test_a_tracker_refers_to_each_of_two_equal_insights(
    api: Api, conversation: Conversation
) -> None:
    wanted = [{"name": "Hearing", "vocabulary": ["hear"]}]
    add_job(conversation, (None, 0, 4000, f"{HEAR} {HEAR}"), options={"trackers": wanted})
    first, second = read(api, conversation, "questions")["questions"]
    (tracker,) = read(api, conversation, "trackers-detected")
    assert tracker["matches"][0]["insightRefs"] == [
        {"id": first["id"], "type": "question", "text": HEAR, "offset": 8},
        {"id": second["id"], "type": "question", "text": HEAR, "offset": 8},
    ]


def test_analytics_tell_silence_talk_and_each_share(
    api: Api, conversation: Conversation, ida: Member, bo: Member
) -> None:
    meet(conversation, ida, bo)
    Conversation.objects.update(duration_ms=20_000)
    assert read(api, conversation, "analytics") == {
        "metrics": [
            {"type": "total_silence", "percent": 25.0, "seconds": 5.0},
            {"type": "total_talk_time", "percent": 75.0, "seconds": 15.0},
            {"type": "total_overlap", "percent": 0.0, "seconds": 0.0},
        ],
        "members": [
            {
                "id": str(IDA),
                "name": "Ida",
                "userId": "ida@example.test",
                "pace": {"wpm": 171},
                "talkTime": {"percentage": 46.667, "seconds": 7.0},
                "listenTime": {"percentage": 53.333, "seconds": 8.0},
                "overlap": {},
            },
            {
                "id": str(BO),
                "name": "Bo",
                "userId": "u-2",
                "pace": {"wpm": 144},
                "talkTime": {"percentage": 33.333, "seconds": 5.0},
                "listenTime": {"percentage": 66.667, "seconds": 10.0},
                "overlap": {},
            },
            {
                "name": "Unknown speaker",
                "pace": {"wpm": 240},
                "talkTime": {"percentage": 20.0, "seconds": 3.0},
                "listenTime": {"percentage": 80.0, "seconds": 12.0},
                "overlap": {},
            },
        ],
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_summary_is_sentences_that_were_said(
    api: Api, conversation: Conversation, ida: Member, bo: Member, method: str
) -> None:
    meet(conversation, ida, bo)
    answer = api.call(method, f"v1/conversations/{conversation.id}/summary?refresh=true")
    assert answer.status == 200
    lines = answer.body["summary"]
    texts = {FIRST: DECK, SECOND: HEAR, THIRD: MEET, FOURTH: PLANS, FIFTH: TERRIBLE}
    assert lines
    for line in lines:
        (ref,) = line["messageRefs"]
        assert line["text"] in texts[ref["id"]]
        assert len(line["id"]) == 16


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.IN_PROGRESS])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_no_summary_while_a_job_runs(
    api: Api, job: Job, method: str, status: Status
) -> None:
    Job.objects.update(status=status, lease_until=NOW)
    assert api.call(method, f"v1/conversations/{job.conversation_id}/summary") == (
        404,
        {"message": "There is no summary yet: a job of the conversation is running."},
    )


def test_an_empty_conversation_has_nothing_of_anything(
    api: Api, conversation: Conversation
) -> None:
    bodies = [read(api, conversation, path) for path in READS]
    nothing = {"seconds": 0.0, "percent": 0.0}
    metrics = [
        {"type": kind, **nothing} for kind in ("total_silence", "total_talk_time", "total_overlap")
    ]
    assert bodies == [
        {"insights": []},
        {"questions": []},
        {"actionItems": []},
        {"followUps": []},
        {"topics": []},
        {"entities": []},
        [],
        [],
        {"metrics": metrics, "members": []},
        {"summary": []},
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("conversation_id", ["5999999999999999", "x"])
def test_an_unknown_conversation_is_not_found(api: Api, conversation_id: str, path: str) -> None:
    answer = api.get(f"v1/conversations/{conversation_id}/{path}")
    assert answer == (404, {"message": "The conversation id is invalid or unknown."})


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", [*READS, "messages?verbose=true&sentiment=true"])
def test_the_number_of_queries_does_not_grow(
    api: Api,
    conversation: Conversation,
    path: str,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    asked = {
        "detectEntities": True,
        "detectPhrases": True,
        "trackers": [{"name": "Deck", "vocabulary": ["deck"]}],
    }
    for number in range(count):
        member = add_member(conversation, f"Member {number}")
        add_job(conversation, (member, 0, 1000, DECK), (member, 0, 1000, DECK), options=asked)
    # The token, the conversation, its jobs (twice for the summary), members and messages.
    with django_assert_max_num_queries(6):
        read(api, conversation, path)
