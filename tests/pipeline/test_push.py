"""Telling the API what people decided, whatever its answer."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from conversations.models import (
    Append,
    Change,
    Conversation,
    Member,
    Message,
    PushState,
    Recording,
    State,
)
from conversations.pipeline.advance import advance
from conversations.review.merging import merge, retry_push
from conversations.review.naming import rename
from tests.doubles.symbl_server import find_nothing
from tests.support import hurry

WHERE = "/v1/conversations/5120345678901234"
pytestmark = pytest.mark.django_db(transaction=True)


class Members:
    """The members of one conversation at a Symbl server that merges by e-mail."""

    def __init__(self, server: HTTPServer) -> None:
        self.people: dict[str, dict[str, str]] = {}
        self.calls: list[dict[str, str]] = []
        self.works = True
        self.answers = Response('{"message": "updated"}')
        token = {"accessToken": "token", "expiresIn": 3600}
        server.expect_request("/oauth2/token:generate").respond_with_json(token)
        about = {"id": "5120345678901234", "startTime": "2026-01-05T10:00:00.000Z"}
        server.expect_request(WHERE).respond_with_json(about)
        self.messages: list[dict[str, object]] = []
        server.expect_request(f"{WHERE}/messages").respond_with_handler(
            lambda _: Response(json.dumps({"messages": self.messages}))
        )
        find_nothing(server, WHERE)
        server.expect_request(f"{WHERE}/members").respond_with_handler(
            lambda _: Response(json.dumps({"members": list(self.people.values())}))
        )
        for id in ("m0", "m1"):
            server.expect_request(f"{WHERE}/members/{id}").respond_with_handler(self.put)

    def add(self, id: str, name: str, email: str = "") -> None:
        self.people[id] = {"id": id, "name": name, "email": email}

    def say(self, id: str, text: str) -> None:
        spoken = {"startTime": "2026-01-05T10:00:01.000Z", "endTime": "2026-01-05T10:00:02.000Z"}
        self.messages.append({"id": id, "text": text, "from": self.people["m0"], **spoken})

    def put(self, request: Request) -> Response:
        body = json.loads(request.get_data())
        self.calls.append(body)
        if self.works:
            holders = [p for p in self.people.values() if p["email"] == body.get("email")]
            others = [holder for holder in holders if holder["id"] != body["id"]]
            if body.get("email") and others:
                del self.people[body["id"]]
                others[0]["name"] = body["name"]
            else:
                self.people[body["id"]] |= body
        return self.answers


@pytest.fixture
def members(httpserver: HTTPServer, settings: Settings) -> Members:
    settings.SYMBL_BASE_URL = httpserver.url_for("").rstrip("/")
    return Members(httpserver)


@pytest.fixture
def speaker(conversation: Conversation, members: Members) -> Callable[..., Member]:
    """Return a function that adds a member here and at the API."""

    def add(id: str, name: str, email: str = "") -> Member:
        members.add(id, name, email)
        return Member.objects.create(
            conversation=conversation, remote_id=id, remote_name=name, remote_email=email,
            name=name, email=email,
        )  # fmt: skip

    return add


def named(row: Member, name: str, email: str, by: User) -> Change:
    change = rename(row, name=name, email=email, version=row.version, actor=by)
    assert change is not None
    return change


def advance_whole(conversation: Conversation) -> None:
    """Have the conversation read whole."""
    Conversation.objects.filter(pk=conversation.pk).update(synced_at=None)
    advance(conversation.pk)


def lines() -> list[tuple[str, Append | None]]:
    """Return the lines here, and the append that each belongs to."""
    return [(row.remote_id, row.append) for row in Message.objects.order_by("remote_id")]


def pushed(change: Change) -> tuple[str, str]:
    change.refresh_from_db()
    return change.push_state, change.push_error


def test_a_name_arrives_and_is_read_back(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    row = speaker("m0", "Speaker 1")
    change = named(row, "John", "john@example.com", ana)
    advance(row.conversation_id)
    assert pushed(change) == (PushState.PUSHED, "")
    assert members.people["m0"] == {"id": "m0", "name": "John", "email": "john@example.com"}
    row.refresh_from_db()
    assert (row.remote_name, row.remote_email) == ("John", "john@example.com")


def test_a_removed_email_is_said_to_stay_at_the_server(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    row = speaker("m0", "John", "typo@example.com")
    change = named(row, "John Doe", "", ana)
    advance(row.conversation_id)
    state, error = pushed(change)
    assert state == PushState.FAILED
    assert "cannot take an e-mail back" in error
    assert members.people["m0"]["name"] == "John Doe"


def test_a_lost_answer_is_settled_by_reading_the_members(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    row = speaker("m0", "Speaker 1")
    change = named(row, "John", "", ana)
    members.answers = Response(status=500)
    advance(row.conversation_id)
    assert pushed(change)[0] == PushState.PENDING
    hurry()
    advance(row.conversation_id)
    assert pushed(change) == (PushState.PUSHED, "")
    assert len(members.calls) == 1


def test_a_merge_that_arrived_with_its_answer_lost_is_not_sent_again(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    john, again = speaker("m0", "John", "john@example.com"), speaker("m1", "Speaker 1")
    change = merge(again, john, name="John", version=1, into_version=1, actor=ana)
    members.answers = Response(status=502)
    advance(john.conversation_id)
    hurry()
    advance(john.conversation_id)
    assert pushed(change) == (PushState.PUSHED, "")
    assert len(members.calls) == 1
    assert list(members.people) == ["m0"]
    again.refresh_from_db()
    assert again.gone


def test_a_name_that_would_merge_at_the_api_is_held_back(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    row = speaker("m0", "Speaker 1")
    members.add("m9", "John at the API", "John@example.com")
    change = named(row, "John", "john@example.com", ana)
    advance(row.conversation_id)
    state, error = pushed(change)
    assert state == PushState.FAILED
    assert "belongs to John at the API" in error
    assert members.calls == []


def test_a_merge_without_its_email_at_the_api_is_held_back(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    john, again = speaker("m0", "John"), speaker("m1", "Speaker 1")
    change = merge(again, john, name="John", version=1, into_version=1, actor=ana)
    advance(john.conversation_id)
    assert pushed(change)[0] == PushState.FAILED
    assert members.calls == []
    assert sorted(members.people) == ["m0", "m1"]


def test_an_answer_of_yes_is_not_believed_without_looking(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    row = speaker("m0", "Speaker 1")
    members.works = False
    change = named(row, "John", "", ana)
    advance(row.conversation_id)
    assert pushed(change) == (
        PushState.FAILED, "The server answered yes but shows something else.",
    )  # fmt: skip


def test_names_wait_while_an_append_is_being_processed(
    members: Members, speaker: Callable[..., Member], ana: User, recording: Recording
) -> None:
    row = speaker("m0", "Speaker 1")
    now = timezone.now()
    append = Append.objects.create(
        conversation=row.conversation, recording=recording, seq=1, state=State.PROCESSING,
        state_since=now, job_id="j1",
    )  # fmt: skip
    change = named(row, "John", "", ana)
    advance(row.conversation_id)
    assert pushed(change)[0] == PushState.PENDING
    assert members.calls == []
    append.state = State.SYNCED
    append.save()
    advance(row.conversation_id)
    assert pushed(change) == (PushState.PUSHED, "")


@pytest.mark.parametrize("state", [State.UNKNOWN, State.STALLED])
def test_a_push_leaves_the_lines_of_a_lost_append_to_that_append(
    state: State,
    members: Members,
    speaker: Callable[..., Member],
    ana: User,
    recording: Recording,
) -> None:
    row = speaker("m0", "Speaker 1")
    members.say("1", "Hello.")
    advance_whole(row.conversation)
    members.say("2", "Hello again.")
    long_ago = timezone.now() - dt.timedelta(hours=2)
    append = Append.objects.create(
        conversation=row.conversation, recording=recording, seq=1, state=state, next_at=None,
        state_since=long_ago, deadline_at=long_ago, job_id="j1",
        snapshot={"messages": 1, "members": ["m0"], "duration_ms": 0},
    )  # fmt: skip
    change = named(row, "John", "", ana)
    advance(row.conversation_id)
    row.refresh_from_db()
    assert (pushed(change), row.remote_name) == ((PushState.PUSHED, ""), "John")
    assert lines() == [("1", None)]
    Append.objects.update(state=State.SYNCING, next_at=timezone.now())
    advance(row.conversation_id)
    append.refresh_from_db()
    assert (append.state, append.note) == (State.SYNCED, "")
    assert lines() == [("1", None), ("2", append)]


def test_an_older_name_never_arrives_after_a_newer_one(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    row = speaker("m0", "Speaker 1")
    members.works, members.answers = False, Response(status=503)
    first = named(row, "Ann", "", ana)
    advance(row.conversation_id)
    row.refresh_from_db()
    second = named(row, "Anna", "", ana)
    members.works, members.answers = True, Response("{}")
    hurry()
    advance(row.conversation_id)
    assert pushed(first)[0] == PushState.SUPERSEDED
    assert pushed(second) == (PushState.PUSHED, "")
    assert members.people["m0"]["name"] == "Anna"
    assert not retry_push(first)


def test_a_correction_waits_for_the_one_before_it(
    members: Members, speaker: Callable[..., Member], ana: User
) -> None:
    """The merge needs the e-mail that the naming brings to the API."""
    john, again = speaker("m0", "Speaker 1"), speaker("m1", "Speaker 2")
    works, members.works, members.answers = True, False, Response(status=503)
    named(john, "John", "john@example.com", ana)
    advance(john.conversation_id)
    john.refresh_from_db()
    change = merge(again, john, name="John", version=1, into_version=john.version, actor=ana)
    members.works, members.answers = works, Response("{}")
    advance(john.conversation_id)
    assert pushed(change)[0] == PushState.PENDING
    hurry()
    advance(john.conversation_id)
    assert pushed(change) == (PushState.PUSHED, "")
    assert list(members.people) == ["m0"]


def test_a_push_that_cannot_be_read_back_holds_nothing_up(
    members: Members,
    speaker: Callable[..., Member],
    ana: User,
    httpserver: HTTPServer,
) -> None:
    row = speaker("m0", "Speaker 1")
    change = named(row, "John", "", ana)
    httpserver.expect_oneshot_request(f"{WHERE}/messages").respond_with_data("<html>")
    advance(row.conversation_id)
    assert pushed(change) == (PushState.PUSHED, "")
