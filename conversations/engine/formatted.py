"""The transcript as one text: Markdown with its separators and marks, or SRT subtitles.

Called by `intelligence_api` (contract 4.10). In Markdown `<br/><br/>` and `<mark>` are
tags, so what was said is escaped; in SRT it stands as it was said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from html import escape
from itertools import pairwise

from conversations.engine import insights
from conversations.engine.errors import ApiError
from conversations.engine.insights import Said
from conversations.engine.intelligence import findings
from conversations.engine.intelligence_schemas import (
    Highlights,
    SrtAnswer,
    TranscriptAnswer,
    TranscriptRequest,
)
from conversations.engine.reading import Transcript

_SEPARATOR = "<br/><br/>"
#: A silence so long ends a paragraph.
PAUSE_MS = 2000

_ARROW = re.compile(r"-{2,}>")

Paragraph = list[Said]


def transcript_answer(transcript: Transcript, wanted: TranscriptRequest) -> TranscriptAnswer:
    """Return the transcript in the form that is wanted.

    Raise ApiError 400 for SRT with anything but `showSpeakerSeparation`.
    """
    speakers = wanted.show_speaker_separation
    if wanted.content_type == "text/markdown":
        paragraphs = _paragraphs(transcript.said, joined=wanted.create_paragraphs)
        keys = _key_phrases(transcript, wanted.phrases or Highlights())
        lines = (_markdown(transcript, one, keys, speakers=speakers) for one in paragraphs)
        return TranscriptAnswer(payload=_SEPARATOR.join(lines), content_type="text/markdown")
    if wanted.create_paragraphs or wanted.phrases not in (None, Highlights()):
        raise ApiError(400, "text/srt takes showSpeakerSeparation only.")
    cues = (
        _cue(transcript, number, one, speakers=speakers)
        for number, one in enumerate(transcript.said, 1)
    )
    return TranscriptAnswer(payload=SrtAnswer(content="\n".join(cues), content_type="text/srt"))


def _paragraphs(said: list[Said], *, joined: bool) -> list[Paragraph]:
    """Return the messages one by one, or those of one speaker joined up to the next pause."""
    if not joined:
        return [[one] for one in said]
    paragraphs = [said[:1]] if said else []
    for before, one in pairwise(said):
        if one.speaker == before.speaker and one.start_ms - before.end_ms < PAUSE_MS:
            paragraphs[-1].append(one)
        else:
            paragraphs.append([one])
    return paragraphs


def _key_phrases(transcript: Transcript, wanted: Highlights) -> dict[str, set[str]]:
    """Return what is to be marked in each message, by its id."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    if wanted.highlight_all_key_phrases:
        for one in transcript.said_in_english:
            keys[one.id].update(phrase.text for phrase in insights.phrases(one.text))
    elif wanted.highlight_only_insight_key_phrases:
        for finding in findings(transcript):
            keys[finding.message_id].update(phrase.text for phrase in finding.phrases)
    return keys


def _markdown(
    transcript: Transcript, paragraph: Paragraph, keys: dict[str, set[str]], *, speakers: bool
) -> str:
    text = " ".join(_marked(one.text, keys.get(one.id, ())) for one in paragraph)
    speaker = paragraph[0].speaker
    if not (speakers and speaker):
        return text
    return f"{escape(transcript.members[speaker].name, quote=False)}: {text}"


def _marked(text: str, phrases: Iterable[str]) -> str:
    """Return the text escaped, with every occurrence of the phrases marked."""
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    if not longest_first:
        return escape(text, quote=False)
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
    return "".join(
        f"<mark>{escape(piece, quote=False)}</mark>" if odd % 2 else escape(piece, quote=False)
        for odd, piece in enumerate(pieces)
    )


def _cue(transcript: Transcript, number: int, one: Said, *, speakers: bool) -> str:
    """Return one subtitle; an empty line would end it and an arrow be read as its times."""
    text = one.text
    if speakers and one.speaker:
        text = f"{transcript.members[one.speaker].name}: {text}"
    text = _ARROW.sub("->", " ".join(text.split()))
    return f"{number}\n{_clock(one.start_ms)} --> {_clock(one.end_ms)}\n{text}\n"


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02},{rest:03}"
