"""The transcript as exporters need it: every line with the member who is shown for it."""

from collections.abc import Iterator

from conversations.models import Conversation, Member, Message, shown_member


def lines(conversation: Conversation) -> Iterator[tuple[Message, Member | None]]:
    """Yield the messages in order, each with its shown member, None if nobody is known."""
    members = {member.pk: member for member in conversation.members.all()}
    shown = conversation.messages.filter(gone=False).order_by("position")
    for message in shown.iterator(chunk_size=2000):
        yield message, shown_member(message.member_id, members)
