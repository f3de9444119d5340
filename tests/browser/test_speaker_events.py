"""Speaker events in a browser: from a file to what the API did with it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Complaints, Dashboard, accessible, running, shoot

expect = pytest.importorskip("playwright.sync_api").expect
if TYPE_CHECKING:
    from playwright.sync_api import Page, expect

SYNCED = 60_000
TRANSCRIPT = """WEBVTT

00:00:00.000 --> 00:00:05.000
<v Speaker 1>Shall we begin?

00:00:05.000 --> 00:00:10.000
<v Speaker 1>Yes, let us.

00:00:10.000 --> 00:00:15.000
<v Speaker 2>Then I have a question.

00:00:15.000 --> 00:00:20.000
<v Speaker 2>So have I.
"""
EVENTS = """start,end,speaker,email
0,5.5,Ana Diaz,ana@example.test
5,16,Bo Lindqvist,bo@example.test
15,25,Cleo,
"""
NOTE_WHAT_IS_SAID = """() => {
  window.said = [];
  const place = document.getElementById("announcer");
  const note = () => place.textContent && window.said.push(place.textContent);
  new MutationObserver(note).observe(place, { childList: true });
}"""


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard of its own: the main story's has to begin with nothing in it."""
    with running(tmp_path_factory.mktemp("speaker-events")) as dashboard:
        yield dashboard


def test_speaker_events_from_a_file_to_what_the_api_did(
    page: "Page", dashboard: Dashboard, complaints: Complaints, tmp_path: Path
) -> None:
    page.goto(dashboard.sign_in_link)
    page.get_by_role("button", name=re.compile("Sign in")).click()
    paste_a_transcript(page)
    conversation = page.url
    bring_in(page, tmp_path / "meeting.csv")
    decide(page)
    send(page)
    page.goto(conversation)
    names = page.locator(".speaker-card .speaker-name [data-name-of]").all_inner_texts()
    assert set(names) == {"Ana Diaz", "Bo Lindqvist", "Cleo"}
    said = page.locator("article.turn", has_text="So have I.")
    expect(said.locator("[data-name-of]").first).to_have_text("Cleo")
    go_to_a_line_by_keyboard(page)
    assert complaints.said == []
    assert (dashboard.data / "errors.log").read_text() == ""
    paste_what_cannot_be_read(page, conversation)


def paste_a_transcript(page: "Page") -> None:
    """Four lines by two speakers whom nobody has named."""
    page.get_by_role("radio", name="A transcript").check()
    page.get_by_role("textbox", name="Transcript").fill(TRANSCRIPT)
    page.get_by_role("textbox", name="Name", exact=True).fill("Weekly of the speakers")
    page.locator("form.submission button[type=submit]").click()
    expect(page.locator("#transcript")).to_contain_text("Shall we begin?", timeout=SYNCED)


def bring_in(page: "Page", file: Path) -> None:
    file.write_text(EVENTS)
    page.reload()
    page.locator("#api-open").click()
    page.locator("#speaker-events").click()
    look(page, "speaker-events-list")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", name="Two people at once 2")).to_be_visible()
    look(page, "speaker-events-draft")


def decide(page: "Page") -> None:
    page.get_by_role("button", name="Fix everything that can be fixed").click()
    expect(page.get_by_text("Fixed: Past the end; Two people at once.")).to_be_visible()
    expect(page.locator("#problems-title")).to_be_focused()
    page.get_by_label("Ana Diaz is").select_option(label="Speaker 1")
    page.get_by_label("Bo Lindqvist is").select_option(label="Speaker 2")
    page.get_by_label("Cleo is").select_option(label="Somebody new")
    page.get_by_role("button", name="Save who is who").click()
    expect(page.get_by_role("heading", name="Changes 2 of 4 messages")).to_be_visible()
    expect(page.locator("#changes-title")).to_be_focused()
    look(page, "speaker-events-dry-run")


def send(page: "Page") -> None:
    """How it stands is asked for every few seconds, and said once."""
    page.get_by_role("button", name="Send to the API").click()
    page.evaluate(NOTE_WHAT_IS_SAID)
    outcome = page.get_by_role("heading", name="The API changed 2 of 2 expected lines")
    expect(outcome).to_be_visible(timeout=SYNCED)
    expect(page.locator("#batch-state")).to_have_text("Sent")
    said = page.evaluate("window.said")
    assert said[-1] == (
        "The API changed 2 of 2 expected lines. 2 speakers were named: Ana Diaz, Bo Lindqvist. "
        "Nothing else changed: it did what the dry run said."
    )
    assert len(set(said)) == len(said)
    look(page, "speaker-events-sent")


def go_to_a_line_by_keyboard(page: "Page") -> None:
    """The focus goes along, so that reading goes on at the line."""
    jump = page.locator("#panels a.jump:visible").first
    line = page.locator(f"#line-{jump.get_attribute('data-line')}")
    jump.click()
    expect(line).not_to_be_focused()
    jump.press("Enter")
    expect(line).to_be_focused()


def paste_what_cannot_be_read(page: "Page", conversation: str) -> None:
    page.goto(f"{conversation}speaker-events/")
    page.get_by_label("Or paste the text").fill("start,end,speaker\n0,later,Ana\n")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#text-field .errors")).to_contain_text(re.compile("^Line 2: "))
    assert accessible(page) == []


def look(page: "Page", name: str) -> None:
    """Keep pictures of the screen, have it checked, and have it fit a phone."""
    shoot(page, name)
    assert accessible(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
