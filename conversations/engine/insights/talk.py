"""Analytics: who talked how long and how fast, by the formulas of the contract (4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.engine.insights.text import words
from conversations.engine.insights.types import Analytics, Said, Share, TalkTime, Voice

UNKNOWN_SPEAKER = "Unknown speaker"
_NOTHING = Share(0.0, 0.0)


@dataclass(slots=True)
class _Tally:
    milliseconds: int = 0
    words: int = 0


def analytics(
    said: Sequence[Said], voices: Sequence[Voice], *, duration_ms: int | None = None
) -> Analytics:
    """Return talk, silence and each member's part of the talk, in the order of `voices`.

    Talk is the sum of all messages' lengths. Silence is the part of the conversation in
    which no message runs; without `duration_ms` the conversation ends with its last message.
    What nobody or no member of `voices` said goes to an unknown speaker, listed last and
    only when there is such talk.
    """
    tallies = {voice.id: _Tally() for voice in voices}
    unknown = _Tally()
    for message in said:
        tally = tallies.get(message.speaker, unknown) if message.speaker else unknown
        tally.milliseconds += max(0, message.end_ms - message.start_ms)
        tally.words += len(words(message.text))
    talk = unknown.milliseconds + sum(tally.milliseconds for tally in tallies.values())
    silence = _silence(said, duration_ms)
    members = [
        _talk_time(voice.id, voice.name, voice.email, tallies[voice.id], talk) for voice in voices
    ]
    if unknown.milliseconds:
        members.append(_talk_time(None, UNKNOWN_SPEAKER, "", unknown, talk))
    return Analytics(
        silence=_rest(silence, talk),
        talk=_share(talk, talk + silence),
        overlap=_NOTHING,
        members=tuple(members),
    )


def _silence(said: Sequence[Said], duration_ms: int | None) -> int:
    reached = silence = 0
    for start, end in sorted((message.start_ms, message.end_ms) for message in said):
        silence += max(0, start - reached)
        reached = max(reached, end)
    return silence + max(0, (duration_ms or 0) - reached)


def _talk_time(id: str | None, name: str, email: str, tally: _Tally, talk: int) -> TalkTime:
    minutes = tally.milliseconds / 60_000
    return TalkTime(
        id=id,
        name=name,
        email=email,
        words_per_minute=round(tally.words / minutes) if minutes else 0,
        talk=_share(tally.milliseconds, talk),
        listen=_rest(talk - tally.milliseconds, tally.milliseconds),
    )


def _share(part: int, whole: int) -> Share:
    return Share(part / 1000, round(100 * part / whole, 3)) if whole else _NOTHING


def _rest(part: int, other: int) -> Share:
    """Return the share of `part` in both, so rounded that the two make 100."""
    if not part + other:
        return _NOTHING
    return Share(part / 1000, round(100 - _share(other, part + other).percent, 3))
