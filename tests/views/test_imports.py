"""The screens for bringing in, fetching again, and what differs."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_httpserver import HTTPServer
from werkzeug import Response

from conversations.models import (
    Append,
    Conversation,
    Member,
    Membership,
    Message,
    Role,
    State,
    Team,
)
from conversations.pipeline import imports
from tests.doubles.symbl_conversation import REMOTE_ID, Server
from tests.views.support import HTMX, address, body, errors

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "1000000000000001"
ANOTHER = "1000000000000002"


def boxes(text: str) -> list[str]:
    """Return the ids that can be ticked."""
    return re.findall(r'<input type="checkbox" name="ids" value="(\d+)"', text)


def notices(text: str) -> list[str]:
    return re.findall(r'<p class="notice[^"]*" role="status">(.*?)</p>', text)


@pytest.fixture
def offered(server: Server, httpserver: HTTPServer) -> Server:
    """The server, with two conversations that nobody has brought in."""
    server.knows(httpserver, NEW, "Kick-off")
    server.knows(httpserver, ANOTHER, "Retro <1>")
    return server


def test_the_last_thirty_days_are_offered(reviewer: Client, offered: Server) -> None:
    text = body(reviewer.get("/import/"))
    assert boxes(text) == [NEW, ANOTHER]
    assert "<bdi>Retro &lt;1&gt;</bdi>" in text
    (asked,) = offered.asked
    start = dt.datetime.fromisoformat(asked["startTime"])
    end = dt.datetime.fromisoformat(asked["endTime"])
    assert start.date() == timezone.now().date() - dt.timedelta(days=30)
    assert timezone.now() - end < dt.timedelta(minutes=1)


def test_the_days_are_the_readers_to_choose_both_included(
    reviewer: Client, offered: Server
) -> None:
    reviewer.get("/import/?start=2026-01-05&end=2026-01-05")
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
    ],
)
def test_days_that_cannot_be_asked_for_are_said_at_the_field(
    reviewer: Client, offered: Server, days: str, sentence: str
) -> None:
    assert errors(reviewer.get(f"/import/?{days}")) == [sentence]
    assert offered.asked == []


def test_what_is_here_is_linked_and_what_is_elsewhere_is_not_named(
    reviewer: Client, offered: Server, conversation: Conversation
) -> None:
    other = Team.objects.create(name="Other")
    Conversation.objects.create(team=other, name="Secret", remote_id=NEW)
    offered.listed.append({"id": REMOTE_ID})
    text = body(reviewer.get("/import/"))
    assert boxes(text) == [ANOTHER]
    assert conversation.get_absolute_url() in text
    assert ("Not available" in text, "Secret" in text) == (True, False)


def test_pages_keep_the_days(
    reviewer: Client, offered: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PAGE_SIZE", 1)
    first = body(reviewer.get("/import/?start=2026-01-01&end=2026-01-31"))
    assert 'rel="next" href="/import/?start=2026-01-01&amp;end=2026-01-31&amp;page=2"' in first
    second = body(reviewer.get("/import/?start=2026-01-01&end=2026-01-31&page=2"))
    assert (boxes(first), boxes(second)) == ([NEW], [ANOTHER])
    assert ('rel="prev"' in second, 'rel="next"' in second) == (True, False)


def test_no_conversations_in_the_days_is_said(reviewer: Client, server: Server) -> None:
    assert "No conversations in these days" in body(reviewer.get("/import/"))


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        (401, "An admin has to correct SYMBL_APP_ID and SYMBL_APP_SECRET."),
        (302, "An admin has to correct SYMBL_BASE_URL."),
    ],
)
@pytest.mark.parametrize("screen", ["list", "chosen", "id", "differences"])
def test_an_api_in_trouble_is_a_page_with_advice(
    *,
    reviewer: Client,
    offered: Server,
    conversation: Conversation,
    status: int,
    todo: str,
    screen: str,
) -> None:
    offered.fails = Response("{}", status=status)
    response = {
        "list": lambda: reviewer.get("/import/"),
        "chosen": lambda: reviewer.post("/import/chosen/", {"ids": [NEW]}),
        "id": lambda: reviewer.post("/import/id/", {"remote_id": NEW}),
        "differences": lambda: reviewer.get(address("conversation-differences", conversation)),
    }[screen]()
    assert response.status_code == 200
    assert f"<dt>What to do</dt><dd>{todo}</dd>" in body(response)


def test_several_are_brought_in_at_once(reviewer: Client, offered: Server, team: Team) -> None:
    response = reviewer.post("/import/chosen/", {"ids": [NEW, ANOTHER]}, follow=True)
    assert notices(body(response)) == ["2 conversations will be fetched from the API."]
    assert body(response).count("Fetching from the API</span>") == 2
    rows = Conversation.objects.order_by("remote_id").values_list("remote_id", "name", "team")
    assert list(rows) == [(NEW, "Kick-off", team.pk), (ANOTHER, "Retro <1>", team.pk)]
    assert OrmQ.objects.count() == 2


def test_one_leads_to_its_page_which_says_what_is_going_on(
    reviewer: Client, offered: Server
) -> None:
    response = reviewer.post("/import/chosen/", {"ids": [NEW]}, follow=True)
    conversation = Conversation.objects.get()
    assert response.redirect_chain == [(conversation.get_absolute_url(), 302)]
    text = body(response)
    assert "Fetching from the API…" in text
    assert '<div class="empty" data-outlook="fetching">' in text


def test_ticking_nothing_is_said(reviewer: Client, offered: Server) -> None:
    response = reviewer.post("/import/chosen/", {"ids": ["x" * 65][:0]})
    assert (response.status_code, errors(response)) == (
        422,
        ["Tick the conversations to bring in."],
    )


def test_what_cannot_be_had_is_counted(
    reviewer: Client, offered: Server, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/v1/conversations/9").respond_with_data(status=404)
    response = reviewer.post("/import/chosen/", {"ids": ["9", NEW, ANOTHER]}, follow=True)
    assert notices(body(response)) == [
        "1 conversation could not be brought in: not available.",
        "2 conversations will be fetched from the API.",
    ]


@pytest.mark.parametrize(
    ("remote_id", "sentence"),
    [
        ("", "Enter an id of 16 digits."),
        ("123", "The id of a conversation has 16 digits."),
        ("9999999999999999", "The API does not know this id. Look for a digit too many."),
        ("2000000000000002", "This conversation is not available."),
    ],
)
def test_an_id_that_cannot_be_had_is_said_at_the_field(
    *, reviewer: Client, offered: Server, httpserver: HTTPServer, remote_id: str, sentence: str
) -> None:
    httpserver.expect_request(f"/v1/conversations/{remote_id}").respond_with_data(status=404)
    other = Team.objects.create(name="Other")
    Conversation.objects.create(team=other, name="Secret", remote_id="2000000000000002")
    response = reviewer.post("/import/id/", {"remote_id": remote_id})
    assert (response.status_code, errors(response)) == (422, [sentence])


def test_an_id_that_is_here_leads_to_it(
    reviewer: Client, server: Server, conversation: Conversation
) -> None:
    response = reviewer.post("/import/id/", {"remote_id": f" {REMOTE_ID} "}, follow=True)
    assert response.redirect_chain == [(conversation.get_absolute_url(), 302)]
    assert notices(body(response)) == ["1 conversation had been brought in before."]


def test_the_team_is_chosen_where_there_is_a_choice(
    reviewer: Client, offered: Server, ana: User
) -> None:
    sales = Team.objects.create(name="Sales")
    Membership.objects.create(team=sales, user=ana, role=Role.ADMIN)
    assert errors(reviewer.post("/import/id/", {"remote_id": NEW})) == ["This field is required."]
    reviewer.post("/import/id/", {"remote_id": NEW, "team": sales.pk})
    assert Conversation.objects.get().team == sales


def test_a_team_of_others_gets_nothing(reviewer: Client, offered: Server, ana: User) -> None:
    Membership.objects.create(team=Team.objects.create(name="Sales"), user=ana)
    other = Team.objects.create(name="Other")
    response = reviewer.post("/import/chosen/", {"ids": [NEW], "team": other.pk})
    assert (response.status_code, Conversation.objects.exists()) == (422, False)


@pytest.mark.parametrize(("path", "method"), [("", "get"), ("chosen/", "post"), ("id/", "post")])
def test_bringing_in_is_for_those_who_may_upload(
    person: Callable[..., User], client: Client, path: str, method: str
) -> None:
    client.force_login(person("vic", Role.VIEWER))
    assert getattr(client, method)(f"/import/{path}").status_code == 403
    assert "Bring in from the API" not in body(client.get("/"))


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
    assert "No speech found" in body(reviewer.get("/"))
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
