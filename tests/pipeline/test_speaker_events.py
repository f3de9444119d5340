"""Speaker events as drafts: what is read, what is decided, and what sending would change."""

import json
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from conversations.models import BatchState, Conversation, Member, SpeakerEventBatch
from conversations.pipeline import speaker_dry_run, speaker_events, speaker_reading
from conversations.pipeline.speaker_dry_run import Conversed, preview_of, settled
from conversations.pipeline.speaker_events import Match
from conversations.pipeline.speaker_suggestions import suggestions
from conversations.speaker_events import Code, Span, Speaker, ZoomOptions
from tests.pipeline.speaker_lines import HEADER, add_lines, add_speaker, draft, send

OPTIONS = ZoomOptions()


@pytest.fixture
def first(conversation: Conversation) -> Member:
    return add_speaker(conversation, "p1", "Speaker 1")


@pytest.fixture
def bo(conversation: Conversation) -> Member:
    return add_speaker(conversation, "p2", "Bo", "bo@example.test")


def turns(batch: SpeakerEventBatch) -> list[tuple[str, int, int]]:
    spans = preview_of(batch).spans
    return [(span.speaker.id, span.start_ms, span.end_ms) for span in spans]


def test_a_draft_keeps_what_was_read(conversation: Conversation, ana: User) -> None:
    batch = draft(
        conversation, ana, "3,9,Ana,ana@example.test,a", "7,6,Bo,,b", "12,15,Ana,,a",
        people={"a": Match(None, "Ana Diaz", "ana@example.test")},
    )  # fmt: skip
    batch = SpeakerEventBatch.objects.get(pk=batch.pk)
    kept = speaker_events.draft_of(batch)
    _, timeline = speaker_reading.read_events(
        f"{HEADER}3,9,Ana,ana@example.test,a\n7,6,Bo,,b\n12,15,Ana,,a\n",
        format="csv", file_name="", options=OPTIONS,
    )  # fmt: skip
    assert kept.timeline.events == timeline.events
    assert [one.sentence for one in kept.timeline.remarks] == [
        one.sentence for one in timeline.remarks
    ]
    assert kept.people == {"a": Match(None, "Ana Diaz", "ana@example.test")}
    assert (batch.state, batch.spans, batch.expected) == (BatchState.DRAFT, [], None)


def test_problems_are_told_apart_by_whether_they_are_settled(
    conversation: Conversation, ana: User, bo: Member
) -> None:
    add_lines(conversation, [bo, bo])
    batch = draft(conversation, ana, "0,6,Ana,,a", "4,12,Bo,,b", "9,8,Bo,,b")
    preview = preview_of(batch)
    assert [(one.code, one.at_ms) for one in preview.problems] == [
        (Code.BEYOND_END, 4000), (Code.OVERLAP, 4000),
    ]  # fmt: skip
    assert [one.code for one in settled(preview.draft)] == [Code.STOP_BEFORE_START]


def test_fixes_are_kept_apart_from_what_was_read(
    conversation: Conversation, ana: User, bo: Member
) -> None:
    add_lines(conversation, [bo, bo])
    batch = draft(conversation, ana, "0,6,Ana,,a", "4,12,Bo,,b")
    fixes = frozenset({Code.OVERLAP, Code.BEYOND_END})
    speaker_events.decide(batch, version=1, fixes=fixes)
    batch.refresh_from_db()
    assert turns(batch) == [("a", 0, 4000), ("b", 4000, 10_000)]
    speaker_events.decide(batch, version=2, fixes=frozenset())
    batch.refresh_from_db()
    assert turns(batch) == [("a", 0, 6000), ("b", 4000, 12_000)]


def test_two_speakers_who_are_one_person_do_not_overlap(
    conversation: Conversation, ana: User, first: Member
) -> None:
    people = {"a": Match(first.pk), "b": Match(first.pk)}
    batch = draft(conversation, ana, "0,6,Ana,,a", "4,10,Ana phone,,b", people=people)
    speaker_events.decide(batch, version=2, fixes=frozenset({Code.OVERLAP}))
    batch.refresh_from_db()
    assert turns(batch) == [("p1", 0, 10_000)]


def test_what_is_never_stopped_is_a_problem_until_it_ends_with_the_recording(
    conversation: Conversation, ana: User, bo: Member
) -> None:
    add_lines(conversation, [bo, bo])
    events = [
        {"type": f"{kind}_speaking", "user": {"id": user}, "offset": {"seconds": at}}
        for kind, user, at in (("started", "a", 0), ("stopped", "a", 4), ("started", "b", 3))
    ]
    _, timeline = speaker_reading.read_events(
        json.dumps(events), format="", file_name="", options=OPTIONS
    )
    batch = speaker_events.take_in(
        conversation, timeline, source_format="symbl", file_name="", user=ana
    )
    found = []
    for version, fixes in enumerate(({Code.OVERLAP}, {Code.OVERLAP, Code.UNCLOSED}), 1):
        speaker_events.decide(batch, version=version, fixes=frozenset(fixes))
        batch.refresh_from_db()
        codes = [one.code for one in preview_of(batch).problems]
        found.append((codes, turns(batch)))
    assert found == [
        ([Code.UNCLOSED], [("a", 0, 3000), ("b", 3000, 4000)]),
        ([], [("a", 0, 3000), ("b", 3000, 10_000)]),
    ]


def test_without_a_length_nothing_can_be_cut_at_the_end(conversation: Conversation) -> None:
    conversed = Conversed(conversation)
    assert [code for code in Code if conversed.can_fix(code)] == [Code.OVERLAP]


def test_speakers_are_suggested_by_id_address_name_and_lines(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    cleo, dana = add_speaker(conversation, "p3", "Cleo"), add_speaker(conversation, "p4", "Dana")
    add_lines(conversation, [first, first, bo, cleo, dana])
    batch = draft(
        conversation, ana, "0,4,Anna,,x", "4,20,Everybody,,e", "10,11,B.,BO@example.test,y",
        "11,12,CLEO,,z", "12,13,D,,p4", "13,14,Nobody,,n",
    )  # fmt: skip
    preview = preview_of(batch)
    found = suggestions(preview)
    assert {key: (one.member.pk, one.reason) for key, one in found.items()} == {
        "x": (first.pk, "100% of their time lies in lines that this speaker has now"),
        "y": (bo.pk, "the same e-mail"),
        "z": (cleo.pk, "the same name"),
        "p4": (dana.pk, "the API's own id"),
    }
    assert preview.draft.people == {}


def test_a_name_that_two_have_is_not_suggested(conversation: Conversation, ana: User) -> None:
    for remote_id in ("p1", "p2"):
        add_speaker(conversation, remote_id, "Bo")
    batch = draft(conversation, ana, "0,4,Bo,,x")
    assert suggestions(preview_of(batch)) == {}


def test_an_unnamed_speaker_is_called_as_in_the_file_and_a_named_one_keeps_the_name(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    people = {"x": Match(first.pk), "y": Match(bo.pk)}
    batch = draft(
        conversation, ana, "0,4,Ana,ana@example.test,x", "4,5,Robert,r@example.test,y",
        people=people,
    )  # fmt: skip
    assert preview_of(batch).spans == (
        Span(Speaker("p1", "Ana", "ana@example.test"), 0, 4000),
        Span(Speaker("p2", "Bo", "bo@example.test"), 4000, 5000),
    )


@pytest.mark.parametrize("email", ["bo@example.test", "BO@example.test", "no address"])
def test_an_address_of_the_file_is_left_out_if_it_is_taken_or_none(
    conversation: Conversation, ana: User, first: Member, bo: Member, email: str
) -> None:
    batch = draft(conversation, ana, f"0,4,Ana,{email},x", people={"x": Match(first.pk)})
    who = preview_of(batch).who
    assert who == {"x": Speaker("p1", "Ana")}


def test_a_speaker_who_was_merged_meanwhile_is_the_one_who_is_shown(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    batch = draft(conversation, ana, "0,4,Ana,,x", people={"x": Match(first.pk)})
    first.merged_into = bo
    first.save()
    who = preview_of(batch).who
    assert who == {"x": Speaker("p2", "Bo", "bo@example.test")}


def test_new_people_of_one_address_are_one_person_with_an_id_of_their_own(
    conversation: Conversation, ana: User, first: Member
) -> None:
    new = Match(None, "Ana", "ana@example.test")
    batch = draft(
        conversation, ana, "0,4,Ana,,p1", "3,6,Ana phone,,y",
        people={"p1": new, "y": replace(new, email="Ana@example.test")},
    )  # fmt: skip
    assert turns(batch) == [(f"{batch.uuid.hex[:8]}-0", 0, 6000)]


def test_whose_turns_are_left_out_changes_nothing_and_holds_nothing_up(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    lines = add_lines(conversation, [first, first, first])
    batch = draft(
        conversation, ana, "0,9,Zed,,z", "5,10,Bo,,x", "9,15,Zed,,z",
        people={"x": Match(bo.pk), "z": Match(left_out=True)},
    )  # fmt: skip
    preview = preview_of(SpeakerEventBatch.objects.get(pk=batch.pk))
    assert turns(batch) == [("p2", 5000, 10_000)]
    assert (preview.unmatched, preview.problems) == ([], [])
    assert [speaker.name for speaker in preview.people] == ["Zed", "Bo"]
    assert [one.row.pk for one in preview.dry_run.expectations] == [lines[1].pk]
    send(batch)


def test_what_somebody_left_out_never_stopped_is_no_problem(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    events = [
        {"type": "started_speaking", "user": {"id": key}, "offset": {"seconds": at}}
        for key, at in (("a", 0), ("b", 1), ("a", 2))
    ]
    _, timeline = speaker_reading.read_events(
        json.dumps(events), format="", file_name="", options=OPTIONS
    )
    batch = speaker_events.take_in(
        conversation, timeline, source_format="symbl", file_name="", user=ana
    )
    people = {"a": Match(left_out=True), "b": Match(first.pk)}
    speaker_events.decide(batch, version=1, people=people)
    batch.refresh_from_db()
    problems = preview_of(batch).problems
    assert [(one.code, one.speaker and one.speaker.id) for one in problems] == [
        (Code.UNCLOSED, "b")
    ]


def test_whoever_lost_all_turns_to_a_fix_is_not_asked_for_and_lends_no_name(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    batch = draft(conversation, ana, "6,8,Zed,,z", "0,4,Ana,,a", people={"a": Match(first.pk)})
    assert [speaker.id for speaker in preview_of(batch).unmatched] == ["z"]
    for version, people in ((2, {"a": Match(first.pk)}), (3, dict.fromkeys("az", Match(first.pk)))):
        fixes = frozenset({Code.AFTER_END})
        speaker_events.decide(batch, version=version, fixes=fixes, people=people)
        batch.refresh_from_db()
        preview = preview_of(batch)
        assert ([one.id for one in preview.people], preview.unmatched) == (["a"], [])
        assert preview.who == {"a": Speaker("p1", "Ana")}


def test_whoever_is_never_heard_alone_is_not_asked_for_once_one_speaks_at_a_time(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    people = {"a": Match(first.pk)}
    batch = draft(conversation, ana, "0,5,Zed,,z", "0,2,Ana,,a", "2,5,Ana,,a", people=people)
    assert [speaker.id for speaker in preview_of(batch).unmatched] == ["z"]
    speaker_events.decide(batch, version=2, fixes=frozenset({Code.OVERLAP}))
    batch.refresh_from_db()
    preview = preview_of(batch)
    assert ([one.id for one in preview.people], preview.unmatched) == (["a"], [])
    speaker_events.decide(batch, version=3, people={**people, "z": Match(left_out=True)})
    batch.refresh_from_db()
    assert {one.id for one in preview_of(batch).people} == {"a", "z"}


def test_a_speaker_whom_only_lost_turns_were_matched_to_is_free_to_be_suggested(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    batch = draft(conversation, ana, "6,8,Zed,,z", "0,5,Ana,,a", people={"z": Match(first.pk)})
    assert suggestions(preview_of(batch)) == {}
    speaker_events.decide(batch, version=2, fixes=frozenset({Code.AFTER_END}))
    batch.refresh_from_db()
    assert [(key, one.member) for key, one in suggestions(preview_of(batch)).items()] == [
        ("a", first)
    ]


def test_two_of_the_source_who_are_one_person_are_told(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    new = Match(None, "Cleo", "cleo@example.test")
    batch = draft(
        conversation, ana, "0,1,Peter,,p", "1,2,Helen,,h", "2,3,Bo,,b", "3,4,Cleo,,c", "4,5,C,,d",
        people={"p": Match(first.pk), "h": Match(first.pk), "b": Match(bo.pk), "c": new, "d": new},
    )  # fmt: skip
    shared = preview_of(batch).shared
    assert [([one.name for one in group], told.name) for group, told in shared] == [
        (["Peter", "Helen"], "Peter"), (["Cleo", "C"], "Cleo"),
    ]  # fmt: skip


def test_the_dry_run_says_who_gets_which_line(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    lines = add_lines(conversation, [first, bo, bo, None])
    batch = draft(
        conversation, ana, "0,9,First,,x", "9,11,Bo,,y",
        people={"x": Match(first.pk), "y": Match(bo.pk)},
    )  # fmt: skip
    dry_run = preview_of(batch).dry_run
    found = [
        (one.row.pk, one.to and one.to.id, one.overlap_ms, one.stays)
        for one in dry_run.expectations
    ]
    assert found == [(lines[1].pk, "p1", 4000, False)]
    assert (dry_run.untouched, dry_run.gains, dry_run.losses) == (1, {"p1": 1}, {"p2": 1})
    assert dry_run.document() == {
        "total": 4, "untouched": 1,
        "changes": [{"message": lines[1].pk, "from": "p2", "to": "p1"}],
        "names": [{"member": first.pk, "to": "First"}],
    }  # fmt: skip


def test_the_dry_run_goes_by_what_the_api_says_and_marks_what_a_person_decided(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    line, gone = add_lines(conversation, [first, first])
    line.member = bo
    line.save()
    gone.gone = True
    gone.save()
    batch = draft(conversation, ana, "0,10,Cleo,,x", people={"x": Match(None, "Cleo")})
    dry_run = preview_of(batch).dry_run
    (one,) = dry_run.expectations
    assert (one.row.owner, one.to and one.to.name, one.stays) == (first, "Cleo", True)


def test_a_draft_is_sent_as_it_was_seen(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    lines = add_lines(conversation, [first, bo])
    batch = send(draft(conversation, ana, "0,10,Bo,,x", people={"x": Match(bo.pk)}))
    assert (batch.state, batch.version) == (BatchState.PENDING, 3)
    assert batch.spans == [
        {"id": "p2", "name": "Bo", "email": "bo@example.test", "start_ms": 0, "end_ms": 10_000}
    ]
    assert batch.expected == {
        "total": 2, "untouched": 0,
        "changes": [{"message": lines[0].pk, "from": "p1", "to": "p2"}],
        "names": [],
    }  # fmt: skip
    assert batch.sent_at == batch.next_at


def test_a_draft_is_not_sent_twice_nor_after_somebody_changed_it(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    batch = draft(conversation, ana, "0,4,Ana,,x", people={"x": Match(first.pk)})
    stale = SpeakerEventBatch.objects.get(pk=batch.pk)
    speaker_events.decide(batch, version=2, fixes=frozenset({Code.OVERLAP}))
    with pytest.raises(speaker_events.Outdated):
        send(stale)
    batch.refresh_from_db()
    send(batch)
    with pytest.raises(speaker_events.Outdated):
        send(batch)
    with pytest.raises(speaker_events.Outdated):
        speaker_events.decide(batch, version=batch.version, people={})
    with pytest.raises(speaker_events.Outdated):
        speaker_events.discard(batch, version=batch.version)


def test_a_draft_with_strangers_or_without_turns_is_not_sent(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    for rows, people in ((["0,4,Ana,,x"], {}), ([], None)):
        with pytest.raises(speaker_dry_run.Unready):
            send(draft(conversation, ana, *rows, people=people))


def test_a_transcript_that_changed_since_is_shown_again_first(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    lines = add_lines(conversation, [first, first])
    batch = draft(conversation, ana, "0,10,Bo,,x", people={"x": Match(bo.pk)})
    seen = preview_of(batch).dry_run.digest
    lines[0].remote_member = bo
    lines[0].save()
    with pytest.raises(speaker_dry_run.DryRunChanged):
        speaker_dry_run.send(batch, version=batch.version, digest=seen)
    batch.refresh_from_db()
    assert batch.state == BatchState.DRAFT


def test_one_batch_waits_for_the_other(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    people = {"x": Match(first.pk)}
    one, two = (draft(conversation, ana, "0,4,Ana,,x", people=people) for _ in range(2))
    send(one)
    with pytest.raises(speaker_events.AnotherOnItsWay):
        send(two)


def test_what_failed_may_be_sent_again_changed_or_discarded_unless_a_newer_one_was_sent(
    conversation: Conversation, ana: User, first: Member
) -> None:
    add_lines(conversation, [first])
    people = {"x": Match(first.pk)}
    one, two = (draft(conversation, ana, "0,4,Ana,,x", people=people) for _ in range(2))
    failed = SpeakerEventBatch.objects.filter(pk=send(one).pk)
    failed.update(state=BatchState.FAILED, push_error="No.", next_at=None)
    one.refresh_from_db()
    send(two)
    with pytest.raises(speaker_events.AnotherOnItsWay):
        speaker_dry_run.send_again(one, version=one.version)
    SpeakerEventBatch.objects.filter(pk=two.pk).update(state=BatchState.PUSHED)
    with pytest.raises(speaker_events.Overtaken):
        speaker_dry_run.send_again(one, version=one.version)
    SpeakerEventBatch.objects.filter(pk=two.pk).delete()
    speaker_dry_run.send_again(one, version=one.version)
    one.refresh_from_db()
    assert (one.state, one.push_attempts, one.push_error) == (BatchState.PENDING, 0, "")
    failed.update(state=BatchState.FAILED)
    speaker_events.reopen(one, version=one.version)
    one.refresh_from_db()
    assert (one.state, one.spans, one.expected) == (BatchState.DRAFT, [], None)
    assert speaker_events.draft_of(one).people == people
    speaker_events.discard(one, version=one.version)
    assert not failed.exists()
