"""Transcripts written out, with the names as shown."""

from conversations.exports.json import write_json
from conversations.exports.speaker_events import write_speaker_events
from conversations.exports.text import write_text

__all__ = ["write_json", "write_speaker_events", "write_text"]
