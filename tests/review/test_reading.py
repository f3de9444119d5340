"""What the screens read: speakers, turns, windows and the recordings on the time axis."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from conversations.models import Append, Conversation, Member, Message, Recording, State
from conversations.review.speakers import initials, progress, speakers
from conversations.review.transcript import timeline, tracks, window

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


def test_tracks_are_the_recordings_of_the_transcript(
    conversation: Conversation, recording: Recording
) -> None:
    now = timezone.now()
    for seq, (state, offset_ms) in enumerate([(State.SYNCED, 0), (State.FAILED, 0)]):
        Append.objects.create(
            conversation=conversation, recording=recording, seq=seq, state=state,
            state_since=now, offset_ms=offset_ms,
        )  # fmt: skip
    (track,) = tracks(conversation)
    assert (track.recording, track.start_ms, track.end_ms) == (recording, 0, 800)


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
