"""What the two interviews really say, to hold the screen against."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from conversations.samples import Sample

if TYPE_CHECKING:
    from playwright.sync_api import Page

LINES = """() => [...document.querySelectorAll(".line")].map((line) => ({
  id: line.id.replace("line-", ""),
  start: Number(line.dataset.start),
  end: Number(line.dataset.end),
  speaker: line.closest("article").querySelector("[data-name-of]").innerText,
}))"""
ENTRIES = """() => [...document.querySelectorAll("#panels .entry")].map((entry) => ({
  text: entry.querySelector(".entry-text").textContent.trim(),
  lines: [...entry.querySelectorAll("[data-line]")].map((jump) => jump.dataset.line),
  names: [...entry.querySelectorAll(".entry-facts [data-name-of]")].map((name) => name.textContent),
}))"""
TALK = """() => Object.fromEntries(
  [...document.querySelectorAll("#panels .times tbody tr")].map((row) => [
    row.querySelector("[data-name-of]").textContent,
    parseFloat(row.querySelectorAll("td")[1].textContent),
  ]))"""


class Turn(NamedTuple):
    """What somebody says; milliseconds from the start of the conversation."""

    start: float
    end: float
    speaker: str


@dataclass
class Line:
    """A line as the screen shows it."""

    id: str
    start: int
    end: int
    speaker: str


@dataclass
class Entry:
    """A point of a panel: its text, its lines, and the people named below it."""

    text: str
    lines: list[str]
    names: list[str]


def spoken(samples: list[Sample], called: dict[str, str]) -> list[Turn]:
    """Return every turn of the samples, one after another, under the names people were given."""
    turns: list[Turn] = []
    offset = 0.0
    for sample in samples:
        truth = sample.truth()
        turns += [
            Turn((offset + turn.start) * 1000, (offset + turn.end) * 1000, called[turn.speaker])
            for turn in truth.turns
        ]
        offset += truth.duration
    return turns


def speaker_at(line: Line, turns: list[Turn]) -> str:
    """Return who really speaks most of the time of a line."""
    return max(
        turns, key=lambda turn: min(line.end, turn.end) - max(line.start, turn.start)
    ).speaker


def shares(turns: list[Turn]) -> dict[str, float]:
    """Return each speaker's share of the talk time, in percent."""
    total = sum(turn.end - turn.start for turn in turns)
    return {
        name: 100 * sum(turn.end - turn.start for turn in turns if turn.speaker == name) / total
        for name in {turn.speaker for turn in turns}
    }


def lines_of(page: "Page") -> list[Line]:
    """Return every line, once the last window has been asked for."""
    while (more := page.locator(".more a")).count():
        more.first.click()
        page.wait_for_load_state("networkidle")
    return [Line(**line) for line in page.evaluate(LINES)]


def entries_of(page: "Page") -> list[Entry]:
    return [Entry(**entry) for entry in page.evaluate(ENTRIES)]
