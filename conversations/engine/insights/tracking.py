"""Trackers: whether given phrases were said."""

from collections.abc import Sequence

from conversations.engine.insights.matching import PhraseMatcher
from conversations.engine.insights.room import Room
from conversations.engine.insights.text import stem
from conversations.engine.insights.types import Ref, Said, TrackerFound, TrackerMatch


def trackers(
    said: Sequence[Said],
    wanted: Sequence[tuple[str, Sequence[str]]],
    *,
    room: Room | None = None,
) -> list[TrackerFound]:
    """Return the trackers that were said, in the order wanted; `wanted` is (name, vocabulary).

    A phrase is found where all its words follow each other, whatever their case, plural,
    -ed or -ing. Phrases that only mean the same are not found, so no offset is -1. A
    phrase has one place for each message, its first, as long as there is room (contract 4.7).
    """
    room = room or Room()
    entries = [
        (position, value)
        for position, (_, vocabulary) in enumerate(wanted)
        for value in dict.fromkeys(vocabulary)
    ]
    matcher = PhraseMatcher((value for _, value in entries), stem)
    refs: list[list[Ref]] = [[] for _ in entries]
    for message in said:
        if room.full:
            break
        for hit in matcher.find(message.text, once=True):
            room.note(refs[hit.number], message, hit.start)
    matches: list[list[TrackerMatch]] = [[] for _ in wanted]
    for (position, value), places in zip(entries, refs, strict=True):
        if places:
            matches[position].append(TrackerMatch(value, tuple(places)))
    return [
        TrackerFound(name, tuple(found))
        for (name, _), found in zip(wanted, matches, strict=True)
        if found
    ]
