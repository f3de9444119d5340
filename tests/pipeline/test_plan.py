"""What a sync plans: nothing twice, and never against a person's decision."""

import datetime as dt

from conversations.models import Member, Message
from conversations.pipeline.plan import (
    InsightPlan,
    Plan,
    member_finder,
    plan_insights,
    plan_members,
    plan_messages,
)
from conversations.symbl import Insight as RemoteInsight
from conversations.symbl import Message as RemoteMessage
from conversations.symbl import Person, Phrase

ORIGIN = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)


def person(id: str, name: str, email: str = "") -> Person:
    return Person(id=id, name=name, email=email)


def member(pk: int, remote_id: str, name: str, email: str = "", **fields: object) -> Member:
    values: dict[str, object] = {"remote_name": name, "remote_email": email, "name": name}
    return Member(pk=pk, conversation_id=1, remote_id=remote_id, email=email, **values | fields)


def said(
    id: str,
    text: str,
    speaker: Person | None,
    start: float,
    end: float,
    *,
    phrases: tuple[Phrase, ...] | None = None,
) -> RemoteMessage:
    return RemoteMessage(
        id=id, text=text, person=speaker,
        start_time=ORIGIN + dt.timedelta(seconds=start),
        end_time=ORIGIN + dt.timedelta(seconds=end),
        words=None, sentiment=None, phrases=phrases, extra={},
    )  # fmt: skip


def line(remote_id: str, said: str, speaker: Member | None, **decided: object) -> Message:
    """Return a row of five to six seconds, as the API says but for what was decided."""
    row = Message(
        conversation_id=1, remote_id=remote_id, position=0, start_ms=5000, end_ms=6000,
        remote_text=said, text=said, remote_member=speaker, member=speaker,
    )  # fmt: skip
    for name, value in decided.items():
        setattr(row, name, value)
    return row


def test_members_that_are_new_are_taken_as_they_come() -> None:
    plan = plan_members(1, [], [person("a", "Speaker 1"), person("b", "", "bo@example.test")])
    assert [(row.remote_id, row.name, row.email, row.decided) for row in plan.new] == [
        ("a", "Speaker 1", "", False),
        ("b", "Unnamed speaker", "bo@example.test", False),
    ]
    assert plan.changed == []


def test_members_that_are_the_same_need_nothing() -> None:
    rows = [member(1, "a", "Speaker 1"), member(2, "b", "Ida", "ida@example.test")]
    people = [person("b", "Ida", "ida@example.test"), person("a", "Speaker 1")]
    assert plan_members(1, rows, people) == Plan()


def test_a_decided_name_survives_what_the_api_says() -> None:
    row = member(1, "a", "Speaker 1", decided=True)
    row.name, row.email = "John", "john@example.test"
    plan = plan_members(1, [row], [person("a", "Speaker 7")])
    assert plan.changed == [row]
    assert (row.name, row.email, row.remote_name) == ("John", "john@example.test", "Speaker 7")


def test_an_undecided_name_follows_the_api() -> None:
    row = member(1, "a", "Speaker 1")
    plan_members(1, [row], [person("a", "Ida", "ida@example.test")])
    assert (row.name, row.email) == ("Ida", "ida@example.test")


def test_a_member_that_the_api_dropped_stays_and_is_marked_once() -> None:
    row = member(1, "a", "Speaker 1")
    assert plan_members(1, [row], []).changed == [row]
    assert row.gone
    assert plan_members(1, [row], []) == Plan()


def planned(rows: list[Message], remote: list[RemoteMessage], members: list[Member]) -> Plan:
    plan = plan_members(1, [], [])
    by_id = {row.remote_id: row for row in members}
    plan_messages(plan, rows, remote, members=by_id, origin=ORIGIN, append_id=9)
    return plan


def test_messages_are_placed_in_order_of_time_from_the_start() -> None:
    ida = member(1, "a", "Ida")
    remote = [
        said("2", "Second.", None, 7.5, 9.0),
        said("1", "First.", person("a", "Ida"), 5.2, 7.25),
    ]
    plan = planned([], remote, [ida])
    shown = [
        (row.remote_id, row.position, row.start_ms, row.end_ms, row.member, row.append_id)
        for row in plan.new_messages
    ]
    assert shown == [("1", 0, 5200, 7250, ida, 9), ("2", 1, 7500, 9000, None, 9)]


def test_messages_that_are_the_same_need_nothing() -> None:
    ida = member(1, "a", "Ida")
    rows = [line("1", "First.", ida)]
    assert planned(rows, [said("1", "First.", person("a", "Ida"), 5.0, 6.0)], [ida]) == Plan()


def test_a_line_follows_the_api_where_nobody_decided() -> None:
    ida, bo = member(1, "a", "Ida"), member(2, "b", "Bo")
    row = line("1", "Frist.", ida)
    plan = planned([row], [said("1", "First.", person("b", "Bo"), 5.0, 6.0)], [ida, bo])
    assert plan.changed_messages == [row]
    assert (row.text, row.remote_text, row.member, row.remote_member) == ("First.",) * 2 + (bo,) * 2


def test_an_edited_text_and_a_reassigned_line_survive() -> None:
    ida, bo, cy = member(1, "a", "Ida"), member(2, "b", "Bo"), member(3, "c", "Cy")
    row = line("1", "Frist.", ida, text="First!", member=cy)
    planned([row], [said("1", "First.", person("b", "Bo"), 5.0, 6.0)], [ida, bo, cy])
    assert (row.text, row.remote_text, row.member, row.remote_member) == (
        "First!",
        "First.",
        cy,
        bo,
    )


def test_a_line_that_the_api_moved_for_a_merge_of_ours_keeps_its_own_member() -> None:
    john = member(1, "a", "John", "john@example.test")
    again = member(2, "b", "Speaker 1", merged_into=john, gone=True)
    row = line("1", "Hello.", again)
    planned([row], [said("1", "Hello.", person("a", "John"), 5.0, 6.0)], [john, again])
    assert (row.member, row.remote_member) == (again, john)


def test_what_no_database_stores_is_left_out() -> None:
    plan = plan_members(1, [], [person("a", "Ida\x00 \ud800" + "x" * 300)])
    (row,) = plan.new
    assert (row.name, len(row.remote_name)) == ("Ida ?" + "x" * 195, 200)
    assert plan_members(1, [row], [person("a", "Ida\x00 \ud800" + "x" * 300)]) == Plan()
    lines = planned([], [said("1", "Hi\x00 \udc00.", None, 1.0, 2.0)], [])
    assert lines.new_messages[0].text == "Hi ?."


def test_a_line_that_the_api_dropped_is_marked_once_and_comes_back() -> None:
    ida = member(1, "a", "Ida")
    row = line("1", "First.", ida, text="First!")
    assert planned([row], [], [ida]).changed_messages == [row]
    assert (row.gone, row.text) == (True, "First!")
    assert planned([row], [], [ida]) == Plan()
    again = said("1", "First.", person("a", "Ida"), 5.0, 6.0)
    assert planned([row], [again], [ida]).changed_messages == [row]
    assert (row.gone, row.text) == (False, "First!")


def test_key_phrases_follow_the_api() -> None:
    ida = member(1, "a", "Ida")
    row = line("1", "First.", ida)
    phrases = (Phrase("action_phrase", "Fir"),)
    remote = said("1", "First.", person("a", "Ida"), 5.0, 6.0, phrases=phrases)
    assert planned([row], [remote], [ida]).changed_messages == [row]
    assert row.phrases == [{"type": "action_phrase", "text": "Fir"}]
    assert planned([row], [remote], [ida]) == Plan()


def insight(id: str, type: str = "question", text: str = "When?") -> RemoteInsight:
    return RemoteInsight(
        id=id, type=type, text=text, score=0.5, message_ids=("1",), person=person("a", "Old name"),
        assignee=person("", "", "BO@example.test"), due_by=ORIGIN, definitive=None, phrases=(),
        entities=(), extra={},
    )  # fmt: skip


def test_insights_are_planned_once_changed_and_dropped_with_the_api() -> None:
    people = [member(1, "a", "Ida"), member(2, "b", "Bo", "bo@example.test")]
    find = member_finder(people)
    plan = plan_insights(1, [], [insight("i1"), insight("i1"), insight("i2", "novelty")], find=find)
    (row,) = plan.new
    assert (row.remote_id, row.member_id, row.assignee_id, row.due_by) == ("i1", 1, 2, ORIGIN)
    assert plan_insights(1, [row], [insight("i1")], find=find) == InsightPlan()
    changed = plan_insights(1, [row], [insight("i1", text="When, then?")], find=find)
    assert (changed, row.text) == (InsightPlan(changed=[row]), "When, then?")
    assert plan_insights(1, [row], [], find=find) == InsightPlan(gone=[row])


def test_of_two_members_with_one_address_the_listed_one_is_meant() -> None:
    gone = member(1, "a", "Bo", "bo@example.test", gone=True)
    listed = member(2, "b", "Bo", "bo@example.test")
    for rows in ([gone, listed], [listed, gone]):
        assert member_finder(rows)(person("", "", "bo@example.test")) == listed
    assert member_finder([listed])(person("x", "Bo")) is None
