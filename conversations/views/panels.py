"""The panels of a conversation: what was found in it, and how long people talked.

One fragment that the page loads after itself and refreshes when the transcript or a speaker
changes; without htmx a page of its own. What is listed comes from `pipeline.reports` and
`review.panels`; here it is cut to what fits, and an empty list says why it is empty.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from conversations.models import Conversation, InsightKind, ReportKind, State
from conversations.pipeline.options import AppendOptions
from conversations.pipeline.reports import Entity, Reports, SummaryLine, Topic, Tracker, load
from conversations.review.panels import Item, People, Place, insight_items, located, places
from conversations.views import access
from conversations.views.htmx import HtmxHttpRequest, respond
from conversations.views.talk_times import Times, talk_times

#: Entries of a list, and places of an entry, until somebody asks for all.
SHORT = 8
FEW = 5
#: Places of an entry at most: a word of every second line helps nobody to find one of them.
MANY = 100
#: The offset of a tracker's match in a line of similar words (contract 4.7).
SIMILAR = -1
NOT_GIVEN = "This server gave none."
EMPTY = {
    InsightKind.QUESTION: "No questions found.",
    InsightKind.ACTION_ITEM: "No action items found.",
    InsightKind.FOLLOW_UP: "No follow-ups found.",
    ReportKind.SUMMARY: "Too little was said to sum it up.",
    ReportKind.TOPICS: "No topics found.",
    ReportKind.ENTITIES: "No entities found.",
    ReportKind.TRACKERS: "None of the trackers was heard.",
    ReportKind.ANALYTICS: "Nobody talked.",
}
INSIGHTS = {
    InsightKind.QUESTION: "Questions",
    InsightKind.ACTION_ITEM: "Action items",
    InsightKind.FOLLOW_UP: "Follow-ups",
}
ASSIGNED = frozenset({InsightKind.ACTION_ITEM.value, InsightKind.FOLLOW_UP.value})
#: These have to be asked for with a recording; the others come by themselves (contract 2.3).
ASKED_BY: dict[ReportKind, Callable[[AppendOptions], bool]] = {
    ReportKind.SUMMARY: lambda options: options.summary,
    ReportKind.ENTITIES: lambda options: options.detect_entities or bool(options.entities),
    ReportKind.TRACKERS: lambda options: options.all_trackers or bool(options.trackers),
}
NOT_ASKED = {
    ReportKind.SUMMARY: "A summary was not asked for when this was uploaded.",
    ReportKind.ENTITIES: "Entities were not asked for when this was uploaded.",
    ReportKind.TRACKERS: "Trackers were not asked for when this was uploaded.",
}


class Entry(NamedTuple):
    """An item with the places that are shown, and how many are not."""

    item: Item
    places: Sequence[Place]
    left_out: int


@dataclass(frozen=True)
class Listing:
    """A list as far as it is shown; `whole` when all of it was asked for.

    `cut`: something is left out, of the list or of an entry. `empty` is said instead of nothing.
    """

    slug: str
    title: str
    entries: Sequence[Entry]
    total: int
    whole: bool
    cut: bool
    empty: str

    @property
    def assigned(self) -> bool:
        """Whether the entries are somebody's to do."""
        return self.slug in ASSIGNED


@dataclass(frozen=True)
class Panel:
    """One panel: lists, or times; `count` is None where counting says nothing."""

    slug: str
    title: str
    count: int | None = None
    listings: Sequence[Listing] = ()
    times: Times | None = None
    empty: str = ""


@require_GET
def conversation_panels(request: HtmxHttpRequest, uuid: UUID) -> HttpResponse:
    """Answer with the panels; each `all` in the query names a list to be shown whole."""
    conversation = access.visible_conversation(request.user, uuid)
    context = {
        "conversation": conversation,
        "panels": panels(conversation, frozenset(request.GET.getlist("all"))),
        "by_rules": is_by_rules(conversation),
    }
    return respond(
        request,
        page="conversations/panels.html",
        fragment="conversations/partials/panels.html",
        context=context,
    )


def is_by_rules(conversation: Conversation) -> bool:
    """Return True if the bundled engine made it; another server is noted by its address."""
    return "://" not in conversation.made_by


def panels(conversation: Conversation, whole: frozenset[str]) -> list[Panel]:
    """Return the panels, the lists named in `whole` uncut.

    None before the API was read, and none where there is no line to find anything in.
    """
    reports = load(conversation)
    people, known = People(conversation), places(conversation)
    insights = insight_items(conversation, people, known)
    is_unread = conversation.synced_at is None and reports == Reports()
    if not insights and (is_unread or not (known or has_findings(reports))):
        return []
    why_empty = emptiness(conversation)

    def reported(kind: ReportKind, report: object | None, items: Sequence[Item]) -> Panel:
        shown = listing(kind.value, kind.label, items, why_empty(kind, report), whole)
        count = None if kind == ReportKind.SUMMARY else shown.total
        return Panel(kind.value, kind.label, count, [shown])

    found = [
        listing(kind.value, title, insights.get(kind, []), EMPTY[kind], whole)
        for kind, title in INSIGHTS.items()
    ]
    return [
        reported(ReportKind.SUMMARY, reports.summary, summary_items(reports.summary or (), known)),
        Panel("insights", "Insights", sum(one.total for one in found), found),
        reported(ReportKind.TOPICS, reports.topics, topic_items(reports.topics or (), known)),
        reported(
            ReportKind.ENTITIES, reports.entities, entity_items(reports.entities or (), known)
        ),
        reported(
            ReportKind.TRACKERS, reports.trackers, tracker_items(reports.trackers or (), known)
        ),
        Panel(
            ReportKind.ANALYTICS.value,
            ReportKind.ANALYTICS.label,
            times=talk_times(reports.analytics, people) if reports.analytics else None,
            empty=why_empty(ReportKind.ANALYTICS, reports.analytics),
        ),
    ]


def has_findings(reports: Reports) -> bool:
    """Return True if one of the reports says anything."""
    told = (
        reports.summary,
        reports.topics,
        reports.entities,
        any(tracker.matches for tracker in reports.trackers or ()),
    )
    return any(told) or bool(reports.analytics and reports.analytics.members)


def listing(
    slug: str, title: str, items: Sequence[Item], empty: str, whole: frozenset[str]
) -> Listing:
    """Return the list, cut unless it is one of those to be shown whole."""
    is_whole = slug in whole
    shown = items if is_whole else items[:SHORT]
    most = MANY if is_whole else FEW
    entries = [Entry(item, item.places[:most], max(len(item.places) - most, 0)) for item in shown]
    cut = len(shown) < len(items) or any(entry.left_out for entry in entries)
    return Listing(slug, title, entries, len(items), is_whole, cut, empty)


def emptiness(conversation: Conversation) -> Callable[[ReportKind, object | None], str]:
    """Return what says why a report is empty; of None the server has never told. One query."""
    synced = conversation.appends.filter(state=State.SYNCED)
    uploads = [AppendOptions.from_json(row) for row in synced.values_list("options", flat=True)]
    # The bundled engine sums up whether it was asked to or not.
    unasked = {ReportKind.SUMMARY} if is_by_rules(conversation) else set()

    def why(kind: ReportKind, report: object | None) -> str:
        asked = None if kind in unasked else ASKED_BY.get(kind)
        if asked and uploads and not any(map(asked, uploads)):
            return NOT_ASKED[kind]
        # What came without an upload here may not have been asked for either.
        return NOT_GIVEN if report is None or (asked and not uploads) else EMPTY[kind]

    return why


def summary_items(lines: Iterable[SummaryLine], known: Mapping[str, Place]) -> list[Item]:
    return [Item(line.text, located(line.message_ids, known)) for line in lines]


def topic_items(topics: Iterable[Topic], known: Mapping[str, Place]) -> list[Item]:
    return [
        Item(
            topic.text,
            located(topic.message_ids, known),
            note=f"part of {', '.join(topic.parents)}" if topic.parents else "",
        )
        for topic in topics
    ]


def entity_items(entities: Iterable[Entity], known: Mapping[str, Place]) -> list[Item]:
    """Return the entities by type, with what they stand for where that is not what was said.

    Not for a person: that would be the name at the time of the reading.
    """
    items = [
        Item(
            entity.text,
            located((mention.message_id for mention in entity.mentions), known),
            label=entity.type.replace("_", " "),
            note="" if entity.type == "person" or is_said(entity) else meaning(entity),
        )
        for entity in entities
    ]
    return sorted(items, key=lambda item: item.label.casefold())


def is_said(entity: Entity) -> bool:
    """Return True if what the entity stands for is what was said, capitals aside."""
    return entity.value.casefold() == entity.text.casefold()


def meaning(entity: Entity) -> str:
    """Return what the entity stands for; a day as the screens write days."""
    if entity.type == "date":
        with suppress(ValueError):
            return date_format(dt.date.fromisoformat(entity.value), "j M Y")
    return entity.value


def tracker_items(trackers: Iterable[Tracker], known: Mapping[str, Place]) -> list[Item]:
    return [
        Item(
            match.value,
            located((mention.message_id for mention in match.mentions), known),
            label=tracker.name,
            note="similar words" if {one.offset for one in match.mentions} == {SIMILAR} else "",
        )
        for tracker in trackers
        for match in tracker.matches
    ]
