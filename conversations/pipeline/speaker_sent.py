"""Speaker events that the API has, or may have: whom they named, and what they moved."""

from collections.abc import Iterable, Mapping

from conversations.models import Member, SpeakerEventBatch, shown_member
from conversations.pipeline.speaker_events import MAY_BE_THERE, spans_of
from conversations.speaker_events import Span, Speaker, find_person, rename


def heard_first(conversation_id: int) -> dict[int, str | None] | None:
    """Return whom each moved line was with before any speaker events, by the API's ids.

    That is where it goes back to when no turn of newer ones touches it: the API starts
    anew from who was detected (contract 6.4). None if nothing was ever sent.
    """
    rows = SpeakerEventBatch.objects.filter(MAY_BE_THERE, conversation=conversation_id)
    told = list(rows.order_by("sent_at", "pk").values_list("expected", flat=True))
    found: dict[int, str | None] = {}
    for expected in told:
        for one in (expected or {}).get("changes", ()):
            found.setdefault(one["message"], one["from"])
    return found if told else None


def newest(conversation_id: int) -> SpeakerEventBatch | None:
    """Return the newest batch that the API took."""
    rows = SpeakerEventBatch.objects.filter(conversation=conversation_id, state="pushed")
    return rows.defer("events", "expected").order_by("-sent_at", "-pk").first()


def became(batch: SpeakerEventBatch, members: Mapping[int, Member]) -> dict[str, Member]:
    """Return the shown member that each speaker of a batch is, by the id sent.

    The API may have given a new person an id of its own, which is noted when the
    transcript is read back. Left out is whom the API does not list. `members` holds every
    member of the conversation by primary key.
    """
    noted = (batch.outcome or {}).get("people", {})
    people = {
        Speaker(row.remote_id, row.remote_name, row.remote_email): row
        for row in members.values()
        if not row.gone
    }
    found: dict[str, Member] = {}
    for speaker in speakers_of(spans_of(batch)):
        known = members.get(noted.get(speaker.id, 0))
        if known is None or known.gone:
            person = find_person(speaker, people)
            known = people[person] if person else None
        shown = shown_member(known.pk, members) if known else None
        if shown is not None:
            found[speaker.id] = shown
    return found


def as_members(batch: SpeakerEventBatch, members: Mapping[int, Member]) -> tuple[Span, ...]:
    """Return the turns of a batch with the API's ids for whom it lists, and the names sent."""
    spans, known = spans_of(batch), became(batch, members)
    return rename(
        spans,
        {
            one.id: Speaker(known[one.id].remote_id, one.name, one.email)
            for one in speakers_of(spans)
            if one.id in known
        },
    )


def outside(spans: Iterable[Span], window: tuple[int, int | None]) -> list[Span]:
    """Return the parts of `spans` before and behind a window; one without an end has no behind."""
    start, end = window
    found = []
    for span in spans:
        if span.start_ms < start:
            found.append(Span(span.speaker, span.start_ms, min(span.end_ms, start)))
        if end is not None and span.end_ms > end:
            found.append(Span(span.speaker, max(span.start_ms, end), span.end_ms))
    return found


def speakers_of(spans: Iterable[Span]) -> list[Speaker]:
    """Return the distinct speakers, in the order of their first turn."""
    return list(dict.fromkeys(span.speaker for span in spans))
