"""What several forms share: texts that are safe to show, and lists written line by line."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from conversations.pipeline.options import CustomEntity, Tracker

#: As many items and characters as anybody types; what is longer was pasted by mistake.
MAX_ITEMS = 200
MAX_ITEM = 100
Item = TypeVar("Item")

#: Control characters, and those that turn the writing direction of what stands around them.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

without_unseen = RegexValidator(
    UNSEEN,
    "This holds characters that cannot be seen and change how text is shown. "
    "Type it instead of pasting it.",
    code="unseen",
    inverse_match=True,
)


def isolated(name: str) -> str:
    """Return `name` so that its writing direction leaves the plain text around it alone."""
    return f"\u2068{name}\u2069"


class LinesField(forms.CharField):
    """A list, one item a line; cleans to a tuple of what `read` makes of each.

    `read` raises ValidationError for a line that makes no sense; the error names the line.
    `str()` of an item is the line that it is read from.
    """

    def __init__(
        self, *, read: Callable[[str], object] = str, rows: int = 3, **kwargs: Any
    ) -> None:
        self.read = read
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "autocomplete": "off"})
        # Empty lines at the beginning count: the errors name lines as they are seen.
        super().__init__(required=False, strip=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, tuple) else value

    def clean(self, value: Any) -> tuple[object, ...]:
        text = str(super().clean(value) or "")
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
        written = [(number, line) for number, line in lines if line]
        if len(written) > MAX_ITEMS:
            raise ValidationError(f"{MAX_ITEMS} lines are the most; these are {len(written)}.")
        items: dict[object, None] = {}
        for number, line in written:
            try:
                without_unseen(line)
                items[self.read(line)] = None
            except ValidationError as error:
                raise ValidationError(f"Line {number}: {error.messages[0]}") from error
        return tuple(items)


def word(line: str) -> str:
    """Return a word or phrase. Raises ValidationError."""
    if len(line) > MAX_ITEM:
        raise ValidationError(f"longer than {MAX_ITEM} characters.")
    return line


def custom_entity(line: str) -> CustomEntity:
    """Return what a line `type: text` names. Raises ValidationError."""
    kind, text = _pair(line, "like “Product: Sonar 3”.")
    return CustomEntity(word(kind), word(text))


def tracker(line: str) -> Tracker:
    """Return what a line `name: word, word` names. Raises ValidationError."""
    name, words = _pair(line, "like “Budget: cost, price, too expensive”.")
    vocabulary = dict.fromkeys(word(one.strip()) for one in words.split(",") if one.strip())
    return Tracker(word(name), tuple(vocabulary))


def _pair(line: str, example: str) -> tuple[str, str]:
    before, _, after = (part.strip() for part in line.partition(":"))
    if not before or not after.strip(", "):
        raise ValidationError(f"write a name, a colon and the rest, {example}")
    return before, after
