"""The access token in the database: one for all processes, and useless in a dump."""

import datetime as dt
import hashlib
import json
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from conversations.models import ApiToken
from conversations.pipeline.api import connect
from conversations.pipeline.api_tokens import SharedTokenStore
from conversations.symbl import Token

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
ACCOUNT = ("http://127.0.0.1:1/engine", "the-app", "the-secret")
TOKEN = Token("invented.token.value", use_until=1_767_607_200.5)


class Granter:
    """A server that grants token-1, token-2, … and accepts the newest alone."""

    def __init__(self, server: HTTPServer) -> None:
        self.granted = 0
        self.used: list[str] = []
        server.expect_request("/oauth2/token:generate").respond_with_handler(self.grant)
        server.expect_request("/v1/job/7").respond_with_handler(self.job)

    def grant(self, _: Request) -> Response:
        self.granted += 1
        answer = {"accessToken": f"token-{self.granted}", "expiresIn": 3600}
        return Response(json.dumps(answer))

    def job(self, request: Request) -> Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.used.append(token)
        if token != f"token-{self.granted}":
            return Response('{"message": "token validation failed"}', status=401)
        return Response('{"id": "7", "status": "completed"}')


@pytest.fixture
def granter(httpserver: HTTPServer, settings: Settings) -> Granter:
    settings.SYMBL_BASE_URL = httpserver.url_for("").rstrip("/")
    return Granter(httpserver)


def test_token_is_kept_until_it_is_replaced_or_forgotten() -> None:
    store = SharedTokenStore(*ACCOUNT)
    assert store.get() is None
    store.set(Token("first", use_until=1.0))
    store.set(TOKEN)
    assert SharedTokenStore(*ACCOUNT).get() == TOKEN
    assert ApiToken.objects.count() == 1
    store.clear()
    assert (store.get(), ApiToken.objects.count()) == (None, 0)


@pytest.mark.parametrize(
    "other",
    [
        ("http://127.0.0.1:2/engine", "the-app", "the-secret"),
        ("http://127.0.0.1:1/engine", "app-2", "the-secret"),
        ("http://127.0.0.1:1/engine", "the-app", "secret-2"),
    ],
)
def test_token_belongs_to_one_account_at_one_server(other: tuple[str, str, str]) -> None:
    SharedTokenStore(*ACCOUNT).set(TOKEN)
    store = SharedTokenStore(*other)
    assert store.get() is None
    store.set(Token("another", use_until=2.0))
    store.clear()
    assert SharedTokenStore(*ACCOUNT).get() == TOKEN


def test_dump_of_the_database_holds_no_usable_token() -> None:
    SharedTokenStore(*ACCOUNT).set(TOKEN)
    out = StringIO()
    call_command("dumpdata", "conversations.ApiToken", stdout=out)
    dump = out.getvalue()
    assert hashlib.sha256("\n".join(ACCOUNT).encode()).hexdigest() in dump
    for secret in (TOKEN.value, "the-app", "the-secret"):
        assert secret not in dump


def test_token_sealed_with_another_key_counts_as_none(settings: Settings) -> None:
    store = SharedTokenStore(*ACCOUNT)
    store.set(TOKEN)
    settings.SECRET_KEY = "another key"
    assert store.get() is None
    store.set(TOKEN)
    assert store.get() == TOKEN


def test_clients_of_several_processes_share_one_token(granter: Granter) -> None:
    for _ in range(2):
        with connect() as client:
            client.job("7")
    assert (granter.granted, granter.used) == (1, ["token-1", "token-1"])


def test_token_that_one_client_renewed_is_used_by_all(granter: Granter) -> None:
    with connect() as ours, connect() as theirs:
        ours.job("7")
        granter.granted += 1  # the server has ended token-1
        theirs.job("7")
        ours.job("7")
    assert granter.used == ["token-1", "token-1", "token-3", "token-3"]


@pytest.mark.parametrize(("age", "granted"), [(3539, 1), (3541, 2)])
def test_token_is_renewed_shortly_before_it_ends(granter: Granter, age: int, granted: int) -> None:
    with connect() as client:
        with time_machine.travel(NOW, tick=False):
            client.job("7")
        with time_machine.travel(NOW + dt.timedelta(seconds=age), tick=False):
            client.job("7")
    assert granter.used == ["token-1", f"token-{granted}"]
