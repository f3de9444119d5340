"""What the log tells, and what it must not."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from symbl_dashboard.logging import DiscreetFormatter


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the handler of the settings, which Django has set up, writes to the console."""
    console = next(one for one in logging.root.handlers if one.name == "console")
    assert isinstance(console, logging.StreamHandler)
    written = io.StringIO()
    before = console.setStream(written)
    yield written
    console.setStream(before)


def test_refused_form_does_not_tell_the_sign_in_link(db: None, log: io.StringIO) -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/link/t0ken-of-somebody/")
    assert response.status_code == 403
    assert "Forbidden (CSRF cookie not set.): /sign-in/link/***/" in log.getvalue()
    assert "t0ken-of-somebody" not in log.getvalue()


def test_development_servers_own_line_does_not_tell_the_sign_in_link(log: io.StringIO) -> None:
    request = "GET /sign-in/link/t0ken/ HTTP/1.1"
    logging.getLogger("django.server").warning('"%s" %s %s', request, "404", "12")
    assert log.getvalue().endswith('django.server [-] "GET /sign-in/link/***/ HTTP/1.1" 404 12\n')


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Not Found: /s/abc/def", "Not Found: /s/***/def"),
        ("https://h.example/hooks/abc?x=1", "https://h.example/hooks/***?x=1"),
        ("'/sign-in/link/a-b_c'", "'/sign-in/link/***'"),
        ("/sign-in/link/one/ and /sign-in/link/two/", "/sign-in/link/***/ and /sign-in/link/***/"),
        (
            r"{\"hook\": \"https:\/\/h.example\/hooks\/abc\/\"}",
            r"{\"hook\": \"https:\/\/h.example\/hooks\/***\/\"}",
        ),
        ("/conversations/abc/ /sign-in/", "/conversations/abc/ /sign-in/"),
    ],
)
def test_addresses_that_are_keys_are_shown_without_the_key(said: str, shown: str) -> None:
    record = logging.LogRecord("name", logging.INFO, "file", 1, "%s", (said,), None)
    assert DiscreetFormatter("%(message)s").format(record) == shown


def test_tracebacks_do_not_tell_keys_either() -> None:
    error = ValueError("no page at /s/t0ken/")
    record = logging.LogRecord(
        "name", logging.ERROR, "file", 1, "failed", (), (ValueError, error, None)
    )
    assert DiscreetFormatter("%(message)s").format(record) == (
        "failed\nValueError: no page at /s/***/"
    )
