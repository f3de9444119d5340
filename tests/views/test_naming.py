"""Saying who a speaker is, with and without htmx."""

import json
from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client

from conversations.models import Change, Conversation, Member, Message, PushState
from conversations.review.merging import merge
from tests.views.support import HTMX, address, body, errors, member_address


def seen(member: Member, **typed: str) -> dict[str, str]:
    """Return the naming form as the browser sends it for `member` as it is now."""
    return {"name": member.name, "email": member.email, "version": str(member.version), **typed}


def test_rename_names_the_speaker_and_tells_the_page(
    reviewer: Client, first: Member, speak: Callable[..., Message]
) -> None:
    speak(first)
    data = seen(first, name="Ana Diaz", email="ana@example.com")
    response = reviewer.post(member_address("member-rename", first), data, headers=HTMX)
    first.refresh_from_db()
    assert (response.status_code, first.name, first.email) == (200, "Ana Diaz", "ana@example.com")
    assert json.loads(response["HX-Trigger-After-Settle"]) == {
        "speaker-changed": {
            "id": first.pk,
            "ids": [first.pk],
            "name": "Ana Diaz",
            "initials": "AD",
            "tone": 0,
            "shape": 0,
            "message": "Saved: \u2068Ana Diaz\u2069.",
        }
    }
    assert 'class="turn' not in body(response)


def test_rename_without_script_returns_to_the_speaker(reviewer: Client, first: Member) -> None:
    response = reviewer.post(member_address("member-rename", first), seen(first, name="Ana"))
    expected = f"{first.conversation.get_absolute_url()}#speaker-{first.pk}"
    assert (response.status_code, response["Location"]) == (302, expected)


def test_rename_says_at_the_field_what_is_wrong(reviewer: Client, first: Member) -> None:
    data = seen(first, name=" ", email="nonsense")
    response = reviewer.post(member_address("member-rename", first), data, headers=HTMX)
    assert (response.status_code, errors(response), response["Vary"].split(", ")[0]) == (
        422,
        ["Enter a name.", "This is not an e-mail address, like ana@example.com."],
        "HX-Request",
    )


def test_rename_to_a_taken_address_asks_before_merging(
    reviewer: Client, first: Member, john: Member, speak: Callable[..., Message]
) -> None:
    for member in (first, john, john):
        speak(member)
    data = seen(first, name="Johnny", email="John@Example.com")
    response = reviewer.post(member_address("member-rename", first), data, headers=HTMX)
    first.refresh_from_db()
    text = body(response)
    assert (response.status_code, first.name, Change.objects.count()) == (200, "Speaker 1", 0)
    assert "Merge with <bdi>John Doe</bdi> (2&nbsp;+&nbsp;1 messages)" in text
    assert "Merging moves 1 message to <bdi>John Doe</bdi>" in text
    assert [name for name in ("John Doe", "Johnny") if f'value="{name}"' in text] == [
        "John Doe",
        "Johnny",
    ]


def test_merge_folds_the_speaker_into_the_other(
    reviewer: Client, first: Member, john: Member, speak: Callable[..., Message]
) -> None:
    speak(first)
    speak(john)
    data = {"into": john.pk, "version": 1, "into_version": 1, "name": "Johnny"}
    response = reviewer.post(member_address("member-merge", first), data, headers=HTMX)
    first.refresh_from_db()
    john.refresh_from_db()
    event = json.loads(response["HX-Trigger-After-Settle"])["speaker-changed"]
    assert (response.status_code, first.merged_into, john.name) == (200, john, "Johnny")
    assert (event["id"], event["ids"], event["message"]) == (
        john.pk,
        [john.pk, first.pk],
        "Merged into \u2068Johnny\u2069.",
    )


def test_merge_on_an_old_sight_asks_again(reviewer: Client, first: Member, john: Member) -> None:
    data = {"into": john.pk, "version": 1, "into_version": 7, "name": "Johnny"}
    response = reviewer.post(member_address("member-merge", first), data, headers=HTMX)
    first.refresh_from_db()
    assert (response.status_code, first.merged_into) == (409, None)
    assert "One of the two was changed meanwhile." in body(response)


def test_late_rename_shows_who_was_faster_and_keeps_what_was_typed(
    reviewer: Client, person: Callable[..., User], first: Member
) -> None:
    ben = Client()
    ben.force_login(person("ben"))
    old_sight = seen(first, name="Ana", email="ana@example.com")
    ben.post(member_address("member-rename", first), seen(first, name="Clara"))
    response = reviewer.post(member_address("member-rename", first), old_sight, headers=HTMX)
    first.refresh_from_db()
    text = body(response)
    assert (response.status_code, first.name) == (409, "Clara")
    assert "<bdi>ben</bdi> set this to <strong><bdi>Clara</bdi></strong>" in text
    assert '<input type="hidden" name="name" value="Ana">' in text
    assert f'<input type="hidden" name="version" value="{first.version}">' in text


def test_name_is_shown_as_text(
    reviewer: Client, conversation: Conversation, first: Member, speak: Callable[..., Message]
) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    speak(first, hostile)
    reviewer.post(member_address("member-rename", first), seen(first, name=hostile))
    text = body(reviewer.get(address("conversation", conversation)))
    assert (text.count("<img"), text.count("&lt;img src=x") > 0) == (0, True)


def test_card_asks_how_its_correction_fares(
    reviewer: Client, first: Member, speak: Callable[..., Message]
) -> None:
    speak(first)
    reviewer.post(member_address("member-rename", first), seen(first, name="Ana"))
    path = member_address("member-card", first)
    headers = {**HTMX, "HX-Target": f"speaker-{first.pk}"}
    pending = body(reviewer.get(path, headers=headers))
    Change.objects.update(push_state=PushState.PUSHED)
    pushed = body(reviewer.get(path, headers=headers))
    told = [("every 4s" in text, "Saved · sent" in text) for text in (pending, pushed)]
    assert told == [(True, False), (False, True)]


def test_correction_that_was_not_taken_is_sent_again(
    reviewer: Client, first: Member, speak: Callable[..., Message]
) -> None:
    speak(first)
    reviewer.post(member_address("member-rename", first), seen(first, name="Ana"))
    Change.objects.update(push_state=PushState.FAILED, next_at=None)
    assert "did not take it" in body(reviewer.get(address("conversation", first.conversation)))
    reviewer.post(member_address("member-push", first), headers=HTMX)
    assert Change.objects.get().push_state == PushState.PENDING


def test_a_late_form_never_names_whom_the_speaker_was_merged_into(
    reviewer: Client, first: Member, john: Member, person: Callable[..., User]
) -> None:
    data = seen(first, name="Carla", email="")
    bea = person("bea")
    merge(first, john, name="John Doe", version=1, into_version=1, actor=bea)
    response = reviewer.post(member_address("member-rename", first), data, headers=HTMX)
    john.refresh_from_db()
    assert (response.status_code, john.name, john.email) == (409, "John Doe", "john@example.com")
    merged = "<bdi>bea</bdi> merged this speaker into <strong><bdi>John Doe</bdi></strong>"
    assert merged in body(response)
    assert "Use mine" not in body(response)


def test_a_late_merge_never_merges_whom_the_speaker_was_merged_into(
    reviewer: Client, first: Member, john: Member, conversation: Conversation, ana: User
) -> None:
    carla = Member.objects.create(conversation=conversation, remote_id="c", name="Carla")
    merge(first, carla, name="Carla", version=1, into_version=1, actor=ana)
    carla.refresh_from_db()
    data = {"into": john.pk, "version": carla.version, "into_version": 1, "name": "John Doe"}
    response = reviewer.post(member_address("member-merge", first), data, headers=HTMX)
    carla.refresh_from_db()
    assert (response.status_code, carla.merged_into) == (409, None)
    assert "Is <bdi>Carla</bdi> the same person as" in body(response)
