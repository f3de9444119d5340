"""What the formats made of lines share."""

from collections import Counter
from collections.abc import Sequence

from conversations.speaker_events.types import Span, one_speaker_per_id


def lines_of(text: str) -> list[str]:
    """Return the lines of a file, whatever system wrote it, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def labels_of(spans: Sequence[Span]) -> dict[str, str]:
    """Return what to call each speaker id where a format carries only a name.

    Two people of the same name are told apart by their ids behind it.
    """
    speakers = one_speaker_per_id(span.speaker for span in spans)
    times = Counter(speaker.label for speaker in speakers.values())
    return {
        key: speaker.label if times[speaker.label] == 1 else f"{speaker.label} ({key})"
        for key, speaker in speakers.items()
    }
