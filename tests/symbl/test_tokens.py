"""The token: how long it is used, who shares it, and what a 401 leads to."""

import httpx
import pytest

from conversations.symbl import (
    Job,
    MemoryTokenStore,
    Rejected,
    ServerError,
    Token,
    Unauthorised,
    Unreadable,
)
from conversations.symbl.tokens import read_token
from tests.symbl.doubles import NOW, FakeTime, Script, body_of, client_of, grant

TOKEN_LINE = "POST /oauth2/token:generate"
JOB_LINE = "GET /v1/job/7?progress=true"
JOB = {"id": "7", "status": "scheduled"}


def refusal() -> httpx.Response:
    return httpx.Response(401, json={"message": "token validation failed"})


@pytest.mark.parametrize(
    ("lifetime", "used"),
    [
        (86_400, 86_340),
        (300, 240),
        (100, 80),
        (10, 8),
        (0, 0),
        (-1e300, 0),
        (1e300, 30 * 86_400 - 60),
    ],
)
def test_token_is_used_until_shortly_before_its_end(lifetime: float, used: float) -> None:
    assert read_token(grant("t", lifetime), now=NOW) == Token("t", use_until=NOW + used)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"expiresIn": 10}, "accessToken"),
        ({"accessToken": "", "expiresIn": 10}, "accessToken"),
        ({"accessToken": "a b", "expiresIn": 10}, "accessToken"),
        ({"accessToken": "a\r\nHost: x", "expiresIn": 10}, "accessToken"),
        ({"accessToken": "zoë", "expiresIn": 10}, "accessToken"),
        ({"accessToken": "t"}, "expiresIn"),
        ({"accessToken": "t", "expiresIn": "10"}, "expiresIn"),
        ({"accessToken": "t", "expiresIn": 10**400}, "expiresIn"),
    ],
)
def test_token_that_cannot_be_used_is_unreadable(document: object, path: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_token(document, now=NOW)
    assert caught.value.path == path


def test_token_does_not_show_in_its_representation() -> None:
    assert repr(Token("hidden", use_until=1.0)) == "Token(use_until=1.0)"


def test_token_is_fetched_with_the_credentials_and_then_kept() -> None:
    script = Script(grant("one"), JOB, JOB)
    with client_of(script, tokens=MemoryTokenStore()) as client:
        client.job("7")
        client.job("7")
    assert script.lines == [TOKEN_LINE, JOB_LINE, JOB_LINE]
    assert body_of(script.seen[0]) == {
        "type": "application",
        "appId": "the-app",
        "appSecret": "the-secret",
    }
    assert [seen.token for seen in script.seen] == [None, "Bearer one", "Bearer one"]


def test_token_is_refreshed_by_the_lifetime_the_server_tells() -> None:
    # The server hands the same token out again with what is left of its life.
    script = Script(grant("one", 100), JOB, JOB, grant("one", 20), JOB, grant("two", 86_400), JOB)
    time = FakeTime()
    with client_of(script, time=time, tokens=MemoryTokenStore()) as client:
        for wait in (79, 1, 16, 0):
            client.job("7")
            time.now += wait
    assert script.lines == [
        *[TOKEN_LINE, JOB_LINE],
        JOB_LINE,
        *[TOKEN_LINE, JOB_LINE],
        *[TOKEN_LINE, JOB_LINE],
    ]
    assert [seen.token for seen in script.seen] == [
        *[None, "Bearer one"],
        "Bearer one",
        *[None, "Bearer one"],
        *[None, "Bearer two"],
    ]


def test_token_is_shared_through_the_store() -> None:
    store = MemoryTokenStore()
    script = Script(grant("one"), JOB, JOB)
    with client_of(script, tokens=store) as first, client_of(script, tokens=store) as second:
        first.job("7")
        second.job("7")
    assert script.lines == [TOKEN_LINE, JOB_LINE, JOB_LINE]
    assert store.get() == Token("one", use_until=NOW + 86_340)


def test_refused_token_is_refreshed_once() -> None:
    store = MemoryTokenStore(Token("old", use_until=NOW + 3600))
    script = Script(refusal(), grant("new"), JOB)
    with client_of(script, tokens=store) as client:
        job = client.job("7")
    assert job == Job(id="7", status="scheduled")
    assert [seen.token for seen in script.seen] == ["Bearer old", None, "Bearer new"]
    assert store.get() == Token("new", use_until=NOW + 86_340)


def test_refused_token_that_comes_back_unchanged_is_tried_once_more() -> None:
    script = Script(refusal(), grant("kept", 50), JOB)
    with client_of(script) as client:
        assert client.job("7") == Job(id="7", status="scheduled")
    assert [seen.token for seen in script.seen] == ["Bearer kept", None, "Bearer kept"]


def test_refused_token_that_another_process_replaced_needs_no_refresh() -> None:
    store = MemoryTokenStore(Token("old", use_until=NOW + 3600))
    script = Script(refusal(), JOB)

    def replace_and_answer(request: httpx.Request) -> httpx.Response:
        store.set(Token("theirs", use_until=NOW + 3600))
        return script(request)

    with client_of(replace_and_answer, tokens=store) as client:
        client.job("7")
    assert [seen.token for seen in script.seen] == ["Bearer old", "Bearer theirs"]


def test_refused_token_is_forgotten_even_if_no_other_can_be_had() -> None:
    store = MemoryTokenStore(Token("old", use_until=NOW + 3600))
    script = Script(refusal(), refusal())
    with client_of(script, tokens=store) as client, pytest.raises(Unauthorised):
        client.job("7")
    assert store.get() is None


def test_token_refused_twice_is_unauthorised() -> None:
    script = Script(refusal(), grant("new"), refusal())
    with client_of(script) as client, pytest.raises(Unauthorised) as caught:
        client.job("7")
    assert (caught.value.status, caught.value.retryable) == (401, False)
    assert script.lines == [JOB_LINE, TOKEN_LINE, JOB_LINE]


def test_wrong_credentials_are_unauthorised_and_not_tried_again() -> None:
    script = Script(refusal())
    with (
        client_of(script, tokens=MemoryTokenStore()) as client,
        pytest.raises(Unauthorised) as caught,
    ):
        client.job("7")
    assert (script.lines, caught.value.nothing_sent) == ([TOKEN_LINE], True)


def test_token_request_is_repeated_within_the_tries_of_the_call() -> None:
    down = httpx.Response(503)
    script = Script(down, grant("one"), down, httpx.ReadTimeout("slow"))
    time = FakeTime()
    with (
        client_of(script, time=time, tokens=MemoryTokenStore()) as client,
        pytest.raises(ServerError),
    ):
        client.job("7")
    assert script.lines == [TOKEN_LINE, TOKEN_LINE, JOB_LINE, JOB_LINE]
    assert len(time.sleeps) == 2


def test_token_request_never_quotes_the_secret() -> None:
    script = Script(httpx.Response(400, json={"message": "bad appSecret the-secret"}))
    with client_of(script, tokens=MemoryTokenStore()) as client, pytest.raises(Rejected) as caught:
        client.job("7")
    assert caught.value.excerpt == "bad appSecret [secret]"
