"""The main job, end to end, as a newcomer does it: real server, worker, engine and audio."""

import re
from typing import TYPE_CHECKING

import pytest

from conversations.samples import SAMPLES
from tests.browser.conftest import Complaints, Dashboard, accessible, shoot
from tests.browser.truth import TALK, entries_of, lines_of, shares, speaker_at, spoken

expect = pytest.importorskip("playwright.sync_api").expect
if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, expect

RECOGNISED = 120_000
DROP_BESIDE_THE_ZONE = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["no sound at all"], "notes.txt"));
  const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
  document.querySelector("h1").dispatchEvent(drop);
  return drop.defaultPrevented;
}"""
FIRST = next(sample for sample in SAMPLES if sample.name == "interview-1")
SECOND = next(sample for sample in SAMPLES if sample.name == "interview-2")
CALLED = {"Anna": "Alice", "John": "John Doe", "May": "May"}


def name_above(page: "Page", said: str) -> "Locator":
    """Return the name that stands above the line with `said`."""
    turn = page.locator("article.turn", has=page.get_by_text(re.compile(said, re.IGNORECASE)))
    return turn.first.locator("[data-name-of]").first


def look(page: "Page", name: str) -> None:
    """Keep pictures of the screen, and have it checked for accessibility."""
    shoot(page, name)
    assert accessible(page) == []


def open_form(page: "Page", name: str) -> None:
    """Open the naming form at a speaker's card."""
    card = page.locator(".speaker-card", has_text=name)
    card.locator("a.speaker-name").click()


def email_field(page: "Page") -> "Locator":
    """Return the naming form's field; the form for one more recording has others."""
    return page.locator(".naming-form").get_by_label("E-mail")


def name_speaker(page: "Page", old: str, new: str, email: str) -> None:
    open_form(page, old)
    page.get_by_label("Name", exact=True).fill(new)
    email_field(page).fill(email)
    page.get_by_role("button", name="Save").click()


def names(page: "Page") -> set[str]:
    return set(page.locator(".speaker-card .speaker-name [data-name-of]").all_inner_texts())


def test_a_newcomer_gets_from_a_recording_to_the_right_names(
    page: "Page", dashboard: Dashboard, complaints: Complaints
) -> None:
    sign_in(page, dashboard)
    drop_the_first_recording(page)
    name_both_speakers(page)
    append_the_second_recording(page)
    merge_and_name(page)
    page.reload()
    assert names(page) == {"John Doe", "Alice", "May"}
    everything_is_right(page)
    play_from_a_line(page)
    page.get_by_role("link", name="Conversations").click()
    expect(page.locator("table.conversations tbody tr")).to_contain_text("3/3")
    look(page, "list")
    assert complaints.said == []
    assert (dashboard.data / "errors.log").read_text() == ""
    drop_what_is_no_recording(page)


def sign_in(page: "Page", dashboard: Dashboard) -> None:
    """A stranger is asked to sign in; the printed link does it."""
    page.goto(dashboard.address)
    expect(page).to_have_url(re.compile("/sign-in/"))
    look(page, "sign-in")
    page.goto(dashboard.sign_in_link)
    page.get_by_role("button", name=re.compile("Sign in")).click()
    expect(page.get_by_role("heading", name="No conversations yet")).to_be_visible()
    look(page, "list-empty")


def drop_the_first_recording(page: "Page") -> None:
    """The recording is processed before one's eyes, and the transcript appears by itself."""
    page.locator("input[type=file]").first.set_input_files(str(FIRST.path))
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".activity-sentence")).to_contain_text(
        re.compile("Reading the recording|Separating the speakers|Writing down what was said"),
        timeout=RECOGNISED,
    )
    look(page, "conversation-first-busy")
    expect(page.locator(".speaker-card")).to_have_count(2, timeout=RECOGNISED)
    assert names(page) == {"Speaker 1", "Speaker 2"}
    look(page, "conversation")


def name_both_speakers(page: "Page") -> None:
    asking = name_above(page, "how your team").inner_text()
    answering = name_above(page, "four hours for each hour").inner_text()
    assert {asking, answering} == {"Speaker 1", "Speaker 2"}
    open_form(page, answering)
    look(page, "naming")
    page.keyboard.press("Escape")
    name_speaker(page, answering, "John Doe", "john@example.com")
    expect(page.locator(".speaker-name", has_text="John Doe")).to_be_visible()
    name_speaker(page, asking, "Alice", "alice@example.com")
    expect(page.locator(".facts")).to_contain_text("100 % of talk time identified")
    expect(name_above(page, "how your team")).to_have_text("Alice")
    expect(name_above(page, "four hours for each hour")).to_have_text("John Doe")


def append_the_second_recording(page: "Page") -> None:
    """Its speakers come in as new ones: four members, as in the documents."""
    page.get_by_text("Add a recording").click()
    page.locator("#append-panel file-drop input").set_input_files(str(SECOND.path))
    page.get_by_label("Number of speakers").fill("2")
    look(page, "append")
    page.get_by_role("button", name="Add to this conversation").click()
    expect(page.locator(".activity-card")).to_be_visible()
    look(page, "conversation-busy")
    expect(page.locator(".speaker-card")).to_have_count(4, timeout=RECOGNISED)
    assert names(page) == {"John Doe", "Alice", "Speaker 1", "Speaker 2"}


def merge_and_name(page: "Page") -> None:
    """The duplicate is merged by e-mail, with the number of messages said before."""
    again = name_above(page, "nice to meet you").inner_text()
    new = name_above(page, "taken over the interviews").inner_text()
    name_speaker(page, again, "John", "john@example.com")
    question = page.locator(".naming-form.question")
    expect(question).to_contain_text(f"Is {again} the same person as John Doe?")
    look(page, "merge")
    question.get_by_role("button", name="They are two people").click()
    expect(email_field(page)).to_be_focused()
    expect(email_field(page)).to_have_value("")
    expect(page.get_by_label("Name", exact=True)).to_have_value("John")
    email_field(page).fill("john@example.com")
    page.get_by_role("button", name="Save").click()
    button = re.compile(r"Merge with John Doe \(\d+.\+.\d+ messages\)")
    question.get_by_role("button", name=button).click()
    expect(page.locator(".speaker-card")).to_have_count(3)
    name_speaker(page, new, "May", "may@example.com")
    expect(page.locator(".facts")).to_contain_text("everyone has a name")
    assert names(page) == {"John Doe", "Alice", "May"}
    expect(name_above(page, "nice to meet you")).to_have_text("John Doe")
    expect(name_above(page, "taken over the interviews")).to_have_text("May")
    expect(page.get_by_text("Saved · sent to the speech server")).to_have_count(3, timeout=30_000)
    look(page, "conversation-named")


def everything_is_right(page: "Page") -> None:
    """Every line, every point of a panel and every number belongs to who really spoke."""
    turns = spoken([FIRST, SECOND], CALLED)
    lines = lines_of(page)
    assert {line.id: line.speaker for line in lines} == {
        line.id: speaker_at(line, turns) for line in lines
    }
    owner = {line.id: line.speaker for line in lines}
    expect(page.locator("#panels .panel-fold")).to_have_count(6)
    points = entries_of(page)
    said = [(point.text, owner[point.lines[0]], point.names) for point in points if point.names]
    assert said
    assert [(text, names[0]) for text, _, names in said] == [(text, who) for text, who, _ in said]
    shown = page.evaluate(TALK)
    assert shown == pytest.approx(shares(turns), abs=5)
    assert "Speaker" not in page.locator("#panels").inner_text()
    look(page, "conversation-panels")


def play_from_a_line(page: "Page") -> None:
    """A click on a line's time plays the recording from there, of the second recording too."""
    line = page.locator(".line", has_text=re.compile("taken over the interviews", re.IGNORECASE))
    line.get_by_role("button").click()
    expect(line).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def drop_what_is_no_recording(page: "Page") -> None:
    """A file is taken wherever it falls; why it is refused is said where the focus is."""
    assert page.evaluate(DROP_BESIDE_THE_ZONE)
    expect(page.locator("[data-chosen]")).to_contain_text("notes.txt")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#recordings-field .errors")).to_contain_text("not a recording")
    expect(page.locator("#recordings-field input")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("not a recording")
