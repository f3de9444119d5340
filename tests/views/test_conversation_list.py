"""The list: whose conversations, what it says about each, and what it costs."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from conversations.models import Append, Conversation, Member, Message, Recording, State, Team
from conversations.samples import SAMPLES
from tests.views.support import HTMX, NOW, address, body, errors

REFUSED = (
    "This is not a recording we can read: what is inside is none of WAV, MP3, M4A, MP4, FLAC, "
    "OGG, Opus, WebM, AAC, AC3, AIFF, AMR or WMA, whatever the file is called."
)


@pytest.mark.parametrize("count", [1, 3, 25])
def test_list_costs_the_same_for_any_number(
    count: int,
    reviewer: Client,
    team: Team,
    recording: Recording,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        conversation = Conversation.objects.create(team=team, name=f"Meeting {number}")
        Append.objects.create(
            conversation=conversation, seq=1, recording=recording, state_since=NOW
        )
        Member.objects.create(conversation=conversation, remote_id="1", name="Speaker 1")
    with django_assert_num_queries(10):
        text = body(reviewer.get("/"))
    assert text.count("<tr role") == count + 1


def test_list_shows_ones_own_teams_only(reviewer: Client, conversation: Conversation) -> None:
    other = Team.objects.create(name="Another team")
    Conversation.objects.create(team=other, name="Secret plans")
    text = body(reviewer.get("/"))
    assert ("Interview" in text, "Secret plans" in text) == (True, False)


def test_list_has_pages(reviewer: Client, team: Team) -> None:
    for number in range(26):
        Conversation.objects.create(team=team, name=f"Meeting {number}")
    newest, oldest = (body(reviewer.get(f"/?page={page}")) for page in (1, 2))
    assert [text.count('class="cell-name"') for text in (newest, oldest)] == [25, 1]
    assert "Page 2 of 2" in oldest


def test_empty_list_offers_the_samples(person: Callable[..., User]) -> None:
    client = Client()
    client.force_login(person("ben"))
    text = body(client.get("/"))
    assert re.findall(r'name="sample" value="([\w-]+)"', text) == [
        "interview-1",
        "interview-2",
        "planning",
        "neighbourhood",
    ]


def test_row_counts_the_speakers_who_have_a_name(
    reviewer: Client, conversation: Conversation, first: Member, john: Member
) -> None:
    text = body(reviewer.get(address("conversation-row", conversation)))
    assert '<span class="number">1/2</span>' in text


@pytest.mark.parametrize(
    ("state", "polls"),
    [(State.QUEUED, True), (State.FAILED, False), (State.SYNCED, False)],
)
def test_row_polls_only_while_it_is_busy(
    state: State, polls: bool, reviewer: Client, conversation: Conversation, append: Append
) -> None:
    Append.objects.update(state=state)
    text = body(reviewer.get(address("conversation-row", conversation)))
    assert ("every 2s" in text) is polls


def statuses(text: str) -> list[str]:
    """Return what a row says in its last cell, without the time that has passed."""
    return re.findall(r'<span class="status[\w -]*">(.*?)</span>', text)


def test_row_of_a_recording_without_speech_says_so(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    Append.objects.update(note="No speech was found in this recording.")
    text = body(reviewer.get(address("conversation-row", conversation)))
    assert statuses(text) == ["No speech found"]


def test_row_shows_the_newest_remark_on_what_is_ready(
    *,
    reviewer: Client,
    conversation: Conversation,
    append: Append,
    first: Member,
    speak: Callable[..., Message],
) -> None:
    speak(first)
    notes = ["An old remark.", "Only 1:11 of the stated 2:22 could be read.", ""]
    Append.objects.update(note=notes[0])
    for seq, note in enumerate(notes[1:], start=2):
        Append.objects.create(
            conversation=conversation,
            seq=seq,
            recording=append.recording,
            state=State.SYNCED,
            state_since=NOW,
            note=note,
        )
    text = body(reviewer.get(address("conversation-row", conversation)))
    assert statuses(text) == ["Ready", notes[1]]


def test_row_shows_what_holds_a_waiting_recording_up(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    Append.objects.update(state=State.QUEUED, error="The speech server cannot be reached.")
    text = body(reviewer.get(address("conversation-row", conversation)))
    assert statuses(text) == ["Waiting for its turn", "The speech server cannot be reached."]
    assert ("status-problem" in text, "every 2s" in text) == (True, True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", REFUSED),
        (b"hello " * 20_000, REFUSED),
        (b"", "This file is empty: 0 bytes. Choose the recording again."),
    ],
)
def test_upload_of_several_says_which_one_was_refused(
    reviewer: Client, content: bytes, reason: str
) -> None:
    good = SimpleUploadedFile("good.mp3", SAMPLES[1].path.read_bytes())
    data = {"recordings": [good, SimpleUploadedFile("notes.txt", content)]}
    response = reviewer.post("/upload/", data, headers=HTMX)
    said = " This is about “\u2068notes.txt\u2069”; none of what was chosen was taken."
    assert errors(response) == [reason + said]
    assert (Recording.objects.count(), Conversation.objects.count()) == (0, 0)


@pytest.mark.parametrize("number", ["0", "21", "two"])
def test_upload_says_how_many_speakers_there_can_be(reviewer: Client, number: str) -> None:
    file = SimpleUploadedFile("good.mp3", SAMPLES[1].path.read_bytes())
    data = {"recordings": file, "speakers": number}
    assert errors(reviewer.post("/upload/", data)) == ["Between 1 and 20."]
