"""How much an answer may repeat of what was said (contract 4.6, 4.7)."""

from conversations.engine.insights.types import Ref, Said

#: Far above what people say in four hours, far below what would hang a reader.
MOST_CHARACTERS = 10_000_000
#: What a place takes in an answer besides the text of its message.
_AROUND = 100


class Room:
    """The characters that one answer has left for its places; each repeats its message."""

    def __init__(self, characters: int = MOST_CHARACTERS) -> None:
        self._left = characters

    @property
    def full(self) -> bool:
        return self._left <= 0

    def note(self, refs: list[Ref], message: Said, offset: int) -> None:
        """Add the place to `refs` if it is the first in its message and there is room."""
        if self.full or (refs and refs[-1].message_id == message.id):
            return
        refs.append(Ref(message.id, message.text, offset))
        self._left -= len(message.text) + _AROUND
