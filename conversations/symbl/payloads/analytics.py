"""How long and how fast people talked (contract 4.8)."""

from dataclasses import dataclass

from conversations.symbl import reading
from conversations.symbl.errors import Unreadable
from conversations.symbl.payloads.people import Person, read_person

NOBODY = Person(id="", name="", email="")
"""Speech that the server attributes to no member."""

MOST = 1e9
"""No figure is larger: in seconds these are thirty years."""
ROUNDING = 1e-3
"""How far below nothing a difference of two figures may come out."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure about the whole conversation; `percent` is from 0 to 100."""

    type: str
    percent: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """How long somebody else talked at the same time; `percent` is from 0 to 100."""

    person: Person
    percent: float
    seconds: float


@dataclass(frozen=True, slots=True)
class MemberAnalytics:
    """The figures of one member; None for what this server does not measure.

    The person is looked up by id: an embedded name may be older than a renaming.
    """

    person: Person
    words_per_minute: float | None
    talk_percent: float
    talk_seconds: float
    listen_percent: float
    listen_seconds: float
    overlap_seconds: float | None
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class Analytics:
    """The figures of a conversation and of each member."""

    metrics: tuple[Metric, ...]
    members: tuple[MemberAnalytics, ...]


def read_analytics(document: object) -> Analytics:
    """Return the analytics, each list in the order of the answer."""
    raw = reading.json_object(document)
    return Analytics(
        metrics=reading.each(raw.get("metrics"), "metrics", _read_metric),
        members=reading.each(raw.get("members"), "members", _read_member),
    )


def _read_metric(value: object) -> Metric:
    raw = reading.json_object(value)
    percent, seconds = _share(raw)
    return Metric(reading.text(raw.get("type"), "type"), percent, seconds)


def _read_member(value: object) -> MemberAnalytics:
    raw = reading.json_object(value)
    pace = reading.json_object(raw.get("pace") or {}, "pace")
    overlap = reading.json_object(raw.get("overlap") or {}, "overlap")
    others = reading.nested(overlap, "overlap", _read_overlaps)
    talk_percent, talk_seconds = reading.nested(raw.get("talkTime"), "talkTime", _share)
    listen_percent, listen_seconds = reading.nested(raw.get("listenTime"), "listenTime", _share)
    return MemberAnalytics(
        person=read_person(raw) or NOBODY,
        words_per_minute=_optional_figure(pace.get("wpm"), "pace.wpm"),
        talk_percent=talk_percent,
        talk_seconds=talk_seconds,
        listen_percent=listen_percent,
        listen_seconds=listen_seconds,
        overlap_seconds=_optional_figure(overlap.get("overlapDuration"), "overlap.overlapDuration"),
        overlaps=others,
    )


def _read_overlaps(value: object) -> tuple[Overlap, ...]:
    listed = reading.json_object(value).get("overlappingMembers")
    return reading.optional_each(listed, "overlappingMembers", _read_overlap) or ()


def _read_overlap(value: object) -> Overlap:
    percent, seconds = _share(value)
    return Overlap(read_person(value) or NOBODY, percent, seconds)


def _share(value: object) -> tuple[float, float]:
    """Return percent and seconds; the document calls the first percent or percentage."""
    raw = reading.json_object(value)
    key = "percent" if raw.get("percent") is not None else "percentage"
    return _figure(raw.get(key), key), _figure(raw.get("seconds"), "seconds")


def _figure(value: object, key: str) -> float:
    """Return a figure from 0 to `MOST`; any other cannot have been measured."""
    figure = reading.number(value, key)
    if not -ROUNDING <= figure <= MOST:
        raise Unreadable.at(key, f"a number from 0 to {MOST:.0f} is expected")
    return max(figure, 0.0)


def _optional_figure(value: object, key: str) -> float | None:
    return None if value is None else _figure(value, key)
