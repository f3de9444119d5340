"""Positions in time, read and written in integer arithmetic.

Binary fractions would make some stamps a millisecond low.
"""

import re

_STAMP = re.compile(
    r"(?:(?:(?P<hours>\d{1,6}):)?(?P<minutes>\d{1,6}):)?(?P<seconds>\d{1,9})"
    r"(?:[.,](?P<fraction>\d{1,30}))?",
    re.ASCII,
)


def parse_clock(text: str) -> int | None:
    """Return the milliseconds of `h:mm:ss.mmm`, `mm:ss` or plain seconds, None if it is neither.

    Parts of a second go after a point or a comma and are rounded to the nearest
    millisecond. Only the first part may exceed 59.
    """
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(match[part] or 0) for part in ("hours", "minutes", "seconds"))
    if (match["hours"] and minutes > 59) or (match["minutes"] and seconds > 59):
        return None
    tenths = int((match["fraction"] or "0").ljust(4, "0")[:4])
    return (hours * 3600 + minutes * 60 + seconds) * 1000 + (tenths + 5) // 10


def parse_signed_clock(text: str) -> int | None:
    """Return the same as `parse_clock`, negative after a minus sign."""
    text = text.strip()
    if not text.startswith("-"):
        return parse_clock(text)
    position = parse_clock(text[1:])
    return None if position is None else -position


def clock(position_ms: int) -> str:
    """Return a position as `00:01:02.345`, with a minus sign when it is negative."""
    seconds, ms = divmod(abs(position_ms), 1000)
    sign = "-" if position_ms < 0 else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def in_seconds(position_ms: int) -> str:
    """Return a position that is not negative as seconds with three decimals: `62.345`."""
    return f"{position_ms // 1000}.{position_ms % 1000:03}"
