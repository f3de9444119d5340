"""Speaker events as drafts: what is read, what is decided, and what sending would change."""

import json
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from conversations.models import BatchState, Conversation, Member, SpeakerEventBatch
from conversations.pipeline import speaker_dry_run, speaker_events
from conversations.pipeline.speaker_dry_run import Conversed, settled
from conversations.pipeline.speaker_events import Match
from conversations.pipeline.speaker_suggestions import suggestions
from conversations.speaker_events import BadInput, Code, Span, Speaker, ZoomOptions
from tests.pipeline.speaker_lines import HEADER, add_lines, add_speaker, draft, send

OPTIONS = ZoomOptions()


@pytest.fixture
def first(conversation: Conversation) -> Member:
    return add_speaker(conversation, "p1", "Speaker 1")


@pytest.fixture
def bo(conversation: Conversation) -> Member:
    return add_speaker(conversation, "p2", "Bo", "bo@example.test")


def turns(batch: SpeakerEventBatch) -> list[tuple[str, int, int]]:
    spans = Conversed(batch.conversation).spans(speaker_events.draft_of(batch))
    return [(span.speaker.id, span.start_ms, span.end_ms) for span in spans]


def read(text: str, shift_ms: int = 0) -> tuple[str, list[tuple[str, int, int]]]:
    found, timeline = speaker_events.read_events(
        text, format="", file_name="a.csv", options=OPTIONS, shift_ms=shift_ms
    )
    spans = timeline.spans()
    return found, [(span.speaker.id, span.start_ms, span.end_ms) for span in spans]


def test_the_format_is_found_out_and_times_may_begin_at_a_later_recording() -> None:
    assert read(f"{HEADER}1,2,Ana,,a\n", shift_ms=60_000) == ("csv", [("a", 61_000, 62_000)])


def test_a_text_of_no_format_is_refused() -> None:
    with pytest.raises(speaker_events.UnknownFormat):
        speaker_events.read_events("?", format="", file_name="notes.txt", options=OPTIONS)


def test_more_than_a_conversation_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"{n},{n + 1},Ana {n},,a{n}\n" for n in range(3))
    monkeypatch.setattr(speaker_events, "MAX_SPEAKERS", 2)
    with pytest.raises(BadInput, match="3 people speak here; 2 are the most"):
        read(HEADER + rows)
    monkeypatch.setattr(speaker_events, "MAX_EVENTS", 5)
    with pytest.raises(BadInput, match="These are 6 events; 5 are the most at once"):
        read(HEADER + rows)


def test_turns_that_go_nowhere_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaker_events, "MAX_EVENTS", 5)
    rows = "5,5,Ana,,a\n" * 6
    with pytest.raises(BadInput, match="More than 5 turns or events are listed"):
        read(HEADER + rows)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (f"1,2,Ana,,{'a' * 201}", "is longer than 200 characters"),
        (f"1,1,Ana,,{'a' * 201}", "is longer than 200 characters"),
        ("1,2,Ana,,\x00", "has only characters that cannot be stored"),
        ("1,2,Ana,,a\n3,4,Bo,,a\x00", "differ only in characters that cannot be stored"),
        ("1,2,Ana,,a\n3,3,Bo,,a\x00", "differ only in characters that cannot be stored"),
    ],
)
def test_an_id_that_cannot_be_kept_as_it_is_is_refused(rows: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read(f"{HEADER}{rows}\n")


def test_the_length_of_an_id_is_that_of_what_is_kept() -> None:
    assert read(f"{HEADER}1,2,Ana,,\x00{'a' * 200}\n") == ("csv", [("a" * 200, 1000, 2000)])


def test_a_draft_keeps_what_was_read(conversation: Conversation, ana: User) -> None:
    batch = draft(
        conversation, ana, "3,9,Ana,ana@example.test,a", "7,6,Bo,,b", "12,15,Ana,,a",
        people={"a": Match(None, "Ana Diaz", "ana@example.test")},
    )  # fmt: skip
    batch = SpeakerEventBatch.objects.get(pk=batch.pk)
    kept = speaker_events.draft_of(batch)
    _, timeline = speaker_events.read_events(
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
    conversed, plan = Conversed(conversation), speaker_events.draft_of(batch)
    found = conversed.problems(plan, conversed.spans(plan))
    assert [(one.code, one.at_ms) for one in found] == [
        (Code.BEYOND_END, 4000), (Code.OVERLAP, 4000),
    ]  # fmt: skip
    assert [one.code for one in settled(plan)] == [Code.STOP_BEFORE_START]


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
    _, timeline = speaker_events.read_events(
        json.dumps(events), format="", file_name="", options=OPTIONS
    )
    batch = speaker_events.take_in(
        conversation, timeline, source_format="symbl", file_name="", user=ana
    )
    found = []
    for version, fixes in enumerate(({Code.OVERLAP}, {Code.OVERLAP, Code.UNCLOSED}), 1):
        speaker_events.decide(batch, version=version, fixes=frozenset(fixes))
        batch.refresh_from_db()
        conversed, plan = Conversed(conversation), speaker_events.draft_of(batch)
        problems = conversed.problems(plan, conversed.spans(plan))
        found.append(([one.code for one in problems], turns(batch)))
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
    conversed, plan = Conversed(conversation), speaker_events.draft_of(batch)
    found = suggestions(conversed, plan, conversed.dry_run(conversed.spans(plan)))
    assert {key: (one.member.pk, one.reason) for key, one in found.items()} == {
        "x": (first.pk, "100% of their time lies in lines that this speaker has now"),
        "y": (bo.pk, "the same e-mail"),
        "z": (cleo.pk, "the same name"),
        "p4": (dana.pk, "the API's own id"),
    }
    assert plan.people == {}


def test_a_name_that_two_have_is_not_suggested(conversation: Conversation, ana: User) -> None:
    for remote_id in ("p1", "p2"):
        add_speaker(conversation, remote_id, "Bo")
    batch = draft(conversation, ana, "0,4,Bo,,x")
    conversed, plan = Conversed(conversation), speaker_events.draft_of(batch)
    assert suggestions(conversed, plan, conversed.dry_run(conversed.spans(plan))) == {}


def test_an_unnamed_speaker_is_called_as_in_the_file_and_a_named_one_keeps_the_name(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    people = {"x": Match(first.pk), "y": Match(bo.pk)}
    batch = draft(
        conversation, ana, "0,4,Ana,ana@example.test,x", "4,5,Robert,r@example.test,y",
        people=people,
    )  # fmt: skip
    conversed = Conversed(conversation)
    assert conversed.spans(speaker_events.draft_of(batch)) == (
        Span(Speaker("p1", "Ana", "ana@example.test"), 0, 4000),
        Span(Speaker("p2", "Bo", "bo@example.test"), 4000, 5000),
    )


@pytest.mark.parametrize("email", ["bo@example.test", "BO@example.test", "no address"])
def test_an_address_of_the_file_is_left_out_if_it_is_taken_or_none(
    conversation: Conversation, ana: User, first: Member, bo: Member, email: str
) -> None:
    batch = draft(conversation, ana, f"0,4,Ana,{email},x", people={"x": Match(first.pk)})
    who = Conversed(conversation).who(speaker_events.draft_of(batch))
    assert who == {"x": Speaker("p1", "Ana")}


def test_a_speaker_who_was_merged_meanwhile_is_the_one_who_is_shown(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    batch = draft(conversation, ana, "0,4,Ana,,x", people={"x": Match(first.pk)})
    first.merged_into = bo
    first.save()
    who = Conversed(conversation).who(speaker_events.draft_of(batch))
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


def test_the_dry_run_says_who_gets_which_line(
    conversation: Conversation, ana: User, first: Member, bo: Member
) -> None:
    lines = add_lines(conversation, [first, bo, bo, None])
    batch = draft(
        conversation, ana, "0,9,First,,x", "9,11,Bo,,y",
        people={"x": Match(first.pk), "y": Match(bo.pk)},
    )  # fmt: skip
    conversed = Conversed(conversation)
    dry_run = conversed.dry_run(conversed.spans(speaker_events.draft_of(batch)))
    found = [
        (one.row.pk, one.to and one.to.id, one.overlap_ms, one.stays)
        for one in dry_run.expectations
    ]
    assert found == [(lines[1].pk, "p1", 4000, False)]
    assert (dry_run.untouched, dry_run.gains, dry_run.losses) == (1, {"p1": 1}, {"p2": 1})
    assert dry_run.document() == {
        "total": 4, "untouched": 1,
        "changes": [{"message": lines[1].pk, "from": "p2", "to": "p1"}],
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
    conversed = Conversed(conversation)
    dry_run = conversed.dry_run(conversed.spans(speaker_events.draft_of(batch)))
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
    conversed = Conversed(conversation)
    seen = conversed.dry_run(conversed.spans(speaker_events.draft_of(batch))).digest
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
