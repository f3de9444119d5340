"""The people of these tests, and short ways to say when they speak."""

from conversations.speaker_events import Event, EventType, Span, Speaker

ANA = Speaker("a", "Ana", "ana@example.test")
BEN = Speaker("b", "Ben", "ben@example.test")
CLEO = Speaker("c", "Cleo")


def start(speaker: Speaker, offset_ms: int) -> Event:
    return Event(EventType.STARTED, speaker, offset_ms)


def stop(speaker: Speaker, offset_ms: int) -> Event:
    return Event(EventType.STOPPED, speaker, offset_ms)


def turns(spans: tuple[Span, ...]) -> list[tuple[str, int, int]]:
    return [(span.speaker.id, span.start_ms, span.end_ms) for span in spans]
