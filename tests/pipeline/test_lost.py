"""A conversation that may be that of a lost recording is nobody's to bring in."""

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

from conversations.models import (
    Append,
    Conversation,
    Membership,
    Recording,
    Role,
    Source,
    State,
    Team,
)
from conversations.pipeline import texts
from conversations.pipeline.imports import bring_in, list_remote
from conversations.pipeline.journal import Cause, record_move
from conversations.pipeline.lost import lost_to
from conversations.pipeline.texts import Said
from tests.doubles.symbl_conversation import REMOTE_ID, Server

pytestmark = pytest.mark.django_db(transaction=True)

#: When the conversation at the API began (tests/doubles/symbl_conversation.py).
BEGAN = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
NOTHING = {"messages": 0, "members": [], "duration_ms": 0}
SECOND = dt.timedelta(seconds=1)

Sent = Callable[..., Append]


@pytest.fixture
def other(db: None) -> Team:
    return Team.objects.create(name="Other")


@pytest.fixture
def sent(other: Team, recording: Recording) -> Sent:
    """Return a function that sends a first recording of another team, and moves it on."""

    def make(
        *moves: State, at: dt.datetime = BEGAN, to: Team = other, what: Recording = recording
    ) -> Append:
        conversation = Conversation.objects.create(team=to, name="Board")
        append = Append.objects.create(
            conversation=conversation, recording=what, seq=1, state_since=at
        )
        record_move(
            append, State.SUBMITTING, Cause("Sending begins."), now=at, snapshot=NOTHING,
            attempt_id=uuid.uuid4(), deadline_at=at + dt.timedelta(minutes=3),
        )  # fmt: skip
        for move in moves:
            record_move(append, move, Cause("A test."), now=at + SECOND)
        return append

    return make


def is_held(server: Server, ana: User, team: Team) -> bool:
    """Return whether the conversation is neither listed nor brought in."""
    server.listed = [server.parts[""]]
    page = list_remote(ana, start=BEGAN, end=timezone.now(), page=1)
    outcome = bring_in([REMOTE_ID], team=team, user=ana)
    held = outcome.doubtful.remote_ids == [REMOTE_ID]
    assert page.doubtful.remote_ids == outcome.doubtful.remote_ids
    assert [row.remote_id for row in page.rows] == ([] if held else [REMOTE_ID])
    assert Conversation.objects.filter(remote_id=REMOTE_ID).exists() is not held
    return held


@pytest.mark.parametrize(
    ("moves", "held"),
    [
        ([], True),
        ([State.UNKNOWN], True),
        ([State.UNKNOWN, State.CANCELLED], True),
        ([State.UNKNOWN, State.QUEUED], True),
        ([State.UNKNOWN, State.QUEUED, State.SUBMITTING, State.FAILED], True),
        ([State.FAILED], False),
        ([State.FAILED, State.CANCELLED], False),
        ([State.QUEUED], False),
        ([State.QUEUED, State.CANCELLED], False),
    ],
)
def test_what_may_be_lost_is_held_back(
    *, server: Server, ana: User, team: Team, sent: Sent, moves: list[State], held: bool
) -> None:
    sent(*moves)
    assert is_held(server, ana, team) is held


@pytest.mark.parametrize(
    ("moves", "later", "held"),
    [
        ([State.UNKNOWN], dt.timedelta(minutes=1), True),
        ([State.UNKNOWN], dt.timedelta(minutes=1, seconds=1), False),
        ([State.UNKNOWN], dt.timedelta(days=-9), True),
        # Three minutes for sending, two for the server to settle, and one for its clock.
        ([State.UNKNOWN, State.CANCELLED], dt.timedelta(minutes=-6), True),
        ([State.UNKNOWN, State.CANCELLED], dt.timedelta(minutes=-6, seconds=-1), False),
    ],
)
def test_what_began_at_another_time_is_not_it(
    *,
    server: Server,
    ana: User,
    team: Team,
    sent: Sent,
    moves: list[State],
    later: dt.timedelta,
    held: bool,
) -> None:
    sent(*moves, at=BEGAN + later)
    assert is_held(server, ana, team) is held


def test_what_does_not_tell_when_it_began_may_be_it(
    server: Server, ana: User, team: Team, sent: Sent
) -> None:
    sent(State.UNKNOWN, at=BEGAN + dt.timedelta(days=9))
    del server.parts[""]["startTime"]
    assert is_held(server, ana, team)


def test_an_append_to_a_known_conversation_holds_nothing_back(
    server: Server, ana: User, team: Team, sent: Sent
) -> None:
    append = sent(State.UNKNOWN)
    Conversation.objects.filter(pk=append.conversation_id).update(remote_id="1000000000000001")
    assert not is_held(server, ana, team)


def test_what_can_be_decided_about_is_named_to_who_may_see_it(
    server: Server, ana: User, team: Team, sent: Sent
) -> None:
    sent(State.UNKNOWN)
    mine = sent(State.UNKNOWN, to=team)
    sent(State.UNKNOWN, State.CANCELLED, to=team)
    outcome = bring_in([REMOTE_ID], team=team, user=ana)
    assert outcome.doubtful.to_decide == [mine.conversation]


@pytest.mark.parametrize(("role", "held"), [(Role.ADMIN, False), (Role.REVIEWER, True)])
def test_what_was_given_up_is_its_admins_to_bring_in(
    *, server: Server, ana: User, team: Team, sent: Sent, role: Role, held: bool
) -> None:
    append = sent(State.UNKNOWN, State.CANCELLED)
    Membership.objects.create(team=append.conversation.team, user=ana, role=role)
    assert is_held(server, ana, team) is held


def text(*starts: str | int) -> Recording:
    said = [Said("Hello.", start=start) for start in starts]
    kept = ContentFile(texts.to_json(said), name="said.json")
    return Recording.objects.create(
        team=Team.objects.get(name="Other"), source=Source.TEXT, file=kept, size=kept.size,
        original_name="said.json", media_type="application/json",
    )  # fmt: skip


def test_a_text_begins_when_it_says(server: Server, ana: User, team: Team, sent: Sent) -> None:
    what = text("2026-01-05T11:00:00+01:00", "2026-01-05T11:00:09+01:00")
    sent(State.UNKNOWN, State.CANCELLED, at=BEGAN + dt.timedelta(days=9), what=what)
    assert is_held(server, ana, team)
    what.file.delete(save=False)


def test_a_text_that_is_missing_may_be_anything(sent: Sent, ana: User, other: Team) -> None:
    what = text(0)
    Path(what.file.path).unlink()
    sent(State.UNKNOWN, State.CANCELLED, at=BEGAN + dt.timedelta(days=9), what=what)
    (lost,) = lost_to(ana)
    assert lost.may_be(BEGAN)
