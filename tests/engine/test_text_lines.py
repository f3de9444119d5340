"""Submitted texts: how they are read back, and when each line is said."""

import json
from pathlib import Path

import pytest

from conversations.engine import text_lines
from conversations.engine.text_lines import Line

TEN_WORDS = "one two three four five six seven eight nine ten"
TEN_O_CLOCK = 1_767_607_200_000


def at(start: float | None, end: float | None = None, text: str = TEN_WORDS) -> Line:
    """Return a line said at these seconds after ten."""
    start_ms, end_ms = (
        None if seconds is None else TEN_O_CLOCK + round(seconds * 1000) for seconds in (start, end)
    )
    return Line(text, start_ms=start_ms, end_ms=end_ms)


def test_read_returns_what_was_submitted(tmp_path: Path) -> None:
    path = tmp_path / "text"
    told = {"content": "We ship on Friday.", "name": "Ida", "userId": "ida@example.test"}
    times = {"start": "2026-01-05T10:00:00+00:00", "end": "2026-01-05T12:00:04.500000+02:00"}
    bare = {"content": "Yes.", "name": "", "userId": "", "start": None, "end": None}
    path.write_text(json.dumps([{**told, **times}, bare]))
    assert text_lines.read(path) == [
        Line("We ship on Friday.", "Ida", "ida@example.test", TEN_O_CLOCK, TEN_O_CLOCK + 4500),
        Line("Yes."),
    ]


@pytest.mark.parametrize("damage", [None, b"", b"{}x", b"[1]", b'[{"content": "a"}]', b"\xff"])
def test_read_says_when_a_text_is_damaged(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "text"
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(text_lines.Unreadable) as caught:
        text_lines.read(path)
    assert caught.value.reason == (
        "The submitted text could not be read any more. Submit it again."
    )


@pytest.mark.parametrize(
    ("lines", "spans"),
    [
        ([], []),
        ([at(5, 9), at(10, 12)], [(0, 4000), (5000, 7000)]),
        ([at(None), at(None), at(None, text="Yes.")], [(0, 4000), (4000, 8000), (8000, 8400)]),
        ([at(5), at(10, 12)], [(0, 4000), (5000, 7000)]),
        ([at(None, 5), at(10, 12)], [(0, 4000), (9000, 11000)]),
        ([at(5, 6), at(None), at(20, 21)], [(0, 1000), (1000, 5000), (15000, 16000)]),
        ([at(None), at(5, 6)], [(0, 4000), (4000, 5000)]),
        ([at(10, 12), at(5, 9)], [(5000, 7000), (0, 4000)]),
    ],
    ids=[
        "no line",
        "all times given",
        "no time given",
        "no end",
        "no start",
        "none in between",
        "none at first",
        "not in order",
    ],
)
def test_placed_keeps_given_times_and_estimates_the_others(
    lines: list[Line], spans: list[tuple[int, int]]
) -> None:
    assert list(text_lines.placed(lines)) == spans


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        ([at(5, 9), at(10, 12)], ""),
        ([at(5, 9), at(10)], ""),
        ([at(5), at(None)], "Times that were not given are estimated at 150 words a minute."),
        ([at(None, 9)], "Times that were not given are estimated at 150 words a minute."),
    ],
)
def test_remarks_tell_of_estimated_starts(lines: list[Line], note: str) -> None:
    assert text_lines.remarks(lines) == note
