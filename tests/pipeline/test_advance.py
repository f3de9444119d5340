"""When somebody looks: wake-ups may come doubled, late or not at all, and must not multiply."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from conversations.models import Append, Conversation, Recording, State
from conversations.pipeline.advance import advance, due_conversations, next_due, wake_at
from conversations.pipeline.lease import claim
from conversations.pipeline.waiting import LONGEST_ATTEMPT, attempt_time, backoff, next_poll
from conversations.tasks import sweep

NOW = timezone.now()
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def waiting(conversation: Conversation, recording: Recording) -> Append:
    """A job at the API that is looked at again in an hour."""
    return Append.objects.create(
        conversation=conversation, recording=recording, seq=1, state=State.PROCESSING,
        state_since=NOW, job_id="j1", next_at=NOW + 3600 * SECOND,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_visits_do_not_multiply_wake_ups(waiting: Append) -> None:
    for _ in range(5):
        advance(waiting.conversation_id)
    (row,) = OrmQ.objects.all()
    assert row.task["args"] == (waiting.conversation_id,)
    assert abs(row.lock - waiting.next_at) < SECOND


@pytest.mark.django_db(transaction=True)
def test_an_earlier_wake_up_is_added_and_a_lost_one_replaced(conversation: Conversation) -> None:
    wake_at(conversation.pk, NOW + 600 * SECOND)
    wake_at(conversation.pk, NOW + 300 * SECOND)
    wake_at(conversation.pk, NOW + 400 * SECOND)
    assert OrmQ.objects.count() == 2
    Conversation.objects.update(wake_at=NOW - SECOND)
    OrmQ.objects.all().delete()
    wake_at(conversation.pk, NOW + 400 * SECOND)
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_work_that_somebody_else_holds_is_looked_at_again_soon(waiting: Append) -> None:
    Append.objects.update(next_at=NOW)
    assert claim(waiting.conversation_id, timezone.now()) is not None
    advance(waiting.conversation_id)
    advance(waiting.conversation_id)
    (row,) = OrmQ.objects.all()
    assert row.lock - timezone.now() < 2 * SECOND


@pytest.mark.django_db(transaction=True)
def test_the_sweep_finds_what_lost_its_wake_up(waiting: Append) -> None:
    sweep()
    assert not OrmQ.objects.exists()
    Append.objects.update(next_at=NOW)
    sweep()
    (row,) = OrmQ.objects.all()
    assert (row.task["func"], row.task["args"]) == (
        "conversations.tasks.advance", (waiting.conversation_id,),
    )  # fmt: skip


def test_what_is_held_is_left_to_its_holder(waiting: Append) -> None:
    Append.objects.update(next_at=NOW)
    lease = claim(waiting.conversation_id, timezone.now())
    assert lease is not None
    assert due_conversations(timezone.now()) == []
    lease.release()
    assert due_conversations(timezone.now()) == [waiting.conversation_id]


@pytest.mark.parametrize("state", [State.FAILED, State.STALLED, State.CANCELLED, State.SYNCED])
def test_what_waits_for_a_person_wants_no_worker(waiting: Append, state: State) -> None:
    Append.objects.update(state=state, next_at=NOW)
    assert next_due(waiting.conversation_id) is None


def test_a_conversation_that_is_gone_is_no_mistake(db: None) -> None:
    advance(4711)


def test_waits_grow_and_have_a_limit() -> None:
    waits = [backoff(tries).total_seconds() for tries in (0, 1, 2, 50)]
    assert [4 <= waits[0] <= 6, 8 <= waits[1] <= 12, 16 <= waits[2] <= 24] == [True] * 3
    assert 48 <= waits[3] <= 72
    polls = [next_poll(age * SECOND).total_seconds() for age in (0, 30, 3600)]
    assert polls == [1.0, 3.0, 60.0]


def test_an_attempt_ends_before_the_queue_ends_it() -> None:
    assert attempt_time(0) == dt.timedelta(minutes=2)
    assert attempt_time(128 * 1024 * 60) == dt.timedelta(minutes=3)
    assert attempt_time(10**12) == LONGEST_ATTEMPT
