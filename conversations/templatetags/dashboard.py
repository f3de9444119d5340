"""Filters that put numbers, times and lines into words; used by the templates of every screen."""

import datetime as dt
import re

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from conversations.models import Message
from conversations.pipeline.texts import clock

register = template.Library()
register.filter("clock", clock)

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@register.filter
def duration(milliseconds: int | None) -> str:
    """Return a duration in its two largest units: "45 s", "1 h 5 min"; "" for None and 0."""
    if not milliseconds:
        return ""
    return in_words(max(round(milliseconds / 1000), 1))


@register.filter
def elapsed(since: dt.datetime) -> str:
    """Return how long ago `since` was, as `duration` says it."""
    return in_words(max(int((timezone.now() - since).total_seconds()), 0))


def in_words(seconds: int) -> str:
    """Return a duration of whole seconds in words; the browser's `elapsedWords` says the same."""
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < 10 * MINUTE:
        minutes, second = divmod(seconds, MINUTE)
        return f"{minutes} min {second} s" if second else f"{minutes} min"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR} h {minutes} min" if minutes else f"{seconds // HOUR} h"
    days = seconds // DAY
    return f"{days} day" if days == 1 else f"{days} days"


@register.filter
def percent(share: float | None) -> int:
    """Return a share of 0 to 1 in whole per cent; only all of it is 100, only none of it 0."""
    if not share:
        return 0
    return 100 if share >= 1 else min(max(round(share * 100), 1), 99)


@register.filter
def marked(message: Message) -> SafeString:
    """Return the message's text with its key phrases in <mark>: whole words, exactly as told."""
    phrases = {phrase["text"].strip() for phrase in message.phrases} - {""}
    if not phrases:
        return conditional_escape(message.text)
    # The longest first: of two that begin alike, the longer one is meant.
    choices = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    parts = re.split(rf"(?<!\w)({choices})(?!\w)", message.text)
    return format_html_join(
        "",
        "{}{}",
        (
            (part, format_html("<mark>{}</mark>", phrase) if phrase else "")
            for part, phrase in zip(parts[::2], [*parts[1::2], ""], strict=True)
        ),
    )


@register.inclusion_tag("components/moment.html")
def moment(at: dt.datetime | None, style: str = "date") -> dict[str, object]:
    """Show a time: UTC from the server, in the reader's zone once the script has run.

    `style` is "date" or "time".
    """
    utc = at.astimezone(dt.UTC) if at else None
    return {"at": utc, "style": style}
