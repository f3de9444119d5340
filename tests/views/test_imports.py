"""The screens for bringing in, fetching again, and what differs."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Response

from conversations.models import (
    Append,
    Conversation,
    Member,
    Membership,
    Message,
    Recording,
    Role,
    State,
    Team,
)
from conversations.pipeline import imports
from tests.doubles.symbl_conversation import REMOTE_ID, Server
from tests.support import run_queue
from tests.views.support import HTMX, address, body, errors

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "1000000000000001"
ANOTHER = "1000000000000002"
UNKNOWN = "9999999999999999"
NOT_TO_BE_HAD = "No conversation with this id can be brought in. Check its digits."


def boxes(text: str) -> list[str]:
    """Return the ids that can be ticked."""
    return re.findall(r'<input type="checkbox" name="ids" value="(\d+)"', text)


def notices(text: str) -> list[str]:
    return re.findall(r'<p class="notice[^"]*" role="status">(.*?)</p>', text)


@pytest.fixture
def admin(reviewer: Client) -> Client:
    """The browser in which Ana is signed in, who is an admin of her team here."""
    Membership.objects.update(role=Role.ADMIN)
    return reviewer


@pytest.fixture
def offered(server: Server, httpserver: HTTPServer) -> Server:
    """The server, with two conversations that nobody has brought in."""
    server.knows(httpserver, NEW, "Kick-off")
    server.knows(httpserver, ANOTHER, "Retro <1>")
    return server


def test_the_last_thirty_days_are_offered(admin: Client, offered: Server) -> None:
    text = body(admin.get("/import/"))
    assert boxes(text) == [NEW, ANOTHER]
    assert "<bdi>Retro &lt;1&gt;</bdi>" in text
    (asked,) = offered.asked
    start = dt.datetime.fromisoformat(asked["startTime"])
    end = dt.datetime.fromisoformat(asked["endTime"])
    assert start.date() == timezone.now().date() - dt.timedelta(days=30)
    assert timezone.now() - end < dt.timedelta(minutes=1)


def test_the_days_are_the_readers_to_choose_both_included(admin: Client, offered: Server) -> None:
    admin.get("/import/?start=2026-01-05&end=2026-01-05")
    (asked,) = offered.asked
    assert (asked["startTime"][:19], asked["endTime"][:19]) == (
        "2026-01-05T00:00:00", "2026-01-06T00:00:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ("start=2026-02-01&end=2026-01-01", "This day is before the first one."),
        ("start=2999-01-01&end=2999-01-02", "This day has not begun yet."),
        ("start=soon&end=2026-01-02", "Enter a day, like 2026-01-31."),
        ("start=0001-01-01&end=0001-01-02", "Choose a day from 1 January 1970 on."),
    ],
)
def test_days_that_cannot_be_asked_for_are_said_at_the_field(
    admin: Client, offered: Server, days: str, sentence: str
) -> None:
    assert errors(admin.get(f"/import/?{days}")) == [sentence]
    assert offered.asked == []


def test_the_longest_window_can_be_asked_for(
    admin: Client, offered: Server, settings: Settings
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert admin.get("/import/?start=1970-01-01&end=9999-12-31").status_code == 200
    (asked,) = offered.asked
    assert asked["startTime"][:19] == "1969-12-31T23:00:00"


def test_what_is_here_is_linked_and_of_what_is_elsewhere_nothing_is_shown(
    admin: Client, offered: Server, conversation: Conversation
) -> None:
    other = Team.objects.create(name="Other")
    Conversation.objects.create(team=other, name="Secret", remote_id=NEW)
    offered.listed.append({"id": REMOTE_ID})
    text = body(admin.get("/import/"))
    assert boxes(text) == [ANOTHER]
    assert conversation.get_absolute_url() in text
    assert [told for told in (NEW, "Kick-off", "Secret") if told in text] == []


def test_a_page_of_what_is_elsewhere_leads_on(
    admin: Client, offered: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PAGE_SIZE", 1)
    Conversation.objects.create(team=Team.objects.create(name="Other"), remote_id=NEW)
    text = body(admin.get("/import/"))
    assert "<h2>Nothing to bring in on this page</h2>" in text
    assert 'rel="next"' in text


@pytest.fixture
def lost(recording: Recording) -> Callable[[Team], Append]:
    """Return a function that gives a team a first recording of unknown outcome."""

    def make(team: Team) -> Append:
        conversation = Conversation.objects.create(team=team, name="Board <1>")
        return Append.objects.create(
            conversation=conversation, recording=recording, seq=1, state=State.UNKNOWN,
            state_since=timezone.now(),
        )  # fmt: skip

    return make


def test_what_may_be_a_lost_recording_is_said_with_its_name_to_its_team(
    admin: Client, offered: Server, lost: Callable[[Team], Append], team: Team
) -> None:
    append = lost(team)
    Append.objects.update(created_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    text = body(admin.get("/import/"))
    assert boxes(text) == []
    link = f'<a href="{append.conversation.get_absolute_url()}"><bdi>Board &lt;1&gt;</bdi></a>'
    assert (
        "2 conversations are not listed: a recording whose outcome is unknown may be among them. "
        f"Decide about it first: {link}."
    ) in text
    assert errors(admin.post("/import/id/", {"remote_id": NEW})) == [
        "A recording whose outcome is unknown may be this conversation. "
        "Decide about it first: “Board <1>”."
    ]
    said = notices(body(admin.post("/import/chosen/", {"ids": [NEW, ANOTHER]}, follow=True)))
    assert said == [
        "2 conversations could not be brought in. A recording whose outcome is unknown may be "
        "one of them. Decide about it first: “Board &lt;1&gt;”."
    ]


def test_what_may_be_a_lost_recording_of_others_is_said_without_a_name(
    admin: Client, offered: Server, lost: Callable[[Team], Append]
) -> None:
    lost(Team.objects.create(name="Other"))
    Append.objects.update(created_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    text = body(admin.get("/import/"))
    assert "a recording of another team, whose outcome is unknown, may be among them." in text
    assert ("Board" in text, boxes(text)) == (False, [])
    assert errors(admin.post("/import/id/", {"remote_id": NEW})) == [
        "A recording of another team, whose outcome is unknown, may be this conversation."
    ]


def test_pages_keep_the_days(
    admin: Client, offered: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PAGE_SIZE", 1)
    first = body(admin.get("/import/?start=2026-01-01&end=2026-01-31"))
    assert 'rel="next" href="/import/?start=2026-01-01&amp;end=2026-01-31&amp;page=2"' in first
    second = body(admin.get("/import/?start=2026-01-01&end=2026-01-31&page=2"))
    assert (boxes(first), boxes(second)) == ([NEW], [ANOTHER])
    assert ('rel="prev"' in second, 'rel="next"' in second) == (True, False)


def test_no_conversations_in_the_days_is_said(admin: Client, server: Server) -> None:
    assert "No conversations in these days" in body(admin.get("/import/"))


@pytest.mark.parametrize(
    ("status", "answered", "todo"),
    [
        (401, 502, "An admin has to correct SYMBL_APP_ID and SYMBL_APP_SECRET."),
        (302, 502, "An admin has to correct SYMBL_BASE_URL."),
        (
            429,
            503,
            "Try again in a moment. If it stays, an admin has to look after the speech server.",
        ),
    ],
)
@pytest.mark.parametrize("screen", ["list", "chosen", "id", "differences"])
def test_an_api_in_trouble_is_a_page_with_advice(
    *,
    admin: Client,
    offered: Server,
    conversation: Conversation,
    status: int,
    answered: int,
    todo: str,
    screen: str,
) -> None:
    offered.fails = Response("{}", status=status)
    response = {
        "list": lambda: admin.get("/import/"),
        "chosen": lambda: admin.post("/import/chosen/", {"ids": [NEW]}),
        "id": lambda: admin.post("/import/id/", {"remote_id": NEW}),
        "differences": lambda: admin.get(address("conversation-differences", conversation)),
    }[screen]()
    assert response.status_code == answered
    assert f"<dt>What to do</dt><dd>{todo}</dd>" in body(response)


def test_several_are_brought_in_at_once(admin: Client, offered: Server, team: Team) -> None:
    response = admin.post("/import/chosen/", {"ids": [NEW, ANOTHER]}, follow=True)
    assert notices(body(response)) == ["2 conversations will be fetched from the API."]
    assert body(response).count("Fetching from the API</span>") == 2
    rows = Conversation.objects.order_by("remote_id").values_list("remote_id", "name", "team")
    assert list(rows) == [(NEW, "Kick-off", team.pk), (ANOTHER, "Retro <1>", team.pk)]
    assert OrmQ.objects.count() == 2


def test_one_leads_to_its_page_which_says_what_is_going_on(admin: Client, offered: Server) -> None:
    response = admin.post("/import/chosen/", {"ids": [NEW]}, follow=True)
    conversation = Conversation.objects.get()
    assert response.redirect_chain == [(conversation.get_absolute_url(), 302)]
    text = body(response)
    assert "Fetching from the API…" in text
    assert '<div class="empty" data-outlook="fetching">' in text


def test_ticking_nothing_is_said_of_the_list(admin: Client, offered: Server) -> None:
    response = admin.post("/import/chosen/", {})
    assert (response.status_code, errors(response)) == (
        422,
        ["Tick the conversations to bring in."],
    )
    assert '<fieldset aria-describedby="id_ids_error">' in body(response)
    assert '<ul class="errors" id="id_ids_error">' in body(response)


SHAPE = "The id of a conversation has 16 digits."


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        ([""], SHAPE),
        (["."], SHAPE),
        ([".."], SHAPE),
        (["a\0b"], SHAPE),
        ([f"{NEW}/"], SHAPE),
        ([f"{NEW}\n"], SHAPE),
        (["１０００００００００００００００"], SHAPE),  # noqa: RUF001 - digits of another script
        ([str(10**15 + n) for n in range(51)], "Tick at most 50 conversations at a time."),
    ],
)
def test_what_no_list_has_offered_is_refused(
    admin: Client, offered: Server, ids: list[str], sentence: str
) -> None:
    response = admin.post("/import/chosen/", {"ids": ids})
    assert (response.status_code, errors(response)) == (422, [sentence])
    assert not Conversation.objects.exists()


@pytest.fixture
def sales(admin: Client, ana: User) -> Team:
    """Another team of which Ana is an admin."""
    sales = Team.objects.create(name="Sales")
    Membership.objects.create(team=sales, user=ana, role=Role.ADMIN)
    return sales


def ticks(text: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="ids" value="(\d+)" checked>', text)


def test_a_team_that_is_wrong_is_said_at_its_field_and_the_ticks_stay(
    admin: Client, offered: Server, sales: Team
) -> None:
    response = admin.post("/import/chosen/", {"ids": [ANOTHER], "team": ""})
    text = body(response)
    assert (response.status_code, errors(response), ticks(text)) == (
        422, ["This field is required."], [ANOTHER],
    )  # fmt: skip
    assert '<ul class="errors" id="id_team_error">' in text


def test_trouble_keeps_what_was_chosen(admin: Client, offered: Server, sales: Team) -> None:
    offered.fails = Response("{}", status=429)
    chosen = {"ids": [NEW, ANOTHER], "team": sales.pk, "start": "2026-01-01", "end": "2026-01-31"}
    text = body(admin.post("/import/chosen/", chosen | {"page": 2}))
    hidden = re.findall(r'<input type="hidden" name="(ids|start|end|page)" value="(.*?)">', text)
    assert hidden == [
        ("start", "2026-01-01"), ("end", "2026-01-31"), ("page", "2"),
        ("ids", NEW), ("ids", ANOTHER),
    ]  # fmt: skip
    assert f'<option value="{sales.pk}" selected>Sales</option>' in text
    assert ">Try again</button>" in text


@pytest.mark.parametrize("wrong", [{}, {"remote_id": "1"}])
def test_no_id_stands_twice_on_the_page(
    admin: Client, offered: Server, sales: Team, wrong: dict[str, str]
) -> None:
    response = admin.post("/import/id/", wrong) if wrong else admin.get("/import/")
    found = re.findall(r' id="([^"]+)"', body(response))
    assert sorted(set(found)) == sorted(found)
    assert {"id_team", "by_id_team"} < set(found)


def test_what_cannot_be_had_is_counted(
    admin: Client, offered: Server, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(f"/v1/conversations/{UNKNOWN}").respond_with_data(status=404)
    response = admin.post("/import/chosen/", {"ids": [UNKNOWN, NEW, ANOTHER]}, follow=True)
    assert notices(body(response)) == [
        "1 conversation could not be brought in: not available.",
        "2 conversations will be fetched from the API.",
    ]


@pytest.mark.parametrize(
    ("remote_id", "sentence"),
    [
        ("", "Enter an id of 16 digits."),
        ("123", "The id of a conversation has 16 digits."),
        (UNKNOWN, NOT_TO_BE_HAD),
        ("2000000000000002", NOT_TO_BE_HAD),
    ],
)
def test_an_id_that_cannot_be_had_is_said_at_the_field(
    *, admin: Client, offered: Server, httpserver: HTTPServer, remote_id: str, sentence: str
) -> None:
    httpserver.expect_request(f"/v1/conversations/{remote_id}").respond_with_data(status=404)
    other = Team.objects.create(name="Other")
    Conversation.objects.create(team=other, name="Secret", remote_id="2000000000000002")
    response = admin.post("/import/id/", {"remote_id": remote_id})
    assert (response.status_code, errors(response)) == (422, [sentence])


@pytest.mark.parametrize("path", ["id/", "chosen/"])
def test_the_address_of_a_refused_form_leads_to_the_page(
    admin: Client, offered: Server, path: str
) -> None:
    response = admin.get(f"/import/{path}", follow=True)
    assert (response.redirect_chain, response.status_code) == ([("/import/", 302)], 200)


def test_an_id_that_is_here_leads_to_it(
    admin: Client, server: Server, conversation: Conversation
) -> None:
    response = admin.post("/import/id/", {"remote_id": f" {REMOTE_ID} "}, follow=True)
    assert response.redirect_chain == [(conversation.get_absolute_url(), 302)]
    assert notices(body(response)) == ["1 conversation had been brought in before."]


def test_the_team_is_chosen_where_there_is_a_choice(
    admin: Client, offered: Server, sales: Team
) -> None:
    assert errors(admin.post("/import/id/", {"remote_id": NEW})) == ["This field is required."]
    admin.post("/import/id/", {"remote_id": NEW, "team": sales.pk})
    assert Conversation.objects.get().team == sales


def test_a_team_of_others_gets_nothing(admin: Client, offered: Server, sales: Team) -> None:
    other = Team.objects.create(name="Other")
    response = admin.post("/import/chosen/", {"ids": [NEW], "team": other.pk})
    assert (response.status_code, Conversation.objects.exists()) == (422, False)


def test_a_team_that_one_reviews_for_is_no_choice(
    admin: Client, offered: Server, ana: User, team: Team
) -> None:
    reviewed = Team.objects.create(name="A reviewed one")
    Membership.objects.create(team=reviewed, user=ana, role=Role.REVIEWER)
    admin.post("/import/id/", {"remote_id": NEW, "team": reviewed.pk})
    assert Conversation.objects.get().team == team


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER])
@pytest.mark.parametrize(
    ("path", "what"),
    [("", None), ("chosen/", {"ids": [NEW]}), ("id/", {"remote_id": NEW}), ("id/", {})],
)
def test_bringing_in_is_for_admins(
    *,
    person: Callable[..., User],
    client: Client,
    offered: Server,
    role: Role,
    path: str,
    what: dict[str, Any] | None,
) -> None:
    client.force_login(person("vic", role))
    there = f"/import/{path}"
    response = client.get(there) if what is None else client.post(there, what)
    assert (response.status_code, Conversation.objects.exists()) == (403, False)
    assert "Bring in from the API" not in body(client.get("/"))


def test_admins_are_led_to_bringing_in(admin: Client) -> None:
    assert '<a class="button" id="bring-in" href="/import/">' in body(admin.get("/"))


def test_fetching_again_is_begun_and_shown(reviewer: Client, conversation: Conversation) -> None:
    response = reviewer.post(address("conversation-fetch", conversation), follow=True)
    assert response.redirect_chain == [(conversation.get_absolute_url(), 302)]
    assert "Fetching from the API…" in body(response)
    (row,) = OrmQ.objects.all()
    assert row.task["args"] == (conversation.pk,)


def test_fetching_again_waits_for_a_recording(
    reviewer: Client, conversation: Conversation, append: Append
) -> None:
    Append.objects.update(state=State.PROCESSING, job_id="j1")
    response = reviewer.post(address("conversation-fetch", conversation), follow=True)
    (notice,) = notices(body(response))
    assert notice.startswith("Nothing was fetched: a recording is on its way")
    assert "Fetching from the API…" not in body(response)


def test_the_page_catches_up_once_it_is_fetched(
    reviewer: Client, conversation: Conversation
) -> None:
    Conversation.objects.update(synced_at=None)
    path = address("conversation-fetching", conversation)
    going_on = reviewer.get(path, headers=HTMX)
    assert ("HX-Trigger" in going_on, "every 2s" in body(going_on)) == (False, True)
    Conversation.objects.update(synced_at=timezone.now())
    over = reviewer.get(path, headers=HTMX)
    assert "transcript-changed" in over["HX-Trigger"]
    assert ('data-outlook="wordless"' in body(over), "every 2s" in body(over)) == (True, False)
    assert "<p>There are no lines at the speech server (yet). “API” above looks again.</p>" in body(
        reviewer.get(conversation.get_absolute_url())
    )


def test_a_failure_stands_on_the_page_and_in_the_list(
    reviewer: Client, conversation: Conversation
) -> None:
    Conversation.objects.update(synced_at=None, sync_error="The server is <away>.")
    text = body(reviewer.get(conversation.get_absolute_url()))
    assert "<dt>What happened</dt><dd>The server is &lt;away&gt;.</dd>" in text
    assert 'id="fetch-retry"' in text
    assert '<div class="empty" data-outlook="unfetched">' in text
    assert "Not fetched from the API" in body(reviewer.get("/"))
    over = reviewer.get(address("conversation-fetching", conversation), headers=HTMX)
    assert "HX-Trigger" not in over


def test_a_conversation_that_was_deleted_at_the_api_stays_here(
    reviewer: Client, server: Server, conversation: Conversation
) -> None:
    server.fails = Response('{"message": "Not any more."}', status=404)
    reviewer.post(address("conversation-fetch", conversation))
    run_queue()
    text = body(reviewer.get(conversation.get_absolute_url()))
    assert notices(text) == ["It was deleted at the speech server. What is here stays."]
    assert "fetch-retry" not in text
    row = body(reviewer.get("/"))
    assert ("Deleted at the speech server</span>" in row, "Not fetched" in row) == (True, False)
    over = reviewer.get(address("conversation-fetching", conversation), headers=HTMX)
    assert "HX-Trigger" not in over


def test_nothing_differs_from_what_was_deleted_at_the_api(
    reviewer: Client, server: Server, conversation: Conversation
) -> None:
    server.fails = Response('{"message": "Not any more."}', status=404)
    response = reviewer.get(address("conversation-differences", conversation))
    text = body(response)
    assert (response.status_code, "What to do" in text, "Fetch again" in text) == (
        200, False, False,
    )  # fmt: skip
    assert "<h2>It was deleted at the speech server</h2>" in text


def test_a_viewer_is_offered_no_retry(
    person: Callable[..., User], client: Client, conversation: Conversation
) -> None:
    client.force_login(person("vic", Role.VIEWER))
    Conversation.objects.update(synced_at=None, sync_error="The server is away.")
    text = body(client.get(conversation.get_absolute_url()))
    assert ("The server is away." in text, "fetch-retry" in text, "api-open" in text) == (
        True, False, False,
    )  # fmt: skip


def test_an_imported_conversation_is_ready_in_the_list(
    reviewer: Client, conversation: Conversation
) -> None:
    assert "No lines at the speech server (yet)</span>" in body(reviewer.get("/"))
    Message.objects.create(
        conversation=conversation, remote_id="1", position=0, remote_text="Hi", text="Hi",
        start_ms=0, end_ms=1,
    )  # fmt: skip
    assert '<span class="status status-ready">Ready</span>' in body(reviewer.get("/"))


def test_lines_that_are_gone_are_shown_nowhere(
    reviewer: Client, speak: Callable[..., Message], first: Member, conversation: Conversation
) -> None:
    speak(first, "This stays.")
    speak(first, "This is gone.")
    Message.objects.filter(text="This is gone.").update(gone=True)
    for name in (
        "conversation",
        "conversation-transcript",
        "conversation-text",
        "conversation-json",
    ):
        text = body(reviewer.get(address(name, conversation)))
        assert ("This stays." in text, "This is gone." in text) == (True, False), name


def test_differences_are_counted_first_and_listed(
    reviewer: Client, server: Server, conversation: Conversation
) -> None:
    text = body(reviewer.get(address("conversation-differences", conversation)))
    counts = re.findall(
        r'<dt><a href="#differences-\d">(.*?)</a></dt><dd class="number">(\d+)', text
    )
    assert counts == [("Speakers only at the API", "2"), ("Lines only at the API", "1")]
    assert "<bdi>Speaker 1: I send it.</bdi>" in text
    assert Message.objects.count() == 0


def test_no_differences_are_said(
    reviewer: Client, server: Server, conversation: Conversation
) -> None:
    server.parts |= {"/members": {"members": []}, "/messages": {"messages": []}}
    text = body(reviewer.get(address("conversation-differences", conversation)))
    assert "<h2>Nothing differs</h2>" in text


def test_what_was_never_sent_has_nothing_to_differ_from(
    reviewer: Client, conversation: Conversation
) -> None:
    Conversation.objects.update(remote_id=None)
    assert reviewer.get(address("conversation-differences", conversation)).status_code == 404
    assert 'id="api-open"' not in body(reviewer.get(conversation.get_absolute_url()))
