"""The transcript as speaker events: who speaks when, as it is shown."""

from conversations.exports.lines import lines
from conversations.models import Conversation
from conversations.speaker_events import Span, Speaker, ZoomOptions, write

#: A longer silence between two lines of one speaker is nobody's.
LONGEST_PAUSE_MS = ZoomOptions().bridge_cap_ms


def turns(conversation: Conversation) -> tuple[Span, ...]:
    """Return a turn for each stretch of lines in a row by one shown speaker.

    A turn ends with its recording, and before a silence that is too long to be a pause.
    Lines of which nobody knows who said them are left out. A speaker goes by the API's id.
    """
    spans: list[Span] = []
    last: tuple[int | None, int] | None = None
    for message, member in lines(conversation):
        here = (message.append_id, member.pk) if member else None
        if here and here == last and message.start_ms - spans[-1].end_ms <= LONGEST_PAUSE_MS:
            before = spans[-1]
            spans[-1] = Span(before.speaker, before.start_ms, max(before.end_ms, message.end_ms))
        elif member:
            speaker = Speaker(member.remote_id, member.name, member.email)
            spans.append(Span(speaker, message.start_ms, message.end_ms))
        last = here
    return tuple(span for span in spans if span.end_ms > span.start_ms)


def write_speaker_events(conversation: Conversation, format: str) -> str:
    """Return the turns in one of the formats that speaker events are written in.

    Raises KeyError for another.
    """
    return write(turns(conversation), format)
