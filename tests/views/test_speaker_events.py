"""The screen of speaker events: what people see, may do, and are told when they are late."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from conversations.models import (
    Append,
    BatchState,
    Conversation,
    Member,
    Message,
    Recording,
    Role,
    SpeakerEventBatch,
    State,
)
from conversations.pipeline.speaker_dry_run import preview_of
from conversations.pipeline.speaker_events import LOOK, LOST, Match, decide, draft_of
from tests.pipeline.speaker_lines import add_speaker, draft, send
from tests.views.speaker_batches import CSV, add_members, bring_in, digest_in, file, of
from tests.views.support import HTMX, NOW, address, body, errors


@pytest.fixture
def members(conversation: Conversation) -> dict[str, Member]:
    return add_members(conversation)


@pytest.fixture
def ready(conversation: Conversation, members: dict[str, Member], ana: User) -> SpeakerEventBatch:
    """A draft that gives Bo the second line."""
    people = {"x": Match(members["p2"].pk)}
    return draft(conversation, ana, "5,15,Bo,,x", people=people)


@pytest.fixture
def viewer(person: Callable[..., User]) -> Client:
    client = Client()
    client.force_login(person("vic", Role.VIEWER))
    return client


def test_a_file_becomes_a_draft(
    reviewer: Client, conversation: Conversation, members: dict[str, Member]
) -> None:
    response = bring_in(reviewer, conversation, timeline=file(f"{CSV}5,15,Bo,,x\n"))
    batch = SpeakerEventBatch.objects.get()
    assert (response.status_code, response["Location"]) == (302, of("speaker-batch", batch))
    assert (batch.file_name, batch.source_format) == ("who.csv", "csv")
    assert (batch.state, batch.created_by and batch.created_by.username) == ("draft", "ana")
    page = body(reviewer.get(response["Location"]))
    assert "1 person is not matched yet" in page
    assert "Suggested, not decided: the same name." in page
    assert f'<option value="{members["p2"].pk}" selected>' in page


def test_a_pasted_timeline_is_read_with_the_options_of_zoom(
    reviewer: Client, conversation: Conversation
) -> None:
    entries = [
        {"ts": f"00:00:{at:02}.000", "users": [{"user_id": user, "username": f"U{user}"}]}
        for at, user in ((1, 1), (5, 2), (6, 1), (9, 2))
    ]
    bring_in(reviewer, conversation, text=json.dumps({"timeline": entries}), floor="2")
    timeline = draft_of(SpeakerEventBatch.objects.get()).timeline
    assert [(span.start_ms, span.end_ms) for span in timeline.spans(12_000)] == [
        (1000, 9000), (9000, 12_000),
    ]  # fmt: skip


def test_the_times_of_a_file_may_begin_at_a_later_recording(
    reviewer: Client, conversation: Conversation, append: Append, recording: Recording
) -> None:
    Append.objects.create(
        conversation=conversation, seq=2, recording=recording, state=State.SYNCED,
        state_since=NOW, offset_ms=60_000,
    )  # fmt: skip
    page = body(reviewer.get(address("speaker-events", conversation)))
    assert "Recording 2, from 1:00: tones.wav" in page
    bring_in(reviewer, conversation, text=f"{CSV}1,2,Bo,,x", start="60000")
    events = draft_of(SpeakerEventBatch.objects.get()).timeline.events
    assert [event.offset_ms for event in events] == [61_000, 62_000]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a file, or paste the text below."),
        ({"text": "a", "timeline": file("b")}, "Paste the text or choose a file, not both."),
        ({"text": "a"}, "The text does not tell its format. Choose it here."),
        ({"text": f"{CSV}1,two,Bo,,x"}, "Line 2: "),
        ({"timeline": file("[", "a.json"), "format": "symbl"}, "Line 1: This is not JSON"),
        ({"text": "x" * 500_001}, "Too long to be pasted. Upload it as a file."),
        ({"text": "a", "floor": "-1"}, "Seconds from 0 to 3600, like 0.75."),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_not_kept(
    reviewer: Client, conversation: Conversation, fields: dict[str, Any], said: str
) -> None:
    response = bring_in(reviewer, conversation, **fields)
    (error,) = errors(response)
    assert (response.status_code, error[: len(said)]) == (422, said)
    assert not SpeakerEventBatch.objects.exists()


@pytest.mark.parametrize(
    ("format", "text", "said"),
    [
        (
            "rttm",
            f"{CSV}5,15,Bo,,x",
            "This cannot be read as RTTM: it looks like CSV. Choose that, or \u201cFind out\u201d. "
            "Nothing was kept.",
        ),
        (
            "",
            "1\n00:00:01,000 --> 00:00:02,000\nAna: Hello.\n",
            "These are SRT subtitles, which do not say who speaks. Bring in WebVTT with voice "
            "tags instead, or another of these formats. Nothing was kept.",
        ),
    ],
)
def test_a_text_of_another_format_is_told_at_the_choice_of_the_format(
    *, reviewer: Client, conversation: Conversation, format: str, text: str, said: str
) -> None:
    response = bring_in(reviewer, conversation, text=text, format=format)
    place = body(response).split('id="id_format_error"')[1].partition("</ul>")[0]
    assert (response.status_code, errors(response)) == (422, [said])
    assert said[:40] in place
    assert not SpeakerEventBatch.objects.exists()


def test_what_was_pasted_is_called_the_same_everywhere(
    reviewer: Client, conversation: Conversation
) -> None:
    bring_in(reviewer, conversation, text=f"{CSV}5,15,Bo,,x")
    batch = SpeakerEventBatch.objects.get()
    name = "<bdi>Pasted speaker events</bdi>"
    assert name in body(reviewer.get(of("speaker-batch", batch)))
    assert name in body(reviewer.get(address("speaker-events", conversation)))


def test_a_file_above_the_limit_is_broken_off(
    reviewer: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.views.uploads.MAX_TIMELINE_BYTES", 100_000)
    response = bring_in(reviewer, conversation, timeline=file("x" * 200_000))
    assert (response.status_code, errors(response)) == (
        422, ["This file is larger than 20 MB, the limit here. Nothing of it was kept."],
    )  # fmt: skip


def test_people_are_matched_by_a_form(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    batch = draft(conversation, ana, "0,5,Anna,,a", "5,15,Bo,,x", "14,15,Z,,z")
    people = {
        "version": 1, "member_0": members["p1"].pk, "member_1": "new", "name_1": "Cleo",
        "email_1": "Cleo@Example.test", "member_2": "",
    }  # fmt: skip
    response = reviewer.post(of("speaker-batch-people", batch), people)
    assert response["Location"] == f"{of('speaker-batch', batch)}#changes-title"
    assert '<h2 id="changes-title" tabindex="-1">' in body(reviewer.get(response["Location"]))
    batch.refresh_from_db()
    assert draft_of(batch).people == {
        "a": Match(members["p1"].pk),
        "x": Match(None, "Cleo", "cleo@example.test"),
    }


def test_a_new_person_needs_a_name_and_an_address_of_their_own(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    batch = draft(conversation, ana, "0,5,Anna,,a", "5,15,Bo,,x", "14,15,Z,,z")
    people = {
        "version": 1, "member_0": "new", "name_0": "", "email_0": "ana",
        "member_1": "new", "name_1": "Robert", "email_1": "BO@example.test",
        "member_2": "", "email_2": "not looked at",
    }  # fmt: skip
    response = reviewer.post(of("speaker-batch-people", batch), people)
    assert response.status_code == 422
    assert errors(response) == [
        "Enter the name of the new person.",
        "This is not an e-mail address, like ana@example.com.",
        "\u2068Bo\u2069 has this e-mail: at the API the two are one person. "
        "Choose that speaker instead, or leave the e-mail out.",
    ]


def test_fixes_are_chosen_one_by_one_or_all_at_once_and_taken_back(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    batch = draft(conversation, ana, "0,6,Anna,,a", "5,20,Bo,,x")
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert "Two people speak at once from 00:00:05.000 to 00:00:06.000" in page
    assert "past the end of the recording" in page
    chosen = []
    for version, code in enumerate(("overlap", "all", "none"), 1):
        answer = reviewer.post(of("speaker-batch-fix", batch), {"version": version, "code": code})
        assert answer["Location"] == f"{of('speaker-batch', batch)}#problems-title"
        batch.refresh_from_db()
        chosen.append(sorted(draft_of(batch).fixes))
    assert chosen == [["overlap"], ["beyond_end", "overlap"], []]
    answer = reviewer.post(of("speaker-batch-fix", batch), {"version": 4, "code": "zero"})
    assert answer.status_code == 404


def test_the_dry_run_is_shown_before_anything_is_sent(
    reviewer: Client, ready: SpeakerEventBatch
) -> None:
    page = body(reviewer.get(of("speaker-batch", ready)))
    assert 'Changes <span class="number">1</span> of <span class="number">3</span> messages' in page
    assert "No turn touches 1 line: it stays as it is." in page
    assert "Line 1." in page
    assert "speaks 5.0 s of it" in page


def test_a_draft_is_sent_once(
    reviewer: Client, ready: SpeakerEventBatch, members: dict[str, Member]
) -> None:
    typed = {"version": 2, "digest": digest_in(body(reviewer.get(of("speaker-batch", ready))))}
    response = reviewer.post(of("speaker-batch-send", ready), typed)
    assert response["Location"] == of("speaker-batch", ready)
    again = reviewer.post(of("speaker-batch-send", ready), typed)
    assert again.status_code == 409
    assert "somebody changed or sent this meanwhile" in body(again)
    ready.refresh_from_db()
    assert (ready.state, ready.version) == (BatchState.PENDING, 3)


def test_a_page_that_is_out_of_date_sends_nothing(
    reviewer: Client, ready: SpeakerEventBatch, members: dict[str, Member]
) -> None:
    digest = digest_in(body(reviewer.get(of("speaker-batch", ready))))
    Message.objects.filter(remote_id="0").update(remote_member=members["p2"])
    Message.objects.filter(remote_id="1").update(remote_member=members["p2"])
    typed = {"version": 2, "digest": digest}
    response = reviewer.post(of("speaker-batch-send", ready), typed)
    assert response.status_code == 409
    page = body(response)
    assert "the transcript was changed meanwhile" in page
    assert 'Changes <span class="number">0</span> of' in page


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("fix", {"code": "all"}),
        ("people", {"member_0": ""}),
        ("people", {"member_0": "999999"}),
        ("reopen", {}),
        ("discard", {}),
        ("send", {"again": "yes"}),
    ],
)
def test_late_forms_change_nothing(
    reviewer: Client, ready: SpeakerEventBatch, name: str, typed: dict[str, str]
) -> None:
    response = reviewer.post(of(f"speaker-batch-{name}", ready), {"version": 1, **typed})
    assert response.status_code == 409
    assert "Nothing was changed" in body(response)
    assert SpeakerEventBatch.objects.filter(pk=ready.pk, version=2, state="draft").exists()


def test_the_state_of_what_is_sent_refreshes_until_it_is_settled(
    reviewer: Client, ready: SpeakerEventBatch
) -> None:
    batch = send(ready)
    waiting = body(reviewer.get(of("speaker-batch-status", batch), headers=HTMX))
    assert "On its way to the API" in waiting
    assert 'hx-trigger="every 3s"' in waiting
    assert "aria-live" not in waiting
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert f'id="look-again" href="{of("speaker-batch", batch)}">Look again</a>' in page
    line, missed = (Message.objects.get(remote_id=remote_id) for remote_id in "01")
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.PUSHED,
        outcome={
            "as_expected": 0,
            "missing": [{"message": missed.pk, "to": None}],
            "others": [{"message": line.pk, "from": line.member_id, "to": None}],
        },
    )
    settled = body(reviewer.get(of("speaker-batch-status", batch), headers=HTMX))
    assert "hx-trigger" not in settled
    heading = settled.split('id="outcome-title">')[1].split("</h2>")[0]
    assert heading == (
        'The API changed <span class="number">0</span> of <span class="number">1</span> '
        "expected line"
    )
    assert "1 other changed. 1 did not." in settled
    assert settled.count("Unknown speaker") == 2
    assert reviewer.get(of("speaker-batch-status", batch)).status_code == 302


def test_what_failed_says_why_and_may_be_sent_again(
    reviewer: Client, ready: SpeakerEventBatch
) -> None:
    batch = send(ready)
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(state="failed", push_error="It is full.")
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert "It is full. Nothing was changed, and the events are kept." in page
    typed = {"version": 3, "again": "yes"}
    assert reviewer.post(of("speaker-batch-send", batch), typed).status_code == 302
    batch.refresh_from_db()
    assert batch.state == BatchState.PENDING


def test_what_may_have_arrived_is_looked_for_first_and_not_discarded_unawares(
    reviewer: Client, ready: SpeakerEventBatch
) -> None:
    batch = send(ready)
    rows = SpeakerEventBatch.objects.filter(pk=batch.pk)
    rows.update(state="failed", push_error="It broke off.", outcome=LOST)
    page = body(reviewer.get(of("speaker-batch", batch)))
    assert "It is not known whether it arrived" in page
    listed = body(reviewer.get(address("speaker-events", batch.conversation)))
    assert [">Not known</span>" in one for one in (page, listed)] == [True, True]
    assert "Not sent" not in page + listed
    assert "Nothing was changed" not in page
    discarded = reviewer.post(of("speaker-batch-discard", batch), {"version": 3})
    assert (discarded.status_code, rows.exists()) == (409, True)
    assert "the API may have these events" in body(discarded)
    asked = reviewer.post(of("speaker-batch-send", batch), {"version": 3, "look": "yes"})
    assert asked.status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.outcome) == (BatchState.PENDING, LOOK)
    assert "It is looked for at the API" in body(reviewer.get(of("speaker-batch", batch)))
    rows.update(state="failed", outcome=LOST)
    copied = reviewer.post(of("speaker-batch-reopen", batch), {"version": 4})
    copy = SpeakerEventBatch.objects.exclude(pk=batch.pk).get()
    assert (copied["Location"], copy.state) == (of("speaker-batch", copy), BatchState.DRAFT)
    typed = {"version": 5, "anyway": "yes"}
    assert reviewer.post(of("speaker-batch-discard", batch), typed).status_code == 302
    assert not rows.exists()


def test_what_would_do_something_else_by_now_is_not_sent_again(
    reviewer: Client, ready: SpeakerEventBatch, members: dict[str, Member]
) -> None:
    batch = send(ready)
    rows = SpeakerEventBatch.objects.filter(pk=batch.pk)
    rows.update(state="failed", push_error="No.")
    Member.objects.filter(pk=members["p2"].pk).update(name="Robert")
    typed = {"version": 3, "again": "yes"}
    response = reviewer.post(of("speaker-batch-send", batch), typed)
    assert response.status_code == 409
    assert "names or lines have changed since" in body(response)
    assert rows.get().state == BatchState.FAILED


def test_lines_that_go_back_are_counted_shown_and_named(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    one, two = members["p1"], members["p2"]
    batch = send(draft(conversation, ana, "0,10,Bo,,x", people={"x": Match(two.pk)}))
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(state="pushed", outcome={})
    Message.objects.update(remote_member=two, member=two)
    newer = draft(conversation, ana, "5,15,Bo,,x", people={"x": Match(two.pk)})
    page = body(reviewer.get(of("speaker-batch", newer)))
    assert 'Changes <span class="number">1</span> of <span class="number">3</span> messages' in page
    assert "No turn touches 1 line: 1 goes back to whom the API heard there first" in page
    assert "· no turn touches it" in page
    assert '<bdi>Speaker 1</bdi></th><td class="number">0</td><td class="number">1</td>' in page
    assert one.name == "Speaker 1"


def test_the_other_recordings_keep_what_was_sent_for_them_unless_that_is_not_wanted(
    *,
    reviewer: Client,
    conversation: Conversation,
    members: dict[str, Member],
    ana: User,
    append: Append,
    recording: Recording,
) -> None:
    Append.objects.create(
        conversation=conversation, seq=2, recording=recording, state=State.SYNCED,
        state_since=NOW, offset_ms=10_000,
    )  # fmt: skip
    people = {"x": Match(members["p2"].pk)}
    sent = send(draft(conversation, ana, "5,12,Bo,,x", people=people))
    SpeakerEventBatch.objects.filter(pk=sent.pk).update(state="pushed", outcome={})
    listed = body(reviewer.get(address("speaker-events", conversation)))
    assert "checked" in listed.split('name="keep"')[1].partition(">")[0]
    found = []
    for keep in ({"keep": "on"}, {}):
        bring_in(reviewer, conversation, text=f"{CSV}1,2,Bo,,x", start="10000", **keep)
        batch = SpeakerEventBatch.objects.first()
        assert batch is not None
        decide(batch, version=1, people=people)
        batch.refresh_from_db()
        spans = preview_of(batch).spans
        page = body(reviewer.get(of("speaker-batch", batch)))
        found.append((
            [(span.start_ms, span.end_ms) for span in spans],
            "1 turn that was sent for the other recordings goes along" in page,
        ))  # fmt: skip
    assert found == [([(5000, 10_000), (11_000, 12_000)], True), ([(11_000, 12_000)], False)]


def test_a_new_persons_lane_has_the_colour_of_the_member_they_became(
    reviewer: Client, conversation: Conversation, members: dict[str, Member], ana: User
) -> None:
    people = {"x": Match(None, "Cleo")}
    batch = send(draft(conversation, ana, "5,15,Cleo,,x", people=people))
    cleo = add_speaker(conversation, "p9", "Cleo")
    Message.objects.exclude(remote_id="0").update(remote_member=cleo, member=cleo)
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(state="pushed", outcome={})
    page = body(reviewer.get(of("speaker-batch", batch)))
    lane = page.split('class="lane tone-')[1].split('class="table-scroll"')[0]
    owners = lane.split('class="lane-owners"')[1]
    assert lane[0] == "2"
    assert owners.split('<path class="tone-')[1][0] == "2"


def test_a_recording_on_its_way_is_waited_for(
    reviewer: Client, ready: SpeakerEventBatch, append: Append
) -> None:
    digest = digest_in(body(reviewer.get(of("speaker-batch", ready))))
    Append.objects.filter(pk=append.pk).update(state=State.PROCESSING, job_id="j1")
    assert 'name="digest"' not in body(reviewer.get(of("speaker-batch", ready)))
    response = reviewer.post(of("speaker-batch-send", ready), {"version": 2, "digest": digest})
    assert response.status_code == 409
    assert "brings lines that nobody has seen" in body(response)


def test_a_batch_that_became_a_draft_again_says_why_and_leaves_the_old_page(
    reviewer: Client, ready: SpeakerEventBatch
) -> None:
    SpeakerEventBatch.objects.filter(pk=ready.pk).update(push_error="The transcript changed.")
    assert "The transcript changed." in body(reviewer.get(of("speaker-batch", ready)))
    asked = reviewer.get(of("speaker-batch-status", ready), headers=HTMX)
    assert asked["HX-Redirect"] == of("speaker-batch", ready)


def test_what_was_sent_is_read_only(reviewer: Client, ready: SpeakerEventBatch) -> None:
    batch = send(ready)
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(state="pushed", outcome={})
    page = body(reviewer.get(of("speaker-batch", batch)))
    for name in ("fix", "people", "send", "discard", "reopen"):
        assert of(f"speaker-batch-{name}", batch) not in page
    assert "Expected to change" in page


def test_viewers_read_and_export_and_change_nothing(
    viewer: Client, conversation: Conversation, ready: SpeakerEventBatch
) -> None:
    listed = body(viewer.get(address("speaker-events", conversation)))
    assert of("speaker-batch", ready) in listed
    assert "Read it" not in listed
    page = body(viewer.get(of("speaker-batch", ready)))
    for name in ("fix", "send", "discard"):
        assert of(f"speaker-batch-{name}", ready) not in page
    assert bring_in(viewer, conversation, text=CSV).status_code == 403
    for name in ("fix", "people", "send", "reopen", "discard"):
        answer = viewer.post(of(f"speaker-batch-{name}", ready), {"version": 2})
        assert answer.status_code == 403
    assert viewer.get(of("speaker-batch-export", ready, "csv")).status_code == 200


def test_outsiders_and_other_conversations_do_not_find_a_batch(
    person: Callable[..., User], reviewer: Client, ready: SpeakerEventBatch
) -> None:
    outsider = Client()
    outsider.force_login(person("eve", None))
    other = Conversation.objects.create(team=ready.conversation.team, name="Other")
    wrong = address("speaker-batch", other, ready.uuid)
    answers = [
        outsider.get(of("speaker-batch", ready)),
        outsider.get(of("speaker-batch-export", ready, "csv")),
        outsider.get(address("speaker-events", ready.conversation)),
        reviewer.get(wrong),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4


def test_a_batch_is_exported_as_it_is_mended_and_matched(
    reviewer: Client, ready: SpeakerEventBatch
) -> None:
    response = reviewer.get(of("speaker-batch-export", ready, "csv"))
    assert body(response).splitlines() == [
        "start,end,speaker,email,id",
        "5.000,15.000,Bo,bo@example.test,p2",
    ]
    assert response["Content-Disposition"] == 'attachment; filename="Interview.speakers.csv"'
    assert reviewer.get(of("speaker-batch-export", ready, "zoom")).status_code == 404


@pytest.mark.parametrize(
    ("format", "kind", "first"),
    [
        ("symbl", "application/json", "{"),
        ("rttm", "text/plain", "SPEAKER"),
        ("vtt", "text/vtt", "WEBVTT"),
        ("csv", "text/csv", "start,end,speaker,email,id"),
    ],
)
def test_the_transcript_is_exported_as_turns(
    *,
    reviewer: Client,
    conversation: Conversation,
    members: dict[str, Member],
    format: str,
    kind: str,
    first: str,
) -> None:
    response = reviewer.get(address("speaker-events-export", conversation, format))
    assert response["Content-Type"] == f"{kind}; charset=utf-8"
    text = body(response)
    assert text.splitlines()[0].split(" ")[0] == first
    assert text.count("Bo") == (2 if format == "symbl" else 1)


def test_a_draft_costs_the_same_queries_however_many_lines(
    reviewer: Client,
    ready: SpeakerEventBatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    page = of("speaker-batch", ready)
    reviewer.get(page)
    with django_assert_num_queries(13):
        reviewer.get(page)
    people = list(Member.objects.all())
    add_more(ready.conversation, people)
    with django_assert_num_queries(13):
        reviewer.get(page)


def add_more(conversation: Conversation, members: list[Member]) -> None:
    for place in range(3, 40):
        Message.objects.create(
            conversation=conversation, remote_id=str(place), position=place, text="More.",
            remote_text="More.", start_ms=place * 100, end_ms=place * 100 + 90,
            member=members[place % 2], remote_member=members[place % 2],
        )  # fmt: skip
