"""An ENGINE_FACTORY on a computer that cannot recognise speech."""

from conversations.engine.recognition.bundled import Status

REASON = "Speech recognition needs moonshine-voice, not installed on this computer."


def status() -> Status:
    return Status("bundled", None, available=False, reason=REASON)
