"""The form for one more recording: its options, and the three places a recording may be."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from conversations.models import Append, Conversation, Recording, Source, State
from conversations.pipeline.options import AppendOptions, Channel, CustomEntity, Tracker
from tests.views.support import HTMX, address, body, sample_upload

TRANSCRIPT = "[0:01] Ana <ana@example.com>: Hi.\nJoe: Hello.\n[0:09] Joe: Bye.\n"
URL = "https://media.example.org/weekly.mp3"


def errors_by_field(response: HttpResponseBase) -> dict[str, str]:
    """Return each field's first error as the page shows it at that field."""
    found = re.findall(r'<ul class="errors" id="id_(\w+)_error"><li>(.*?)</li>', body(response))
    return {name: html.unescape(sentence) for name, sentence in found}


def helps(response: HttpResponseBase) -> dict[str, str]:
    """Return each field's help line as the page shows it."""
    found = re.findall(r'id="id_(\w+)_helptext">(.*?)</p>', body(response))
    return {name: html.unescape(sentence) for name, sentence in found}


def offered(response: Any) -> dict[str, Any]:
    """Return what the form on the page sends when nobody changes anything but the file."""
    fields = {field.html_name: field.value() for field in response.context["append_form"]}
    return {name: "on" if value is True else value for name, value in fields.items() if value}


def send(client: Client, conversation: Conversation, **data: Any) -> HttpResponseBase:
    response: HttpResponseBase = client.post(
        address("conversation-append", conversation), data, headers=HTMX
    )
    return response


def test_append_takes_every_option(
    reviewer: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.SYMBL_BASE_URL = "https://api.example.org"
    send(
        reviewer, conversation, recording=sample_upload(), source="file", speakers="3",
        language="es-ES", separation="both", channel_1_name="Ana", channel_2_email="joe@x.test",
        channel_6_name="too far", vocabulary="Sonar\n\n Ökostrom \nSonar", mode="phone",
        phrases="on", summary="on", all_trackers="on", entities="Product: Sonar 3",
        trackers="Budget: cost, price, cost\nPlan: by Friday", threshold="0.65",
    )  # fmt: skip
    append = conversation.appends.get()
    assert AppendOptions.from_json(append.options) == AppendOptions(
        speakers=3,
        language="es-ES",
        mode="phone",
        per_channel=True,
        channels=(Channel(1, "Ana"), Channel(2, "", "joe@x.test")),
        vocabulary=("Sonar", "Ökostrom"),
        threshold=0.65,
        phrases=True,
        detect_entities=True,
        entities=(CustomEntity("Product", "Sonar 3"),),
        trackers=(Tracker("Budget", ("cost", "price")), Tracker("Plan", ("by Friday",))),
        all_trackers=True,
        summary=True,
    )


@pytest.mark.parametrize(
    ("separation", "stored"),
    [
        ("", {}),
        ("voices", {}),
        ("channels", {"diarization": False, "per_channel": True}),
        ("both", {"per_channel": True}),
        ("none", {"diarization": False}),
    ],
)
def test_append_tells_speakers_apart_as_it_was_chosen(
    reviewer: Client, conversation: Conversation, separation: str, stored: dict[str, bool]
) -> None:
    send(reviewer, conversation, recording=sample_upload(), separation=separation)
    assert conversation.appends.get().options == stored


@pytest.mark.parametrize(
    ("data", "field", "sentence"),
    [
        ({"speakers": "21"}, "speakers", "Between 1 and 20."),
        (
            {"speakers": "5", "separation": "channels"},
            "speakers",
            "The channels say how many speakers there are. Empty this, or have the speakers told "
            "apart by their voices.",
        ),
        (
            {"speakers": "5", "separation": "none"},
            "speakers",
            "The speakers are not told apart: choose that under “More options”, or empty this.",
        ),
        ({"threshold": "0.49"}, "threshold", "Between 0.5 and 1.0, like 0.65."),
        ({"threshold": "1.01"}, "threshold", "Between 0.5 and 1.0, like 0.65."),
        ({"threshold": "NaN"}, "threshold", "Between 0.5 and 1.0, like 0.65."),
        ({"language": "de-DE"}, "language", "This speech server does not offer that language."),
        (
            {"channel_2_name": "Joe"},
            "channel_2_name",
            "Channels are not told apart: choose that above, or empty this.",
        ),
        (
            {"separation": "channels", "channel_1_email": "joe"},
            "channel_1_email",
            "This is not an e-mail address, like ana@example.com.",
        ),
        (
            {"trackers": "Plan: Friday\nBudget cost"},
            "trackers",
            "Line 2: write a name, a colon and the rest, like "
            "“Budget: cost, price, too expensive”.",
        ),
        ({"trackers": "A: ,"}, "trackers", "Line 1: write a name, a colon and the rest, like "
            "“Budget: cost, price, too expensive”."),
        ({"trackers": "A: b\nA: c"}, "trackers", "Two trackers are called “A”: make them one."),
        (
            {"entities": "Sonar"},
            "entities",
            "Line 1: write a name, a colon and the rest, like “Product: Sonar 3”.",
        ),
        ({"vocabulary": "a\n" + "b" * 101}, "vocabulary", "Line 2: longer than 100 characters."),
        (
            {"vocabulary": "\n".join(f"w{n}" for n in range(201))},
            "vocabulary",
            "200 lines are the most; these are 201.",
        ),
        (
            {"vocabulary": "\n".join(f"{n:090}" for n in range(90))},
            "vocabulary",
            "Words, entities, trackers and channels are together too long for one request. "
            "Leave some out.",
        ),
        (
            {"vocabulary": "Ana\u202e"},
            "vocabulary",
            "Line 1: This holds characters that cannot be seen and change how text is shown. "
            "Type it instead of pasting it.",
        ),
    ],
)  # fmt: skip
def test_append_says_at_the_field_what_is_wrong_with_an_option(
    reviewer: Client, conversation: Conversation, data: dict[str, str], field: str, sentence: str
) -> None:
    ticked = dict.fromkeys(("phrases", "detect_entities", "summary"), "on")
    chosen = {"separation": "voices", "language": "en-US", **ticked, **data}
    response = send(reviewer, conversation, recording=sample_upload(), **chosen)
    assert (response.status_code, errors_by_field(response)) == (422, {field: sentence})
    is_open = field not in ("speakers", "language") or chosen["separation"] != "voices"
    assert ('id="more-options" open' in body(response)) == is_open
    assert not Recording.objects.exists()


def test_append_names_the_wrong_line_as_it_is_seen(
    reviewer: Client, conversation: Conversation
) -> None:
    response = send(
        reviewer, conversation, recording=sample_upload(), entities="\n \n\nProduct Sonar"
    )
    assert errors_by_field(response)["entities"].startswith("Line 4: write a name, a colon")


def test_append_of_an_address_is_not_bound_by_the_length_of_a_query(
    reviewer: Client, conversation: Conversation
) -> None:
    vocabulary = "\n".join(f"{n:090}" for n in range(90))
    send(reviewer, conversation, source="url", url=URL, vocabulary=vocabulary)
    assert len(conversation.appends.get().options["vocabulary"]) == 90


@pytest.mark.parametrize(("base", "status"), [("", 200), ("https://meetings.example.org", 422)])
def test_append_leaves_room_for_the_webhook_in_the_query(
    reviewer: Client, conversation: Conversation, settings: Settings, base: str, status: int
) -> None:
    settings.WEBHOOK_BASE_URL = base
    vocabulary = "\n".join(f"{n:090}" for n in range(70))
    chosen = {"vocabulary": vocabulary, "separation": "voices"}
    response = send(reviewer, conversation, recording=sample_upload(), **chosen)
    assert (response.status_code, conversation.appends.exists()) == (status, status == 200)


def test_append_with_an_error_keeps_what_was_typed(
    reviewer: Client, conversation: Conversation
) -> None:
    response = send(
        reviewer, conversation, recording=sample_upload(), threshold="2", vocabulary="Sonar",
        separation="channels", channel_5_name="Eve",
    )  # fmt: skip
    page = body(response)
    kept = ['value="2"', ">\nSonar</textarea>", 'value="channels" selected', 'value="Eve"']
    assert [text for text in kept if text not in page] == []
    # With script, the chosen file stays where it is; without, the page asks for it again.
    assert 'id="recording-field" data-limit' in page
    assert page.count(" hx-preserve>") == 1
    assert "Choose the file again" in page


def test_append_offers_the_languages_that_the_server_understands(
    reviewer: Client, conversation: Conversation, settings: Settings
) -> None:
    path = address("conversation-append", conversation)
    bundled = body(reviewer.get(path))
    settings.SYMBL_BASE_URL = "https://api.example.org"
    other = body(reviewer.get(path))
    pages = (bundled, other)
    assert [len(re.findall('<option value="[a-z]{2}-[A-Z]{2}"', page)) for page in pages] == [6, 20]
    assert ["understands English only" in page for page in pages] == [True, False]
    assert ["counts every channel" in page for page in pages] == [False, True]
    assert ["in English and Spanish only" in page for page in pages] == [False, True]


def test_append_says_which_options_the_bundled_engine_has_no_use_for(
    reviewer: Client, conversation: Conversation, settings: Settings
) -> None:
    path = address("conversation-append", conversation)
    bundled = helps(reviewer.get(path))
    settings.SYMBL_BASE_URL = "https://api.example.org"
    other = helps(reviewer.get(path))
    assert {name: text for name, text in bundled.items() if other.get(name) != text} == {
        "language": "The bundled engine understands English only.",
        "vocabulary": "Names, products, abbreviations: one a line. "
        "The bundled engine cannot use them.",
        "mode": "The bundled engine needs no telling.",
        "summary": "The bundled engine sums up every conversation.",
        "all_trackers": "The bundled engine has none.",
    }
    assert (other["summary"], other["mode"]) == (
        "Have the conversation summed up.", "What the recording was made with.",
    )  # fmt: skip


CHOSEN = {
    "speakers": "3", "separation": "both", "channel_1_name": "Ana", "language": "es-ES",
    "mode": "phone", "vocabulary": "Sonar\nÖkostrom", "entities": "Product: Sonar 3",
    "trackers": "Budget: cost, price\nPlan: by Friday", "all_trackers": "on", "threshold": "0.65",
}  # fmt: skip
REPEATED = AppendOptions(
    language="es-ES",
    mode="phone",
    vocabulary=("Sonar", "Ökostrom"),
    threshold=0.65,
    detect_entities=True,
    entities=(CustomEntity("Product", "Sonar 3"),),
    trackers=(Tracker("Budget", ("cost", "price")), Tracker("Plan", ("by Friday",))),
    all_trackers=True,
)


@pytest.mark.parametrize("by_htmx", [True, False])
def test_append_starts_with_what_the_recording_before_was_asked_for(
    *, reviewer: Client, conversation: Conversation, settings: Settings, by_htmx: bool
) -> None:
    settings.SYMBL_BASE_URL = "https://api.example.org"
    path = address("conversation-append", conversation)
    first = reviewer.get(path)
    answer = send(reviewer, conversation, recording=sample_upload(), **CHOSEN)
    page = answer if by_htmx else reviewer.get(path)
    told = "start as they were for the recording before"
    assert [told in body(shown) for shown in (first, page)] == [False, True]
    send(reviewer, conversation, recording=sample_upload(), **offered(page))
    kept = [AppendOptions.from_json(append.options) for append in conversation.appends.all()]
    assert kept == [
        replace(REPEATED, speakers=3, per_channel=True, channels=(Channel(1, "Ana"),)),
        REPEATED,
    ]


def test_append_after_a_transcript_asks_of_sound_what_the_recording_before_it_did(
    reviewer: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.SYMBL_BASE_URL = "https://api.example.org"
    send(reviewer, conversation, recording=sample_upload(), **CHOSEN)
    answer = send(reviewer, conversation, source="text", text=TRANSCRIPT, summary="on")
    send(reviewer, conversation, recording=sample_upload(), **offered(answer))
    last = conversation.appends.order_by("seq").last()
    assert last is not None
    assert AppendOptions.from_json(last.options) == AppendOptions(
        language="es-ES", mode="phone", vocabulary=("Sonar", "Ökostrom"), summary=True
    )


def test_append_takes_an_address(reviewer: Client, conversation: Conversation) -> None:
    response = send(reviewer, conversation, source="url", url=URL, speakers="2", threshold="")
    append = conversation.appends.select_related("recording").get()
    assert (append.recording.source, append.recording.url, append.options) == (
        Source.URL, URL, {"speakers": 2},
    )  # fmt: skip
    assert json.loads(response["HX-Trigger"]) == {
        "recording-added": {
            "message": "The address is in line. The speech server fetches the recording."
        }
    }


@pytest.mark.parametrize(
    ("url", "kind", "wrong"),
    [
        ("", "", {"url": "Enter the address of the recording."}),
        (
            "http://media.example.org/a.mp3",
            "",
            {"url": "This address must begin with https://."},
        ),
        (
            "https://media.example.org/play?id=7",
            "",
            {"kind": "The address does not tell: choose audio or MP4 video."},
        ),
        (
            "https://media.example.org/a.mov",
            "",
            {"kind": "Of videos, only MP4 is fetched; this address ends otherwise."},
        ),
        (
            "https://media.example.org/a.mp3",
            "video",
            {"kind": "Of videos, only MP4 is fetched; this address ends otherwise."},
        ),
    ],
)
def test_append_says_what_is_wrong_with_an_address(
    reviewer: Client, conversation: Conversation, url: str, kind: str, wrong: dict[str, str]
) -> None:
    response = send(reviewer, conversation, source="url", url=url, kind=kind)
    assert (response.status_code, errors_by_field(response)) == (422, wrong)


@pytest.mark.parametrize(
    ("ending", "kind", "media_type"),
    [
        ("a.mp4", "", "video/mp4"),
        ("a.mp4", "audio", "audio/*"),
        ("play?id=7", "video", "video/mp4"),
        ("a.webm", "audio", "audio/*"),
    ],
)
def test_append_takes_a_persons_word_for_what_is_behind_an_address(
    reviewer: Client, conversation: Conversation, ending: str, kind: str, media_type: str
) -> None:
    send(reviewer, conversation, source="url", url=f"https://m.example.org/{ending}", kind=kind)
    assert conversation.appends.get().recording.media_type == media_type


def test_append_takes_a_pasted_transcript(reviewer: Client, conversation: Conversation) -> None:
    # Without script, what belongs to the other places is sent as well and does not count.
    response = send(
        reviewer, conversation, source="text", text=TRANSCRIPT, speakers="99", url="nonsense",
        separation="channels", channel_1_email="nobody", summary="on",
    )  # fmt: skip
    append = conversation.appends.select_related("recording").get()
    assert (append.recording.source, append.recording.original_name, append.options) == (
        Source.TEXT, "Pasted transcript", {"summary": True},
    )  # fmt: skip
    said = json.loads(Path(append.recording.file.path).read_bytes())
    assert [line["name"] for line in said] == ["Ana", "Joe", "Joe"]
    assert json.loads(response["HX-Trigger"]) == {
        "recording-added": {"message": "The transcript is in line: 3 lines by 2 speakers."}
    }


def test_append_takes_an_uploaded_transcript(reviewer: Client, conversation: Conversation) -> None:
    vtt = SimpleUploadedFile("weekly.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>Hi.</v>\n")
    response = send(reviewer, conversation, source="text", transcript=vtt)
    assert conversation.appends.get().recording.original_name == "weekly.vtt"
    assert json.loads(response["HX-Trigger"]) == {
        "recording-added": {"message": "The transcript is in line: 1 line by 1 speaker."}
    }


@pytest.mark.parametrize(
    ("pasted", "uploaded", "wrong"),
    [
        ("  \n", None, {"text": "Paste a transcript, or choose a file with one."}),
        ("Ana: Hi.", b"Ana: Hi.", {"text": "Paste the transcript or upload it, not both."}),
        ("Ana: Hi.\n[99:99] Ana: Ho.", None, {"text": "Line 2: 99:99 is not a time."}),
        ("", b"Ana: Hi.\n[99:99] Ana: Ho.", {"transcript": "Line 2: 99:99 is not a time."}),
        (
            "",
            b"ID3\x04\x00\x00" * 2000,
            {"transcript": "This file is not text. Save the transcript as text in UTF-8."},
        ),
        (
            "",
            b"",
            {"transcript": "This file is empty: 0 bytes. Choose the transcript again."},
        ),
    ],
)
def test_append_says_what_is_wrong_with_a_transcript(
    *,
    reviewer: Client,
    conversation: Conversation,
    pasted: str,
    uploaded: bytes | None,
    wrong: dict[str, str],
) -> None:
    data: dict[str, Any] = {"source": "text", "text": pasted}
    if uploaded is not None:
        data["transcript"] = SimpleUploadedFile("t.txt", uploaded)
    response = send(reviewer, conversation, **data)
    assert (response.status_code, errors_by_field(response)) == (422, wrong)
    assert not Recording.objects.exists()


def test_append_of_an_address_needs_no_file_and_the_other_way_round(
    reviewer: Client, conversation: Conversation
) -> None:
    send(reviewer, conversation, source="nonsense", recording=sample_upload())
    assert not conversation.appends.exists()
    send(reviewer, conversation, source="file", recording=sample_upload(), url="nonsense")
    assert conversation.appends.get().recording.source == Source.FILE


def test_a_recording_without_sound_leaves_the_page_whole(
    reviewer: Client, conversation: Conversation
) -> None:
    send(reviewer, conversation, source="text", text=TRANSCRIPT)
    send(reviewer, conversation, source="url", url=URL)
    send(reviewer, conversation, recording=sample_upload())
    Append.objects.update(state=State.SYNCED, next_at=None)
    text, url, file = (append.recording for append in conversation.appends.order_by("seq"))
    media = {one: f"/recordings/{one.uuid}/media" for one in (text, url, file)}
    page = body(reviewer.get(address("conversation", conversation)))
    player = page.partition('<footer class="player"')[2]
    timeline = body(reviewer.get(address("conversation-timeline", conversation), headers=HTMX))
    for place in (player, timeline):
        assert [path in place for path in media.values()] == [False, False, True]
    assert [f'href="{path}"' in page for path in media.values()] == [True, False, True]
    assert [reviewer.get(path).status_code for path in media.values()] == [200, 404, 200]
    assert reviewer.get(media[text])["Content-Disposition"] == (
        'inline; filename="Pasted transcript.json"'
    )
