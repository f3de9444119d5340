"""Speaker events on their way to the API, whatever its answer, and what it did with them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from conversations.engine.models import Conversation as EngineConversation
from conversations.models import (
    Append,
    BatchState,
    Change,
    Conversation,
    Member,
    Message,
    PushState,
    Recording,
    SpeakerEventBatch,
    State,
)
from conversations.pipeline.advance import advance, due_conversations
from conversations.pipeline.speaker_dry_run import send_again
from conversations.pipeline.speaker_events import LOST, Match, Outdated, look
from conversations.pipeline.speaker_push import CANNOT_SHOW, CHANGED_AFTER, NOT_SHOWN
from conversations.review.naming import rename
from tests.doubles.symbl_server import find_nothing
from tests.engine.transcripts import add_job, add_member
from tests.pipeline.speaker_lines import add_lines, add_speaker, draft, send
from tests.support import hurry

WHERE = "/v1/conversations/5120345678901234"
pytestmark = pytest.mark.django_db(transaction=True)


class Speakers:
    """A Symbl server with three lines of five seconds.

    `lines` says who has each, by id. The next speaker events change them as `does` says,
    and are answered with `answer`; `late` is how many readings that takes to be seen.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.people = {key: {"id": key, "name": name} for key, name in NAMES.items()}
        self.lines = ["p1", "p1", "p2"]
        self.does: list[str] = []
        self.late = 0
        self.answer = Response('{"message": "associated"}')
        self.calls: list[dict[str, Any]] = []
        self.read = Response()
        token = {"accessToken": "token", "expiresIn": 3600}
        server.expect_request("/oauth2/token:generate").respond_with_json(token)
        about = {"id": "5120345678901234", "startTime": "2026-01-05T10:00:00.000Z",
                 "endTime": "2026-01-05T10:00:15.000Z"}  # fmt: skip
        server.expect_request(WHERE).respond_with_json(about)
        find_nothing(server, WHERE)
        server.expect_request(f"{WHERE}/members").respond_with_handler(
            lambda _: Response(json.dumps({"members": list(self.people.values())}))
        )
        server.expect_request(f"{WHERE}/members/p2").respond_with_handler(self.name)
        server.expect_request(f"{WHERE}/messages").respond_with_handler(self.messages)
        server.expect_request(f"{WHERE}/speakers").respond_with_handler(self.speakers)

    def speakers(self, request: Request) -> Response:
        self.calls.append(json.loads(request.get_data()))
        return self.answer

    def name(self, request: Request) -> Response:
        self.calls.append(json.loads(request.get_data()))
        self.people["p2"] |= self.calls[-1]
        return Response("{}")

    def messages(self, _: Request) -> Response:
        if self.read.status_code != 200:
            return self.read
        if self.does and any("speakerEvents" in call for call in self.calls):
            self.late -= 1
            self.lines = self.does if self.late < 0 else self.lines
        said = [
            {
                "id": str(place), "text": f"Line {place}.", "from": self.people[owner],
                "startTime": f"2026-01-05T10:00:{place * 5:02}.000Z",
                "endTime": f"2026-01-05T10:00:{place * 5 + 5:02}.000Z",
            }
            for place, owner in enumerate(self.lines)
        ]  # fmt: skip
        return Response(json.dumps({"messages": said}))


NAMES = {"p1": "Speaker 1", "p2": "Bo", "p3": "Cleo"}
Pend = Callable[[], SpeakerEventBatch]


@pytest.fixture
def api(httpserver: HTTPServer, settings: Settings) -> Speakers:
    settings.SYMBL_BASE_URL = httpserver.url_for("").rstrip("/")
    return Speakers(httpserver)


@pytest.fixture
def members(conversation: Conversation) -> dict[str, Member]:
    rows = {key: add_speaker(conversation, key, name) for key, name in NAMES.items()}
    add_lines(conversation, [rows["p1"], rows["p1"], rows["p2"]])
    return rows


@pytest.fixture
def pend(conversation: Conversation, members: dict[str, Member], ana: User) -> Pend:
    """Return a function that hands over a batch in which Bo speaks from 5 s to 15 s."""

    def make() -> SpeakerEventBatch:
        people = {"x": Match(members["p2"].pk)}
        return send(draft(conversation, ana, "5,15,Bo,,x", people=people))

    return make


def stands(batch: SpeakerEventBatch) -> tuple[str, str, Any]:
    batch.refresh_from_db()
    return batch.state, batch.push_error, batch.outcome


def owners(conversation: Conversation) -> list[str]:
    lines = Message.objects.filter(conversation=conversation).order_by("position")
    return [line.remote_member.remote_id for line in lines if line.remote_member]


def as_said(members: dict[str, Member]) -> dict[str, Any]:
    """Return the outcome of a batch of Bo's that did what the dry run said."""
    people = {"p2": members["p2"].pk}
    return {"as_expected": 1, "missing": [], "others": [], "people": people, "unnamed": []}


def test_what_is_sent_and_what_the_api_did(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    api.does = ["p1", "p2", "p2"]
    batch = pend()
    advance(conversation.pk)
    assert stands(batch) == (BatchState.PUSHED, "", as_said(members))
    user = {"id": "p2", "name": "Bo"}
    assert api.calls == [
        {
            "speakerEvents": [
                {"type": "started_speaking", "user": user, "offset": {"seconds": 5, "nanos": 0}},
                {"type": "stopped_speaking", "user": user, "offset": {"seconds": 15, "nanos": 0}},
            ]
        }
    ]
    assert owners(conversation) == ["p1", "p2", "p2"]


def test_what_the_api_did_otherwise_is_listed(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    api.does = ["p3", "p1", "p2"]
    batch = pend()
    for _ in range(4):
        hurry()
        advance(conversation.pk)
    lines = list(Message.objects.order_by("position"))
    one, three = members["p1"].pk, members["p3"].pk
    assert stands(batch) == (
        BatchState.PUSHED,
        "",
        {
            "as_expected": 0,
            "missing": [{"message": lines[1].pk, "to": one}],
            "others": [{"message": lines[0].pk, "from": one, "to": three}],
            "people": {"p2": members["p2"].pk},
            "unnamed": [],
        },
    )
    assert len(api.calls) == 1


def test_names_are_looked_for_as_lines_are(
    api: Speakers, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    people = {"x": Match(members["p1"].pk)}
    batch = send(draft(conversation, ana, "0,10,Ana,,x", people=people))
    assert (batch.expected or {})["names"] == [{"member": members["p1"].pk, "to": "Ana"}]
    advance(conversation.pk)
    state, _, outcome = stands(batch)
    assert (state, outcome["unnamed"]) == (BatchState.PENDING, [members["p1"].pk])
    api.people["p1"]["name"] = "Ana"
    hurry()
    advance(conversation.pk)
    state, error, outcome = stands(batch)
    assert (state, error, outcome["unnamed"], len(api.calls)) == (BatchState.PUSHED, "", [], 1)


def test_a_lost_answer_is_settled_by_the_names_where_no_line_changes(
    api: Speakers, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    people = {"x": Match(members["p1"].pk)}
    api.answer = Response(status=502)
    batch = send(draft(conversation, ana, "0,10,Ana,,x", people=people))
    advance(conversation.pk)
    assert stands(batch)[::2] == (BatchState.PENDING, LOST)
    api.people["p1"]["name"] = "Ana"
    hurry()
    advance(conversation.pk)
    assert (stands(batch)[0], len(api.calls)) == (BatchState.PUSHED, 1)


def test_an_api_that_shows_it_late_is_looked_at_again(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    api.does, api.late = ["p1", "p2", "p2"], 2
    batch = pend()
    advance(conversation.pk)
    state, _, outcome = stands(batch)
    assert (state, outcome["as_expected"]) == (BatchState.PENDING, 0)
    for _ in range(2):
        hurry()
        advance(conversation.pk)
    assert stands(batch) == (BatchState.PUSHED, "", as_said(members))
    assert len(api.calls) == 1


def test_a_refusal_fails_with_the_servers_sentence(
    api: Speakers, pend: Pend, conversation: Conversation
) -> None:
    api.answer = Response('{"message": "speakerEvents[0] is odd."}', status=400)
    batch = pend()
    advance(conversation.pk)
    state, error, outcome = stands(batch)
    assert (state, outcome, batch.next_at) == (BatchState.FAILED, None, None)
    assert "speakerEvents[0] is odd." in error


def test_a_lost_answer_is_settled_by_reading_the_transcript(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    api.does, api.answer = ["p1", "p2", "p2"], Response(status=502)
    batch = pend()
    advance(conversation.pk)
    assert stands(batch)[0] == BatchState.PENDING
    hurry()
    advance(conversation.pk)
    assert stands(batch) == (BatchState.PUSHED, "", as_said(members))
    assert len(api.calls) == 1


def test_a_lost_call_is_sent_again_after_a_look(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    api.answer = Response(status=502)
    batch = pend()
    advance(conversation.pk)
    api.does, api.late, api.answer = ["p1", "p2", "p2"], 1, Response("{}")
    hurry()
    advance(conversation.pk)
    assert stands(batch) == (BatchState.PUSHED, "", as_said(members))
    assert len(api.calls) == 2


def test_a_server_that_stays_away_leaves_it_to_a_person(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    api.answer = Response(status=502)
    batch = pend()
    for _ in range(8):
        hurry()
        advance(conversation.pk)
    state, error, outcome = stands(batch)
    assert (state, outcome) == (BatchState.FAILED, LOST)
    assert error
    api.does, api.late, api.answer = ["p1", "p2", "p2"], 1, Response("{}")
    send_again(batch, version=batch.version)
    advance(conversation.pk)
    assert stands(batch) == (BatchState.PUSHED, "", as_said(members))


def test_what_may_have_arrived_is_looked_for_without_being_sent_again(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    api.answer = Response(status=502)
    batch = pend()
    for _ in range(8):
        hurry()
        advance(conversation.pk)
    sent = len(api.calls)
    assert stands(batch)[::2] == (BatchState.FAILED, LOST)
    look(batch, version=batch.version)
    advance(conversation.pk)
    assert stands(batch) == (BatchState.FAILED, NOT_SHOWN, LOST)
    api.does = ["p1", "p2", "p2"]
    look(batch, version=batch.version)
    advance(conversation.pk)
    assert stands(batch) == (BatchState.PUSHED, "", as_said(members))
    assert (sent, len(api.calls)) == (8, 8)


def test_what_changes_no_line_cannot_be_looked_for(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    Message.objects.update(remote_member=members["p2"], member=members["p2"])
    batch = pend()
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(state=BatchState.FAILED, outcome=LOST)
    batch.refresh_from_db()
    look(batch, version=batch.version)
    advance(conversation.pk)
    assert stands(batch) == (BatchState.FAILED, CANNOT_SHOW, LOST)
    assert api.calls == []


def test_what_never_left_and_what_was_refused_is_known_not_to_have_arrived(
    api: Speakers, pend: Pend, conversation: Conversation, settings: Settings
) -> None:
    there, settings.SYMBL_BASE_URL = settings.SYMBL_BASE_URL, "http://127.0.0.1:9"
    batch = pend()
    for _ in range(8):
        hurry()
        advance(conversation.pk)
    assert stands(batch)[::2] == (BatchState.FAILED, None)
    settings.SYMBL_BASE_URL = there
    api.answer = Response('{"message": "No."}', status=400)
    send_again(batch, version=batch.version)
    advance(conversation.pk)
    assert (stands(batch)[::2], len(api.calls)) == ((BatchState.FAILED, None), 1)
    with pytest.raises(Outdated):
        look(batch, version=batch.version)


def test_a_lost_call_is_not_repeated_over_a_transcript_that_changed(
    api: Speakers, pend: Pend, conversation: Conversation
) -> None:
    api.answer = Response(status=502)
    batch = pend()
    advance(conversation.pk)
    api.lines = ["p1", "p3", "p3"]
    hurry()
    advance(conversation.pk)
    assert stands(batch) == (BatchState.FAILED, CHANGED_AFTER, LOST)
    assert len(api.calls) == 1


def test_what_was_taken_but_cannot_be_read_back_counts_as_sent(
    api: Speakers, pend: Pend, conversation: Conversation
) -> None:
    api.read = Response(status=404)
    batch = pend()
    advance(conversation.pk)
    state, error, outcome = stands(batch)
    assert (state, outcome) == (BatchState.PUSHED, {})
    assert error.startswith("The API took it, but what it did with it could not be read.")


def test_a_conversation_that_the_api_does_not_know_fails_at_once(
    api: Speakers, pend: Pend, conversation: Conversation
) -> None:
    batch = pend()
    conversation.remote_id = None
    conversation.save()
    advance(conversation.pk)
    assert stands(batch)[:2] == (BatchState.FAILED, "The API does not know this conversation yet.")
    assert api.calls == []


def test_it_waits_while_a_recording_is_being_processed(
    api: Speakers, pend: Pend, conversation: Conversation, recording: Recording
) -> None:
    batch = pend()
    append = Append.objects.create(
        conversation=conversation, recording=recording, seq=1, state=State.PROCESSING,
        state_since=timezone.now(), job_id="j1",
    )  # fmt: skip
    advance(conversation.pk)
    assert (stands(batch)[0], api.calls) == (BatchState.PENDING, [])
    append.state = State.SYNCED
    append.save()
    api.does = ["p1", "p2", "p2"]
    advance(conversation.pk)
    assert stands(batch)[0] == BatchState.PUSHED


@pytest.mark.parametrize("name_first", [True, False])
def test_names_and_events_arrive_in_the_order_in_which_they_were_decided(
    *,
    api: Speakers,
    pend: Pend,
    conversation: Conversation,
    members: dict[str, Member],
    ana: User,
    name_first: bool,
) -> None:
    api.does = ["p1", "p2", "p2"]

    def name() -> None:
        rename(members["p2"], name="Bob", email="", version=1, actor=ana)

    steps: list[Callable[[], object]] = [name, pend] if name_first else [pend, name]
    for step in steps:
        step()
    advance(conversation.pk)
    kinds = ["speakerEvents" in call for call in api.calls]
    assert kinds == [not name_first, name_first]
    assert Change.objects.get().push_state == PushState.PUSHED
    assert SpeakerEventBatch.objects.get().state == BatchState.PUSHED


def test_a_line_that_a_person_decided_about_keeps_its_speaker_here(
    api: Speakers, pend: Pend, conversation: Conversation, members: dict[str, Member]
) -> None:
    line = Message.objects.get(remote_id="1")
    line.member = members["p3"]
    line.save()
    api.does = ["p1", "p2", "p2"]
    pend()
    advance(conversation.pk)
    line.refresh_from_db()
    assert (line.member, line.remote_member) == (members["p3"], members["p2"])


def test_the_sweep_finds_a_batch_whose_wake_up_was_lost(
    pend: Pend, conversation: Conversation
) -> None:
    pend()
    assert due_conversations(timezone.now()) == [conversation.pk]


def test_the_engine_does_what_the_dry_run_says(
    engine: LiveServer, conversation: Conversation, ana: User
) -> None:
    remote = EngineConversation.objects.create(
        id="5120345678901234", name="Weekly", start_time=timezone.now()
    )
    one, two = (add_member(remote, f"Speaker {number}") for number in (1, 2))
    said = [((one, two)[place % 3 == 0], place * 5000, place * 5000 + 5000, f"Line {place}.")
            for place in range(12)]  # fmt: skip
    add_job(remote, *said)
    Conversation.objects.filter(pk=conversation.pk).update(synced_at=None)
    advance(conversation.pk)
    conversation.refresh_from_db()
    local = {row.remote_id: row for row in conversation.members.all()}
    batch = send(
        draft(
            conversation, ana, "1,22,Ana,ana@example.test,x", "20,36,Cleo,,y", "35,41,A.,,z",
            people={
                "x": Match(local[str(one.pk)].pk),
                "y": Match(None, "Cleo", "cleo@example.test"),
                "z": Match(local[str(one.pk)].pk),
            },
        )
    )  # fmt: skip
    expected = len((batch.expected or {})["changes"])
    assert expected > 2
    advance(conversation.pk)
    state, error, outcome = stands(batch)
    counts = outcome["as_expected"], outcome["missing"], outcome["others"]
    assert (state, error, counts) == (BatchState.PUSHED, "", (expected, [], []))
    shown = {row.name: row.email for row in conversation.members.all()}
    assert shown == {"Ana": "ana@example.test", "Cleo": "cleo@example.test", "Speaker 2": ""}
