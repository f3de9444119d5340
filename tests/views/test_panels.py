"""The panels of a conversation: what they list, how they are cut, and what they cost."""

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from conversations.models import (
    Append,
    Conversation,
    Insight,
    InsightKind,
    Member,
    Message,
    Report,
    ReportKind,
    Role,
)
from conversations.pipeline.engine_status import made_by
from conversations.pipeline.options import AppendOptions, Tracker
from tests.views.support import HTMX, address, body

KINDS = ("summary", "insights", "topics", "entities", "trackers", "analytics")
SOURCE = (
    "By plain rules of the bundled engine: word lists, patterns and arithmetic; no language model."
)
NO_METRICS: dict[str, Any] = {"metrics": [], "members": []}


@pytest.fixture(autouse=True)
def made_elsewhere(conversation: Conversation) -> None:
    """Let the conversation come from a server of which no more is known than its address."""
    Conversation.objects.update(made_by="https://speech.example")


@pytest.fixture
def report(conversation: Conversation) -> Callable[[ReportKind, Any], None]:
    """Return a function that stores a report as the sync writes it."""

    def store(kind: ReportKind, document: Any) -> None:
        Report.objects.create(
            conversation=conversation, kind=kind, document=document, fetched_at=timezone.now()
        )

    return store


@pytest.fixture
def ask(conversation: Conversation) -> Callable[..., Insight]:
    """Return a function that adds an insight."""

    def add(text: str = "When?", **told: Any) -> Insight:
        position = Insight.objects.count()
        row = {"kind": InsightKind.QUESTION, "remote_id": f"i{position}", **told}
        return Insight.objects.create(
            conversation=conversation, position=position, text=text, **row
        )

    return add


@pytest.fixture
def said(first: Member, speak: Callable[..., Message]) -> Message:
    """A line: without one, there is nothing to find anything in."""
    return speak(first)


def talk(member: str, seconds: float, pace: float | None = 100.0) -> dict[str, Any]:
    return {
        "member": member, "name": "An old name", "words_per_minute": pace,
        "talk_percent": 50.0, "talk_seconds": seconds, "listen_percent": 50.0,
        "listen_seconds": 1.0, "overlap_seconds": None, "overlaps": [],
    }  # fmt: skip


def texts(part: str) -> list[str]:
    """Return what a reader reads in a piece of the page, one string for each run of text."""
    runs = (html.unescape(run).strip() for run in re.split(r"<[^>]*>", part))
    return [re.sub(r"\s+", " ", run) for run in runs if run]


def panel(reader: Client, conversation: Conversation, slug: str, query: str = "") -> str:
    """Return the body of one panel of the fragment."""
    text = body(reader.get(address("conversation-panels", conversation) + query, headers=HTMX))
    found = re.search(rf'id="panel-{slug}".*?<div class="panel-body">(.*?)</details>', text, re.S)
    assert found is not None
    return found[1]


def read(reader: Client, conversation: Conversation, slug: str, query: str = "") -> list[str]:
    return texts(panel(reader, conversation, slug, query))


def test_page_loads_the_panels_after_itself(reviewer: Client, conversation: Conversation) -> None:
    text = body(reviewer.get(address("conversation", conversation)))
    place = re.search(r'<aside class="panels".*?</aside>', text, re.S)
    assert place is not None
    path = address("conversation-panels", conversation)
    assert f'hx-get="{path}" hx-trigger="load, refresh, speaker-changed from:body"' in place[0]
    assert f'<a href="{path}">' in place[0]


def test_panels_are_a_page_without_htmx(
    reviewer: Client, conversation: Conversation, said: Message
) -> None:
    response = reviewer.get(address("conversation-panels", conversation))
    assert response["Vary"].split(", ")[0] == "HX-Request"
    titles = re.findall(r'<h2 id="panel-title-(\w+)">', body(response))
    assert titles == list(KINDS)


def test_panels_are_for_those_who_see_the_conversation(
    conversation: Conversation, person: Callable[..., User]
) -> None:
    seen = {}
    for name, role in (("viewer", Role.VIEWER), ("stranger", None)):
        client = Client()
        client.force_login(person(name, role))
        seen[name] = client.get(address("conversation-panels", conversation)).status_code
    assert seen == {"viewer": 200, "stranger": 404}


def test_names_are_those_of_the_members_now(
    *,
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    john: Member,
    speak: Callable[..., Message],
    ask: Callable[..., Insight],
) -> None:
    line = speak(first, "Speaker 1 sends the deck.")
    ask(
        "Speaker 1 sends the deck.",
        kind=InsightKind.ACTION_ITEM,
        member=first,
        assignee=first,
        due_by=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
        message_ids=[line.remote_id],
    )
    Member.objects.filter(pk=first.pk).update(merged_into=john)
    Member.objects.filter(pk=john.pk).update(name="Jo <Doe>")
    part = panel(reviewer, conversation, "insights")
    assert texts(part) == [
        "Questions", "0", "No questions found.",
        "Action items", "1", "Speaker 1 sends the deck.", "0:00",
        "Said by", "Jo <Doe>", "· for", "Jo <Doe>", "· due", "21 Nov 2026",
        "Follow-ups", "0", "No follow-ups found.",
    ]  # fmt: skip
    assert re.findall(r'data-name-of="(\d+)"', part) == [str(john.pk)] * 2


@pytest.mark.parametrize(
    ("kind", "told", "facts"),
    [
        (InsightKind.QUESTION, {}, []),
        (InsightKind.ACTION_ITEM, {}, ["unassigned"]),
        (InsightKind.FOLLOW_UP, {"member": 1}, ["Said by", "Speaker 1", "· unassigned"]),
        (InsightKind.QUESTION, {"assignee": 1}, ["for", "Speaker 1"]),
        (
            InsightKind.ACTION_ITEM,
            {"due_by": dt.datetime(2026, 11, 21, 7, tzinfo=dt.UTC)},
            ["unassigned · due", "21 Nov 2026, 07:00 UTC"],
        ),
        (
            InsightKind.QUESTION,
            {"due_by": dt.datetime(2026, 11, 21, tzinfo=dt.UTC)},
            ["due", "21 Nov 2026"],
        ),
    ],
)
def test_facts_of_an_insight_read_as_a_sentence(
    *,
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    ask: Callable[..., Insight],
    kind: InsightKind,
    told: dict[str, Any],
    facts: list[str],
) -> None:
    people = dict.fromkeys(told.keys() & {"member", "assignee"}, first)
    ask("When?", kind=kind, **{**told, **people})
    part = panel(reviewer, conversation, "insights")
    entry = re.search(r'<li class="entry">(.*?)</li>', part, re.S)
    assert entry is not None
    assert texts(entry[1]) == ["When?", *facts]


def test_places_lead_to_their_line_with_and_without_a_script(
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    speak: Callable[..., Message],
    report: Callable[[ReportKind, Any], None],
) -> None:
    lines = [speak(first) for _ in range(6)]
    Message.objects.filter(pk=lines[2].pk).update(gone=True)
    topic = {"text": "deck", "score": 0.5, "parents": ["sales"], "sentiment": None}
    told = [lines[n].remote_id for n in (5, 2, 0)]
    report(ReportKind.TOPICS, [{**topic, "message_ids": [*told, "nobody knows"]}])
    part = panel(reviewer, conversation, "topics")
    assert texts(part) == ["deck", "part of sales", "0:00", "0:05"]
    path = address("conversation-transcript", conversation)
    assert re.findall(r'<a class="jump number" id="[\w-]+" (.*?) aria-label', part) == [
        f'data-play="0" data-line="{lines[0].pk}" href="{path}?from=0#line-{lines[0].pk}"',
        f'data-play="5000" data-line="{lines[5].pk}" href="{path}?from=2#line-{lines[5].pk}"',
    ]
    assert f'id="line-{lines[5].pk}"' in body(reviewer.get(f"{path}?from=2"))


def test_long_lists_are_cut_until_somebody_asks_for_all(
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    speak: Callable[..., Message],
    ask: Callable[..., Insight],
) -> None:
    ids = [speak(first).remote_id for _ in range(7)]
    for number in range(12):
        ask(f"Question {number}?", message_ids=ids if number == 0 else [])
    short, whole = (panel(reviewer, conversation, "insights", q) for q in ("", "?all=question"))
    asked = [f"Question {number}?" for number in range(12)]
    assert [text for text in texts(short) if text.startswith("Question ")] == asked[:8]
    assert [text for text in texts(whole) if text.startswith("Question ")] == asked
    assert (short.count('class="jump '), whole.count('class="jump ')) == (5, 7)
    assert texts(short)[8] == "+2"
    assert re.sub(r"\s", "", "".join(texts(short))).count("Showall(12)") == 1
    assert ("Show fewer" in whole, 'name="all" value="question"' in whole) == (True, True)


def test_entities_say_what_they_stand_for_but_no_old_name(
    reviewer: Client, conversation: Conversation, report: Callable[[ReportKind, Any], None]
) -> None:
    told = (
        ("person", "Speaker 1", "Ida"),
        ("date", "2026-11-21", "tomorrow"),
        ("date", "friday", "Friday"),
        ("job_title", "engineer", "engineer"),
    )
    entities = [
        {"type": kind, "value": value, "text": text, "mentions": []} for kind, value, text in told
    ]
    report(ReportKind.ENTITIES, entities)
    assert read(reviewer, conversation, "entities") == [
        "Date", "tomorrow", "21 Nov 2026", "Friday", "Job title", "engineer", "Person", "Ida",
    ]  # fmt: skip


def test_trackers_tell_words_that_are_only_similar(
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    speak: Callable[..., Message],
    report: Callable[[ReportKind, Any], None],
) -> None:
    line = speak(first).remote_id
    matches = [
        {
            "value": value,
            "mentions": [{"message_id": line, "offset": offset} for offset in offsets],
            "insight_ids": [],
        }
        for value, offsets in (("cost", [3, -1]), ("price", [-1]))
    ]
    report(ReportKind.TRACKERS, [{"name": "Budget", "matches": matches}])
    assert read(reviewer, conversation, "trackers") == [
        "Budget", "cost", "0:00", "price", "similar words", "0:00",
    ]  # fmt: skip


def test_analytics_add_up_whom_people_made_one(
    *,
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    john: Member,
    speak: Callable[..., Message],
    report: Callable[[ReportKind, Any], None],
) -> None:
    speak(john)
    Member.objects.filter(pk=first.pk).update(merged_into=john)
    metrics = [
        {"type": kind, "percent": percent, "seconds": seconds}
        for kind, percent, seconds in (
            ("total_silence", 20.0, 30.0), ("total_talk_time", 80.0, 120.0),
            ("total_overlap", 0.0, 0.0), ("something_new", 1.0, 1.0),
        )
    ]  # fmt: skip
    members = [talk("m1", 60.0, 90.0), talk("", 40.0, None), talk("m2", 20.0, 150.0)]
    report(ReportKind.ANALYTICS, {"metrics": metrics, "members": members})
    assert read(reviewer, conversation, "analytics") == [
        "Talk time", "JD", "1 min 20 s", "?", "40 s", "30 s silence",
        "Words per minute", "JD", "105",
        "Talk time and pace of each speaker", "Speaker", "Talk", "Share", "wpm",
        "JD", "John Doe", "1 min 20 s", "66.7 %", "105",
        "Nobody known", "40 s", "33.3 %", "\N{EN DASH}",
        "Talk", "2 min · 80.0 %", "Silence", "30 s · 20.0 %",
    ]  # fmt: skip
    lengths = re.findall(r'<rect class="([\w-]+)" width="(\d+)"', panel(
        reviewer, conversation, "analytics"
    ))  # fmt: skip
    assert lengths == [
        ("bar-tone", "100"), ("bar-nobody", "50"), ("bar-nobody", "38"), ("bar-tone", "100"),
    ]  # fmt: skip


def test_silence_is_drawn_on_the_scale_of_the_talk(
    reviewer: Client,
    conversation: Conversation,
    john: Member,
    report: Callable[[ReportKind, Any], None],
) -> None:
    silence = {"type": "total_silence", "percent": 80.0, "seconds": 40.0}
    report(ReportKind.ANALYTICS, {"metrics": [silence], "members": [talk("m2", 10.0, None)]})
    part = panel(reviewer, conversation, "analytics")
    lengths = re.findall(r'<rect class="([\w-]+)" width="(\d+)"', part)
    assert lengths == [("bar-tone", "25"), ("bar-nobody", "100")]


def test_pace_is_left_out_where_nobody_measured_it(
    reviewer: Client,
    conversation: Conversation,
    john: Member,
    report: Callable[[ReportKind, Any], None],
) -> None:
    report(ReportKind.ANALYTICS, {"metrics": [], "members": [talk("m2", 0.0, None)]})
    assert read(reviewer, conversation, "analytics") == [
        "Talk time", "JD", "0 s", "Talk time of each speaker", "Speaker", "Talk", "Share",
        "JD", "John Doe", "0 s", "0.0 %",
    ]  # fmt: skip


@pytest.mark.parametrize("figure", [1e308, -5.0])
def test_figures_that_nobody_can_have_measured_count_as_none(
    *,
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    john: Member,
    report: Callable[[ReportKind, Any], None],
    figure: float,
) -> None:
    silence = {"type": "total_silence", "percent": figure, "seconds": figure}
    members = [talk("m1", figure, figure), talk("m2", figure, figure)]
    report(ReportKind.ANALYTICS, {"metrics": [silence], "members": members})
    assert read(reviewer, conversation, "analytics") == [
        "Talk time", "S1", "0 s", "JD", "0 s",
        "Talk time of each speaker", "Speaker", "Talk", "Share",
        "S1", "Speaker 1", "0 s", "0.0 %", "JD", "John Doe", "0 s", "0.0 %",
        "Silence", "0 s · 0.0 %",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "reported", "sentences"),
    [
        pytest.param(
            AppendOptions(),
            False,
            {
                "summary": "A summary was not asked for when this was uploaded.",
                "topics": "This server gave none.",
                "entities": "Entities were not asked for when this was uploaded.",
                "trackers": "Trackers were not asked for when this was uploaded.",
                "analytics": "This server gave none.",
            },
            id="not asked for",
        ),
        pytest.param(
            AppendOptions(detect_entities=True, summary=True, trackers=(Tracker("A", ("b",)),)),
            True,
            {
                "summary": "Too little was said to sum it up.",
                "topics": "No topics found.",
                "entities": "No entities found.",
                "trackers": "None of the trackers was heard.",
                "analytics": "Nobody talked.",
            },
            id="asked for",
        ),
        pytest.param(
            None,
            True,
            {
                "summary": "This server gave none.",
                "topics": "No topics found.",
                "entities": "This server gave none.",
                "trackers": "This server gave none.",
                "analytics": "Nobody talked.",
            },
            id="brought in",
        ),
    ],
)
def test_empty_panel_says_why(
    *,
    reviewer: Client,
    conversation: Conversation,
    said: Message,
    append: Append,
    report: Callable[[ReportKind, Any], None],
    options: AppendOptions | None,
    reported: bool,
    sentences: dict[str, str],
) -> None:
    if options is None:
        append.delete()
    else:
        Append.objects.filter(pk=append.pk).update(options=options.to_json())
    if reported:
        for kind in ReportKind:
            report(kind, NO_METRICS if kind == ReportKind.ANALYTICS else [])
    seen = {slug: read(reviewer, conversation, slug) for slug in sentences}
    assert seen == {slug: [sentence] for slug, sentence in sentences.items()}


@pytest.mark.parametrize("reported", [True, False])
def test_nothing_is_said_to_be_missing_where_nobody_is_heard(
    *,
    reviewer: Client,
    conversation: Conversation,
    report: Callable[[ReportKind, Any], None],
    reported: bool,
) -> None:
    if reported:
        report(ReportKind.TRACKERS, [{"name": "Budget", "matches": []}])
        report(ReportKind.ANALYTICS, NO_METRICS)
    text = body(reviewer.get(address("conversation-panels", conversation), headers=HTMX))
    assert texts(text) == [
        "What was found",
        "Insights, topics and talk times appear here with the transcript.",
    ]


def test_panels_wait_for_the_transcript(reviewer: Client, conversation: Conversation) -> None:
    Conversation.objects.update(synced_at=None)
    text = body(reviewer.get(address("conversation-panels", conversation), headers=HTMX))
    assert texts(text) == [
        "What was found",
        "Insights, topics and talk times appear here with the transcript.",
    ]


@pytest.mark.parametrize(
    ("server", "metadata", "panels"),
    [
        ("http://127.0.0.1:8000/engine", {"recogniser": "moonshine 1"}, len(KINDS)),
        ("http://127.0.0.1:8000/engine", {}, len(KINDS)),
        ("https://speech.example", {}, 0),
    ],
)
def test_only_the_bundled_engine_is_said_to_go_by_rules(
    *,
    reviewer: Client,
    conversation: Conversation,
    said: Message,
    settings: Settings,
    server: str,
    metadata: dict[str, object],
    panels: int,
) -> None:
    settings.SYMBL_BASE_URL = server
    Conversation.objects.update(made_by=made_by(metadata))
    text = body(reviewer.get(address("conversation-panels", conversation), headers=HTMX))
    assert text.count(SOURCE) == panels


def test_bundled_engine_sums_up_unasked(
    reviewer: Client,
    conversation: Conversation,
    said: Message,
    append: Append,
    report: Callable[[ReportKind, Any], None],
) -> None:
    Conversation.objects.update(made_by="moonshine 1")
    report(ReportKind.SUMMARY, [])
    seen = read(reviewer, conversation, "summary")
    assert seen == ["Too little was said to sum it up.", SOURCE]


@pytest.mark.parametrize("count", [1, 3, 400])
def test_panels_cost_the_same_however_much_was_found(
    *,
    count: int,
    reviewer: Client,
    conversation: Conversation,
    first: Member,
    john: Member,
    speak: Callable[..., Message],
    report: Callable[[ReportKind, Any], None],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ids = [speak((first, john)[number % 2]).remote_id for number in range(min(count, 20))]
    Insight.objects.bulk_create(
        Insight(
            conversation=conversation, kind=InsightKind.QUESTION, remote_id=str(number),
            position=number, text="When?", member=(first, john)[number % 2], message_ids=ids,
        )
        for number in range(count)
    )  # fmt: skip
    report(ReportKind.SUMMARY, [{"text": "Word.", "message_ids": ids}] * count)
    report(
        ReportKind.ANALYTICS,
        {"metrics": [], "members": [talk(f"m{number}", 1.0) for number in range(1, count + 1)]},
    )
    path = address("conversation-panels", conversation) + "?all=question"
    with django_assert_num_queries(12):
        reviewer.get(path, headers=HTMX)
