"""The transcript as speaker events: who speaks when, as it is shown."""

from conversations.exports.lines import lines
from conversations.models import Conversation
from conversations.speaker_events import Span, Speaker, write


def turns(conversation: Conversation) -> tuple[Span, ...]:
    """Return a turn for each stretch of lines in a row by one shown speaker.

    Lines of which nobody knows who said them are left out. A speaker goes by the API's id.
    """
    spans: list[Span] = []
    last_id = None
    for message, member in lines(conversation):
        same = member is not None and member.remote_id == last_id
        last_id = member.remote_id if member else None
        if member is None:
            continue
        if same:
            last = spans[-1]
            spans[-1] = Span(last.speaker, last.start_ms, max(last.end_ms, message.end_ms))
        else:
            speaker = Speaker(member.remote_id, member.name, member.email)
            spans.append(Span(speaker, message.start_ms, message.end_ms))
    return tuple(span for span in spans if span.end_ms > span.start_ms)


def write_speaker_events(conversation: Conversation, format: str) -> str:
    """Return the turns in one of the formats that speaker events are written in.

    Raises KeyError for another.
    """
    return write(turns(conversation), format)
