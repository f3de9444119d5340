"""Insights and reports: brought in by a sync, kept apart from names, never at a line's cost."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Response

from conversations.models import (
    Append,
    Conversation,
    Insight,
    Member,
    Message,
    Recording,
    Report,
    ReportKind,
    State,
    UnreadableAnswer,
)
from conversations.pipeline import unreadable
from conversations.pipeline.advance import advance
from conversations.pipeline.imports import FetchState, fetch_again, fetch_state
from conversations.pipeline.reports import (
    Analytics,
    Entity,
    Mention,
    Metric,
    Overlap,
    Reports,
    SummaryLine,
    Talk,
    Topic,
    Tracker,
    TrackerMatch,
    load,
)
from conversations.pipeline.sync import PATIENCE
from conversations.symbl import Unreadable
from tests.doubles.symbl_conversation import ACTION, WHERE, Server
from tests.doubles.symbl_server import EMPTY_FINDINGS
from tests.support import hurry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bring(conversation: Conversation) -> Callable[[], Conversation]:
    """Return a function that reads the conversation whole, as a worker does."""

    def read() -> Conversation:
        Conversation.objects.update(synced_at=None, sync_error="")
        advance(conversation.pk)
        conversation.refresh_from_db()
        return conversation

    return read


@pytest.fixture
def finished(conversation: Conversation, recording: Recording) -> Append:
    """An append that asked for a summary, and whose job has ended."""
    now = timezone.now()
    return Append.objects.create(
        conversation=conversation, recording=recording, seq=1, state=State.SYNCING,
        state_since=now, next_at=now, note="The recording is quiet.", options={"summary": True},
    )  # fmt: skip


def busy(status: int) -> Response:
    """Return an answer that asks for longer than a call waits by itself."""
    return Response("{}", status=status, headers={"Retry-After": "60"})


def contents() -> list[Any]:
    """Return every row that a sync writes, by table."""
    tables: tuple[type[Model], ...] = (Member, Message, Insight, Report)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def test_insights_come_with_their_people_by_id_or_by_address(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    bring()
    ida, bo = Member.objects.order_by("remote_id")
    rows = Insight.objects.values_list(
        "remote_id", "kind", "position", "text", "score", "member", "assignee", "due_by",
        "message_ids",
    )  # fmt: skip
    due = dt.datetime(2026, 1, 6, 7, tzinfo=dt.UTC)
    assert list(rows) == [
        ("i1", "action_item", 0, "Ida sends the deck.", 0.9, ida.pk, bo.pk, due, ["1"]),
        ("i2", "question", 1, "When?", None, None, None, None, []),
    ]


def test_reports_are_read_back_as_they_were_told(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    assert load(bring()) == Reports(
        topics=(Topic("deck", 0.5, ("1",), ("sales",), None),),
        entities=(Entity("date", "2026-01-06", "tomorrow", (Mention("1", 10),)),),
        trackers=(Tracker("Deck", (TrackerMatch("the deck", (Mention("1", -1),), ("i1",)),)),),
        summary=(SummaryLine("Ida sends it.", ("1",)),),
        analytics=Analytics(
            metrics=(Metric("total_silence", 20.0, 2.0),),
            members=(
                Talk(
                    member="p1", name="Speaker 1", words_per_minute=128.0, talk_percent=60.0,
                    talk_seconds=5.0, listen_percent=40.0, listen_seconds=3.0, overlap_seconds=1.0,
                    overlaps=(Overlap("", "A voice", 5.0, 1.0),),
                ),
            ),
        ),
    )  # fmt: skip


def test_a_conversation_that_was_never_read_has_no_reports(conversation: Conversation) -> None:
    assert load(conversation) == Reports()


def test_the_same_answers_again_change_no_row(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    bring()
    before = contents()
    bring()
    assert contents() == before


def test_only_what_changed_is_written(server: Server, bring: Callable[[], Conversation]) -> None:
    bring()
    before = dict(Report.objects.values_list("kind", "fetched_at"))
    server.parts["/insights"] = {"insights": [ACTION | {"text": "Bo sends it.", "assignee": {}}]}
    server.parts["/topics"] = {"topics": []}
    conversation = bring()
    (insight,) = Insight.objects.all()
    assert (insight.text, insight.assignee, load(conversation).topics) == ("Bo sends it.", None, ())
    now = dict(Report.objects.values_list("kind", "fetched_at"))
    assert {kind for kind in now if now[kind] != before[kind]} == {ReportKind.TOPICS}


def test_an_insight_follows_a_merge_at_the_api(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    bring()
    server.parts["/members"] = {"members": [{"id": "p2", "name": "Ida", "email": "ida@x.test"}]}
    server.parts["/insights"] = {"insights": [ACTION | {"from": {"id": "p2", "name": "Ida"}}]}
    bring()
    (insight,) = Insight.objects.all()
    assert insight.member == Member.objects.get(remote_id="p2")


@pytest.mark.parametrize(
    ("answer", "remark", "kept"),
    [
        (
            {"topics": [{"text": 7}]},
            "Topics could not be read: The server's answer cannot be read at topics[0].text: "
            "a text is expected.",
            [(f"GET {WHERE}/topics", "topics[0].text", "a text is expected",
              '{"topics": [{"text": 7}]}')],
        ),
        (
            Response('{"message": "not here"}', status=404),
            "Topics could not be read: The Symbl server does not know what was asked for "
            "(404): not here",
            [],
        ),
    ],
)  # fmt: skip
def test_the_transcript_comes_though_a_report_cannot_be_read(
    *,
    server: Server,
    conversation: Conversation,
    finished: Append,
    answer: Any,
    remark: str,
    kept: list[tuple[str, ...]],
) -> None:
    now = timezone.now()
    old = Report.objects.create(
        conversation=conversation, kind=ReportKind.TOPICS, document=[], fetched_at=now
    )
    server.parts["/topics"] = answer
    advance(conversation.pk)
    finished.refresh_from_db()
    assert (finished.state, finished.note) == (State.SYNCED, "The recording is quiet.")
    assert finished.conversation.sync_error == remark
    old.refresh_from_db()
    assert (old.document, old.fetched_at) == ([], now)
    assert list(Message.objects.values_list("text", flat=True)) == ["I send it."]
    assert Insight.objects.count() == 2
    columns = ("request", "place", "problem", "body")
    assert list(UnreadableAnswer.objects.values_list(*columns)) == kept


def test_what_a_sync_could_not_read_can_be_fetched_again(server: Server, finished: Append) -> None:
    topics = server.parts["/topics"]
    server.parts["/topics"] = {"topics": [{"text": 7}]}
    advance(finished.conversation_id)
    conversation = Conversation.objects.get()
    assert fetch_state(conversation, []) == FetchState.PARTLY
    server.parts["/topics"] = topics
    assert fetch_again(conversation)
    advance(conversation.pk)
    conversation.refresh_from_db()
    assert (fetch_state(conversation, []), conversation.sync_error) == (FetchState.NONE, "")
    assert load(conversation).topics == (Topic("deck", 0.5, ("1",), ("sales",), None),)


@pytest.mark.parametrize("status", [429, 503])
def test_a_sync_waits_for_a_report_that_time_may_bring(
    status: int, server: Server, finished: Append
) -> None:
    topics, server.parts["/topics"] = server.parts["/topics"], busy(status)
    advance(finished.conversation_id)
    finished.refresh_from_db()
    assert (finished.state, finished.tries) == (State.SYNCING, 1)
    assert finished.error != ""
    server.parts["/topics"] = topics
    hurry()
    advance(finished.conversation_id)
    finished.refresh_from_db()
    assert (finished.state, finished.error, finished.conversation.sync_error) == (
        State.SYNCED, "", "",
    )  # fmt: skip
    assert load(finished.conversation).topics == (Topic("deck", 0.5, ("1",), ("sales",), None),)


def test_a_sync_does_without_a_report_after_a_few_tries(server: Server, finished: Append) -> None:
    server.parts["/topics"] = busy(503)
    states = []
    for _ in range(PATIENCE):
        hurry()
        advance(finished.conversation_id)
        finished.refresh_from_db()
        states.append(finished.state)
    assert states == [State.SYNCING] * (PATIENCE - 1) + [State.SYNCED]
    assert finished.conversation.sync_error.startswith("Topics could not be read: ")
    assert [message.append for message in Message.objects.all()] == [finished]


def test_a_conversation_is_read_at_once_though_a_report_is_late(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    server.parts["/topics"] = busy(503)
    conversation = bring()
    assert fetch_state(conversation, []) == FetchState.PARTLY
    assert Message.objects.count() == 1


def test_a_summary_that_nobody_asked_for_is_not_missed(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    server.parts["/summary"] = Response('{"message": "not ready"}', status=404)
    conversation = bring()
    assert (conversation.sync_error, load(conversation).summary) == ("", None)


def test_a_summary_that_was_asked_for_and_is_not_written_yet_can_be_fetched_later(
    server: Server, finished: Append
) -> None:
    summary = server.parts["/summary"]
    server.parts["/summary"] = Response('{"message": "not ready"}', status=404)
    advance(finished.conversation_id)
    conversation = Conversation.objects.get()
    assert conversation.sync_error == "The server has not written the summary yet."
    server.parts["/summary"] = summary
    assert fetch_again(conversation)
    advance(conversation.pk)
    conversation.refresh_from_db()
    assert conversation.sync_error == ""
    assert load(conversation).summary == (SummaryLine("Ida sends it.", ("1",)),)


def test_an_insight_with_an_impossible_id_costs_no_line(server: Server, finished: Append) -> None:
    server.parts["/insights"] = {"insights": [ACTION, ACTION | {"id": "i" * 81}]}
    advance(finished.conversation_id)
    finished.refresh_from_db()
    assert (finished.state, finished.conversation.sync_error) == (
        State.SYNCED,
        "Insights could not be read: The server's answer cannot be read at insights[1].id: "
        "an id of at most 80 characters is expected.",
    )
    assert (Message.objects.count(), Insight.objects.count()) == (1, 0)


def test_words_and_tones_that_nobody_shows_are_not_asked_for(
    server: Server, bring: Callable[[], Conversation], httpserver: HTTPServer
) -> None:
    bring()
    asked = [request.args.to_dict() for request, _ in httpserver.log if "/messages" in request.path]
    assert asked == [{"verbose": "false", "sentiment": "false"}]


def test_a_transcript_that_cannot_be_read_is_kept_for_an_admin_too(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    server.parts["/messages"] = {"messages": [{"id": "1", "text": "Hi", "startTime": "soon"}]}
    conversation = bring()
    assert conversation.synced_at is None
    assert conversation.sync_error.startswith(
        "The server's answer cannot be read at messages[0].startTime"
    )
    (answer,) = UnreadableAnswer.objects.all()
    assert (answer.request, answer.place) == (f"GET {WHERE}/messages", "messages[0].startTime")


def test_an_answer_that_comes_again_is_kept_once_and_the_oldest_go(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "MOST_KEPT", 2)
    for place, body in [("a", b"1"), ("b", b"\x00\xff"), ("c", b"3"), ("c", b"4")]:
        error = Unreadable.at(place, "a text is expected")
        error.keep(request="GET /v1/x", body=body)
        unreadable.keep(error)
    rows = UnreadableAnswer.objects.order_by("place").values_list("place", "body")
    assert list(rows) == [("b", "\N{REPLACEMENT CHARACTER}"), ("c", "4")]


def test_lines_that_the_api_no_longer_lists_are_kept_and_come_back(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    listed = server.parts["/messages"]
    bring()
    server.parts["/messages"] = {"messages": []}
    bring()
    (line,) = Message.objects.all()
    assert (line.gone, line.text) == (True, "I send it.")
    server.parts["/messages"] = listed
    bring()
    (line,) = Message.objects.all()
    assert (line.gone, line.phrases) == (
        False,
        [{"type": "action_phrase", "text": "send it"}],
    )


def test_what_no_database_stores_does_not_stop_a_report(
    server: Server, bring: Callable[[], Conversation]
) -> None:
    server.parts["/topics"] = {"topics": [{"text": "deck\x00 \ud800", "messageIds": ["1"]}]}
    server.parts |= {f"/{part}": EMPTY_FINDINGS[part] for part in ("insights", "entities")}
    assert load(bring()).topics == (Topic("deck ?", None, ("1",), (), None),)
