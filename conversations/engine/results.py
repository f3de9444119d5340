"""What a finished job brings: messages at the end of its conversation, and their members.

Called by `jobs` when a recording is recognised or a text is taken in. `answers` reads it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Max

from conversations.engine import text_lines
from conversations.engine.changes import RECOGNISER
from conversations.engine.members import fitting_name
from conversations.engine.models import Conversation, Job, Member, Message
from conversations.engine.recognition.protocol import Result

NO_SPEECH = "No speech was found in this recording."
NO_VOCABULARY = "This recogniser cannot use custom vocabulary; it was left out."

_BATCH = 500
#: Below this share of the stated length, a recording counts as broken off.
_WHOLE = 0.9


class _Said(NamedTuple):
    """One message; times in milliseconds from the start of its job."""

    member: Member | None
    text: str
    start_ms: int
    end_ms: int


def add_result(conversation: Conversation, job: Job, result: Result, *, recogniser: str) -> None:
    """Append a recognised recording, within the transaction that has the conversation locked.

    The recording starts where the conversation ended. With speaker diarization every
    job brings members of its own, "Speaker 1" and so on in order of appearance
    (contract 4.3): only people can tell who they are. Where channels were recognised one
    by one, each channel is a member (contract 2.3). Otherwise messages have no member.
    `recogniser` goes into the metadata, so that a reader can tell what wrote the text.
    """
    cast = _Cast(conversation)
    speakers: dict[int, Member] = {}
    if result.channels:
        speakers = _by_channel(cast, result, job.options)
    elif job.options.get("enableSpeakerDiarization"):
        speakers = {number: cast.add(f"Speaker {number + 1}") for number in range(result.speakers)}
    cast.save()
    said = (
        _Said(
            speakers.get(piece.speaker),
            piece.text.replace("\x00", ""),
            round(piece.start * 1000),
            round(piece.end * 1000),
        )
        for piece in result.pieces
    )
    conversation.metadata[RECOGNISER] = recogniser
    _append(conversation, job, said, length_ms=round(result.seconds * 1000))


def add_text(conversation: Conversation, job: Job, lines: Sequence[text_lines.Line]) -> None:
    """Append a submitted text, within the transaction that has the conversation locked.

    It starts where the conversation ended; a conversation of which nothing is there yet
    begins when the text did. Messages are put in the order of their times (contract 4.2).
    A member is known again by its e-mail address or other user id, and where none is given
    by its name (contract 2.5).
    """
    if not (conversation.duration_ms or conversation.messages.exists()):
        conversation.start_time = text_lines.started_at(lines) or conversation.start_time
    cast = _Cast(conversation)
    times = list(text_lines.placed(lines))
    said = [
        _Said(cast.speaker_of(line), line.text, start, end)
        for line, (start, end) in zip(lines, times, strict=True)
    ]
    cast.save()
    said.sort(key=lambda one: (one.start_ms, one.end_ms))
    _append(conversation, job, said, length_ms=max((end for _, end in times), default=0))


def remarks(result: Result, options: Mapping[str, Any]) -> str:
    """Return what people should know about a result: what is missing and what was left out."""
    sentences: list[str] = []
    stated = result.stated_seconds
    if stated and result.seconds < _WHOLE * stated:
        sentences.append(
            f"Only {_clock(result.seconds)} of the stated {_clock(stated)} could be read: "
            "the file breaks off."
        )
    if not result.pieces:
        sentences.append(NO_SPEECH)
    if result.channels:
        sentences.extend(_absent_channels(result, options))
    if options.get("customVocabulary") and not result.uses_vocabulary:
        sentences.append(NO_VOCABULARY)
    return " ".join(sentences)


class _Cast:
    """The members of one conversation: those that are there, and those a job adds."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._added: list[Member] = []
        self._emails: dict[str, Member] = {}
        self._external_ids: dict[str, Member] = {}
        self._names: dict[str, Member] = {}
        self._position = 0
        for member in conversation.members.all():
            self._remember(member)

    def add(self, name: str, *, email: str = "", external_id: str = "") -> Member:
        """Return a new member, to be written by `save`."""
        member = Member(
            conversation=self._conversation,
            position=self._position + 1,
            name=name,
            first_name=name,
            email=email,
            external_id=external_id,
        )
        self._added.append(member)
        self._remember(member)
        return member

    def with_email(self, email: str, name: str) -> Member:
        """Return the member with the address, whatever its name; a new one if there is none."""
        name = name or fitting_name(email)
        return self._emails.get(email) or self.add(name, email=email)

    def speaker_of(self, line: text_lines.Line) -> Member | None:
        """Return who said a line of text; None when it does not tell."""
        if _is_address(line.user_id):
            return self.with_email(line.user_id, line.name)
        if line.user_id:
            known = self._external_ids.get(line.user_id)
            return known or self.add(line.name or line.user_id, external_id=line.user_id)
        if line.name:
            return self._names.get(line.name) or self.add(line.name)
        return None

    def save(self) -> None:
        """Write the new members, which messages may refer to from then on."""
        Member.objects.bulk_create(self._added, batch_size=_BATCH)
        self._added = []

    def _remember(self, member: Member) -> None:
        """Make a member known; of several with one name, the first to appear keeps it."""
        self._position = max(self._position, member.position)
        self._names.setdefault(member.name, member)
        if member.email:
            self._emails[member.email] = member
        if member.external_id:
            self._external_ids[member.external_id] = member


def _by_channel(cast: _Cast, result: Result, options: Mapping[str, Any]) -> dict[int, Member]:
    """Return the member of each channel, counted from 0; none for a silent one without a name."""
    people = _channel_people(options)
    heard = {piece.speaker for piece in result.pieces}
    members: dict[int, Member] = {}
    for channel in range(result.channels):
        name, email = people.get(channel, ("", ""))
        if email:
            members[channel] = cast.with_email(email, name)
        elif name or channel in heard:
            members[channel] = cast.add(name or f"Channel {channel + 1}")
    return members


def _channel_people(options: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """Return name and e-mail address, "" where not given, by channel counted from 0."""
    people = {
        entry["channel"] - 1: (
            entry["speaker"].get("name", ""),
            entry["speaker"].get("email", ""),
        )
        for entry in options.get("channelMetadata", ())
    }
    return {channel: person for channel, person in people.items() if any(person)}


def _absent_channels(result: Result, options: Mapping[str, Any]) -> Iterable[str]:
    """Yield a sentence when people were named for channels that the file has not."""
    absent = sorted(
        channel + 1 for channel in _channel_people(options) if channel >= result.channels
    )
    if not absent:
        return
    there = "1 channel" if result.channels == 1 else f"{result.channels} channels"
    *most, last = map(str, absent)
    missing = f"channels {', '.join(most)} and {last}" if most else f"channel {last}"
    yield f"The recording has {there}; the speakers named for {missing} were left out."


def _append(conversation: Conversation, job: Job, said: Iterable[_Said], *, length_ms: int) -> None:
    """Write the messages after the last one and move the end of the conversation."""
    last = conversation.messages.aggregate(position=Max("position"))["position"] or 0
    offset = conversation.duration_ms
    Message.objects.bulk_create(
        (
            Message(
                conversation=conversation,
                job=job,
                member=one.member,
                detected_member=one.member,
                position=position,
                text=one.text,
                start_ms=offset + one.start_ms,
                end_ms=offset + one.end_ms,
            )
            for position, one in enumerate(said, last + 1)
        ),
        batch_size=_BATCH,
    )
    conversation.duration_ms = offset + length_ms
    conversation.save(update_fields=["start_time", "duration_ms", "metadata"])


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _clock(seconds: float) -> str:
    """Return a length as players show it: 0:12, 2:22, 1:00:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
