"""The calls about conversations, their messages and their members (contract 4.1 to 4.3, 6.1).

Mixed into the client (client.py). Calls that change something are sent once; they
raise OutcomeUnknown when it may have happened: read again to find out.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from conversations.symbl import payloads
from conversations.symbl.bodies import SpeakerEvent, speaker_events_body
from conversations.symbl.connection import Connection
from conversations.symbl.encoding import segment, written_address, written_moment
from conversations.symbl.payloads import Conversation, Message, Person

PAGE_SIZE = 100


class ConversationCalls(Connection):
    """Conversations, messages, members and speaker events."""

    def conversations(
        self,
        *,
        start: datetime,
        end: datetime | None = None,
        offset: int = 0,
        limit: int = PAGE_SIZE,
        newest_first: bool = True,
    ) -> tuple[Conversation, ...]:
        """Return one page of the conversations that started from `start` on, up to `end` or now.

        The window is always told, because servers otherwise leave out all but the last
        week (contract 4.1). A page shorter than `limit` is the last one. Raises
        ValueError for a time without an offset.
        """
        return self._read(
            "/v1/conversations",
            payloads.read_conversations,
            startTime=written_moment(start),
            endTime=None if end is None else written_moment(end),
            offset=offset,
            limit=limit,
            order="desc" if newest_first else "asc",
        )

    def every_conversation(
        self, *, start: datetime, end: datetime | None = None
    ) -> Iterator[Conversation]:
        """Yield the conversations of a window, each once, oldest first, fetched as needed.

        Oldest first, because a conversation that arrives meanwhile then moves no page.
        Ends at a short page, or at one with nothing new: that server ignores `offset`.
        """
        known: set[str] = set()
        while True:
            page = self.conversations(
                start=start, end=end, offset=len(known), limit=PAGE_SIZE, newest_first=False
            )
            new = [conversation for conversation in page if conversation.id not in known]
            yield from new
            known.update(conversation.id for conversation in new)
            if len(page) < PAGE_SIZE or not new:
                return

    def conversation(self, conversation_id: str) -> Conversation:
        """Return a conversation; incomplete while one of its jobs is running."""
        return self._read(conversation_path(conversation_id), payloads.read_conversation)

    def update_metadata(self, conversation_id: str, metadata: Mapping[str, str]) -> None:
        """Set metadata of a conversation; whether other keys stay is up to the server."""
        self._act("PUT", conversation_path(conversation_id), {"metadata": dict(metadata)})

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation and all that belongs to it at the server, for good.

        Raises NotFound when there is none, so also when an earlier try has deleted it.
        """
        self._act("DELETE", conversation_path(conversation_id))

    def messages(
        self, conversation_id: str, *, verbose: bool = True, sentiment: bool = True
    ) -> tuple[Message, ...]:
        """Return the messages; incomplete while a job is running.

        With words if `verbose`, and with the sentiment of each if `sentiment`.
        """
        return self._read(
            f"{conversation_path(conversation_id)}/messages",
            payloads.read_messages,
            verbose=verbose,
            sentiment=sentiment,
        )

    def members(self, conversation_id: str) -> tuple[Person, ...]:
        """Return the members; each has an id."""
        return self._read(f"{conversation_path(conversation_id)}/members", payloads.read_members)

    def update_member(
        self, conversation_id: str, member_id: str, *, name: str, email: str | None = None
    ) -> None:
        """Name a member; with an e-mail that another member has, merge it into that one.

        A merge eliminates `member_id` and cannot be undone at the server. The e-mail
        is trimmed and sent in lower case, because servers compare it as it is
        (contract 4.3). Raises OutcomeUnknown when it may have happened: read the
        members to find out.
        """
        self._act(
            "PUT",
            f"{conversation_path(conversation_id)}/members/{segment(member_id)}",
            {"id": member_id, "name": name, "email": written_address(email)},
        )

    def update_speakers(self, conversation_id: str, events: Sequence[SpeakerEvent]) -> None:
        """Say who spoke when; the server then names the speakers of messages and insights anew.

        The messages may show it only a while after this returns (contract 6.1). Raises
        ValueError for an event before the beginning of the recording.
        """
        self._act(
            "PUT", f"{conversation_path(conversation_id)}/speakers", speaker_events_body(events)
        )


def conversation_path(conversation_id: str) -> str:
    """Return the path of a conversation; raises ValueError for an impossible id."""
    return f"/v1/conversations/{segment(conversation_id)}"
