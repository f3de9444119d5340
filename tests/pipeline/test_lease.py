"""The lease: one holder, and no write with an outdated token."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations.models import Append, AppendEvent, Conversation, Recording, State
from conversations.pipeline.journal import Cause, record_move
from conversations.pipeline.lease import TTL, LeaseLost, claim


@pytest.fixture
def append(conversation: Conversation, recording: Recording) -> Append:
    return Append.objects.create(
        conversation=conversation, recording=recording, seq=1, state_since=timezone.now()
    )


def test_claim_has_one_winner_until_it_is_released(conversation: Conversation) -> None:
    now = timezone.now()
    first = claim(conversation.pk, now)
    assert first is not None
    assert claim(conversation.pk, now) is None
    first.release()
    second = claim(conversation.pk, now)
    assert second is not None
    assert second.token == first.token + 1


def test_claim_takes_over_what_was_left_behind(conversation: Conversation) -> None:
    now = timezone.now()
    dead = claim(conversation.pk, now)
    assert dead is not None
    assert claim(conversation.pk, now + TTL) is None
    heir = claim(conversation.pk, now + TTL + dt.timedelta(seconds=1))
    assert heir is not None
    with pytest.raises(LeaseLost):
        dead.renew(now + TTL)
    dead.release()
    assert claim(conversation.pk, now + TTL + dt.timedelta(seconds=2)) is None


def test_move_with_an_old_token_writes_nothing(conversation: Conversation, append: Append) -> None:
    now = timezone.now()
    dead = claim(conversation.pk, now)
    assert dead is not None
    claim(conversation.pk, now + 2 * TTL)
    with pytest.raises(LeaseLost):
        dead.move(append, State.CANCELLED, Cause("Too late."), now=now, next_at=None)
    append.refresh_from_db()
    assert append.state == State.QUEUED
    assert not AppendEvent.objects.exists()


def test_move_leaves_one_event_with_its_evidence(
    conversation: Conversation, append: Append
) -> None:
    now = timezone.now()
    lease = claim(conversation.pk, now)
    assert lease is not None
    lease.move(append, State.FAILED, Cause("No.", {"status": 404}), now=now, next_at=None)
    event = AppendEvent.objects.get()
    assert (event.from_state, event.to_state, event.cause, event.evidence) == (
        "queued", "failed", "No.", {"status": 404},
    )  # fmt: skip


def test_move_from_a_state_that_is_past_loses(conversation: Conversation, append: Append) -> None:
    now = timezone.now()
    stale = Append.objects.get(pk=append.pk)
    assert record_move(append, State.CANCELLED, Cause("Changed my mind."), now=now)
    lease = claim(conversation.pk, now)
    assert lease is not None
    with pytest.raises(LeaseLost):
        lease.move(stale, State.FAILED, Cause("No."), now=now)
    assert AppendEvent.objects.count() == 1


def test_a_note_sets_the_due_time(conversation: Conversation, append: Append) -> None:
    now = timezone.now()
    lease = claim(conversation.pk, now)
    assert lease is not None
    for wait in (TTL, 2 * TTL, TTL / 2):
        append.refresh_from_db()
        lease.note(append, now=now, next_at=now + wait, tries=1)
        assert Append.objects.get().next_at == now + wait
    assert Append.objects.get().tries == 1


@pytest.mark.parametrize(("hint", "due"), [(0, 0), (2, 1)])
def test_a_note_leaves_an_earlier_due_time_that_came_meanwhile(
    hint: int, due: int, conversation: Conversation, append: Append
) -> None:
    now = timezone.now()
    lease = claim(conversation.pk, now)
    assert lease is not None
    Append.objects.update(next_at=now - TTL)
    append.refresh_from_db()
    Append.objects.update(next_at=now + hint * TTL)
    lease.note(append, now=now, next_at=now + TTL, tries=1)
    row = Append.objects.get()
    assert (row.next_at, row.tries) == (now + due * TTL, 1)


def test_moves_that_are_not_in_the_table_are_mistakes(append: Append) -> None:
    with pytest.raises(ValueError, match="from queued to synced"):
        record_move(append, State.SYNCED, Cause("No."), now=timezone.now())
