"""What the panels are made of: people and places looked up by id, and times added up."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from conversations.models import Conversation, Insight, InsightKind, Member, Message
from conversations.review.panels import (
    Measured,
    People,
    Place,
    Who,
    insight_items,
    located,
    places,
    shares,
    talk_rows,
)

Speaker = Callable[..., Member]
Says = Callable[..., Message]
IDA, BO = Who(1, "Ida", None), Who(2, "Bo", None)


@pytest.fixture
def finds(conversation: Conversation) -> Callable[..., Insight]:
    """Return a function that adds an insight of the API."""

    def add(kind: InsightKind = InsightKind.ACTION_ITEM, **told: object) -> Insight:
        position = Insight.objects.count()
        row = {"remote_id": f"i{position}", "position": position, "text": "Send it.", **told}
        return Insight.objects.create(conversation=conversation, kind=kind, **row)

    return add


def test_place_of_a_line_is_known_by_the_ids_of_the_api(
    conversation: Conversation, speaker: Speaker, says: Says
) -> None:
    ida = speaker("Ida")
    lines = [says(ida, "word") for _ in range(5)]
    Message.objects.filter(pk=lines[1].pk).update(gone=True)
    known = places(conversation)
    assert known == {
        line.remote_id: Place(line.pk, line.position, line.start_ms)
        for line in lines
        if line is not lines[1]
    }
    assert [known[lines[n].remote_id].opening for n in (0, 2, 4)] == [0, 0, 1]


def test_places_come_in_order_and_once_without_what_is_unknown() -> None:
    known = {"a": Place(1, 0, 0), "b": Place(2, 1, 900)}
    assert located(["b", "gone", "a", "b"], known) == (known["a"], known["b"])


def test_people_are_who_they_are_shown_as_now(
    conversation: Conversation, speaker: Speaker, says: Says
) -> None:
    ida, double, silent = speaker("Ida"), speaker("Speaker 2"), speaker("Bo")
    says(double, "word")
    Member.objects.filter(pk=double.pk).update(merged_into=ida)
    Member.objects.filter(pk=silent.pk).update(gone=True)
    people = People(conversation)
    who = people.by_remote_id(double.remote_id)
    assert who is not None
    assert (who.pk, who.name, who.speaker and who.speaker.initials) == (ida.pk, "Ida", "I")
    assert (who, people.by_key(silent.pk)) == (people.by_key(ida.pk), Who(silent.pk, "Bo", None))
    assert (people.by_key(None), people.by_remote_id(""), people.by_remote_id("m9")) == (None,) * 3


def test_insights_name_the_members_of_now(
    conversation: Conversation, speaker: Speaker, says: Says, finds: Callable[..., Insight]
) -> None:
    ida, double = speaker("Ida"), speaker("Speaker 2")
    line = says(double, "I send it.")
    day = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    finds(member=double, assignee=ida, due_by=day, message_ids=[line.remote_id, "gone"])
    finds(InsightKind.QUESTION, due_by=day + dt.timedelta(hours=7))
    Member.objects.filter(pk=double.pk).update(merged_into=ida)
    found = insight_items(conversation, People(conversation), places(conversation))
    (task,), (question,) = found["action_item"], found["question"]
    assert (task.by and task.by.name, task.assignee and task.assignee.name) == ("Ida", "Ida")
    assert (task.due_on, task.due_at) == (day.date(), None)
    assert [place.line for place in task.places] == [line.pk]
    assert (question.by, question.assignee, question.places) == (None, None, ())
    assert question.due_at == day + dt.timedelta(hours=7)


@pytest.mark.parametrize("count", [1, 3])
def test_reading_insights_costs_the_same_however_many_there_are(
    *,
    conversation: Conversation,
    speaker: Speaker,
    says: Says,
    finds: Callable[..., Insight],
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        member = speaker(f"Speaker {number}")
        finds(member=member, assignee=member, message_ids=[says(member, "word").remote_id])
    with django_assert_num_queries(7):
        found = insight_items(conversation, People(conversation), places(conversation))
    assert [len(item.places) for item in found["action_item"]] == [1] * count


def test_times_of_one_person_add_up_and_pace_is_weighted() -> None:
    rows = talk_rows(
        [
            Measured(BO, 30.0, 100.0),
            Measured(IDA, 20.0, 90.0),
            Measured(IDA, 40.0, 150.0),
            Measured(None, 50.0, None),
            Measured(None, 60.0, None),
        ]
    )
    assert [(row.who, row.talk_ms, row.percent, row.words_per_minute) for row in rows] == [
        (IDA, 60_000, 30.0, 130),
        (BO, 30_000, 15.0, 100),
        (None, 110_000, 55.0, None),
    ]


def test_who_said_nothing_has_no_pace_and_no_share() -> None:
    (row,) = talk_rows([Measured(IDA, 0.0, 120.0)])
    assert (row.talk_ms, row.percent, row.words_per_minute) == (0, 0.0, None)


def test_what_rounding_leaves_goes_to_those_who_lost_most() -> None:
    assert shares([1, 1, 1]) == [33.4, 33.3, 33.3]
    assert shares([5, 1, 0]) == [83.3, 16.7, 0.0]
    assert (shares([]), shares([0, 0])) == ([], [0.0, 0.0])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda some: sum(some) > 0.01))
def test_shares_make_a_hundred_together(amounts: list[float]) -> None:
    found = shares(amounts)
    assert round(sum(found), 6) == 100
    assert all(
        abs(share - 100 * amount / sum(amounts)) <= 0.1 + 1e-9
        for share, amount in zip(found, amounts, strict=True)
    )
