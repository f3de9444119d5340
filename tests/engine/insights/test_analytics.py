"""Analytics: the contract's formulas, on its own numbers and on odd ones."""

import pytest

from conversations.engine.insights import Analytics, Said, Share, TalkTime, Voice, analytics
from tests.engine.insights.support import BO, IDA, VOICES

NOTHING = Share(0.0, 0.0)


def said(speaker: str | None, start: int, end: int, words: int = 1) -> Said:
    return Said(f"{speaker}-{start}", "word " * words, speaker, start * 1000, end * 1000)


def test_talk_silence_and_shares_follow_the_formulas() -> None:
    spoken = [said("ida", 0, 50, words=100), said("bo", 60, 90, words=45)]
    assert analytics(spoken, VOICES, duration_ms=100_000) == Analytics(
        silence=Share(20.0, 20.0),
        talk=Share(80.0, 80.0),
        overlap=NOTHING,
        members=(
            TalkTime("ida", "Ida Lund", IDA.email, 120, Share(50.0, 62.5), Share(30.0, 37.5)),
            TalkTime("bo", "Bo", "", 90, Share(30.0, 37.5), Share(50.0, 62.5)),
        ),
    )


def test_without_a_duration_the_conversation_ends_with_its_last_message() -> None:
    assert analytics([said("ida", 20, 80)], [IDA]) == Analytics(
        silence=Share(20.0, 25.0),
        talk=Share(60.0, 75.0),
        overlap=NOTHING,
        members=(TalkTime("ida", "Ida Lund", IDA.email, 1, Share(60.0, 100.0), NOTHING),),
    )


@pytest.mark.parametrize("speaker", [None, "gone"])
def test_what_no_member_said_goes_to_an_unknown_speaker(speaker: str | None) -> None:
    result = analytics([said("bo", 0, 30, words=60), said(speaker, 30, 40, words=20)], [BO])
    assert result.talk == Share(40.0, 100.0)
    assert result.members == (
        TalkTime("bo", "Bo", "", 120, Share(30.0, 75.0), Share(10.0, 25.0)),
        TalkTime(None, "Unknown speaker", "", 120, Share(10.0, 25.0), Share(30.0, 75.0)),
    )


def test_a_member_who_said_nothing_only_listened() -> None:
    result = analytics([said("ida", 0, 10)], VOICES)
    assert result.members[1] == TalkTime("bo", "Bo", "", 0, NOTHING, Share(10.0, 100.0))


def test_talk_over_each_other_counts_twice_and_leaves_no_silence() -> None:
    result = analytics([said("ida", 0, 10), said("bo", 5, 15)], VOICES)
    assert (result.talk, result.silence, result.overlap) == (
        Share(20.0, 100.0),
        NOTHING,
        NOTHING,
    )


def test_a_remark_within_a_long_turn_makes_no_silence() -> None:
    result = analytics([said("ida", 0, 30), said("bo", 5, 10), said("ida", 40, 50)], VOICES)
    assert result.silence == Share(10.0, 18.182)


def test_an_empty_conversation_has_only_zeros() -> None:
    assert analytics([], [BO]) == Analytics(
        NOTHING, NOTHING, NOTHING, (TalkTime("bo", "Bo", "", 0, NOTHING, NOTHING),)
    )


def test_a_silent_recording_is_all_silence() -> None:
    result = analytics([], [], duration_ms=5000)
    assert (result.silence, result.talk) == (Share(5.0, 100.0), NOTHING)


def test_members_of_the_same_name_stay_apart() -> None:
    twins = [Voice("1", "Speaker 1"), Voice("2", "Speaker 1")]
    result = analytics([said("1", 0, 10), said("2", 10, 40)], twins)
    assert [(member.id, member.talk.percent) for member in result.members] == [
        ("1", 25.0),
        ("2", 75.0),
    ]
