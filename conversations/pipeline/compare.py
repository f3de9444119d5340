"""What differs between here and the API, in words, without writing anything.

Differences are normal: a correction waits to be sent, a text was edited that the API
cannot take, or somebody changed the conversation there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from conversations.models import Change, Conversation, Member, Message, PushState, shown_member
from conversations.models.member import UNNAMED
from conversations.pipeline.imports import asking
from conversations.pipeline.plan import clean, storable
from conversations.pipeline.sync import Fetched, read
from conversations.symbl import Message as RemoteMessage
from conversations.symbl import NotFound, Person

MOST_LISTED = 200
NOBODY = "Unknown speaker"
FETCH = "Fetch again to take over what the API has."
PENDING = "It waits to be sent to the API."
NAME_AGAIN = "It was changed at the API. Name the speaker here once more to send it."


@dataclass(frozen=True)
class Difference:
    """Both sides of one difference and what can be done; "" stands for what one side lacks.

    A line has a time, a speaker has none.
    """

    here: str
    there: str
    todo: str
    at_ms: int | None = None


@dataclass(frozen=True)
class Section:
    """The differences of one kind: at most 200 are listed, `count` is of all."""

    title: str
    meaning: str
    count: int
    listed: tuple[Difference, ...]

    @property
    def todo(self) -> str:
        """What can be done about every one that is listed, "" if that is not the same."""
        todos = {difference.todo for difference in self.listed}
        return todos.pop() if len(todos) == 1 else ""


def differences(conversation: Conversation) -> list[Section] | None:
    """Return what differs at this moment, only the kinds that occur. Raises ApiTrouble.

    None for a conversation that the API no longer has. It has a `remote_id`.
    """
    with asking() as client:
        try:
            fetched = read(client, conversation.remote_id or "", before_each=lambda: None)
        except NotFound:
            return None
    return compare(conversation, fetched)


def compare(conversation: Conversation, fetched: Fetched) -> list[Section]:
    """Return how the conversation differs from what the API says, only the kinds that occur."""
    both = _Both(conversation, fetched)
    kinds = (
        (
            "Speakers with another name",
            "A name or an e-mail address given here that the API does not have, or the reverse.",
            both.named(),
        ),
        (
            "Speakers merged here only",
            "Here they are one person; the API still lists them apart.",
            both.merged(),
        ),
        ("Speakers only here", "The API no longer lists them.", both.speakers_only_here()),
        ("Speakers only at the API", "They are not here yet.", both.speakers_only_there()),
        (
            "Lines with another text",
            "Edited here, or changed at the API since they were fetched.",
            both.texts(),
        ),
        (
            "Lines with another speaker",
            "Decided here, or changed at the API since they were fetched.",
            both.said_by(),
        ),
        ("Lines only here", "The API no longer lists them.", both.lines_only_here()),
        ("Lines only at the API", "They are not here yet.", both.lines_only_there()),
    )
    found = ((title, meaning, list(those)) for title, meaning, those in kinds)
    return [
        Section(title, meaning, len(those), tuple(those[:MOST_LISTED]))
        for title, meaning, those in found
        if those
    ]


class _Both:
    """Both sides of one conversation, each by the API's ids."""

    def __init__(self, conversation: Conversation, fetched: Fetched) -> None:
        rows = list(Member.objects.filter(conversation=conversation).order_by("pk"))
        lines = Message.objects.filter(conversation=conversation, gone=False)
        self.by_pk = {row.pk: row for row in rows}
        self.members = {row.remote_id: row for row in rows}
        self.people = {person.id: storable(person) for person in fetched.members}
        self.lines = {line.remote_id: line for line in lines.order_by("position")}
        self.remote_lines = {line.id: line for line in fetched.messages}
        self.pushes = _newest_pushes(conversation)

    def named(self) -> Iterable[Difference]:
        for row, person in self.known_people():
            if row.merged_into_id is not None:
                continue
            here, there = _who(row.name, row.email), _who(person.name or UNNAMED, person.email)
            if here != there:
                after_all = NAME_AGAIN if row.decided else FETCH
                yield Difference(here, there, self.todo(row, otherwise=after_all))

    def merged(self) -> Iterable[Difference]:
        for row, person in self.known_people():
            shown = self.shown(row.pk)
            if row.merged_into_id is not None and shown is not None:
                there = _who(person.name or UNNAMED, person.email)
                todo = self.todo(row, otherwise="It was sent; the API still lists both.")
                yield Difference(_who(shown.name, shown.email), there, todo)

    def speakers_only_here(self) -> Iterable[Difference]:
        speaking = {line.member_id for line in self.lines.values()}
        for remote_id, row in self.members.items():
            hidden = row.merged_into_id is not None or (row.gone and row.pk not in speaking)
            if remote_id not in self.people and not hidden:
                yield Difference(_who(row.name, row.email), "", FETCH)

    def speakers_only_there(self) -> Iterable[Difference]:
        for remote_id, person in self.people.items():
            if remote_id not in self.members:
                yield Difference("", _who(person.name or UNNAMED, person.email), FETCH)

    def texts(self) -> Iterable[Difference]:
        for line, remote in self.known_lines():
            there = clean(remote.text)
            if line.text != there:
                edited = line.text != line.remote_text
                todo = "It stays: the API takes no edited text." if edited else FETCH
                yield Difference(line.text, there, todo, line.start_ms)

    def said_by(self) -> Iterable[Difference]:
        for line, remote in self.known_lines():
            meant = self.members.get(remote.person.id) if remote.person else None
            here = self.shown(line.member_id)
            there = self.shown(meant.pk if meant else None)
            is_new = bool(remote.person and remote.person.id) and meant is None
            if here != there or is_new:
                decided = line.member_id != line.remote_member_id
                todo = "It stays until it is sent as speaker events." if decided else FETCH
                said = there.name if there else _said_name(remote.person)
                yield Difference(here.name if here else NOBODY, said, todo, line.start_ms)

    def lines_only_here(self) -> Iterable[Difference]:
        for remote_id, line in self.lines.items():
            if remote_id not in self.remote_lines:
                yield Difference(line.text, "", FETCH, line.start_ms)

    def lines_only_there(self) -> Iterable[Difference]:
        for remote_id, remote in self.remote_lines.items():
            if remote_id not in self.lines:
                said = f"{_said_name(remote.person)}: {clean(remote.text)}"
                yield Difference("", said, FETCH)

    def known_people(self) -> Iterable[tuple[Member, Person]]:
        """Return the members that both sides list."""
        for remote_id, person in self.people.items():
            if remote_id in self.members:
                yield self.members[remote_id], person

    def known_lines(self) -> Iterable[tuple[Message, RemoteMessage]]:
        """Return the lines that both sides list, in the order here."""
        for remote_id, line in self.lines.items():
            if remote_id in self.remote_lines:
                yield line, self.remote_lines[remote_id]

    def shown(self, pk: int | None) -> Member | None:
        return shown_member(pk, self.by_pk)

    def todo(self, row: Member, *, otherwise: str) -> str:
        """Return what becomes of a correction of a speaker, as its push stands."""
        state, error = self.pushes.get(row.pk, ("", ""))
        if state == PushState.PENDING:
            return PENDING
        if state == PushState.FAILED:
            return f"{error} It can be sent again from the speaker's card."
        return otherwise


def _newest_pushes(conversation: Conversation) -> dict[int, tuple[str, str]]:
    """Return the state and the error of the newest correction of each member."""
    rows = Change.objects.filter(conversation=conversation).order_by("pk")
    return {
        member: (state, error)
        for member, state, error in rows.values_list("member", "push_state", "push_error")
    }


def _said_name(person: Person | None) -> str:
    return (clean(person.name) if person else "") or NOBODY


def _who(name: str, email: str) -> str:
    return f"{name} · {email}" if email else name
