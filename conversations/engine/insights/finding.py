"""Questions, action items and follow-ups (contract 4.4): which sentences they are."""

import datetime as dt
from collections.abc import Iterator, Sequence

from conversations.engine.insights.commitments import Commitment, Commitments, Form
from conversations.engine.insights.dates import DateFound, dates, due
from conversations.engine.insights.names import Named, Names
from conversations.engine.insights.questions import question_score
from conversations.engine.insights.text import sentences
from conversations.engine.insights.types import Finding, Mention, Phrase, Said, Voice

_SCORES: dict[Form, float] = {
    "own": 0.8,
    "named": 0.8,
    "duty": 0.75,
    "team": 0.7,
    "request": 0.7,
    "offer": 0.6,
    "idea": 0.6,
}
_FIRM: frozenset[Form] = frozenset({"own", "named", "duty", "team"})
_SPEAKERS_OWN: frozenset[Form] = frozenset({"own", "duty", "offer"})


def findings(
    said: Sequence[Said], voices: Sequence[Voice], *, started: dt.date, threshold: float = 0.5
) -> list[Finding]:
    """Return what scores at least `threshold`, in the order it was said.

    A sentence is one finding at most. Dates are read relative to `started`.
    """
    reader = _Reader(voices, started)
    return [
        finding
        for message in said
        for finding in reader.read(message)
        if finding.score >= threshold
    ]


class _Reader:
    def __init__(self, voices: Sequence[Voice], started: dt.date) -> None:
        self._started = started
        self._names = Names(voices)
        self._commitments = Commitments(self._names)

    def read(self, message: Said) -> Iterator[Finding]:
        for sentence in sentences(message.text):
            if commitments := list(self._commitments.find(sentence.text)):
                yield self._action(message, sentence.text, commitments)
            elif score := question_score(sentence.text):
                yield Finding("question", sentence.text, score, message.id, message.speaker)

    def _action(self, message: Said, text: str, commitments: list[Commitment]) -> Finding:
        """Return the sentence as one action item: the first thing it commits to decides."""
        first = commitments[0]
        assignee = message.speaker if first.form in _SPEAKERS_OWN else first.assignee
        due_by = due(text, self._started)
        return Finding(
            kind="follow_up" if first.again else "action_item",
            text=text,
            score=_score(first, due_by),
            message_id=message.id,
            speaker=message.speaker,
            assignee=assignee,
            due=due_by,
            definitive=first.form in _FIRM and not first.hedged,
            phrases=tuple(Phrase("action_phrase", each.phrase) for each in commitments),
            entities=tuple(self._mentions(text, assignee)),
        )

    def _mentions(self, text: str, assignee: str | None) -> list[Mention]:
        days = list(dates(text, self._started))
        # "in May" is no mention of a member called May.
        taken = {place for day in days for place in range(day.start, day.end)}
        found = [_date(text, day) for day in days]
        found += (
            _person(text, name, assignee)
            for name in self._names.find(text)
            if name.start not in taken
        )
        return sorted(found, key=lambda mention: mention.offset)


def _date(text: str, day: DateFound) -> Mention:
    words = text[day.start : day.end]
    if day.first == day.last:
        return Mention("date", words, day.start, value=day.first.isoformat())
    return Mention("date", words, day.start, start=day.first, end=day.last)


def _person(text: str, name: Named, assignee: str | None) -> Mention:
    words = text[name.start : name.end]
    mine = name.voice.id == assignee
    return Mention("person", words, name.start, value=name.voice.name, assignee=mine)


def _score(commitment: Commitment, due_by: dt.date | None) -> float:
    """Return how surely there is something to do: how it was put, when, and how exactly."""
    score = _SCORES[commitment.form]
    score += 0.1 * (due_by is not None)
    score -= 0.2 * commitment.hedged
    score -= 0.2 * commitment.vague
    return round(score, 2)
