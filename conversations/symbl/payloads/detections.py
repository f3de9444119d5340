"""What a server found in the text by rule or list: entities and trackers (contract 4.6, 4.7)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from conversations.symbl import reading
from conversations.symbl.errors import Unreadable

_ENTITY_FIELDS = frozenset(
    {"type", "value", "text", "customType", "category", "subType", "start", "end", "messageRefs"}
)
_GROUP_FIELDS = frozenset({"type", "customType", "category", "subType", "matches"})
_MATCH_FIELDS = frozenset({"detectedValue", "messageRefs"})
_TRACKER_FIELDS = frozenset({"id", "name", "matches"})


@dataclass(frozen=True, slots=True)
class EntityRef:
    """A mention: `text` is the message's, `offset` the place in it, in characters."""

    message_id: str
    text: str
    offset: int | None


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in the conversation; "" for what this server's version does not tell.

    `text` is what was said, `value` what it stands for, as text.
    """

    type: str
    value: str
    text: str
    custom_type: str
    category: str
    sub_type: str
    refs: tuple[EntityRef, ...]
    extra: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TextRef:
    """The message or insight in which a tracker was heard; `type` is that of an insight.

    `offset` is the place in `text` in characters, -1 for something only similar.
    """

    id: str
    text: str
    offset: int | None
    type: str = ""


@dataclass(frozen=True, slots=True)
class TrackerMatch:
    """What was heard for a tracker (`value`), and where."""

    type: str
    value: str
    message_refs: tuple[TextRef, ...]
    insight_refs: tuple[TextRef, ...]


@dataclass(frozen=True, slots=True)
class Tracker:
    """A tracker that was asked for with the recording, and what it met."""

    id: str
    name: str
    matches: tuple[TrackerMatch, ...]
    extra: Mapping[str, object]


def read_entities(document: object) -> tuple[Entity, ...]:
    """Return the entities in the order of the answer.

    Newer servers group what they detected by type (contract 4.6);
    there each detected value is an entity of its own.
    """
    raw = reading.json_object(document)
    groups = reading.each(raw.get("entities"), "entities", _read_entity_or_group)
    return tuple(entity for group in groups for entity in group)


def read_trackers(document: object) -> tuple[Tracker, ...]:
    """Return the trackers: a bare list, a list under `trackers`, or one alone (contract 4.7)."""
    if isinstance(document, list):
        return reading.each(document, "", _read_tracker)
    raw = reading.json_object(document)
    if "trackers" not in raw and "matches" in raw:
        return (_read_tracker(raw),)
    return reading.each(raw.get("trackers"), "trackers", _read_tracker)


def rendered_value(raw: reading.JsonObject) -> str:
    """Return the `value` of an entity as text, "" when there is none.

    A value is a text, a number, an object that usually has a name, or missing where
    `start` and `end` tell a range.
    """
    value = raw.get("value")
    if value is None:
        ends = [_rendered(raw[key]) for key in ("start", "end") if raw.get(key) is not None]
        return " to ".join(ends)
    return _rendered(value)


def _rendered(value: object) -> str:
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        value = value["name"]
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _read_entity_or_group(value: object) -> tuple[Entity, ...]:
    raw = reading.json_object(value)
    if "matches" in raw:
        return _read_group(raw)
    text = reading.optional_text(raw.get("text"), "text")
    return (
        Entity(
            type=reading.text(raw.get("type"), "type"),
            value=rendered_value(raw) or text,
            text=text,
            custom_type=reading.optional_text(raw.get("customType"), "customType"),
            category=reading.optional_text(raw.get("category"), "category"),
            sub_type=reading.optional_text(raw.get("subType"), "subType"),
            refs=_entity_refs(raw),
            extra=reading.remainder(raw, _ENTITY_FIELDS),
        ),
    )


def _read_group(raw: reading.JsonObject) -> tuple[Entity, ...]:
    type_ = reading.text(raw.get("type"), "type")
    custom_type = reading.optional_text(raw.get("customType"), "customType")
    category = reading.optional_text(raw.get("category"), "category")
    sub_type = reading.optional_text(raw.get("subType"), "subType")
    extra = reading.remainder(raw, _GROUP_FIELDS)

    def read_match(value: object) -> Entity:
        match = reading.json_object(value)
        detected = match.get("detectedValue")
        if detected is None:
            raise Unreadable.at("detectedValue", "a value is expected")
        return Entity(
            type=type_,
            value=_rendered(detected),
            text=_rendered(detected),
            custom_type=custom_type,
            category=category,
            sub_type=sub_type,
            refs=_entity_refs(match),
            extra={**extra, **reading.remainder(match, _MATCH_FIELDS)},
        )

    return reading.each(raw["matches"], "matches", read_match)


def _entity_refs(raw: reading.JsonObject) -> tuple[EntityRef, ...]:
    return reading.optional_each(raw.get("messageRefs"), "messageRefs", _read_entity_ref) or ()


def _read_entity_ref(value: object) -> EntityRef:
    ref = _read_text_ref(value)
    return EntityRef(message_id=ref.id, text=ref.text, offset=ref.offset)


def _read_text_ref(value: object) -> TextRef:
    raw = reading.json_object(value)
    return TextRef(
        id=reading.identifier(raw.get("id"), "id"),
        text=reading.optional_text(raw.get("text"), "text"),
        offset=reading.optional_integer(raw.get("offset"), "offset"),
        type=reading.optional_text(raw.get("type"), "type"),
    )


def _read_tracker(value: object) -> Tracker:
    raw = reading.json_object(value)
    return Tracker(
        id=reading.optional_identifier(raw.get("id"), "id"),
        name=reading.text(raw.get("name"), "name"),
        matches=reading.optional_each(raw.get("matches"), "matches", _read_tracker_match) or (),
        extra=reading.remainder(raw, _TRACKER_FIELDS),
    )


def _read_tracker_match(value: object) -> TrackerMatch:
    raw = reading.json_object(value)

    def refs(key: str) -> tuple[TextRef, ...]:
        return reading.optional_each(raw.get(key), key, _read_text_ref) or ()

    return TrackerMatch(
        type=reading.optional_text(raw.get("type"), "type"),
        value=reading.text(raw.get("value"), "value"),
        message_refs=refs("messageRefs"),
        insight_refs=refs("insightRefs"),
    )
