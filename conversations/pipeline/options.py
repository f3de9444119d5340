"""The options of an append, as people choose them and as the API is told them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from conversations.models import Source
from conversations.symbl.encoding import query_of

MAX_SPEAKERS = 20
MAX_CHANNELS = 16
THRESHOLDS = (0.5, 1.0)
#: Characters that a file's query may have: servers refuse longer addresses.
MAX_QUERY = 7000
#: The languages of the contract (2.7); the first is what the API takes if none is named.
LANGUAGES = {
    "en-US": "English (United States)",
    "en-GB": "English (United Kingdom)",
    "en-AU": "English (Australia)",
    "en-IE": "English (Ireland)",
    "en-IN": "English (India)",
    "en-ZA": "English (South Africa)",
    "ar-SA": "Arabic (Saudi Arabia)",
    "nl-NL": "Dutch (Netherlands)",
    "fr-CA": "French (Canada)",
    "fr-FR": "French (France)",
    "de-DE": "German (Germany)",
    "hi-IN": "Hindi (India)",
    "it-IT": "Italian (Italy)",
    "ja-JP": "Japanese (Japan)",
    "fa-IR": "Persian (Iran)",
    "pt-BR": "Portuguese (Brazil)",
    "pt-PT": "Portuguese (Portugal)",
    "ru-RU": "Russian (Russia)",
    "es-ES": "Spanish (Spain)",
    "es-US": "Spanish (United States)",
}


@dataclass(frozen=True)
class Channel:
    """Who is heard on one channel; channels count from 1."""

    channel: int
    name: str = ""
    email: str = ""

    def parameter(self) -> dict[str, object]:
        told = {"name": self.name, "email": self.email}
        return {
            "channel": self.channel,
            "speaker": {key: value for key, value in told.items() if value},
        }


@dataclass(frozen=True)
class CustomEntity:
    """A text to be found, and what it is to be called a kind of."""

    type: str
    text: str

    def __str__(self) -> str:
        return f"{self.type}: {self.text}"

    def parameter(self) -> dict[str, object]:
        return {"customType": self.type, "text": self.text}


@dataclass(frozen=True)
class Tracker:
    """A subject, and the words that give it away."""

    name: str
    vocabulary: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(self.vocabulary)}"

    def parameter(self) -> dict[str, object]:
        return {"name": self.name, "vocabulary": list(self.vocabulary)}


@dataclass(frozen=True)
class AppendOptions:
    """What was chosen; whatever is empty is left to the API (contract 2.3).

    `speakers`: how many people talk, None if nobody knows. `name`: of a new
    conversation, as it is called when it is sent. `mode`: "phone" for 8 kHz telephony.
    `per_channel` has each channel recognised by itself; where `diarization` is on too,
    that one wins.
    """

    speakers: int | None = None
    name: str = ""
    language: str = ""
    mode: str = ""
    diarization: bool = True
    per_channel: bool = False
    channels: tuple[Channel, ...] = ()
    vocabulary: tuple[str, ...] = ()
    threshold: float | None = None
    phrases: bool = False
    detect_entities: bool = False
    entities: tuple[CustomEntity, ...] = ()
    trackers: tuple[Tracker, ...] = ()
    all_trackers: bool = False
    summary: bool = False

    def parameters(self, source: Source = Source.FILE) -> dict[str, object]:
        """Return the API's parameters for a submission of that kind, under its names.

        Where each goes, query or body, is the client's business.
        """
        chosen: dict[str, object] = {
            "name": self.name,
            "confidenceThreshold": self.threshold,
            "detectPhrases": self.phrases,
            "detectEntities": self.detect_entities,
            "entities": [entity.parameter() for entity in self.entities],
            "trackers": [tracker.parameter() for tracker in self.trackers],
            "enableAllTrackers": self.all_trackers,
            "enableSummary": self.summary,
        }
        if source != Source.TEXT:
            chosen |= self._about_sound()
        return {name: value for name, value in chosen.items() if value}

    def _about_sound(self) -> dict[str, object]:
        return {
            "languageCode": self.language,
            "mode": self.mode,
            "enableSpeakerDiarization": self.diarization,
            "diarizationSpeakerCount": self.speakers if self.diarization else None,
            "enableSeparateRecognitionPerChannel": self.per_channel,
            "channelMetadata": [channel.parameter() for channel in self.channels],
            "customVocabulary": list(self.vocabulary),
        }

    def query_length(self, others: Mapping[str, object] | None = None) -> int:
        """Return how many characters the query of a file has; `others` are more parameters."""
        return len(query_of(self.parameters() | dict(others or {})))

    def to_json(self) -> dict[str, Any]:
        """Return what was chosen differently from the default, for the append's row."""
        default = asdict(type(self)())
        return {key: value for key, value in asdict(self).items() if value != default[key]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Return the options of a row; keys of another version are passed over."""
        values = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        for name in READERS.keys() & values.keys():
            values[name] = tuple(READERS[name](one) for one in values[name])
        return cls(**values)


#: What people want who were not asked: the API leaves these out unless told.
USUAL = AppendOptions(phrases=True, detect_entities=True, summary=True)

#: What the items of a stored list are made into.
READERS: dict[str, Callable[[Any], object]] = {
    "channels": lambda one: Channel(**one),
    "entities": lambda one: CustomEntity(**one),
    "trackers": lambda one: Tracker(one["name"], tuple(one["vocabulary"])),
    "vocabulary": str,
}
