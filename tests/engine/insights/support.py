"""Conversations for the rules to read, written down as who said what."""

import datetime as dt

from conversations.engine.insights import Said, Voice

MONDAY = dt.date(2026, 1, 5)
IDA = Voice("ida", "Ida Lund", "ida@example.test")
BO = Voice("bo", "Bo")
VOICES = (IDA, BO)


def spoken(*texts: str, speaker: str | None = "ida") -> list[Said]:
    """Return one message per text, "m0", "m1", …, each of one second."""
    return [
        Said(f"m{place}", text, speaker, place * 1000, place * 1000 + 1000)
        for place, text in enumerate(texts)
    ]
