"""Adding a recording and deciding about it."""

import json
import re

import pytest
from django.test import Client

from conversations.models import Append, Conversation, Recording, Source, State
from tests.views.support import HTMX, NOW, address, body, errors, sample_upload


def failed(conversation: Conversation, recording: Recording) -> Append:
    return Append.objects.create(
        conversation=conversation,
        seq=2,
        recording=recording,
        state=State.FAILED,
        state_since=NOW,
        attempts=1,
        error="The server could not transcribe this recording.",
        error_code="job_failed",
    )


def test_append_puts_the_recording_in_line(reviewer: Client, conversation: Conversation) -> None:
    data = {"recording": sample_upload(), "speakers": "2"}
    response = reviewer.post(address("conversation-append", conversation), data, headers=HTMX)
    append = conversation.appends.get()
    assert (response.status_code, append.state, append.options) == (200, "queued", {"speakers": 2})
    assert append.recording.original_name == "part two.mp3"
    assert 'id="activity-place"' in body(response)


def test_append_without_script_returns_to_the_conversation(
    reviewer: Client, conversation: Conversation
) -> None:
    data = {"recording": sample_upload(), "speakers": ""}
    response = reviewer.post(address("conversation-append", conversation), data)
    assert (response.status_code, response["Location"]) == (302, conversation.get_absolute_url())


def test_append_without_a_file_says_so_at_the_field(
    reviewer: Client, conversation: Conversation
) -> None:
    response = reviewer.post(address("conversation-append", conversation), {}, headers=HTMX)
    assert (response.status_code, errors(response)) == (422, ["Choose a recording first."])


def test_append_takes_a_sample(reviewer: Client, conversation: Conversation) -> None:
    data = {"sample": "interview-2"}
    reviewer.post(address("conversation-append", conversation), data)
    assert conversation.appends.get().recording.original_name == "interview-2.mp3"


def test_append_of_an_unknown_sample_is_not_found(
    reviewer: Client, conversation: Conversation
) -> None:
    data = {"sample": "../../etc/passwd"}
    response = reviewer.post(address("conversation-append", conversation), data)
    assert (response.status_code, conversation.appends.count()) == (404, 0)


def test_decision_is_carried_out(
    reviewer: Client, conversation: Conversation, recording: Recording
) -> None:
    append = failed(conversation, recording)
    path = address("append-decide", conversation, append.pk, "retry")
    response = reviewer.post(path, {"version": append.version}, headers=HTMX)
    append.refresh_from_db()
    assert (response.status_code, append.state) == (200, "queued")


def test_decision_on_an_old_sight_changes_nothing(
    reviewer: Client, conversation: Conversation, recording: Recording
) -> None:
    append = failed(conversation, recording)
    path = address("append-decide", conversation, append.pk, "give_up")
    response = reviewer.post(path, {"version": "queued.0.0"}, headers=HTMX)
    append.refresh_from_db()
    assert (response.status_code, append.state) == (409, "failed")
    assert "Nothing was changed: this has moved on meanwhile." in body(response)


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (Source.FILE, "The file is kept."),
        (Source.URL, "The address is kept."),
        (Source.TEXT, "The transcript is kept."),
    ],
)
def test_giving_up_says_what_is_kept(
    *,
    reviewer: Client,
    conversation: Conversation,
    recording: Recording,
    source: Source,
    left: str,
) -> None:
    failed(conversation, recording)
    if source == Source.URL:
        Recording.objects.update(source=source, url="https://m.example.org/a.mp3", file="", size=0)
    else:
        Recording.objects.update(source=source)
    page = body(reviewer.get(address("conversation-activity", conversation), headers=HTMX))
    assert re.findall(r"will not be part of this conversation\. (.*?)</span>", page) == [left]


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://m.example.org/a.mp3", ["https://m.example.org/a.mp3"]),
        ("https://m.example.org/a.mp3?X-Signature=s1gned", []),
    ],
)
def test_an_address_that_failed_can_be_opened_unless_a_part_of_it_is_not_shown(
    *,
    reviewer: Client,
    conversation: Conversation,
    recording: Recording,
    url: str,
    links: list[str],
) -> None:
    Recording.objects.update(source=Source.URL, url=url, file="", size=0)
    failed(conversation, recording)
    path = address("conversation-activity", conversation)
    page = body(reviewer.get(path, headers=HTMX))
    found = re.findall(r'<a id="address-\d+" href="([^"]*)"[^>]*>Open it in a new tab</a>', page)
    assert (found, "s1gned" in page) == (links, False)
    Append.objects.update(state=State.QUEUED)
    assert "Open it" not in body(reviewer.get(path, headers=HTMX))


def test_unknown_decision_is_not_found(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    path = address("append-decide", conversation, append.pk, "explode")
    assert reviewer.post(path).status_code == 404


def test_activity_polls_only_while_something_is_open(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    path = address("conversation-activity", conversation)
    over = body(reviewer.get(path, headers=HTMX))
    Append.objects.update(state=State.QUEUED)
    moving = body(reviewer.get(path, headers=HTMX))
    Append.objects.update(state=State.FAILED)
    waiting = body(reviewer.get(path, headers=HTMX))
    triggers = ("every 2s", "every 10s")
    assert [[t for t in triggers if t in text] for text in (over, moving, waiting)] == [
        [],
        ["every 2s"],
        ["every 10s"],
    ]


def test_activity_tells_once_that_the_transcript_has_grown(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    path = address("conversation-activity", conversation)
    grown = reviewer.get(f"{path}?ready=0", headers=HTMX)
    same = reviewer.get(f"{path}?ready=1", headers=HTMX)
    assert json.loads(grown["HX-Trigger"]) == {"transcript-changed": {}}
    assert "HX-Trigger" not in same


@pytest.mark.parametrize("ready", ["9" * 5000, "²", "-1"])
def test_activity_takes_no_other_number_of_what_is_ready(
    reviewer: Client, conversation: Conversation, append: Append, ready: str
) -> None:
    path = address("conversation-activity", conversation)
    response = reviewer.get(path, {"ready": ready}, headers=HTMX)
    assert (response.status_code, "HX-Trigger" in response) == (200, False)
