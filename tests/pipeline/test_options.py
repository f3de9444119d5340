"""What was chosen, as the API is told it and as the row keeps it."""

import json

from conversations.models import Source
from conversations.pipeline.options import AppendOptions, Channel, CustomEntity, Tracker

EVERYTHING = AppendOptions(
    speakers=3,
    name="Weekly",
    language="es-ES",
    mode="phone",
    diarization=True,
    per_channel=True,
    channels=(Channel(1, "Ana", "ana@example.com"), Channel(2, email="joe@example.com")),
    vocabulary=("Sonar", "Ökostrom"),
    threshold=0.65,
    phrases=True,
    detect_entities=True,
    entities=(CustomEntity("Product", "Sonar 3"),),
    trackers=(Tracker("Budget", ("cost", "price")),),
    all_trackers=True,
    summary=True,
)
ABOUT_WORDS = {
    "name": "Weekly",
    "confidenceThreshold": 0.65,
    "detectPhrases": True,
    "detectEntities": True,
    "entities": [{"customType": "Product", "text": "Sonar 3"}],
    "trackers": [{"name": "Budget", "vocabulary": ["cost", "price"]}],
    "enableAllTrackers": True,
    "enableSummary": True,
}
ABOUT_SOUND = {
    "languageCode": "es-ES",
    "mode": "phone",
    "enableSpeakerDiarization": True,
    "diarizationSpeakerCount": 3,
    "enableSeparateRecognitionPerChannel": True,
    "channelMetadata": [
        {"channel": 1, "speaker": {"name": "Ana", "email": "ana@example.com"}},
        {"channel": 2, "speaker": {"email": "joe@example.com"}},
    ],
    "customVocabulary": ["Sonar", "Ökostrom"],
}


def test_only_diarization_is_asked_for_by_itself() -> None:
    assert AppendOptions().parameters() == {"enableSpeakerDiarization": True}
    assert AppendOptions(diarization=False, speakers=2).parameters() == {}


def test_every_option_has_its_parameter() -> None:
    assert EVERYTHING.parameters(Source.FILE) == ABOUT_WORDS | ABOUT_SOUND
    assert EVERYTHING.parameters(Source.URL) == ABOUT_WORDS | ABOUT_SOUND


def test_a_transcript_has_no_sound_to_be_told_about() -> None:
    assert EVERYTHING.parameters(Source.TEXT) == ABOUT_WORDS


def test_the_row_keeps_what_differs_from_the_default() -> None:
    assert AppendOptions().to_json() == {}
    assert AppendOptions(speakers=2, diarization=False).to_json() == {
        "speakers": 2, "diarization": False,
    }  # fmt: skip


def test_what_the_row_keeps_comes_back() -> None:
    for options in (AppendOptions(), EVERYTHING):
        kept = json.loads(json.dumps(options.to_json()))
        assert AppendOptions.from_json(kept) == options


def test_rows_of_other_versions_are_readable() -> None:
    kept = {"speakers": 2, "name": "Weekly", "colour": "blue"}
    assert AppendOptions.from_json(kept) == AppendOptions(speakers=2, name="Weekly")


def test_the_length_of_the_query_counts_what_is_sent() -> None:
    short, long = AppendOptions(), AppendOptions(vocabulary=("ä" * 100,))
    assert short.query_length() == len("enableSpeakerDiarization=true")
    # Two bytes a letter, three characters a byte, and the name and brackets of the list.
    assert long.query_length() - short.query_length() == 600 + len("&customVocabulary=%5B%22%22%5D")


def test_the_length_of_the_query_counts_what_is_sent_beside_the_options() -> None:
    webhook = {"webhookUrl": "https://h/"}
    told = AppendOptions().query_length(webhook) - AppendOptions().query_length()
    assert told == len("&webhookUrl=https%3A%2F%2Fh%2F")
