"""Bringing in what exists at the API: what is offered, what is begun, and the reading itself."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from conversations.models import Append, Conversation, Member, Message, Recording, State, Team
from conversations.pipeline import imports
from conversations.pipeline.advance import advance, due_conversations, next_due
from conversations.pipeline.imports import (
    DELETED,
    ApiTrouble,
    FetchState,
    bring_in,
    fetch_again,
    fetch_state,
    list_remote,
)
from tests.doubles.symbl_conversation import REMOTE_ID, Server
from tests.support import run_queue

pytestmark = pytest.mark.django_db(transaction=True)

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


@pytest.fixture
def foreign(db: None) -> Conversation:
    """A conversation of a team that Ana does not belong to."""
    other = Team.objects.create(name="Other")
    return Conversation.objects.create(team=other, name="Secret", remote_id="2000000000000002")


def brought(server: Server, ana: User, team: Team) -> Conversation:
    (conversation,) = bring_in([REMOTE_ID], team=team, user=ana).new
    return conversation


def test_what_is_offered_says_what_is_here_and_nothing_of_others(
    server: Server, ana: User, conversation: Conversation, foreign: Conversation
) -> None:
    server.listed = [
        {"id": "1000000000000001", "name": "New", "startTime": "2026-01-05T10:00:00.000Z",
         "endTime": "2026-01-05T10:00:10.000Z", "members": [{"name": "Ida"}]},
        {"id": foreign.remote_id, "name": "Secret plans"},
        {"id": conversation.remote_id},
    ]  # fmt: skip
    page = list_remote(ana, start=START, end=END, page=1)
    assert [(row.remote_id, row.here) for row in page.rows] == [
        ("1000000000000001", None), (conversation.remote_id, conversation),
    ]  # fmt: skip
    first = page.rows[0]
    assert (first.name, first.duration_ms, first.members) == ("New", 10_000, 1)
    assert page.doubtful.remote_ids == []


def test_pages_are_asked_for_within_the_window(
    server: Server, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PAGE_SIZE", 2)
    server.listed = [{"id": str(number)} for number in range(5)]
    pages = [list_remote(ana, start=START, end=END, page=number) for number in (1, 2, 3)]
    assert [([row.remote_id for row in page.rows], page.has_next) for page in pages] == [
        (["0", "1"], True), (["2", "3"], True), (["4"], False),
    ]  # fmt: skip
    assert [asked["offset"] for asked in server.asked] == ["0", "2", "4"]
    windows = {(asked["startTime"][:10], asked["endTime"][:10]) for asked in server.asked}
    assert windows == {("2026-01-01", "2026-02-01")}
    assert {asked["order"] for asked in server.asked} == {"desc"}


def test_an_import_is_read_whole_by_the_queue(server: Server, ana: User, team: Team) -> None:
    conversation = brought(server, ana, team)
    assert (conversation.name, conversation.team, conversation.created_by) == (
        "Weekly sync", team, ana,
    )  # fmt: skip
    assert fetch_state(conversation, []) == FetchState.FETCHING
    run_queue()
    conversation.refresh_from_db()
    assert fetch_state(conversation, []) == FetchState.NONE
    assert (conversation.started_at, conversation.duration_ms) == (
        dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC), 41 * 60_000,
    )  # fmt: skip
    assert list(Member.objects.order_by("remote_id").values_list("name", flat=True)) == [
        "Speaker 1", "Bo",
    ]  # fmt: skip
    (line,) = Message.objects.all()
    assert (line.text, line.start_ms, line.append) == ("I send it.", 1000, None)
    assert next_due(conversation.pk) is None


def test_a_conversation_without_a_name_is_called_by_its_id(
    server: Server, httpserver: HTTPServer, ana: User, team: Team
) -> None:
    server.knows(httpserver, "1000000000000001")
    (conversation,) = bring_in(["1000000000000001"], team=team, user=ana).new
    assert conversation.name == "Conversation 1000000000000001"


def test_nothing_is_brought_in_twice(
    server: Server, ana: User, team: Team, foreign: Conversation
) -> None:
    conversation = brought(server, ana, team)
    outcome = bring_in(
        [REMOTE_ID, REMOTE_ID, str(foreign.remote_id)], team=team, user=ana
    )  # fmt: skip
    assert (outcome.new, outcome.here, outcome.left_out) == (
        [],
        [conversation],
        [foreign.remote_id],
    )
    assert Conversation.objects.count() == 2


def test_an_answer_about_another_conversation_is_left_out(
    server: Server, httpserver: HTTPServer, ana: User, team: Team, foreign: Conversation
) -> None:
    document = {"id": foreign.remote_id, "startTime": "2026-01-05T10:00:00.000Z"}
    httpserver.expect_request("/v1/conversations/1000000000000001").respond_with_json(document)
    outcome = bring_in(["1000000000000001"], team=team, user=ana)
    assert (outcome.new, outcome.left_out) == ([], ["1000000000000001"])
    assert Conversation.objects.get() == foreign


@pytest.mark.parametrize("is_foreign", [True, False])
def test_a_race_that_was_lost_is_told_as_what_is_there(
    *, server: Server, httpserver: HTTPServer, ana: User, team: Team, is_foreign: bool
) -> None:
    owner = Team.objects.create(name="Other") if is_foreign else team

    def overtake(request: Request) -> Response:
        Conversation.objects.create(team=owner, name="First", remote_id="1000000000000001")
        connection.close()
        return Response('{"id": "1000000000000001"}')

    path = "/v1/conversations/1000000000000001"
    httpserver.expect_request(path).respond_with_handler(overtake)
    outcome = bring_in(["1000000000000001"], team=team, user=ana)
    there = Conversation.objects.get()
    assert (outcome.new, outcome.here, outcome.left_out) == (
        ([], [], ["1000000000000001"]) if is_foreign else ([], [there], [])
    )
    assert not OrmQ.objects.exists()


def test_an_id_that_the_api_does_not_know_is_left_out(
    server: Server, httpserver: HTTPServer, ana: User, team: Team
) -> None:
    unknown = "9999999999999999"
    httpserver.expect_request(f"/v1/conversations/{unknown}").respond_with_data(status=404)
    outcome = bring_in([unknown, REMOTE_ID], team=team, user=ana)
    assert (outcome.left_out, [one.remote_id for one in outcome.new]) == ([unknown], [REMOTE_ID])


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        (401, "An admin has to correct SYMBL_APP_ID and SYMBL_APP_SECRET."),
        (302, "An admin has to correct SYMBL_BASE_URL."),
        (400, "Choose other days, or ask an admin."),
    ],
)
def test_trouble_says_what_to_do(server: Server, ana: User, status: int, todo: str) -> None:
    server.fails = Response('{"message": "No."}', status=status)
    with pytest.raises(ApiTrouble) as caught:
        list_remote(ana, start=START, end=END, page=1)
    assert caught.value.problem.todo == todo


def test_trouble_in_between_begins_nothing(server: Server, ana: User, team: Team) -> None:
    server.fails = Response("{}", status=401)
    with pytest.raises(ApiTrouble):
        bring_in([REMOTE_ID], team=team, user=ana)
    assert not Conversation.objects.exists()


def test_a_server_that_is_away_is_no_mistake(
    settings: Settings, ana: User, free_tcp_port: int
) -> None:
    settings.SYMBL_BASE_URL = f"http://127.0.0.1:{free_tcp_port}"
    with pytest.raises(ApiTrouble, match="No connection to the Symbl server could be made"):
        list_remote(ana, start=START, end=END, page=1)


def test_a_reading_that_fails_says_why_and_waits_for_a_person(
    server: Server, ana: User, team: Team
) -> None:
    conversation = brought(server, ana, team)
    server.fails = Response('{"message": "Not now."}', status=400)
    run_queue()
    conversation.refresh_from_db()
    assert fetch_state(conversation, []) == FetchState.FAILED
    assert "Not now." in conversation.sync_error
    assert (next_due(conversation.pk), due_conversations(timezone.now())) == (None, [])
    server.fails = None
    assert fetch_again(conversation)
    run_queue()
    conversation.refresh_from_db()
    assert (fetch_state(conversation, []), conversation.sync_error) == (FetchState.NONE, "")


def test_a_conversation_that_was_deleted_at_the_api_is_no_failure(
    server: Server, ana: User, team: Team
) -> None:
    conversation = brought(server, ana, team)
    server.fails = Response("{}", status=404)
    run_queue()
    conversation.refresh_from_db()
    assert (fetch_state(conversation, []), conversation.sync_error) == (
        FetchState.DELETED, DELETED,
    )  # fmt: skip


def test_a_report_that_cannot_be_read_is_said_beside_the_transcript(
    server: Server, ana: User, team: Team
) -> None:
    conversation = brought(server, ana, team)
    server.parts["/topics"] = server.parts["/entities"] = Response("{}", status=404)
    run_queue()
    conversation.refresh_from_db()
    assert fetch_state(conversation, []) == FetchState.PARTLY
    assert conversation.sync_error.startswith("Topics and entities could not be read: ")


def test_a_lost_wake_up_is_found_by_the_sweep(server: Server, ana: User, team: Team) -> None:
    conversation = brought(server, ana, team)
    OrmQ.objects.all().delete()
    assert due_conversations(timezone.now()) == [conversation.pk]


@pytest.fixture
def in_state(conversation: Conversation, recording: Recording) -> Callable[[State], Append]:
    """Return a function that gives the conversation one append in a state."""

    def make(state: State) -> Append:
        now = timezone.now()
        return Append.objects.create(
            conversation=conversation, recording=recording, seq=1, state=state, state_since=now,
            job_id="j1", attempt_id="00000000-0000-4000-8000-000000000000", deadline_at=now,
        )  # fmt: skip

    return make


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.SUBMITTING, State.PROCESSING, State.SYNCING, State.UNKNOWN]
)
def test_nothing_is_fetched_again_while_an_append_is_on_its_way(
    conversation: Conversation, in_state: Callable[[State], Append], state: State
) -> None:
    in_state(state)
    before = conversation.synced_at
    assert not fetch_again(conversation)
    conversation.refresh_from_db()
    assert conversation.synced_at == before


@pytest.mark.parametrize("state", [State.SUBMITTING, State.PROCESSING, State.STALLED])
def test_an_append_on_its_way_holds_a_reading_up(
    conversation: Conversation, in_state: Callable[[State], Append], state: State
) -> None:
    Conversation.objects.update(synced_at=None)
    append = in_state(state)
    conversation.refresh_from_db()
    assert fetch_state(conversation, [append]) == FetchState.NONE
    assert (next_due(conversation.pk), due_conversations(timezone.now())) == (None, [])


@pytest.mark.parametrize("state", [State.SYNCED, State.FAILED, State.CANCELLED])
def test_what_is_over_holds_nothing_up(
    server: Server, conversation: Conversation, in_state: Callable[[State], Append], state: State
) -> None:
    in_state(state)
    assert fetch_again(conversation)
    advance(conversation.pk)
    conversation.refresh_from_db()
    assert (fetch_state(conversation, []), Message.objects.count()) == (FetchState.NONE, 1)


def test_what_was_never_sent_cannot_be_fetched(team: Team) -> None:
    conversation = Conversation.objects.create(team=team, name="New")
    assert not fetch_again(conversation)
    assert fetch_state(conversation, []) == FetchState.NONE
