"""What is wrong with a timeline before it is sent, for one recording and its speakers."""

from collections.abc import Collection, Iterator, Sequence

from conversations.speaker_events.problems import Code, Problem
from conversations.speaker_events.timeline import Timeline
from conversations.speaker_events.types import Span, Speaker


def lint(
    source: Timeline | Sequence[Span],
    *,
    duration_ms: int | None,
    people: Collection[Speaker],
) -> tuple[Problem, ...]:
    """Return the problems of a timeline, or of spans after a fix, in order of time.

    `duration_ms` is the recording's length, None if unknown. `people` are the
    conversation's speakers; each speaker who is none of them is a problem once.
    """
    timeline = source if isinstance(source, Timeline) else Timeline.of_spans(source)
    pairing = timeline.pairing()
    # Without an open turn, the recording's length plays no part.
    is_open = any(problem.code is Code.UNCLOSED for problem in pairing.problems)
    complete = timeline.spans(duration_ms) if is_open else pairing.spans
    problems = [
        *timeline.remarks,
        *pairing.problems,
        *_overlaps(pairing.spans),
        *_strangers(complete, people),
    ]
    if duration_ms is not None:
        problems += _beyond(pairing.spans, duration_ms)
    if not complete:
        problems.append(Problem(Code.EMPTY))
    return tuple(sorted(problems, key=_order))


def _order(problem: Problem) -> tuple[bool, int, str]:
    return problem.at_ms is None, problem.at_ms or 0, problem.code


def _overlaps(spans: Sequence[Span]) -> Iterator[Problem]:
    """Yield one problem for each span that begins while somebody else is still speaking."""
    furthest: Span | None = None
    for span in spans:
        if furthest is not None and furthest.end_ms > span.start_ms:
            until = min(furthest.end_ms, span.end_ms)
            yield Problem(Code.OVERLAP, span.speaker, span.start_ms, until, other=furthest.speaker)
        if furthest is None or span.end_ms > furthest.end_ms:
            furthest = span


def _beyond(spans: Sequence[Span], duration_ms: int) -> Iterator[Problem]:
    for span in spans:
        if span.end_ms > duration_ms:
            code = Code.BEYOND_END if span.start_ms < duration_ms else Code.AFTER_END
            yield Problem(code, span.speaker, span.start_ms, span.end_ms)


def _strangers(spans: Sequence[Span], people: Collection[Speaker]) -> Iterator[Problem]:
    seen: set[str] = set()
    for span in spans:
        if span.speaker.id not in seen and find_person(span.speaker, people) is None:
            yield Problem(Code.UNKNOWN_PERSON, span.speaker, span.start_ms, span.end_ms)
        seen.add(span.speaker.id)


def find_person(speaker: Speaker, people: Collection[Speaker]) -> Speaker | None:
    """Return the one of `people` that a speaker is: by id, else by e-mail, else by name.

    Capital letters do not count in e-mails and names. A name that two people share is
    nobody's.
    """
    for person in people:
        if person.id == speaker.id:
            return person
    email, name = speaker.email.casefold(), speaker.name.casefold()
    for person in people:
        if email and person.email.casefold() == email:
            return person
    namesakes = [person for person in people if name and person.name.casefold() == name]
    return namesakes[0] if len(namesakes) == 1 else None
