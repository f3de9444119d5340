"""What the panels beside the transcript are made of; composed by `views.panels`.

People are members and places are lines, looked up by id as they are now: a rename, a merge
and a line that the API has dropped show in every panel at once.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conversations.models import Conversation, Insight, Message, shown_member
from conversations.review.speakers import Speaker, speakers

#: How many lines are shown before the one that a link leads to.
LINES_BEFORE = 3
#: Shares are told to one decimal.
TENTHS = 1000


class Place(NamedTuple):
    """A line of the transcript: its key, its number in order, and its start."""

    line: int
    position: int
    start_ms: int

    @property
    def opening(self) -> int:
        """The position to read from, so that the line stands in its context."""
        return max(self.position - LINES_BEFORE, 0)


@dataclass(frozen=True)
class Who:
    """A member as shown now; `speaker` has the colours, None for one without a line."""

    pk: int
    name: str
    speaker: Speaker | None


@dataclass(frozen=True)
class Item:
    """One thing that was found, and where; `text` stands as it was said.

    `label` names the group that it belongs to, `note` explains it. `due_at` is None for a
    due date without a time of day.
    """

    text: str
    places: tuple[Place, ...]
    label: str = ""
    note: str = ""
    by: Who | None = None
    assignee: Who | None = None
    due_on: dt.date | None = None
    due_at: dt.datetime | None = None


class Measured(NamedTuple):
    """The API's figures for one of its members, none below 0; None: somebody who is no member."""

    who: Who | None
    seconds: float
    words_per_minute: float | None


@dataclass(frozen=True)
class TalkRow:
    """How much one person talked; `percent` of all talk. None: nobody known."""

    who: Who | None
    talk_ms: int
    percent: float
    words_per_minute: int | None


class People:
    """The conversation's members, merges followed: five queries, then none."""

    def __init__(self, conversation: Conversation) -> None:
        self._members = {member.pk: member for member in conversation.members.all()}
        self._keys = {member.remote_id: pk for pk, member in self._members.items()}
        self._speakers = {row.member.pk: row for row in speakers(conversation)}

    def by_key(self, pk: int | None) -> Who | None:
        """Return who stands for member `pk`; None for nobody."""
        member = shown_member(pk, self._members)
        return Who(member.pk, member.name, self._speakers.get(member.pk)) if member else None

    def by_remote_id(self, remote_id: str) -> Who | None:
        """Return who stands for the API's member; None for an id that no member has."""
        return self.by_key(self._keys.get(remote_id))


def places(conversation: Conversation) -> dict[str, Place]:
    """Return the lines by the API's ids, without those that it no longer lists. One query."""
    lines = Message.objects.filter(conversation=conversation, gone=False)
    rows = lines.values_list("remote_id", "pk", "position", "start_ms")
    return {remote_id: Place(*rest) for remote_id, *rest in rows}


def located(message_ids: Iterable[str], known: Mapping[str, Place]) -> tuple[Place, ...]:
    """Return the places of the messages in order, each once; unknown and gone ones are skipped."""
    found = {known[one] for one in message_ids if one in known}
    return tuple(sorted(found, key=lambda place: place.position))


def insight_items(
    conversation: Conversation, people: People, known: Mapping[str, Place]
) -> dict[str, list[Item]]:
    """Return the insights by kind, in the order of the API. One query."""
    found: dict[str, list[Item]] = defaultdict(list)
    for row in Insight.objects.filter(conversation=conversation).order_by("position"):
        due = row.due_by.astimezone(dt.UTC) if row.due_by else None
        found[row.kind].append(
            Item(
                text=row.text,
                places=located(row.message_ids, known),
                by=people.by_key(row.member_id),
                assignee=people.by_key(row.assignee_id),
                due_on=due.date() if due else None,
                due_at=due if due and due.time() != dt.time() else None,
            )
        )
    return found


def talk_rows(measured: Iterable[Measured]) -> tuple[TalkRow, ...]:
    """Return the figures by person, who talked longest first.

    What was measured for members that are one person by now adds up; pace is weighted by
    talk time. The shares are counted anew and make exactly 100 together. Speech of nobody
    known is one row, and the last.
    """
    together: dict[int | None, list[Measured]] = defaultdict(list)
    for one in measured:
        together[one.who.pk if one.who else None].append(one)
    sums = [(group, sum(one.seconds for one in group)) for group in together.values()]
    sums.sort(key=lambda row: (row[0][0].who is None, -row[1]))
    return tuple(
        TalkRow(group[0].who, round(seconds * 1000), percent, _pace(group))
        for (group, seconds), percent in zip(sums, shares([row[1] for row in sums]), strict=True)
    )


def shares(amounts: Sequence[float]) -> list[float]:
    """Return the per cents of the sum to one decimal, exactly 100 together; all 0 for no sum.

    What rounding leaves goes to those that it took most from.
    """
    total = sum(amounts)
    if not total:
        return [0.0] * len(amounts)
    exact = [TENTHS * amount / total for amount in amounts]
    tenths = [int(share) for share in exact]
    by_loss = sorted(range(len(exact)), key=lambda index: tenths[index] - exact[index])
    for index in by_loss[: TENTHS - sum(tenths)]:
        tenths[index] += 1
    return [share / 10 for share in tenths]


def _pace(group: Iterable[Measured]) -> int | None:
    """Return the words per minute of talk; None if nobody's pace was measured."""
    known = [(one.words_per_minute, one.seconds) for one in group if one.words_per_minute]
    seconds = sum(talked for _, talked in known)
    return round(sum(pace * talked for pace, talked in known) / seconds) if seconds > 0 else None
