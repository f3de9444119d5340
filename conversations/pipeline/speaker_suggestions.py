"""Who the speakers of a draft may be, for a person to confirm; nothing is decided here."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from conversations.models import Member
from conversations.pipeline.speaker_changes import DryRun
from conversations.pipeline.speaker_dry_run import Conversed, Preview
from conversations.speaker_events import Speaker

SAME_EMAIL = "the same e-mail"
SAME_NAME = "the same name"
SAME_ID = "the API's own id"
#: From which share of somebody's time on a member may be meant.
MOST = 0.5


@dataclass(frozen=True)
class Suggestion:
    """Who a speaker of the source may be, and a few words that say why."""

    member: Member
    reason: str


def suggestions(preview: Preview) -> dict[str, Suggestion]:
    """Return who the unmatched speakers of a draft may be, by the source's id.

    By the e-mail that somebody typed, else by the id, else by the e-mail of the source,
    else by a name that only one member has, else by who has the lines during at least half
    of their time. No member is suggested twice.
    """
    conversed, decided = preview.conversed, preview.draft.people
    taken = {speaker.id for speaker in preview.who.values()}
    free = {row.pk: row for row in conversed.shown if row.remote_id not in taken}
    found: dict[str, Suggestion] = {}

    def take(speaker: Speaker, suggestion: Suggestion | None) -> None:
        if suggestion and speaker.id not in found and free.pop(suggestion.member.pk, None):
            found[speaker.id] = suggestion

    open_ones = preview.unmatched
    for speaker in open_ones:
        typed = decided.get(speaker.id)
        holder = conversed.holders.get(typed.email.casefold()) if typed else None
        take(speaker, Suggestion(holder, SAME_EMAIL) if holder else None)
    for test in (_by_id, _by_email, _by_name):
        for speaker in open_ones:
            take(speaker, test(speaker, free.values()))
    for speaker, suggestion in _by_lines(conversed, open_ones, preview.dry_run):
        take(speaker, suggestion)
    return found


def _by_lines(
    conversed: Conversed, speakers: Iterable[Speaker], dry_run: DryRun
) -> list[tuple[Speaker, Suggestion]]:
    """Return the members who have most of a speaker's lines, the clearest cases first."""
    shared: dict[str, Counter[int]] = {}
    for row, found in zip(conversed.rows, dry_run.attributions, strict=True):
        if found.speaker is not None and row.owner is not None:
            shared.setdefault(found.speaker.id, Counter())[row.owner.pk] += found.overlap_ms
    cases = []
    for speaker in speakers:
        if speaker.id in shared:
            pk, overlap = shared[speaker.id].most_common(1)[0]
            share = overlap / shared[speaker.id].total()
            if share < MOST:
                continue
            reason = f"{share:.0%} of their time lies in lines that this speaker has now"
            cases.append((overlap, speaker, Suggestion(conversed.members[pk], reason)))
    cases.sort(key=lambda case: -case[0])
    return [(speaker, suggestion) for _, speaker, suggestion in cases]


def _by_id(speaker: Speaker, members: Iterable[Member]) -> Suggestion | None:
    for member in members:
        if member.remote_id == speaker.id:
            return Suggestion(member, SAME_ID)
    return None


def _by_email(speaker: Speaker, members: Iterable[Member]) -> Suggestion | None:
    email = speaker.email.casefold()
    for member in members:
        if email and member.email.casefold() == email:
            return Suggestion(member, SAME_EMAIL)
    return None


def _by_name(speaker: Speaker, members: Iterable[Member]) -> Suggestion | None:
    name = speaker.name.casefold()
    namesakes = [member for member in members if name and member.name.casefold() == name]
    return Suggestion(namesakes[0], SAME_NAME) if len(namesakes) == 1 else None
