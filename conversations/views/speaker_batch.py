"""What the page of one batch of speaker events shows; called by views/speaker_events.py."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.utils import timezone

from conversations.forms import PeopleForm
from conversations.models import BatchState, Member, Message, SpeakerEventBatch, shown_member
from conversations.pipeline.push import line_head, pushing_must_wait
from conversations.pipeline.speaker_changes import DryRun, Expectation
from conversations.pipeline.speaker_dry_run import Conversed, Preview, settled
from conversations.pipeline.speaker_events import draft_of, spans_of, was_lost, was_taken
from conversations.pipeline.speaker_sent import as_members
from conversations.pipeline.speaker_suggestions import Suggestion, suggestions
from conversations.review.speakers import speakers
from conversations.speaker_events import Code, Problem
from conversations.views.lanes import HEIGHT, MOST_LANES, WIDTH, lanes, ticks, total_of

PAGE_SIZE = 50
MOST_PROBLEMS = 12
MOST_LISTED = 50
NOBODY = "Unknown speaker"
TITLES = {
    Code.OVERLAP: "Two people at once",
    Code.UNCLOSED: "Never stopped",
    Code.START_TWICE: "Started twice",
    Code.STOP_BEFORE_START: "Stopped before it started",
    Code.NEGATIVE: "Before the recording",
    Code.ZERO: "Without length",
    Code.BEYOND_END: "Past the end",
    Code.AFTER_END: "After the end",
    Code.NANOS_CARRY: "Too many nanoseconds",
    Code.OUT_OF_ORDER: "Out of order",
    Code.EMPTY: "Nobody speaks",
}


class Group(NamedTuple):
    """The problems of one kind; `listed` are the first, `can_fix` says that a fix is a choice."""

    code: Code
    title: str
    number: int
    listed: Sequence[Problem]
    fix: str
    can_fix: bool

    @property
    def more(self) -> int:
        return self.number - len(self.listed)

    @property
    def done(self) -> str:
        """The fix as it goes on in a sentence."""
        return self.fix[:1].lower() + self.fix[1:]


class Moved(NamedTuple):
    """A line that goes, or went, from one speaker to another.

    `stays` says that only the API changes, `returns` that no turn touches it.
    """

    at_ms: int
    text: str
    before: str
    after: str
    overlap: str = ""
    stays: bool = False
    returns: bool = False


class Balance(NamedTuple):
    """How many lines somebody has now, gets, loses, and will have."""

    name: str
    before: int
    gains: int
    losses: int

    @property
    def after(self) -> int:
        return self.before + self.gains - self.losses


def batch_context(
    batch: SpeakerEventBatch,
    *,
    page: str,
    may_correct: bool,
    people_page: str = "",
    form: PeopleForm | None = None,
) -> dict[str, Any]:
    """Return what the page shows; `page` is the wanted page of the lines that change."""
    conversed = Conversed(batch.conversation)
    preview = Preview(conversed, draft_of(batch)) if batch.state == BatchState.DRAFT else None
    suggested = suggestions(preview) if preview else {}
    spans = preview.spans if preview else as_members(batch, conversed.members)
    dry_run = preview.dry_run if preview else conversed.dry_run(spans)
    total_ms = total_of(batch.conversation.duration_ms, spans)
    likely = {key: one.member for key, one in suggested.items()}
    drawn = lanes(spans, dry_run, total_ms, speakers(batch.conversation), likely)
    context: dict[str, Any] = {
        "conversation": batch.conversation,
        "batch": batch,
        "may_correct": may_correct,
        "lanes": drawn,
        "drawn": drawn[:MOST_LANES],
        "ticks": ticks(total_ms),
        "width": WIDTH,
        "height": HEIGHT,
        **state_context(batch),
    }
    if preview is None:
        moved = told_changes(batch, conversed, page)
        return context | {"moved": moved, "total": (batch.expected or {}).get("total", 0)}
    form = form or people_form(preview, suggested, page=people_page)
    return context | draft_context(preview, suggested, page=page, form=form)


def draft_context(
    preview: Preview, suggested: Mapping[str, Suggestion], *, page: str, form: PeopleForm
) -> dict[str, Any]:
    """Return what there is to decide about a draft, and what sending it would change."""
    conversed, dry_run, unmatched = preview.conversed, preview.dry_run, preview.unmatched
    problems = grouped(preview.problems, conversed)
    found = Paginator(dry_run.expectations, PAGE_SIZE).get_page(page)
    return {
        "people": form,
        "matches": [(person, suggested.get(person.speaker.id)) for person in form.rows],
        "shared": preview.shared,
        "unmatched": unmatched,
        "problems": problems,
        "fixable": [group for group in problems if group.can_fix],
        "settled": grouped(settled(preview.draft), conversed),
        "fixes": sorted(TITLES[code] for code in preview.draft.fixes),
        "ready": bool(preview.spans) and not unmatched and bool(dry_run.rows),
        "dry_run": dry_run,
        "stays": sum(one.stays for one in dry_run.expectations),
        "names": dry_run.names,
        "balances": balances(dry_run),
        "moved": paged(found, expected_lines(found)),
        "total": len(dry_run.rows),
        "sent_before": conversed.sent_before,
        "carried": len(preview.carried),
        "held_up": held_up(conversed.conversation.pk),
    }


def held_up(conversation_id: int) -> bool:
    """Return True while a recording is on its way, for which everything else waits."""
    return pushing_must_wait(line_head(conversation_id), timezone.now())


def people_form(
    preview: Preview, suggested: Mapping[str, Suggestion], data: Any = None, *, page: str = ""
) -> PeopleForm:
    """Return the form that says who is who; what is suggested is chosen in it, not decided."""
    conversed = preview.conversed
    chosen = {
        key: replace(match, member=shown.pk) if shown else match
        for key, match in preview.draft.people.items()
        for shown in [shown_member(match.member, conversed.members)]
    }
    form = PeopleForm(
        data, speakers=preview.people, members=conversed.shown, chosen=chosen, page=page
    )
    for person in form.rows:
        suggestion = suggested.get(person.speaker.id)
        if suggestion:
            form.initial[person.member.name] = suggestion.member.pk
    return form


def grouped(problems: Iterable[Problem], conversed: Conversed) -> list[Group]:
    """Return the problems by kind, in the order in which the kinds first occur."""
    kinds: dict[Code, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.code, []).append(problem)
    return [
        Group(
            code,
            TITLES[code],
            len(found),
            found[:MOST_PROBLEMS],
            found[0].fix or "",
            conversed.can_fix(code),
        )
        for code, found in kinds.items()
    ]


def balances(dry_run: DryRun) -> list[Balance]:
    """Return who has, gets and loses how many lines, who has most in the end first."""
    owners = [row.owner for row in dry_run.rows if row.owner]
    names = {owner.remote_id: owner.name for owner in owners}
    told = (*(one.to for one in dry_run.expectations if one.to), *dry_run.told)
    names |= {speaker.id: speaker.label for speaker in told}
    before = Counter(owner.remote_id for owner in owners)
    gains, losses = dry_run.gains, dry_run.losses
    rows = (Balance(name, before[key], gains[key], losses[key]) for key, name in names.items())
    return sorted(rows, key=lambda row: (-row.after, -row.before))


def expected_lines(found: Iterable[Expectation]) -> list[Moved]:
    """Return the lines that will change, with their texts."""
    found = list(found)
    texts = Message.objects.in_bulk([one.row.pk for one in found])
    return [
        Moved(
            one.row.start_ms,
            texts[one.row.pk].text if one.row.pk in texts else "",
            _name(one.row.owner),
            one.to.label if one.to else NOBODY,
            "" if one.returns else f"{one.overlap_ms / 1000:.1f} s",
            one.stays,
            one.returns,
        )
        for one in found
    ]


def told_changes(batch: SpeakerEventBatch, conversed: Conversed, page: str) -> dict[str, Any]:
    """Return one page of what the dry run said when the batch was handed over."""
    changes = (batch.expected or {}).get("changes", [])
    found = Paginator(changes, PAGE_SIZE).get_page(page)
    texts = Message.objects.in_bulk([one["message"] for one in found])
    members = conversed.members.values()
    before, after = {row.remote_id: row.name for row in members}, _names(batch, members)
    lines = [
        Moved(
            line.start_ms, line.text, before.get(one["from"], NOBODY), after.get(one["to"], NOBODY)
        )
        for one in found
        if (line := texts.get(one["message"]))
    ]
    return paged(found, lines)


def paged(page: Page[Any], lines: Sequence[Moved]) -> dict[str, Any]:
    """Return a page of lines, and how many there are on all pages."""
    return {"page": page, "lines": lines, "count": page.paginator.count}


def state_context(batch: SpeakerEventBatch) -> dict[str, Any]:
    """Return how a batch that was handed over stands, and what the API did with it."""
    if batch.state == BatchState.DRAFT:
        return {}
    outcome = batch.outcome or {}
    missing, others = outcome.get("missing", []), outcome.get("others", [])
    expected = len((batch.expected or {}).get("changes", ()))
    names, unnamed = (batch.expected or {}).get("names", []), outcome.get("unnamed", [])
    members = {row.pk: row for row in batch.conversation.members.all()}
    wanted = _wanted(batch, members.values())
    texts = Message.objects.in_bulk(
        [one["message"] for one in (*missing[:MOST_LISTED], *others[:MOST_LISTED])]
    )

    def moved(one: dict[str, Any], before: str) -> Moved:
        line = texts.get(one["message"])
        now = _name(members.get(one["to"]))
        return Moved(line.start_ms if line else 0, line.text if line else "", before, now)

    return {
        "expected_count": expected,
        "names_count": len(names),
        "changes_count": expected + len(names),
        "shown_count": outcome.get("as_expected", 0) + len(names) - len(unnamed),
        "named": [one["to"] for one in names if one["member"] not in unnamed],
        "unnamed": [one["to"] for one in names if one["member"] in unnamed],
        "outcome": outcome,
        "missing_count": len(missing),
        "others_count": len(others),
        "missing": [moved(one, wanted.get(one["message"], "")) for one in missing[:MOST_LISTED]],
        "others": [moved(one, _name(members.get(one["from"]))) for one in others[:MOST_LISTED]],
        "held_up": held_up(batch.conversation_id),
        "lost": was_lost(batch),
        "taken": was_taken(batch),
    }


def _wanted(batch: SpeakerEventBatch, members: Iterable[Member]) -> dict[int, str]:
    """Return whom the dry run gave each line to, in words."""
    names = _names(batch, members)
    changes = (batch.expected or {}).get("changes", ())
    return {one["message"]: names.get(one["to"], NOBODY) for one in changes}


def _names(batch: SpeakerEventBatch, members: Iterable[Member]) -> dict[str, str]:
    """Return what people are called, by the API's ids and by those that were sent."""
    names = {row.remote_id: row.name for row in members}
    return names | {span.speaker.id: span.speaker.label for span in spans_of(batch)}


def _name(member: Member | None) -> str:
    return member.name if member else NOBODY
