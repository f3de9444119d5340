"""What is sent as JSON: messages of a text conversation, and speaker events.

Used by process.py and conversations.py; the classes are what callers hand in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.symbl.encoding import written_address, written_moment

NANOS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One message to be processed (contract 2.5); all but the content may be left out.

    An e-mail address is the preferred `user_id`. `start` and `end` need an offset.
    """

    content: str
    name: str = ""
    user_id: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class SpeakerEvent:
    """Somebody starts or stops speaking, `offset_ms` after the recording's beginning.

    `id` names the speaker within the conversation and need not be a member's
    (contract 6.1).
    """

    started: bool
    id: str
    name: str
    email: str
    offset_ms: int


def messages_body(messages: Sequence[TextMessage]) -> list[dict[str, object]]:
    """Return messages as the API takes them; what is not known is left out.

    Raises ValueError for a time without an offset.
    """
    return [_message_body(message) for message in messages]


def speaker_events_body(events: Sequence[SpeakerEvent]) -> dict[str, object]:
    """Return speaker events as the API takes them, in the given order.

    Nanoseconds stay below a second, unlike in the vendor's samples (contract 6.2);
    empty names and addresses are left out. Raises ValueError for an event before the
    recording's beginning.
    """
    return {"speakerEvents": [_event_body(event) for event in events]}


def _message_body(message: TextMessage) -> dict[str, object]:
    person = _told({"name": message.name, "userId": message.user_id})
    times = {"startTime": message.start, "endTime": message.end}
    duration = {key: written_moment(moment) for key, moment in times.items() if moment}
    payload = {"content": message.content, "contentType": "text/plain"}
    return {"payload": payload, **_told({"from": person, "duration": duration})}


def _event_body(event: SpeakerEvent) -> dict[str, object]:
    if event.offset_ms < 0:
        raise ValueError("A speaker event cannot lie before the beginning of the recording.")
    seconds, milliseconds = divmod(event.offset_ms, 1000)
    email = written_address(event.email)
    return {
        "type": "started_speaking" if event.started else "stopped_speaking",
        "user": {"id": event.id, **_told({"name": event.name, "email": email})},
        "offset": {"seconds": seconds, "nanos": milliseconds * NANOS_PER_MS},
    }


def _told(fields: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value}
