"""What a sync has to write: rows compared with the API's answer, without touching either.

What people decided is never overwritten: a member's name once given, a line's text
once edited, a line's speaker once reassigned. Two syncs in a row plan nothing.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conversations.models import Insight, InsightKind, Member, Message
from conversations.models.member import UNNAMED, shown_member
from conversations.symbl import Insight as RemoteInsight
from conversations.symbl import Message as RemoteMessage
from conversations.symbl import Person

#: Finds the member that the API means, None if it is nobody we know.
FindMember = Callable[[Person | None], Member | None]

NAME_LENGTH = Member._meta.get_field("name").max_length
EMAIL_LENGTH = Member._meta.get_field("email").max_length


@dataclass
class Plan:
    """Rows to insert and rows to update; the updated objects already carry their new values."""

    new: list[Member] = field(default_factory=list)
    changed: list[Member] = field(default_factory=list)
    new_messages: list[Message] = field(default_factory=list)
    changed_messages: list[Message] = field(default_factory=list)


@dataclass
class InsightPlan:
    """Insights to insert, to update and to delete."""

    new: list[Insight] = field(default_factory=list)
    changed: list[Insight] = field(default_factory=list)
    gone: list[Insight] = field(default_factory=list)


def plan_members(conversation_id: int, rows: Iterable[Member], people: Sequence[Person]) -> Plan:
    """Compare the members; a person's decision keeps its name and e-mail."""
    plan = Plan()
    known = {row.remote_id: row for row in rows}
    for person in {person.id: storable(person) for person in people}.values():
        row = known.pop(person.id, None)
        if row is None:
            row = Member(conversation_id=conversation_id, remote_id=person.id)
            _take(row, person)
            plan.new.append(row)
        elif (row.remote_name, row.remote_email, row.gone) != (person.name, person.email, False):
            _take(row, person)
            plan.changed.append(row)
    for row in known.values():
        if not row.gone:
            row.gone = True
            plan.changed.append(row)
    return plan


def _take(row: Member, person: Person) -> None:
    row.remote_name, row.remote_email, row.gone = person.name, person.email, False
    if not row.decided:
        row.name, row.email = person.name or UNNAMED, person.email


def storable(person: Person) -> Person:
    """Return the person as the columns hold it: cut to length, free of what no database stores."""
    return replace(
        person,
        name=clean(person.name)[:NAME_LENGTH],
        email=clean(person.email)[:EMAIL_LENGTH],
    )


def clean(text: str) -> str:
    """Return `text` without NUL and lone surrogates, which PostgreSQL refuses to store."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def clean_document(value: Any) -> Any:
    """Return a JSON document with every text in it clean, keys excepted: those are ours."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_document(item) for item in value]
    if isinstance(value, dict):
        return {key: clean_document(item) for key, item in value.items()}
    return value


def plan_messages(
    plan: Plan,
    rows: Iterable[Message],
    remote: Sequence[RemoteMessage],
    *,
    members: Mapping[str, Member],
    origin: dt.datetime,
    append_id: int | None,
) -> None:
    """Add to `plan` what the messages need.

    `members` holds saved members by remote id; `origin` is the conversation's start, from
    which positions in time are counted; lines not seen before belong to `append_id`. A line
    that the API no longer lists is kept and marked, until it is listed again.
    """
    known = {row.remote_id: row for row in rows}
    by_pk = {member.pk: member for member in members.values()}
    # A server that lists a line twice has said it once.
    lines = {line.id: line for line in remote}.values()
    for position, line in enumerate(sorted(lines, key=lambda line: line.start_time)):
        row = known.pop(line.id, None)
        speaker = members.get(line.person.id) if line.person else None
        start_ms = max(0, round((line.start_time - origin).total_seconds() * 1000))
        end_ms = max(start_ms, round((line.end_time - origin).total_seconds() * 1000))
        text = clean(line.text)
        phrases = clean_document([phrase._asdict() for phrase in line.phrases or ()])
        said = (text, speaker.pk if speaker else None, start_ms, end_ms, position, phrases, False)
        if row is None:
            row = Message(remote_id=line.id, append_id=append_id)
            row.text, row.member = text, speaker
            plan.new_messages.append(row)
        elif said == (
            row.remote_text,
            row.remote_member_id,
            row.start_ms,
            row.end_ms,
            row.position,
            row.phrases,
            row.gone,
        ):
            continue
        else:
            _keep_decisions(row, text, speaker, by_pk)
            plan.changed_messages.append(row)
        row.remote_text, row.remote_member = text, speaker
        row.start_ms, row.end_ms, row.position = start_ms, end_ms, position
        row.phrases, row.gone = phrases, False
    for row in known.values():
        if not row.gone:
            row.gone = True
            plan.changed_messages.append(row)


def _keep_decisions(
    row: Message, text: str, speaker: Member | None, by_pk: Mapping[int, Member]
) -> None:
    """Let the API's new word through where no person has spoken.

    A line that the API moved to the member its speaker is merged into here keeps
    pointing at its own member: that is what lets a merge be undone exactly.
    """
    if row.text == row.remote_text:
        row.text = text
    if row.member_id != row.remote_member_id:
        return
    merged_here = shown_member(row.member_id, by_pk)
    if merged_here is not None and speaker is not None:
        now_shown = shown_member(speaker.pk, by_pk)
        if now_shown is not None and now_shown.pk == merged_here.pk:
            return
    row.member = speaker


def member_finder(members: Iterable[Member]) -> FindMember:
    """Return what finds a member by the API's id, or else by e-mail: insights may carry only that.

    Of several with one address, the one that the API still lists is meant.
    """
    rows = sorted(members, key=lambda row: not row.gone)
    by_id = {row.remote_id: row for row in rows}
    by_email = {row.remote_email.casefold(): row for row in rows if row.remote_email}

    def find(person: Person | None) -> Member | None:
        if person is None:
            return None
        return by_id.get(person.id) or by_email.get(person.email.strip().casefold())

    return find


def plan_insights(
    conversation_id: int,
    rows: Iterable[Insight],
    remote: Sequence[RemoteInsight],
    *,
    find: FindMember,
) -> InsightPlan:
    """Compare the insights; nobody decides on these, so that the API's word is the last.

    An insight of a kind that we do not know is passed over.
    """
    plan = InsightPlan()
    known = {row.remote_id: row for row in rows}
    listed = {insight.id: insight for insight in remote if insight.type in InsightKind.values}
    for position, insight in enumerate(listed.values()):
        row = known.pop(insight.id, None)
        member, assignee = find(insight.person), find(insight.assignee)
        told = {
            "kind": insight.type,
            "position": position,
            "text": clean(insight.text),
            "score": insight.score,
            "member_id": member.pk if member else None,
            "assignee_id": assignee.pk if assignee else None,
            "due_by": insight.due_by,
            "message_ids": clean_document(list(insight.message_ids)),
        }
        if row is None:
            plan.new.append(Insight(conversation_id=conversation_id, remote_id=insight.id, **told))
        elif any(getattr(row, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(row, name, value)
            plan.changed.append(row)
    plan.gone = list(known.values())
    return plan
