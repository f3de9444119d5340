"""Parameters of submissions: what is kept, what is refused, and in which words."""

import json
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from pytest_django import Settings

from conversations.engine.errors import ApiError
from conversations.engine.parameters import (
    AddressParameters,
    Parameters,
    SpeechParameters,
    options,
    read,
)
from conversations.engine.texts import TextParameters

URL = "https://media.example.org/weekly.mp3"
MODELS = "en-US, en-GB, en-AU, en-IE, en-IN, en-ZA"
COUNT = "diarizationSpeakerCount must be a whole number from 1 to 20."
THRESHOLD = "confidenceThreshold must be a number from 0.5 to 1.0."
NAME = "name must be a text of at most 200 characters without control characters."
VOCABULARY = "customVocabulary must be a JSON list of at most 2,000 texts of 1 to 200 characters."
ENTITIES = "entities must be a JSON list of at most 2,000 objects with customType and text."
TRACKERS = (
    "trackers must be a JSON list of at most 500 objects with a name and "
    "a vocabulary of 1 to 500 texts."
)
CHANNELS = (
    "channelMetadata must be a JSON list of at most 64 objects with a channel, counted from 1, "
    "and a speaker with a name and an e-mail address, or one of them."
)
METADATA = (
    "metadata must be an object of at most 50 texts of up to 128 characters, their names as short."
)
WEBHOOK = "webhookUrl must lead to this computer or to a host that the admin has allowed."

DEFAULTS = {
    "confidenceThreshold": 0.5,
    "detectPhrases": False,
    "detectEntities": False,
    "entities": [],
    "trackers": [],
    "enableAllTrackers": False,
    "enableSummary": False,
    "languageCode": "en-US",
    "mode": "default",
    "customVocabulary": [],
    "enableSeparateRecognitionPerChannel": False,
    "channelMetadata": [],
    "enableSpeakerDiarization": False,
}


def asked(**parameters: object) -> QueryDict:
    """Return a query as clients write it: lists and objects as JSON."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    return QueryDict(urlencode(texts))


def refusal(
    query: QueryDict, body: dict[str, Any] | None = None, model: type[Parameters] = SpeechParameters
) -> str:
    """Return the sentence of the 400 that these parameters are answered with."""
    with pytest.raises(ApiError) as caught:
        read(model, query, body)
    assert caught.value.status == 400
    return caught.value.message


def test_a_recording_without_parameters_has_the_documented_defaults() -> None:
    assert options(read(SpeechParameters, asked())) == DEFAULTS


def test_every_parameter_is_kept_under_its_own_name() -> None:
    chosen: dict[str, object] = {
        "confidenceThreshold": 0.75,
        "detectPhrases": True,
        "detectEntities": True,
        "entities": [{"customType": "Product", "text": "Atlas"}],
        "trackers": [{"name": "Prices", "vocabulary": ["price", "cost"]}],
        "enableAllTrackers": True,
        "enableSummary": True,
        "languageCode": "en-GB",
        "mode": "phone",
        "customVocabulary": ["Żywiec", "SLA"],
        "enableSeparateRecognitionPerChannel": True,
        "channelMetadata": [
            {"channel": 1, "speaker": {"name": "Ida", "email": "ida@example.org"}},
            {"channel": 2, "speaker": {"name": "Bo", "email": ""}},
        ],
        "enableSpeakerDiarization": True,
        "diarizationSpeakerCount": 3,
    }
    assert options(read(SpeechParameters, asked(**chosen))) == chosen
    assert options(read(AddressParameters, asked(), chosen | {"url": URL})) == chosen


def test_what_has_no_effect_or_is_kept_elsewhere_is_no_option() -> None:
    query = asked(
        name=" Weekly ",
        webhookUrl="http://localhost:8000/hook",
        metadata={"salesStage": "first"},
        features={"featureList": ["callScore"]},
        conversationType="sales",
        parentRefs=True,
        sentiment=True,
        timezoneOffset=-120,
    )
    parameters = read(SpeechParameters, query)
    assert options(parameters) == DEFAULTS
    assert parameters.name == "Weekly"
    assert parameters.webhook_url == "http://localhost:8000/hook"
    assert parameters.metadata == {"salesStage": "first"}


def test_a_text_has_no_options_of_speech() -> None:
    body = {"messages": [{"payload": {"content": "Hello."}}], "languageCode": "de-DE"}
    assert set(options(read(TextParameters, asked(), body))) == {
        "confidenceThreshold",
        "detectPhrases",
        "detectEntities",
        "entities",
        "trackers",
        "enableAllTrackers",
        "enableSummary",
    }


@pytest.mark.parametrize("text", ["true", "True", "TRUE"])
def test_booleans_may_be_texts(text: str) -> None:
    assert read(SpeechParameters, asked(detectPhrases=text)).detect_phrases is True
    body = {"url": URL, "detectPhrases": text, "detectEntities": "false"}
    assert read(AddressParameters, asked(), body).detect_phrases is True


@pytest.mark.parametrize("count", [3, "3", "03"])
def test_the_count_of_speakers_may_be_digits(count: object) -> None:
    body = {"url": URL, "diarizationSpeakerCount": count}
    assert read(AddressParameters, asked(), body).diarization_speaker_count == 3
    query = asked(diarizationSpeakerCount=count)
    assert read(SpeechParameters, query).diarization_speaker_count == 3


def test_custom_vocabulary_may_be_one_plain_text() -> None:
    query = asked(customVocabulary="net revenue")
    assert read(SpeechParameters, query).custom_vocabulary == ["net revenue"]


def test_the_text_of_an_entity_may_be_called_its_value() -> None:
    entities = [
        {"customType": "Product", "value": "Atlas"},
        {"customType": "Team", "value": "ignored", "text": "Blue"},
    ]
    kept = options(read(SpeechParameters, asked(entities=entities)))["entities"]
    assert kept == [
        {"customType": "Product", "text": "Atlas"},
        {"customType": "Team", "text": "Blue"},
    ]


@pytest.mark.parametrize(
    ("code", "kept"),
    [("en-US", "en-US"), ("EN-gb", "en-GB"), ("en_AU", "en-AU"), ("en", "en")],
)
def test_english_is_known_however_it_is_written(code: str, kept: str) -> None:
    assert read(SpeechParameters, asked(languageCode=code)).language_code == kept


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("diarizationSpeakerCount", "0", COUNT),
        ("diarizationSpeakerCount", "21", COUNT),
        ("diarizationSpeakerCount", "2.0", COUNT),
        ("diarizationSpeakerCount", "-2", COUNT),
        ("diarizationSpeakerCount", "two", COUNT),
        ("diarizationSpeakerCount", "true", COUNT),
        ("diarizationSpeakerCount", "٣", COUNT),
        ("diarizationSpeakerCount", "9" * 5000, COUNT),
        ("diarizationSpeakerCount", "", COUNT),
        ("enableSpeakerDiarization", "maybe", "enableSpeakerDiarization must be true or false."),
        ("enableSpeakerDiarization", "1", "enableSpeakerDiarization must be true or false."),
        (
            "languageCode",
            "de-DE",
            f"languageCode is de-DE, for which there is no model here, only for {MODELS}.",
        ),
        ("languageCode", "tlh", f"languageCode must be one of {MODELS}."),
        ("mode", "radio", "mode must be phone or default."),
        ("confidenceThreshold", "0.4", THRESHOLD),
        ("confidenceThreshold", "1.1", THRESHOLD),
        ("confidenceThreshold", "nan", THRESHOLD),
        ("confidenceThreshold", "NaN", THRESHOLD),
        ("confidenceThreshold", "true", THRESHOLD),
        ("name", "x" * 201, NAME),
        ("name", "\0", NAME),
        ("customVocabulary", "[1]", VOCABULARY),
        ("customVocabulary", '[" "]', VOCABULARY),
        ("customVocabulary", '["a\\u0000b"]', VOCABULARY),
        ("customVocabulary", json.dumps(["x"] * 2001), VOCABULARY),
        ("customVocabulary", json.dumps(["x" * 201]), VOCABULARY),
        ("entities", "Atlas", ENTITIES),
        ("entities", '[{"customType": "Product"}]', ENTITIES),
        ("entities", "[" * 3000, ENTITIES),
        ("trackers", '{"name": "Prices"}', TRACKERS),
        ("trackers", '[{"name": "Prices", "vocabulary": []}]', TRACKERS),
        ("trackers", '[{"name": "Prices", "vocabulary": "price"}]', TRACKERS),
        ("channelMetadata", '[{"channel": 0}]', CHANNELS),
        ("channelMetadata", '[{"channel": "1"}]', CHANNELS),
        ("channelMetadata", '[{"channel": 1, "speaker": "Ida"}]', CHANNELS),
        ("channelMetadata", '[{"channel": 1, "speaker": {"email": "ida"}}]', CHANNELS),
        ("metadata", '{"a": 1}', METADATA),
        ("metadata", json.dumps({"a": "x" * 129}), METADATA),
        ("features", "[]", "features must be a JSON object."),
        ("timezoneOffset", "noon", "timezoneOffset must be a whole number of minutes."),
        ("webhookUrl", "http://example.org/hook", WEBHOOK),
        ("webhookUrl", "http://10.0.0.1/hook", WEBHOOK),
        ("webhookUrl", "ftp://localhost/hook", "webhookUrl must begin with http:// or https://."),
        (
            "webhookUrl",
            "http://me:secret@localhost/hook",
            "webhookUrl must not contain a user name or password.",
        ),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(name: str, value: str, sentence: str) -> None:
    assert refusal(asked(**{name: value})) == sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("confidenceThreshold", "0.7", THRESHOLD),
        ("diarizationSpeakerCount", 2.0, COUNT),
        ("diarizationSpeakerCount", True, COUNT),
        ("detectPhrases", 1, "detectPhrases must be true or false."),
        ("webhookUrl", 5, "webhookUrl must be a text."),
        ("languageCode", ["en-US"], "languageCode must be a text."),
        ("channelMetadata", {"channel": 1}, CHANNELS),
        ("url", 5, "url must be a text."),
        ("url", "", "url must begin with https://."),
        ("url", "http://media.example.org/a.mp3", "url must begin with https://."),
        ("url", "https://127.0.0.1/a.mp3", "url must name a host, not a number."),
        ("url", None, "url is required."),
    ],
)
def test_a_wrong_member_of_a_body_is_refused_by_its_name(
    name: str, value: object, sentence: str
) -> None:
    body: dict[str, object] = {"url": URL}
    assert refusal(asked(), body | {name: value}, AddressParameters) == sentence


def test_two_trackers_of_one_name_are_refused() -> None:
    trackers = [{"name": "Prices", "vocabulary": ["price"]}] * 2
    sentence = "trackers must not contain two trackers of one name."
    assert refusal(asked(trackers=trackers)) == sentence


def test_a_channel_that_is_named_twice_is_refused() -> None:
    channels = [{"channel": 1, "speaker": {"name": name}} for name in ("Ida", "Bo")]
    sentence = "channelMetadata must not name a channel twice."
    assert refusal(asked(channelMetadata=channels)) == sentence


def test_the_query_wins_over_the_body(caplog: pytest.LogCaptureFixture) -> None:
    body = {
        "url": URL,
        "enableSpeakerDiarization": False,
        "diarizationSpeakerCount": 2,
        "detectPhrases": True,
    }
    query = asked(enableSpeakerDiarization="true", diarizationSpeakerCount="3")
    with caplog.at_level(logging.INFO, "conversations.engine.parameters"):
        kept = options(read(AddressParameters, query, body))
    assert kept == DEFAULTS | {
        "enableSpeakerDiarization": True,
        "diarizationSpeakerCount": 3,
        "detectPhrases": True,
    }
    both = ["diarizationSpeakerCount", "enableSpeakerDiarization"]
    assert caplog.messages == [f"in the query and in the body, where it is ignored: {both}"]


def test_null_in_a_body_counts_as_left_out() -> None:
    body = {"url": URL, "name": None, "trackers": None, "diarizationSpeakerCount": None}
    assert options(read(AddressParameters, asked(), body)) == DEFAULTS


def test_an_address_is_not_read_from_the_query() -> None:
    assert refusal(asked(url=URL), {}, AddressParameters) == "url is required."


def test_unknown_parameters_are_ignored_and_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = {"url": URL, "other": "x", "enable_summary": True}
    with caplog.at_level(logging.INFO, "conversations.engine.parameters"):
        kept = options(read(AddressParameters, asked(more="1\n2"), body))
    assert kept == DEFAULTS
    names = ["enable_summary", "more", "other"]
    assert caplog.messages == [f"unknown parameters are ignored: {names}"]


def test_a_strict_engine_refuses_unknown_parameters(settings: Settings) -> None:
    settings.ENGINE_STRICT = True
    assert refusal(asked(other="1")) == "other is not a parameter of this call."
    assert options(read(SpeechParameters, asked(detectPhrases=True)))["detectPhrases"] is True


def test_a_strict_engine_wants_the_count_of_speakers(settings: Settings) -> None:
    settings.ENGINE_STRICT = True
    sentence = "diarizationSpeakerCount is required with enableSpeakerDiarization."
    assert refusal(asked(enableSpeakerDiarization=True)) == sentence
    read(SpeechParameters, asked(enableSpeakerDiarization=True, diarizationSpeakerCount=2))


def test_webhooks_and_recordings_may_be_at_the_allowed_hosts(settings: Settings) -> None:
    settings.ENGINE_WEBHOOK_HOSTS = ["hooks.example.lan"]
    settings.ENGINE_FETCH_HOSTS = ["media.example.lan"]
    body = {
        "url": "http://media.example.lan:8080/a.mp3",
        "webhookUrl": "https://hooks.example.lan/job",
    }
    parameters = read(AddressParameters, asked(), body)
    assert (parameters.url, parameters.webhook_url) == (body["url"], body["webhookUrl"])
