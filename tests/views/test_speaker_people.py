"""Who is who in speaker events: whom the screen asks for, and what it says of names and colours."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from conversations.models import Conversation, Member, SpeakerEventBatch
from conversations.pipeline.speaker_events import Match, decide, draft_of
from tests.pipeline.speaker_lines import draft, send
from tests.views.speaker_batches import add_members, digest_in, of
from tests.views.support import HTMX, body


@pytest.fixture
def members(conversation: Conversation) -> dict[str, Member]:
    return add_members(conversation)


def test_people_come_a_page_at_a_time_and_those_of_the_others_stay(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    rows = (f"{number},{number + 1},P{number},,s{number}" for number in range(45))
    known = {f"s{number}": Match(members["p1"].pk) for number in (*range(20), 44)}
    batch = draft(conversation, ana, *rows, people=known)

    def shown(query: str = "") -> list[str]:
        page = body(reviewer.get(of("speaker-batch", batch) + query))
        return re.findall(r'<p class="match-who"><bdi>(\w+)</bdi>', page)

    pages = [[f"P{number}" for number in part] for part in (range(20), range(20, 40))]
    assert [shown("?people=1"), shown()] == pages
    typed = {"version": 2, "people_page": "2", "member_1": members["p2"].pk}
    reviewer.post(of("speaker-batch-people", batch), typed)
    batch.refresh_from_db()
    assert draft_of(batch).people == known | {"s21": Match(members["p2"].pk)}
    assert shown("?people=3") == [f"P{number}" for number in range(40, 45)]
    Member.objects.filter(pk=members["p1"].pk).update(gone=True)
    assert shown() == pages[0]


def test_an_answer_that_names_no_page_is_about_the_first_people(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    rows = (f"{number},{number + 1},P{number},,s{number}" for number in range(21))
    known = {f"s{number}": Match(members["p1"].pk) for number in range(20)}
    batch = draft(conversation, ana, *rows, people=known)
    typed = {f"member_{number}": members["p2"].pk for number in range(20)}
    reviewer.post(of("speaker-batch-people", batch), {"version": 2, **typed})
    batch.refresh_from_db()
    assert draft_of(batch).people == dict.fromkeys(known, Match(members["p2"].pk))


def test_somebody_may_be_nobody_whose_turns_are_left_out(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    batch = draft(conversation, ana, "5,10,Bo,,x", "0,5,Zed,,z")
    typed = {"version": 1, "member_0": "nobody", "member_1": members["p2"].pk}
    reviewer.post(of("speaker-batch-people", batch), typed)
    batch.refresh_from_db()
    kept = {"z": Match(left_out=True), "x": Match(members["p2"].pk)}
    assert draft_of(batch).people == kept
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert '<option value="nobody" selected>Nobody: leave these turns out</option>' in page
    assert '<bdi class="lane-name">Zed</bdi>' not in page
    assert 'Changes <span class="number">1</span> of <span class="number">3</span> messages' in page
    sent = {"version": 2, "digest": digest_in(page)}
    assert reviewer.post(of("speaker-batch-send", batch), sent).status_code == 302
    batch.refresh_from_db()
    assert [turn["name"] for turn in batch.spans] == ["Bo"]


def test_whoever_has_no_turn_left_is_neither_listed_nor_counted(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    batch = draft(conversation, ana, "0,5,Ana,,a", "20,25,Zed,,z")
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert "2 people are not matched yet" in page
    assert 'value="after_end">Leave out what lies after the end</button>' in page
    typed = {"version": 1, "code": "after_end"}
    reviewer.post(of("speaker-batch-fix", batch), typed)
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert "1 person is not matched yet" in page
    assert re.findall(r'<p class="match-who"><bdi>(\w+)</bdi>', page) == ["Ana"]


def test_a_draft_in_which_nobody_speaks_asks_for_nobody(
    reviewer: Client, conversation: Conversation, ana: User
) -> None:
    page = body(reviewer.get(of("speaker-batch", draft(conversation, ana))))
    assert "Nobody speaks in it." in page
    assert "Who is who" not in page


def test_two_who_are_matched_to_one_speaker_are_told_so(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    batch = draft(conversation, ana, "0,5,Peter,,p", "5,10,Helen,helen@example.test,h")
    typed = {"version": 1, **dict.fromkeys(("member_0", "member_1"), members["p1"].pk)}
    response = reviewer.post(of("speaker-batch-people", batch), typed)
    assert response["Location"] == f"{of('speaker-batch', batch)}#people-title"
    page = body(reviewer.get(response["Location"]))
    assert (
        "<bdi>Peter</bdi> and <bdi>Helen</bdi> are one speaker here: the turns of both go to "
        "<strong><bdi>Peter</bdi></strong>, and no other name or e-mail of theirs is sent."
    ) in page
    other = {"version": 2, "member_0": members["p1"].pk, "member_1": members["p2"].pk}
    reviewer.post(of("speaker-batch-people", batch), other)
    assert "are one speaker here" not in body(reviewer.get(of("speaker-batch", batch)))


def test_whoever_is_suggested_is_drawn_in_that_speakers_colour(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    batch = draft(conversation, ana, "10,15,Bo,,x", "0,5,Zed,,z", "5,10,Zed,,y")
    shown = (
        r'class="lane tone-(\d+)">.*?<bdi class="lane-name">(\w+)</bdi>.*?<path class="tone-(\d)'
    )
    page = body(reviewer.get(of("speaker-batch", batch)))
    drawn = {name: (thick, thin) for thick, name, thin in re.findall(shown, page, re.DOTALL)}
    assert drawn["Bo"][0] == drawn["Bo"][1]
    legend = "Whoever is not matched yet is drawn as the speaker that is suggested below"
    assert legend in page
    people = {"x": Match(members["p2"].pk), "z": Match(None, "Z"), "y": Match(None, "Y")}
    decide(batch, version=1, people=people)
    assert legend not in body(reviewer.get(of("speaker-batch", batch)))


def test_names_that_change_at_the_api_are_said_before_and_after(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    people = {"a": Match(members["p1"].pk)}
    batch = draft(conversation, ana, "0,10,Ana,,a", people=people)
    page = body(reviewer.get(of("speaker-batch", batch)))
    box = page.split('class="send-means"')[1].partition("</ul>")[0]
    assert "<li>No message goes to another speaker.</li>" in box
    assert "<li>At the API, 1 speaker is named: <bdi>Ana</bdi>.</li>" in box
    send(batch)
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert "1 speaker is to be named: <bdi>Ana</bdi>." in page
    rows = SpeakerEventBatch.objects.filter(pk=batch.pk)
    outcome = {"as_expected": 0, "missing": [], "others": [], "unnamed": [members["p1"].pk]}
    rows.update(outcome=outcome)
    status = of("speaker-batch-status", batch)
    waiting = body(reviewer.get(status, headers=HTMX))
    assert (
        'So far it shows <span class="number">0</span> of <span class="number">1</span>' in waiting
    )
    rows.update(state="pushed")
    settled = body(reviewer.get(status, headers=HTMX))
    assert "Not named as expected: <bdi>Ana</bdi>. No other line changed." in settled
    rows.update(outcome={**outcome, "unnamed": []})
    settled = body(reviewer.get(status, headers=HTMX))
    assert (
        '"outcome-title">The API named <span class="number">1</span> of '
        '<span class="number">1</span> expected speaker</h2>'
    ) in settled
    assert (
        "<p>1 speaker was named: <bdi>Ana</bdi>. Nothing else changed: it did what the dry run "
        "said."
    ) in settled
