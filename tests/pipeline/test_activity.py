"""What the screens say about appends, and what it costs to ask."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from conversations.models import Append, Conversation, Recording, State, Team, WebhookHit
from conversations.pipeline.activity import activities, busy

NOW = timezone.now()


def stuck(number: int, team: Team, recording: Recording) -> Append:
    """Return an append whose outcome is unknown, and about which the server has called."""
    conversation = Conversation.objects.create(team=team, name=f"Meeting {number}")
    append = Append.objects.create(
        conversation=conversation, recording=recording, seq=1, state=State.UNKNOWN,
        state_since=NOW, deadline_at=NOW + dt.timedelta(minutes=2), attempts=1,
    )  # fmt: skip
    WebhookHit.objects.create(append=append, at=NOW, job_id=f"j{number}", status="scheduled")
    return append


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_list_says_costs_the_same_for_any_number_that_is_stuck(
    count: int, team: Team, recording: Recording, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    appends = [stuck(number, team, recording) for number in range(count)]
    with django_assert_num_queries(1):
        said = busy([append.conversation_id for append in appends])
        assert [activity.problem is not None for activity in said.values()] == [True] * count
    told = [dict(activity.evidence)["The server called"] for activity in said.values()]
    assert told == [f"in line (job j{number})" for number in range(count)]


def test_what_the_server_called_is_told_in_words_job_by_job(
    team: Team, recording: Recording
) -> None:
    append = stuck(1, team, recording)
    told = [("j1", "in_progress"), ("j2", "failed"), ("j1", "completed"), ("", ""), ("j2", "odd")]
    for job, status in told:
        WebhookHit.objects.create(append=append, at=NOW, job_id=job, status=status)
    (shown,) = activities(append.conversation)
    assert dict(shown.evidence)["The server called"] == (
        "in line, being worked on, done (job j1); failed, odd (job j2); no status (job unknown)"
    )
