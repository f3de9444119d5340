"""The errors: what they promise by class, how they read, and that they travel."""

import pickle

import httpx
import pytest

from conversations.symbl import (
    NotConnected,
    NotFound,
    OutcomeUnknown,
    Redirected,
    Rejected,
    ServerError,
    SymblError,
    TooManyJobs,
    Unauthorised,
    Unreadable,
)
from conversations.symbl.failures import (
    excerpt_of,
    failure_of_exchange,
    failure_of_status,
    retry_after_of,
)
from tests.symbl.doubles import NOW

HTTP_DATE_AT_NOW_PLUS_3 = "Mon, 05 Jan 2026 10:00:03 GMT"


@pytest.mark.parametrize(
    ("status", "on_action", "on_read"),
    [
        (301, Redirected, Redirected),
        (303, Redirected, Redirected),
        (400, Rejected, Rejected),
        (401, Unauthorised, Unauthorised),
        (402, Rejected, Rejected),
        (403, Rejected, Rejected),
        (404, NotFound, NotFound),
        (408, OutcomeUnknown, ServerError),
        (413, Rejected, Rejected),
        (415, Rejected, Rejected),
        (422, Rejected, Rejected),
        (429, TooManyJobs, TooManyJobs),
        (500, OutcomeUnknown, ServerError),
        (502, OutcomeUnknown, ServerError),
        (504, OutcomeUnknown, ServerError),
    ],
)
def test_failure_of_status_depends_on_whether_the_call_acts(
    status: int, on_action: type[SymblError], on_read: type[SymblError]
) -> None:
    failures = [
        failure_of_status(status, acts=acts, excerpt="", retry_after=None) for acts in (True, False)
    ]
    assert [type(failure) for failure in failures] == [on_action, on_read]
    assert [failure.status for failure in failures] == [status, status]
    assert [failure.nothing_sent for failure in failures] == [
        on_action not in (OutcomeUnknown, Redirected),
        True,
    ]


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout], ids=lambda e: e.__name__
)
def test_failure_of_exchange_without_a_connection_proves_that_nothing_was_sent(
    error: type[httpx.TransportError],
) -> None:
    for acts in (True, False):
        failure = failure_of_exchange(error("reason"), acts=acts)
        assert (type(failure), failure.nothing_sent) == (NotConnected, True)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError,
        httpx.ReadTimeout,
        httpx.WriteError,
        httpx.WriteTimeout,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        httpx.CloseError,
        httpx.DecodingError,
    ],
    ids=lambda e: e.__name__,
)
def test_failure_of_exchange_after_the_connection_leaves_an_action_unknown(
    error: type[httpx.RequestError],
) -> None:
    kinds = [type(failure_of_exchange(error("reason"), acts=acts)) for acts in (True, False)]
    assert kinds == [OutcomeUnknown, ServerError]


def test_retryable_is_said_only_where_repeating_is_safe() -> None:
    promises = {
        kind: (kind.retryable, kind.nothing_sent)
        for kind in (
            NotConnected,
            OutcomeUnknown,
            Rejected,
            NotFound,
            Unauthorised,
            TooManyJobs,
            ServerError,
            Redirected,
            Unreadable,
        )
    }
    assert promises == {
        NotConnected: (True, True),
        OutcomeUnknown: (False, False),
        Rejected: (False, True),
        NotFound: (False, True),
        Unauthorised: (False, True),
        TooManyJobs: (True, True),
        ServerError: (True, True),
        Redirected: (False, True),
        Unreadable: (False, True),
    }


def test_errors_read_as_one_sentence() -> None:
    failure = failure_of_status(400, acts=True, excerpt="no such mode", retry_after=None)
    assert str(failure) == "The Symbl server refused the call (400): no such mode"
    assert str(Unreadable.at("startTime", "a time is expected").inside("messages[3]")) == (
        "The server's answer cannot be read at messages[3].startTime: a time is expected."
    )
    assert str(Unreadable.at("", "it is not JSON")) == (
        "The server's answer cannot be read: it is not JSON."
    )


def kept_error() -> Unreadable:
    error = Unreadable.at("topics[0].text", "a text is expected")
    error.keep(request="GET /v1/conversations/42/topics", body=b"\x00" * 1_000_001)
    return error


def test_unreadable_answer_is_kept_up_to_a_megabyte() -> None:
    error = kept_error()
    assert (error.request, len(error.body)) == ("GET /v1/conversations/42/topics", 1_000_000)


@pytest.mark.parametrize(
    "error",
    [
        OutcomeUnknown("It is unknown.", status=201, excerpt="<html>", accepted=True),
        failure_of_status(303, acts=True, excerpt="", retry_after=None),
        failure_of_status(429, acts=False, excerpt="limit of 2", retry_after=3.0),
        Unreadable.at("messages[3].startTime", "a time is expected"),
        kept_error(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_pickling(error: SymblError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_excerpt_prefers_the_message_of_the_api() -> None:
    assert (
        excerpt_of(b'{"statusCode": 429, "message": "limit\\n of 2"}', secrets=()) == "limit of 2"
    )
    assert excerpt_of(b"<h1>Bad\n  Gateway</h1>", secrets=()) == "<h1>Bad Gateway</h1>"
    assert excerpt_of(b"\xff", secrets=()) == "\N{REPLACEMENT CHARACTER}"
    assert excerpt_of(b"[" * 100_000, secrets=()) == "[" * 300


def test_excerpt_holds_no_secret_and_no_address() -> None:
    body = (
        "s3cret and tok-1 and https://host/hooks/abc?x=1 and "
        "GET /v1/process/audio?webhookUrl=http%3A%2F%2Fhost%2Fhooks%2Fabc&mode=phone"
    )
    assert excerpt_of(body.encode(), secrets=("s3cret", "tok-1", "")) == (
        "[secret] and [secret] and [address] and "
        "GET /v1/process/audio?webhookUrl=[address]&mode=phone"
    )


@pytest.mark.parametrize(
    "quoted",
    [
        rb'{"hook": "https:\/\/host\/hooks\/abc\/"}',
        rb'{"hook": "https:\u002f\u002Fhost\u002fhooks\u002fabc"}',
        b'{"hook": "https%253A%252F%252Fhost%252Fhooks%252Fabc"}',
        b'{"hook": "https:%2F%2Fhost%2Fhooks%2Fabc"}',
    ],
)
def test_excerpt_holds_no_address_however_it_is_written(quoted: bytes) -> None:
    assert excerpt_of(quoted, secrets=()) == '{"hook": "[address]"}'


def test_excerpt_is_cut_after_secrets_are_removed() -> None:
    assert excerpt_of(b"x" * 295 + b"s3cret", secrets=("s3cret",)) == "x" * 295 + "[secr"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("3", 3.0),
        (HTTP_DATE_AT_NOW_PLUS_3, 3.0),
        ("Mon, 05 Jan 2026 09:00:00 GMT", 0.0),
        ("Mon, 05 Jan 2026 10:00:03 -0000", 3.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after_of(header, now=NOW) == seconds
