"""What differs between here and the API: found, counted, explained, and nothing written."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from werkzeug import Response

from conversations.models import Change, Conversation, Insight, Member, Message, PushState, Report
from conversations.pipeline import compare
from conversations.pipeline.advance import advance
from conversations.pipeline.compare import FETCH, NAME_AGAIN, PENDING, Difference, differences
from conversations.pipeline.imports import ApiTrouble
from conversations.review.merging import merge
from conversations.review.naming import rename
from tests.doubles.symbl_conversation import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def read(server: Server, conversation: Conversation) -> Conversation:
    """The conversation as the API has it."""
    Conversation.objects.update(synced_at=None)
    advance(conversation.pk)
    conversation.refresh_from_db()
    return conversation


def found(conversation: Conversation) -> dict[str, list[Difference]]:
    return {section.title: list(section.listed) for section in differences(conversation) or ()}


def speaker(remote_id: str) -> Member:
    return Member.objects.get(remote_id=remote_id)


def test_nothing_differs_after_a_reading_and_looking_writes_nothing(read: Conversation) -> None:
    tables = (Conversation, Member, Message, Insight, Report)
    before = [list(table.objects.values()) for table in tables]
    assert differences(read) == []
    assert [list(table.objects.values()) for table in tables] == before


def test_a_name_says_how_its_push_stands(read: Conversation, ana: User) -> None:
    row = speaker("p1")
    rename(row, name="Ida", email="ida@example.test", version=row.version, actor=ana)
    sides = ("Ida · ida@example.test", "Speaker 1")
    assert found(read) == {"Speakers with another name": [Difference(*sides, PENDING)]}
    Change.objects.update(push_state=PushState.FAILED, push_error="The server said no.")
    (difference,) = found(read)["Speakers with another name"]
    assert difference.todo == "The server said no. It can be sent again from the speaker's card."
    Change.objects.update(push_state=PushState.PUSHED)
    assert found(read)["Speakers with another name"] == [Difference(*sides, NAME_AGAIN)]


def test_a_name_that_changed_at_the_api_can_be_fetched(server: Server, read: Conversation) -> None:
    server.parts["/members"]["members"][0]["name"] = "Ida"
    assert found(read) == {"Speakers with another name": [Difference("Speaker 1", "Ida", FETCH)]}


def test_a_merge_that_the_api_has_not_is_said_and_one_that_it_has_is_not(
    server: Server, read: Conversation, ana: User
) -> None:
    one, bo = speaker("p1"), speaker("p2")
    merge(
        one, bo, name="Bo", version=one.version, into_version=bo.version, actor=ana
    )  # fmt: skip
    assert found(read) == {
        "Speakers merged here only": [Difference("Bo · bo@example.test", "Speaker 1", PENDING)]
    }
    server.parts["/members"]["members"].pop(0)
    server.parts["/messages"]["messages"][0]["from"] = {"id": "p2", "name": "Bo"}
    assert found(read) == {}


def test_lines_and_speakers_of_one_side_only(server: Server, read: Conversation) -> None:
    (line,) = server.parts["/messages"]["messages"]
    new = {"id": "p3", "name": "Cy", "email": "cy@example.test"}
    server.parts["/members"] = {
        "members": [{"id": "p2", "name": "Bo", "email": "bo@example.test"}, new]
    }
    server.parts["/messages"] = {"messages": [line | {"id": "2", "text": "Hello.", "from": new}]}
    assert found(read) == {
        "Speakers only here": [Difference("Speaker 1", "", FETCH)],
        "Speakers only at the API": [Difference("", "Cy · cy@example.test", FETCH)],
        "Lines only here": [Difference("I send it.", "", FETCH, 1000)],
        "Lines only at the API": [Difference("", "Cy: Hello.", FETCH)],
    }


def test_a_text_edited_here_stays_and_one_changed_there_can_be_fetched(
    server: Server, read: Conversation
) -> None:
    Message.objects.update(text="I sent it.")
    title = "Lines with another text"
    assert found(read) == {
        title: [
            Difference("I sent it.", "I send it.", "It stays: the API takes no edited text.", 1000)
        ]
    }
    server.parts["/messages"]["messages"][0]["text"] = "I sent them."
    todo = "It stays: the API takes no edited text."
    assert found(read) == {title: [Difference("I sent it.", "I sent them.", todo, 1000)]}
    Message.objects.update(text="I send it.")
    assert found(read) == {title: [Difference("I send it.", "I sent them.", FETCH, 1000)]}


def test_a_speaker_decided_here_stays_and_one_changed_there_can_be_fetched(
    server: Server, read: Conversation
) -> None:
    Message.objects.update(member=speaker("p2"))
    title = "Lines with another speaker"
    todo = "It stays until it is sent as speaker events."
    assert found(read) == {title: [Difference("Bo", "Speaker 1", todo, 1000)]}
    Message.objects.update(member=speaker("p1"))
    server.parts["/messages"]["messages"][0]["from"] = {"id": "p2", "name": "Bo"}
    assert found(read) == {title: [Difference("Speaker 1", "Bo", FETCH, 1000)]}


def test_a_speaker_decided_here_stays_whoever_the_api_names_meanwhile(
    server: Server, read: Conversation
) -> None:
    Message.objects.update(member=speaker("p2"))
    cy = {"id": "p3", "name": "Cy"}
    server.parts["/messages"]["messages"][0]["from"] = cy
    todo = "It stays until it is sent as speaker events."
    assert found(read) == {"Lines with another speaker": [Difference("Bo", "Cy", todo, 1000)]}
    Message.objects.update(member=None)
    server.parts["/members"]["members"].append(cy)
    (difference,) = found(read)["Lines with another speaker"]
    assert difference.todo == todo


def test_all_are_counted_and_some_listed(
    server: Server, read: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "MOST_LISTED", 2)
    (line,) = server.parts["/messages"]["messages"]
    lines: list[dict[str, Any]] = [line, *(line | {"id": f"new-{n}"} for n in range(3))]
    server.parts["/messages"] = {"messages": lines}
    sections = differences(read)
    assert sections is not None
    (section,) = sections
    assert (section.count, len(section.listed), section.todo) == (3, 2, FETCH)


def test_an_api_that_is_away_is_said(server: Server, read: Conversation) -> None:
    server.fails = Response("{}", status=401)
    with pytest.raises(ApiTrouble):
        differences(read)


def test_a_conversation_that_the_api_no_longer_has_is_not_compared(
    server: Server, read: Conversation
) -> None:
    server.fails = Response("{}", status=404)
    assert differences(read) is None


def test_a_line_that_was_gone_already_is_no_difference(server: Server, read: Conversation) -> None:
    server.parts["/messages"] = {"messages": []}
    Message.objects.update(gone=True)
    Conversation.objects.update(synced_at=timezone.now())
    assert found(read) == {}
