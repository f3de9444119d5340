"""The formatted transcript (contract 4.10)."""

from conversations.symbl import reading


def read_transcript(document: object) -> str:
    """Return the transcript as the server formatted it.

    The payload is a text, or an object around it (contract 4.10).
    """
    return reading.nested(reading.json_object(document).get("transcript"), "transcript", _read)


def _read(value: object) -> str:
    payload = reading.json_object(value).get("payload")
    if isinstance(payload, dict):
        return reading.text(payload.get("content"), "payload.content")
    return reading.text(payload, "payload")
