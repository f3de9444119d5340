"""The timeline file of a Zoom cloud recording (contract 6.5).

Each entry is a snapshot: who is speaking from its stamp on, nobody for an empty list.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from conversations.speaker_events.clock import parse_clock
from conversations.speaker_events.formats.entries import JsonObject, objects, parse_json, text_of
from conversations.speaker_events.formats.smoothing import Turn, ZoomOptions, smooth
from conversations.speaker_events.problems import Code, Problem
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import BadInput, Event, EventType, Speaker


@dataclass(frozen=True, slots=True)
class _Entry:
    at_ms: int
    speakers: tuple[Speaker, ...]


def read_zoom(text: str, options: ZoomOptions | None = None) -> Timeline:
    """Return the smoothed turns of an array of entries, or of an object with `timeline`.

    Entries out of order are put in order, with a remark. A speaker in the last entry is
    stopped at `options.end_ms`; without it the start stays unclosed. Raises BadInput for
    an entry that cannot be read.
    """
    options = options or ZoomOptions()
    document = parse_json(text)
    raw = document.get("timeline") if isinstance(document, dict) else document
    if not isinstance(raw, list):
        raise BadInput('A Zoom timeline is a list, alone or as "timeline" of an object.')
    entries = [_entry(entry, place) for place, entry in objects(raw, "timeline")]
    remarks = _out_of_order(entries)
    turns = _turns(sorted(entries, key=lambda entry: entry.at_ms), options)
    events: list[Event] = []
    for turn in smooth(turns, options):
        events.append(Event(EventType.STARTED, turn.speaker, turn.start_ms))
        if not turn.open:
            events.append(Event(EventType.STOPPED, turn.speaker, turn.end_ms))
    until = max((entry.at_ms for entry in entries), default=None)
    return Timeline.of_events(events, remarks=remarks, until_ms=until)


def _entry(entry: JsonObject, place: str) -> _Entry:
    stamp, users = entry.get("ts"), entry.get("users")
    at = parse_clock(stamp) if isinstance(stamp, str) else None
    if at is None:
        raise BadInput(f"{place}.ts is not a time such as 00:01:30.250.")
    if not isinstance(users, list):
        raise BadInput(f"{place}.users is not a list.")
    found = objects(users, f"{place}.users")
    return _Entry(at, tuple(_speaker(user, where) for where, user in found))


def _speaker(user: JsonObject, place: str) -> Speaker:
    """Return who a user is, under a key that lasts when they leave and join again."""
    email, zoom_id, user_id, name = (
        text_of(user, key, place).strip()
        for key in ("email_address", "zoom_userid", "user_id", "username")
    )
    key = email.casefold() or zoom_id or user_id or name
    if not key:
        raise BadInput(f"{place} has no e-mail, id or name.")
    return Speaker(key, name, email)


def _out_of_order(entries: list[_Entry]) -> list[Problem]:
    for index, (before, entry) in enumerate(pairwise(entries), 1):
        if entry.at_ms < before.at_ms:
            return [Problem(Code.OUT_OF_ORDER, at_ms=entry.at_ms, index=index)]
    return []


def _turns(entries: list[_Entry], options: ZoomOptions) -> list[Turn]:
    turns: list[Turn] = []
    speaking: dict[str, tuple[Speaker, int]] = {}
    for entry in entries:
        now = _chosen(entry.speakers, speaking) if options.first_only else entry.speakers
        ids = {speaker.id for speaker in now}
        for gone in [key for key in speaking if key not in ids]:
            speaker, start = speaking.pop(gone)
            turns.append(Turn(speaker, start, entry.at_ms))
        for speaker in now:
            speaking.setdefault(speaker.id, (speaker, entry.at_ms))
    for speaker, start in speaking.values():
        end = options.end_ms
        if end is not None and end > start:
            turns.append(Turn(speaker, start, end))
        else:
            turns.append(Turn(speaker, start, entries[-1].at_ms, open=True))
    return turns


def _chosen(speakers: Collection[Speaker], speaking: Collection[str]) -> list[Speaker]:
    """Return the one speaker of an entry; their order in the file decides nothing."""
    ranked = sorted(speakers, key=lambda speaker: (speaker.id not in speaking, speaker.id))
    return ranked[:1]
