"""One batch of speaker events after another, and what happens between: held against the engine."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from conversations.engine.models import Conversation as EngineConversation
from conversations.engine.models import Member as EngineMember
from conversations.models import (
    Append,
    BatchState,
    Conversation,
    Member,
    Message,
    Recording,
    SpeakerEventBatch,
    State,
)
from conversations.pipeline import speaker_dry_run, speaker_events
from conversations.pipeline.advance import advance
from conversations.pipeline.speaker_dry_run import Conversed, Preview, preview_of
from conversations.pipeline.speaker_events import LOST, Match
from conversations.pipeline.speaker_push import CHANGED
from conversations.review.merging import merge
from conversations.review.naming import rename
from tests.engine.transcripts import add_job, add_member
from tests.pipeline.speaker_lines import draft, send

pytestmark = pytest.mark.django_db(transaction=True)
Arrive = Callable[..., SpeakerEventBatch]


@pytest.fixture
def people(engine: LiveServer, conversation: Conversation) -> list[Member]:
    """Two speakers, as the engine heard them in four lines of five seconds each."""
    remote = EngineConversation.objects.create(
        id="5120345678901234", name="Weekly", start_time=timezone.now()
    )
    heard = [add_member(remote, f"Speaker {number}") for number in (1, 2)]
    add_job(
        remote,
        *((heard[at // 4], at * 5000, at * 5000 + 5000, f"Line {at}.") for at in range(8)),
    )
    fetch(conversation)
    local = {row.remote_id: row for row in conversation.members.all()}
    return [local[str(member.pk)] for member in heard]


@pytest.fixture
def arrive(conversation: Conversation, ana: User) -> Arrive:
    """Return a function that sends a draft, and says that the engine did what it expected."""

    def make(*rows: str, window: tuple[int, int | None] | None = None, **people: Match) -> (
        SpeakerEventBatch
    ):  # fmt: skip
        batch = draft(conversation, ana, *rows, people=people)
        batch.events["window"] = window
        batch.save()
        send(batch)
        advance(conversation.pk)
        batch.refresh_from_db()
        expected = len((batch.expected or {})["changes"])
        outcome = batch.outcome or {}
        assert (batch.state, outcome["missing"], outcome["others"]) == (BatchState.PUSHED, [], [])
        assert outcome["as_expected"] == expected
        return batch

    return make


def fetch(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(synced_at=None)
    advance(conversation.pk)
    conversation.refresh_from_db()


def owners(conversation: Conversation) -> list[str]:
    lines = Message.objects.filter(conversation=conversation).order_by("position")
    return [line.remote_member.remote_name for line in lines if line.remote_member]


def at_the_engine() -> list[str]:
    return sorted(EngineMember.objects.values_list("name", flat=True))


def fail(batch: SpeakerEventBatch, **fields: object) -> SpeakerEventBatch:
    failed = {"state": BatchState.FAILED, "push_error": "Away.", "next_at": None}
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(**failed, **fields)
    batch.refresh_from_db()
    return batch


def test_lines_that_newer_events_do_not_touch_go_back_to_whom_the_engine_heard(
    people: list[Member], arrive: Arrive, conversation: Conversation
) -> None:
    arrive("0,20,John,,j", j=Match(None, "John"))
    batch = arrive("20,40,May,,m", m=Match(None, "May"))
    assert len((batch.expected or {})["changes"]) == 8
    assert owners(conversation) == ["Speaker 1"] * 4 + ["May"] * 4
    arrive("20,25,May,,m", m=Match(Member.objects.get(name="May").pk))
    assert owners(conversation) == ["Speaker 1"] * 4 + ["May"] + ["Speaker 2"] * 3


def test_the_events_of_another_recording_go_along_by_the_names_of_today(
    people: list[Member], arrive: Arrive, conversation: Conversation, ana: User
) -> None:
    arrive("0,20,John,,SPEAKER_00", window=(0, 20_000), SPEAKER_00=Match(None, "John"))
    john = Member.objects.get(name="John")
    rename(john, name="Johnny", email="", version=john.version, actor=ana)
    advance(conversation.pk)
    batch = arrive("20,40,May,,SPEAKER_00", window=(20_000, None), SPEAKER_00=Match(None, "May"))
    assert owners(conversation) == ["Johnny"] * 4 + ["May"] * 4
    assert [(turn["name"], turn["start_ms"], turn["end_ms"]) for turn in batch.spans] == [
        ("Johnny", 0, 20_000), ("May", 20_000, 40_000),
    ]  # fmt: skip
    arrive("0,10,Kim,,k", window=(0, 20_000), k=Match(None, "Kim"))
    assert owners(conversation) == ["Kim"] * 2 + ["Speaker 1"] * 2 + ["May"] * 4


def test_ids_that_come_again_in_the_next_file_rename_nobody(
    people: list[Member], arrive: Arrive
) -> None:
    arrive("0,20,John,,SPEAKER_00", SPEAKER_00=Match(None, "John"))
    arrive("20,40,May,,SPEAKER_00", SPEAKER_00=Match(None, "May"))
    assert at_the_engine() == ["John", "May", "Speaker 1", "Speaker 2"]


def test_a_diarizers_label_is_nobodys_name(people: list[Member], arrive: Arrive) -> None:
    arrive("0,25,SPEAKER_01,,SPEAKER_01", SPEAKER_01=Match(people[0].pk))
    assert at_the_engine() == ["Speaker 1", "Speaker 2"]


def test_what_did_not_arrive_is_not_sent_again_over_a_rename_or_a_merge(
    people: list[Member], conversation: Conversation, ana: User
) -> None:
    one, two = people
    batch = fail(send(draft(conversation, ana, "0,10,Bo,,x", people={"x": Match(two.pk)})))
    give_name = partial(rename, email="", actor=ana)
    give_name(two, name="Robert", version=two.version)
    advance(conversation.pk)
    with pytest.raises(speaker_dry_run.ChangedSince):
        speaker_dry_run.send_again(batch, version=batch.version)
    advance(conversation.pk)
    assert at_the_engine() == ["Robert", "Speaker 1"]
    batch = speaker_events.reopen(batch, version=batch.version)
    batch.refresh_from_db()
    batch = fail(send(batch))
    two.refresh_from_db()
    merge(two, into=one, name="Ana", version=two.version, into_version=one.version, actor=ana)
    advance(conversation.pk)
    with pytest.raises(speaker_dry_run.ChangedSince):
        speaker_dry_run.send_again(batch, version=batch.version)


def test_what_still_does_the_same_is_sent_again(
    people: list[Member], conversation: Conversation, ana: User
) -> None:
    people_of_it = {"x": Match(None, "Bo", "bo@example.test")}
    batch = fail(send(draft(conversation, ana, "0,10,Bo,,x", people=people_of_it)))
    speaker_dry_run.send_again(batch, version=batch.version)
    advance(conversation.pk)
    batch.refresh_from_db()
    assert (batch.state, owners(conversation)[:3]) == (BatchState.PUSHED, ["Bo", "Bo", "Speaker 1"])


def test_an_address_that_somebody_got_meanwhile_makes_nobody_somebody_else(
    people: list[Member], conversation: Conversation, ana: User
) -> None:
    batch = draft(
        conversation, ana, "0,10,Cleo,,x", people={"x": Match(None, "Cleo", "cleo@example.test")}
    )
    digest = preview_of(batch).dry_run.digest
    two = people[1]
    rename(two, name="Dan", email="Cleo@example.test", version=two.version, actor=ana)
    with pytest.raises(speaker_dry_run.Unready):
        speaker_dry_run.send(batch, version=batch.version, digest=digest)
    advance(conversation.pk)
    assert at_the_engine() == ["Dan", "Speaker 1"]


def test_lines_that_came_while_it_waited_are_shown_before_it_is_sent(
    people: list[Member], conversation: Conversation, ana: User, recording: Recording
) -> None:
    batch = send(draft(conversation, ana, "0,60,Bo,,x", people={"x": Match(people[1].pk)}))
    remote = EngineConversation.objects.get()
    heard = EngineMember.objects.get(pk=people[0].remote_id)
    add_job(remote, (heard, 40_000, 45_000, "New."))
    append = Append.objects.create(
        conversation=conversation, recording=recording, seq=1, state=State.PROCESSING,
        state_since=timezone.now(), job_id="j1",
    )  # fmt: skip
    with pytest.raises(speaker_events.RecordingOnItsWay):
        speaker_events.hand_over_again(batch, version=batch.version)
    other = draft(conversation, ana, "0,60,Bo,,x", people={"x": Match(people[1].pk)})
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(state=BatchState.DRAFT)
    with pytest.raises(speaker_events.RecordingOnItsWay):
        send(other)
    SpeakerEventBatch.objects.filter(pk=batch.pk).update(state=BatchState.PENDING)
    append.state = State.SYNCED
    append.save()
    Message.objects.create(
        conversation=conversation, append=append, remote_id="new", position=8, text="New.",
        remote_text="New.", start_ms=40_000, end_ms=45_000, member=people[0],
        remote_member=people[0],
    )  # fmt: skip
    advance(conversation.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.push_error, batch.version) == (BatchState.DRAFT, CHANGED, 4)
    assert (batch.spans, batch.expected, batch.sent_at, batch.next_at) == ([], None, None, None)
    assert owners(conversation)[:4] == ["Speaker 1"] * 4


def test_what_may_have_arrived_counts_as_sent_and_is_kept_when_it_is_changed(
    people: list[Member], conversation: Conversation, ana: User
) -> None:
    batch = fail(
        send(draft(conversation, ana, "0,10,Bo,,x", people={"x": Match(people[1].pk)})),
        outcome=LOST,
    )
    assert Conversed(conversation).sent_before
    with pytest.raises(speaker_events.MayHaveArrived):
        speaker_events.discard(batch, version=batch.version)
    copy = speaker_events.reopen(batch, version=batch.version)
    batch.refresh_from_db()
    assert (copy.pk == batch.pk, copy.state, copy.events) == (False, "draft", batch.events)
    assert (batch.state, len(batch.spans), batch.outcome) == (BatchState.FAILED, 1, LOST)
    with pytest.raises(speaker_events.Outdated):
        speaker_events.reopen(batch, version=batch.version - 1)
    speaker_events.discard(batch, version=batch.version, anyway=True)
    assert list(SpeakerEventBatch.objects.all()) == [copy]
    assert not Conversed(conversation).sent_before


def test_a_digest_is_another_as_soon_as_a_name_or_an_address_is(
    people: list[Member], conversation: Conversation, ana: User
) -> None:
    def digest(name: str = "Bo", email: str = "bo@example.test") -> str:
        conversed = Conversed(conversation)
        match = Match(None, name, email)
        batch = draft(conversation, ana, "100,110,Bo,,x", people={"x": match})
        preview = Preview(conversed, replace(speaker_events.draft_of(batch), key="one"))
        assert preview.dry_run.expectations == []
        return preview.dry_run.digest

    assert digest() == digest()
    assert len({digest(), digest(name="Bob"), digest(email="b@example.test")}) == 3


def test_a_member_whom_the_api_no_longer_lists_is_nobody_to_be_matched_with(
    people: list[Member], conversation: Conversation, ana: User
) -> None:
    batch = draft(conversation, ana, "0,20,Bo,,x", people={"x": Match(people[1].pk)})
    Member.objects.filter(pk=people[1].pk).update(gone=True)
    assert [speaker.id for speaker in preview_of(batch).unmatched] == ["x"]
