"""The conversation screen: its parts, its windows, and what it costs."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from conversations.models import Append, Conversation, Member, Message, Role
from tests.views.support import HTMX, address, body


@pytest.mark.parametrize("count", [1, 3, 120])
def test_page_costs_the_same_for_any_length(
    *,
    count: int,
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    john: Member,
    speak: Callable[..., Message],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        speak((first, john)[number % 2])
    with django_assert_num_queries(12):
        reviewer.get(address("conversation", conversation))


def test_transcript_comes_in_windows(
    reviewer: Client, conversation: Conversation, first: Member, speak: Callable[..., Message]
) -> None:
    for number in range(80):
        speak(first, f"Line {number}.")
    path = address("conversation-transcript", conversation)
    opening, rest = (body(reviewer.get(f"{path}?from={n}", headers=HTMX)) for n in (0, 50))
    assert (opening.count('class="line"'), f"{path}?from=50" in opening) == (50, True)
    assert (rest.count('class="line"'), 'class="more"' in rest) == (30, False)


def test_transcript_is_a_page_without_htmx(
    reviewer: Client, conversation: Conversation, first: Member, speak: Callable[..., Message]
) -> None:
    speak(first, "Only line.")
    response = reviewer.get(address("conversation-transcript", conversation) + "?from=nonsense")
    assert (response.status_code, response["Vary"].split(", ")[0]) == (200, "HX-Request")
    assert re.findall(r"<!doctype html>|<span>Only line\.</span>", body(response)) == [
        "<!doctype html>",
        "<span>Only line.</span>",
    ]


def test_neighbouring_lines_of_a_speaker_are_one_turn(
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    john: Member,
    speak: Callable[..., Message],
) -> None:
    for member in (first, first, john):
        speak(member)
    text = body(reviewer.get(address("conversation-transcript", conversation), headers=HTMX))
    assert re.findall(r'class="turn tone-\d+" data-speaker="(\d+)"', text) == [
        str(first.pk),
        str(john.pk),
    ]


def test_speakers_say_how_much_they_talk(
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    john: Member,
    speak: Callable[..., Message],
) -> None:
    for member in (first, john, john, john):
        speak(member)
    text = body(reviewer.get(address("conversation-speakers", conversation)))
    assert re.findall(r'<span class="number">(\d+ %)</span>', text) == ["25 %", "75 %"]
    assert ("1 message<" in text, "3 messages<" in text) == (True, True)
    assert '<strong class="number">75 %</strong> of talk time identified · 1 speaker left' in text


def test_timeline_tells_the_player_where_the_recordings_lie(
    reviewer: Client,
    conversation: Conversation,
    append: Append,
    first: Member,
    speak: Callable[..., Message],
) -> None:
    speak(first)
    # The file states 800 milliseconds; the server made a second of it.
    Conversation.objects.update(duration_ms=1000)
    text = body(reviewer.get(address("conversation-timeline", conversation)))
    media = f"/recordings/{append.recording.uuid}/media"
    track = f'<data data-start="0" data-end="1000" data-name="tones.wav" value="{media}"></data>'
    assert (track in text, 'data-total="1000"' in text) == (True, True)
    assert text.count("<rect") == 1


def test_conversation_is_renamed_in_place(reviewer: Client, conversation: Conversation) -> None:
    path = address("conversation-rename", conversation)
    response = reviewer.post(path, {"name": "Kick-off"}, headers=HTMX)
    conversation.refresh_from_db()
    assert (response.status_code, conversation.name) == (200, "Kick-off")
    assert "Kick-off" in body(response)


def test_conversation_keeps_its_name_when_none_is_given(
    reviewer: Client, conversation: Conversation
) -> None:
    response = reviewer.post(address("conversation-rename", conversation), {"name": " "})
    conversation.refresh_from_db()
    assert (response.status_code, conversation.name) == (422, "Interview")


def test_viewer_is_offered_nothing_to_change(
    person: Callable[..., User],
    conversation: Conversation,
    first: Member,
    speak: Callable[..., Message],
) -> None:
    speak(first)
    client = Client()
    client.force_login(person("vic", Role.VIEWER))
    text = body(client.get(address("conversation", conversation)))
    assert re.findall(r'rename/"|append/"|method="post" action="(?!/sign-out/)', text) == []


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 10, "²", "-1", ""])
def test_transcript_from_no_number_begins_at_the_beginning(
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    speak: Callable[..., Message],
    number: str,
) -> None:
    speak(first, "Only line.")
    path = address("conversation-transcript", conversation)
    response = reviewer.get(path, {"from": number}, headers=HTMX)
    assert (response.status_code, "Only line." in body(response)) == (200, True)


@pytest.mark.parametrize("ending", ["text", "json"])
def test_export_is_a_download_under_the_conversations_name(
    ending: str, reviewer: Client, conversation: Conversation
) -> None:
    conversation.name = 'Q&A / "plans"'
    conversation.save()
    response = reviewer.get(address(f"conversation-{ending}", conversation))
    name = {"text": "txt", "json": "json"}[ending]
    expected = f'attachment; filename="QA__plans.{name}"'
    assert (response.status_code, response["Content-Disposition"]) == (200, expected)


@pytest.mark.parametrize("name", ["???", "!", "🎉", "..", "?.?", "/", "_", ". ."])
@pytest.mark.parametrize("ending", ["text", "json"])
def test_export_of_a_name_that_no_file_can_have_is_a_conversation(
    ending: str, name: str, reviewer: Client, conversation: Conversation
) -> None:
    conversation.name = name
    conversation.save()
    response = reviewer.get(address(f"conversation-{ending}", conversation))
    expected = f'attachment; filename="conversation.{ {"text": "txt", "json": "json"}[ending] }"'
    assert (response.status_code, response["Content-Disposition"]) == (200, expected)


def test_pages_carry_no_inline_script_or_style(
    reviewer: Client, conversation: Conversation, first: Member, speak: Callable[..., Message]
) -> None:
    speak(first)
    text = "".join(
        body(reviewer.get(path)) for path in ("/", address("conversation", conversation))
    )
    found = re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|hx-on|js:", text)
    assert found == []
