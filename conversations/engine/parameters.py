"""The parameters of a submission: what the API calls them and what they may be (contract 2.3).

Called by the `process` views. A parameter stands in the query or in a JSON body; lists and
objects in the query are JSON. `url` and `messages` stand in a body only.
"""

import logging
from collections.abc import Callable, Mapping, Set
from typing import Annotated, Any, Literal, TypeVar

from django.conf import settings
from django.http import QueryDict
from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError, from_json

from conversations.addresses import MAX_LENGTH, RefusedAddress, check_shape, check_webhook
from conversations.engine.digits import digits
from conversations.engine.errors import ApiError
from conversations.engine.schemas import CONTROLS, REFUSED, Email, Metadata, Wire, must

#: The API's languages (contract 2.7).
LANGUAGES = (
    "en-US", "en-GB", "en-AU", "en-IE", "en-IN", "en-ZA", "ru-RU", "fr-CA", "fr-FR", "de-DE",
    "it-IT", "nl-NL", "ja-JP", "es-US", "es-ES", "ar-SA", "hi-IN", "pt-BR", "pt-PT", "fa-IR",
)  # fmt: skip
#: Those that have a model here.
RECOGNISED = tuple(code for code in LANGUAGES if code.startswith("en-"))

_KNOWN = {code.lower(): code for code in LANGUAGES} | {"en": "en"}

_log = logging.getLogger(__name__)


def refusal(reason: str) -> PydanticCustomError:
    """Return an error whose message completes the sentence "<name> ..."."""
    return PydanticCustomError(REFUSED, "{reason}", {"reason": reason})


def _flag(value: object) -> object:
    """Read "true" and "True" as what they mean: clients send them in queries and in JSON."""
    words = {"true": True, "false": False}
    return words.get(value.lower(), value) if isinstance(value, str) else value


def _one_as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _language(code: str) -> str:
    """Return the code as the contract writes it; raise when no model is there for it."""
    known = _KNOWN.get(code.lower().replace("_", "-"))
    models = ", ".join(RECOGNISED)
    if known is None:
        raise refusal(f"must be one of {models}.")
    if not known.startswith("en"):
        raise refusal(f"is {known}, for which there is no model here, only for {models}.")
    return known


def _guarded(check: Callable[[str], object]) -> AfterValidator:
    """Return a validator of addresses that refuses with the reason of `check`."""

    def validate(url: str) -> str:
        try:
            check(url)
        except RefusedAddress as error:
            raise refusal(str(error)) from error
        return url

    return AfterValidator(validate)


CLEAN = r"^[^\x00]*$"  #: No database keeps NUL.

Flag = Annotated[bool, Field(strict=True), BeforeValidator(_flag), must("be true or false.")]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=f"^[^{CONTROLS}]*$"),
]
Word = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=CLEAN)
]


class Entity(Wire):
    """A text to be found and what it is; older documents call the text `value`."""

    custom_type: Word
    text: Annotated[Word, Field(validation_alias=AliasChoices("text", "value"))]


class Tracker(Wire):
    name: Word
    vocabulary: Annotated[list[Word], Field(min_length=1, max_length=500)]


class ChannelSpeaker(Wire):
    name: Text = ""
    email: Email = ""


class Channel(Wire):
    channel: Annotated[int, Field(strict=True, ge=1, le=64)]
    speaker: ChannelSpeaker = ChannelSpeaker()


def _distinct_trackers(trackers: list[Tracker]) -> list[Tracker]:
    if len({tracker.name for tracker in trackers}) < len(trackers):
        raise refusal("must not contain two trackers of one name.")
    return trackers


def _distinct_channels(channels: list[Channel]) -> list[Channel]:
    if len({channel.channel for channel in channels}) < len(channels):
        raise refusal("must not name a channel twice.")
    return channels


class Parameters(Wire):
    """What every submission may say. An empty `webhookUrl` counts as none."""

    name: Annotated[
        Text,
        must("be a text of at most 200 characters without control characters."),
        Field(description="Of the conversation; a new one without a name is called by its id."),
    ] = ""
    webhook_url: Annotated[
        str,
        must("be a text."),
        _guarded(lambda url: url and check_webhook(url, settings.ENGINE_WEBHOOK_HOSTS)),
        Field(
            description="Told of each status; on this computer or at an allowed host.",
            json_schema_extra={"pattern": r"^(https?://[^\s\\@]+)?$", "maxLength": MAX_LENGTH},
        ),
    ] = ""
    confidence_threshold: Annotated[
        float, Field(strict=True, ge=0.5, le=1.0), must("be a number from 0.5 to 1.0.")
    ] = 0.5
    detect_phrases: Flag = False
    detect_entities: Flag = False
    entities: Annotated[
        list[Entity],
        Field(max_length=2000),
        must("be a JSON list of at most 2,000 objects with customType and text."),
    ] = []
    trackers: Annotated[
        list[Tracker],
        Field(max_length=500),
        must(
            "be a JSON list of at most 500 objects with a name and a vocabulary of 1 to 500 texts."
        ),
        AfterValidator(_distinct_trackers),
    ] = []
    enable_all_trackers: Flag = False
    enable_summary: Flag = False
    metadata: Annotated[Metadata, Field(description="Kept with the conversation.")] = {}
    features: Annotated[
        dict[str, Any], must("be a JSON object."), Field(description="Without effect here.")
    ] = {}
    conversation_type: Annotated[
        str, must("be a text."), Field(description="Without effect here.")
    ] = ""
    parent_refs: Annotated[Flag, Field(description="Without effect here: ask for topics so.")] = (
        False
    )
    sentiment: Annotated[Flag, Field(description="Without effect here: ask for messages so.")] = (
        False
    )


class SpeechParameters(Parameters):
    """What a submission of speech may say, besides."""

    language_code: Annotated[
        str,
        must("be a text."),
        AfterValidator(_language),
        Field(description="Only English has a model here.", json_schema_extra={"enum": RECOGNISED}),
    ] = "en-US"
    mode: Annotated[Literal["phone", "default"], must("be phone or default.")] = "default"
    custom_vocabulary: Annotated[
        list[Word],
        Field(max_length=2000),
        BeforeValidator(_one_as_list),
        must("be a JSON list of at most 2,000 texts of 1 to 200 characters."),
    ] = []
    enable_separate_recognition_per_channel: Flag = False
    channel_metadata: Annotated[
        list[Channel],
        Field(max_length=64),
        must(
            "be a JSON list of at most 64 objects with a channel, counted from 1, "
            "and a speaker with a name and an e-mail address, or one of them."
        ),
        AfterValidator(_distinct_channels),
    ] = []
    enable_speaker_diarization: Annotated[
        Flag, Field(description="Wins over separate recognition per channel.")
    ] = False
    diarization_speaker_count: Annotated[
        int | None,
        Field(strict=True, ge=1, le=20),
        BeforeValidator(digits),
        must("be a whole number from 1 to 20."),
    ] = None
    timezone_offset: Annotated[
        int | None,
        Field(strict=True, ge=-1440, le=1440, description="Without effect here."),
        must("be a whole number of minutes."),
    ] = None


class AddressParameters(SpeechParameters):
    """The body of a submission by address."""

    url: Annotated[
        str,
        must("be a text."),
        _guarded(lambda url: check_shape(url, settings.ENGINE_FETCH_HOSTS)),
        Field(
            description="Where the recording itself lies: https, on the public internet.",
            examples=["https://media.example.org/meeting.mp3"],
            json_schema_extra={"pattern": r"^https?://[^\s\\@]+$", "maxLength": MAX_LENGTH},
        ),
    ]


AnyParameters = TypeVar("AnyParameters", bound=Parameters)

# Read from elsewhere than a job's options, or without effect.
_NO_OPTION = {
    "name", "webhook_url", "metadata", "url", "messages", "features", "conversation_type",
    "parent_refs", "sentiment", "timezone_offset",
}  # fmt: skip
_BODY_ONLY = {"url", "messages"}
# In the query, these stand as they are, and everything else as JSON.
_TEXTS = {"name", "webhookUrl", "languageCode", "mode", "conversationType"}


def options(parameters: Parameters) -> dict[str, Any]:
    """Return what a job keeps for its worker and for later reads, under the API's names."""
    return parameters.model_dump(mode="json", by_alias=True, exclude=_NO_OPTION, exclude_none=True)


def query_names(model: type[Parameters]) -> list[str]:
    """Return the API's names of the parameters that may stand in the query."""
    return [name for name in _names(model) if name not in _BODY_ONLY]


def read(
    model: type[AnyParameters], query: QueryDict, body: Mapping[str, object] | None = None
) -> AnyParameters:
    """Return the parameters of a submission; where the query and the body differ, the query wins.

    Raise ApiError 400 with a sentence about the first that is wrong. null counts as left
    out. Unknown ones are ignored and named in the log; with ENGINE_STRICT they are refused.
    """
    names = query_names(model)
    asked = {name: _decoded(name, str(query[name])) for name in query if name in names}
    said = {name: value for name, value in (body or {}).items() if value is not None}
    unknown = {*query}.difference(names) | {*said}.difference(_names(model))
    _diagnose(unknown, asked.keys() & said)
    given = {name: value for name, value in (said | asked).items() if name not in unknown}
    try:
        parameters = model.model_validate(given)
    except ValidationError as error:
        raise ApiError(400, sentence(error)) from error
    _require_count(parameters)
    return parameters


def sentence(error: ValidationError) -> str:
    """Return what is wrong with the first thing that is, by its full name."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
    name = "".join(parts).removeprefix(".")
    if first["type"] == REFUSED:
        return f"{name} {first['msg']}"
    if first["type"] == "missing":
        return f"{name} is required."
    return f"{name} must be a JSON object."


def _names(model: type[Parameters]) -> list[str]:
    return [str(field.alias) for field in model.model_fields.values()]


def _decoded(name: str, text: str) -> object:
    """Return what a query says in JSON; the text itself where it is none."""
    if name in _TEXTS:
        return text
    try:
        decoded: object = from_json(text, allow_inf_nan=False)
    except ValueError:
        return text
    return decoded


def _diagnose(unknown: Set[str], both: Set[str]) -> None:
    """Log what is ignored; raise ApiError 400 for the unknown where the engine is strict."""
    if unknown:
        if settings.ENGINE_STRICT:
            raise ApiError(400, f"{min(unknown)[:100]} is not a parameter of this call.")
        _log.info("unknown parameters are ignored: %.1000r", sorted(unknown))
    if both:
        _log.info("in the query and in the body, where it is ignored: %r", sorted(both))


def _require_count(parameters: Parameters) -> None:
    """Raise ApiError 400 for speakers asked for without their number, where that is strict."""
    if not (settings.ENGINE_STRICT and isinstance(parameters, SpeechParameters)):
        return
    if parameters.enable_speaker_diarization and parameters.diarization_speaker_count is None:
        raise ApiError(400, "diarizationSpeakerCount is required with enableSpeakerDiarization.")
