"""What the conversation says while there is no transcript, and about the one that there is."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from conversations.models import Append, Conversation, Member, Message, State
from tests.views.support import HTMX, NOW, address, body


def headings(text: str) -> list[tuple[str, str]]:
    """Return the title of the empty transcript with the state it is for."""
    return re.findall(r'<div class="empty" data-outlook="(\w+)">\s*<h2>(.*?)</h2>', text)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.PROCESSING, ("moving", "No transcript yet")),
        (State.FAILED, ("stuck", "No transcript yet")),
        (State.SYNCED, ("silent", "No speech was found in this recording")),
        (State.CANCELLED, ("empty", "No transcript")),
    ],
)
@pytest.mark.parametrize("screen", ["conversation", "conversation-transcript"])
def test_empty_transcript_says_what_is_to_be_expected(
    *,
    reviewer: Client,
    conversation: Conversation,
    append: Append,
    state: State,
    expected: tuple[str, str],
    screen: str,
) -> None:
    Append.objects.update(state=state, job_id="1")
    text = body(reviewer.get(address(screen, conversation), headers=HTMX))
    assert (headings(text), 'class="line"' in text) == ([expected], False)


def test_empty_transcript_does_not_promise_anything_without_script(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    Append.objects.update(state=State.QUEUED)
    text = body(reviewer.get(address("conversation", conversation)))
    assert '<p class="with-script">It appears here by itself' in text
    assert "<noscript><p>Reload the page" in text


def test_remark_on_a_finished_recording_is_in_plain_sight(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    Append.objects.update(note="Only 1:11 of the stated 2:22 could be read.")
    text = body(reviewer.get(address("conversation", conversation)))
    folded = "".join(re.findall(r"<details.*?</details>", text, re.DOTALL))
    assert (text.count("Only 1:11"), "Only 1:11" in folded) == (1, False)


def test_draft_line_needs_a_draft(
    reviewer: Client, conversation: Conversation, first: Member, speak: Callable[..., Message]
) -> None:
    Conversation.objects.update(made_by="Model X")
    Member.objects.update(gone=True)
    silent = body(reviewer.get(address("conversation", conversation)))
    speak(first)
    spoken = body(reviewer.get(address("conversation", conversation)))
    assert ["Machine draft by Model X" in text for text in (silent, spoken)] == [False, True]


def test_every_finished_recording_can_be_downloaded(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    text = body(reviewer.get(address("conversation", conversation)))
    link = f'href="/recordings/{append.recording.uuid}/media" download="tones.wav"'
    in_the_list = re.findall(r'<details class="past".*?</details>', text, re.DOTALL)
    assert [link in part for part in in_the_list] == [True]


def test_namesakes_of_two_recordings_are_told_apart(
    reviewer: Client, conversation: Conversation, append: Append, speak: Callable[..., Message]
) -> None:
    Append.objects.create(
        conversation=conversation,
        seq=2,
        recording=append.recording,
        state=State.SYNCED,
        state_since=NOW,
        offset_ms=1000,
    )
    one, two, other = (
        Member.objects.create(conversation=conversation, remote_id=str(number), name=name)
        for number, name in enumerate(("Speaker 1", "Speaker 1", "Speaker 2"))
    )
    for member in (one, two, other):
        speak(member)
    seconds = '<span class="speaker-email">(.*?)</span>'
    rail = body(reviewer.get(address("conversation-speakers", conversation), headers=HTMX))
    cards = [
        body(reviewer.get(address("member-card", conversation, member.pk), headers=headers))
        for member in (one, two, other)
        if (headers := {**HTMX, "HX-Target": f"speaker-{member.pk}"})
    ]
    expected = [
        "<bdi>Speaker 1</bdi> · recording 1",
        "<bdi>Speaker 1</bdi> · recording 2",
        "Not named yet",
    ]
    assert re.findall(seconds, rail) == expected
    assert [re.findall(seconds, card) for card in cards] == [[line] for line in expected]
