"""Names that two people write at once, that two people share, and that hide something."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponseBase
from django.test import Client

from conversations.models import Conversation, Member, Message
from conversations.review.naming import rename
from tests.views.support import HTMX, body, errors, member_address

Late = Callable[..., HttpResponseBase]


@pytest.fixture
def late(reviewer: Client, person: Callable[..., User], john: Member) -> Late:
    """Return a function that sends a form for John, whom Ben renamed after it was opened."""

    def send(name: str, email: str) -> HttpResponseBase:
        seen = {"version": john.version, "was_name": john.name, "was_email": john.email}
        rename(john, name="Clara", email="ana@example.com", version=1, actor=person("ben"))
        data = {**seen, "name": name, "email": email}
        return reviewer.post(member_address("member-rename", john), data, headers=HTMX)

    return send


def hidden(text: str) -> dict[str, str]:
    """Return what the question sends if one's own words are used."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


@pytest.mark.parametrize(
    ("name", "email", "sentence", "kept"),
    [
        ("Ben", "john@example.com", "You wrote Ben; the e-mail stays ana@example.com.",
         ("Ben", "ana@example.com")),
        ("Ben", "", "You wrote Ben; using it sets this name and removes ana@example.com.",
         ("Ben", "")),
        ("Ben", "ben@example.com", "You wrote Ben (ben@example.com).", ("Ben", "ben@example.com")),
        ("John Doe", "ben@example.com", "You wrote ben@example.com; the name stays Clara.",
         ("Clara", "ben@example.com")),
        ("John Doe", "",
         "You cleared the e-mail; using that keeps the name Clara and removes ana@example.com.",
         ("Clara", "")),
        ("John Doe", "John@example.com", "You changed nothing.", ("Clara", "ana@example.com")),
    ],
)  # fmt: skip
def test_a_late_form_takes_only_what_its_writer_changed(
    *, late: Late, name: str, email: str, sentence: str, kept: tuple[str, str]
) -> None:
    text = body(late(name, email))
    plain = re.sub(r"<[^>]*>", "", text)
    assert f"{sentence} Nothing of yours was saved yet." in plain
    assert hidden(text) == {
        "name": kept[0],
        "email": kept[1],
        "version": "2",
        "was_name": "Clara",
        "was_email": "ana@example.com",
    }


def test_form_carries_what_it_opened_with(reviewer: Client, john: Member) -> None:
    text = body(reviewer.get(member_address("member-rename", john), headers=HTMX))
    found = re.findall(r'name="(was_\w+)" value="([^"]*)"', text)
    assert found == [("was_name", "John Doe"), ("was_email", "john@example.com")]


def test_two_people_after_all_keep_the_name_and_lose_the_address(
    reviewer: Client, first: Member, john: Member, speak: Callable[..., Message]
) -> None:
    speak(first)
    data = {"name": "Johnny", "email": "john@example.com", "version": "1"}
    question = reviewer.post(member_address("member-rename", first), data, headers=HTMX)
    assert hidden(body(question))["typed"] == "Johnny"
    answer = {**hidden(body(question)), "name": "John Doe", "apart": "yes"}
    response = reviewer.post(member_address("member-merge", first), answer, headers=HTMX)
    text = body(response)
    assert (response.status_code, errors(response)) == (
        200,
        ["\u2068John Doe\u2069 has john@example.com. Two people cannot share an address."],
    )
    email = re.findall(r'<input type="email"[^>]*>', text)
    assert [("value=" in field, 'aria-invalid="true"' in field) for field in email] == [
        (False, True)
    ]
    assert 'name="name" value="Johnny"' in text
    first.refresh_from_db()
    assert (first.name, first.merged_into) == ("Speaker 1", None)


@pytest.mark.parametrize("unseen", ["\u202e", "\u2066", "\x07", "\x85"])
def test_name_with_unseen_characters_is_refused(
    reviewer: Client, conversation: Conversation, first: Member, unseen: str
) -> None:
    sentence = (
        "This holds characters that cannot be seen and change how text is shown. "
        "Type it instead of pasting it."
    )
    name = f"A{unseen}na"
    data = {"name": name, "email": f"ana@a{unseen}b.com", "version": "1"}
    for address, field in (
        (member_address("member-rename", first), {**data, "email": ""}),
        (conversation.get_absolute_url() + "rename/", {"name": name}),
        ("/upload/", {"name": name}),
    ):
        response = reviewer.post(address, field, headers=HTMX)
        assert (response.status_code, sentence in errors(response)) == (422, True)
    response = reviewer.post(member_address("member-rename", first), {**data, "name": "Ana"})
    assert (response.status_code, sentence in errors(response)) == (422, True)


def test_merge_keeps_unseen_characters_out_of_the_name(
    reviewer: Client, first: Member, john: Member, speak: Callable[..., Message]
) -> None:
    speak(first)
    speak(john)
    data = {"into": john.pk, "version": 1, "into_version": 1, "name": "Jo\u202ehn"}
    reviewer.post(member_address("member-merge", first), data, headers=HTMX)
    john.refresh_from_db()
    assert john.name == "John"


def test_shown_names_do_not_turn_the_text_around_them(
    reviewer: Client, conversation: Conversation, john: Member, speak: Callable[..., Message]
) -> None:
    speak(john)
    Conversation.objects.update(name="שלום")
    text = body(reviewer.get(conversation.get_absolute_url()))
    assert text.count(f'<bdi data-name-of="{john.pk}">John Doe</bdi>') == 2
    assert '<span title="שלום"><bdi>שלום</bdi></span>' in text
