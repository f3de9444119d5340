"""What the screens read: speakers, turns, windows and the recordings on the time axis."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from conversations.models import Append, Conversation, Member, Message, Recording, State
from conversations.review.speakers import initials, progress, speakers
from conversations.review.transcript import numbered, timeline, tracks, window

Speaker = Callable[..., Member]
Says = Callable[..., Message]


def test_speakers_come_unidentified_first_then_by_talk_time(
    conversation: Conversation, speaker: Speaker, says: Says
) -> None:
    ida, one, bo, two = (speaker(name) for name in ("Ida", "Speaker 1", "Bo", "Speaker 2"))
    says(ida, "a b c d")
    says(one, "a")
    says(bo, "a b c d e f g h i j")
    says(two, "a b c d e")
    rows = speakers(conversation)
    assert [(row.member.name, row.identified, row.talk_ms) for row in rows] == [
        ("Speaker 2", False, 5000),
        ("Speaker 1", False, 1000),
        ("Bo", True, 10_000),
        ("Ida", True, 4000),
    ]
    assert [row.share for row in rows] == [0.25, 0.05, 0.5, 0.2]
    assert progress(rows).left == 2
    assert progress(rows).identified_share == pytest.approx(0.7)


def test_colour_and_shape_stay_with_the_member(
    conversation: Conversation, speaker: Speaker, says: Says
) -> None:
    one = speaker("Speaker 1")
    says(one, "a")
    before = {row.member.pk: (row.tone, row.shape) for row in speakers(conversation)}
    says(speaker("Speaker 2"), "a b c d")
    after = {row.member.pk: (row.tone, row.shape) for row in speakers(conversation)}
    assert after[one.pk] == before[one.pk]
    assert len(set(after.values())) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_however_many_there_are(
    conversation: Conversation,
    speaker: Speaker,
    says: Says,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        says(speaker(f"Speaker {number}"), "a b c")
    with django_assert_num_queries(4):
        rows = speakers(conversation)
    with django_assert_num_queries(3):
        window(conversation, rows)


def test_window_groups_turns_and_says_where_to_go_on(
    conversation: Conversation, speaker: Speaker, says: Says
) -> None:
    ida, bo = speaker("Ida"), speaker("Bo")
    for member in (ida, ida, bo, None, ida):
        says(member, "word")
    rows = speakers(conversation)
    first = window(conversation, rows, size=3)
    assert [
        (turn.speaker.member.name if turn.speaker else None, len(turn.messages), turn.start_ms)
        for turn in first.turns
    ] == [("Ida", 2, 0), ("Bo", 1, 3000)]
    assert (first.next_from, first.total) == (3, 5)
    rest = window(conversation, rows, start=3, size=3)
    assert [turn.speaker.member.name if turn.speaker else None for turn in rest.turns] == [
        None,
        "Ida",
    ]
    assert rest.next_from is None


def test_timeline_joins_what_one_person_says(
    conversation: Conversation, speaker: Speaker, says: Says
) -> None:
    ida, bo = speaker("Ida"), speaker("Bo")
    for member in (ida, ida, bo):
        says(member, "word")
    stretches = timeline(conversation, speakers(conversation))
    assert [
        (part.start_ms, part.end_ms, part.speaker.member.name if part.speaker else None)
        for part in stretches
    ] == [(0, 2500, "Ida"), (3000, 4000, "Bo")]


def add_append(
    conversation: Conversation, recording: Recording, *, state: State, offset_ms: int
) -> None:
    Append.objects.create(
        conversation=conversation,
        recording=recording,
        seq=conversation.appends.count(),
        state=state,
        state_since=timezone.now(),
        offset_ms=offset_ms,
    )


def test_tracks_are_the_recordings_of_the_transcript(
    conversation: Conversation, recording: Recording
) -> None:
    add_append(conversation, recording, state=State.SYNCED, offset_ms=0)
    add_append(conversation, recording, state=State.FAILED, offset_ms=500)
    (track,) = tracks(conversation)
    assert (track.recording, track.start_ms) == (recording, 0)


@pytest.mark.parametrize(("duration_ms", "last_end"), [(900, 900), (500, None), (0, None)])
def test_track_ends_where_the_next_one_starts_whatever_its_file_says(
    conversation: Conversation, recording: Recording, duration_ms: int, last_end: int | None
) -> None:
    conversation.duration_ms = duration_ms
    for offset_ms in (500, 0):
        add_append(conversation, recording, state=State.SYNCED, offset_ms=offset_ms)
    assert [(track.start_ms, track.end_ms) for track in tracks(conversation)] == [
        (0, 500),
        (500, last_end),
    ]


def test_conversation_without_a_recording_has_no_tracks(conversation: Conversation) -> None:
    conversation.duration_ms = 1000
    assert tracks(conversation) == []


def test_only_unnamed_namesakes_are_numbered(
    conversation: Conversation, recording: Recording, speaker: Speaker, says: Says
) -> None:
    for offset_ms in (0, 1500):
        add_append(conversation, recording, state=State.SYNCED, offset_ms=offset_ms)
    for name in ("Speaker 1", "Speaker 1", "Speaker 2", "Ida", "Ida"):
        says(speaker(name), "word")
    rows = numbered(speakers(conversation), tracks(conversation))
    assert sorted((row.member.pk, row.member.name, number) for row, number in rows) == [
        (member.pk, member.name, number)
        for member, number in zip(
            conversation.members.order_by("pk"), (1, 2, None, None, None), strict=True
        )
    ]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ana Diaz", "AD"),
        ("Speaker 2", "S2"),
        ("Speaker 12", "S12"),
        ("Cher", "C"),
        ("ludwig van beethoven", "LB"),
        ("李小龙", "李"),
        ("…", "…"),
        (" ", "?"),
    ],
)
def test_initials_stand_for_the_name(name: str, short: str) -> None:
    assert initials(name) == short
