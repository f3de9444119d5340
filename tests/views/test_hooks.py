"""The webhook receiver: open to everybody, and the same to everybody."""

import hashlib
import io
import json
import logging

import pytest
from django.test import Client
from django.utils import timezone

from conversations.models import Append, State, WebhookHit
from conversations.pipeline.hooks import MAX_BODY_BYTES
from symbl_dashboard.logging import DiscreetFormatter

TOKEN = "Zq3-token_of-an-attempt"
CALL = json.dumps({"id": "j1", "status": "completed"}).encode()


@pytest.fixture
def waiting(append: Append) -> Append:
    """An append whose job is running, and which knows the webhook's token."""
    Append.objects.update(
        state=State.PROCESSING,
        job_id="j1",
        next_at=None,
        webhook_hash=hashlib.sha256(TOKEN.encode()).hexdigest(),
    )
    return append


@pytest.fixture
def server() -> Client:
    """Somebody outside, who has neither signed in nor a token against forged requests."""
    return Client(enforce_csrf_checks=True)


def post(server: Client, token: str, body: bytes, content_type: str = "application/json") -> object:
    response = server.post(f"/hooks/{token}/", body, content_type=content_type)
    return response.status_code, response.content, response["Content-Type"]


def test_a_call_is_taken_in_and_changes_no_state(waiting: Append, server: Client) -> None:
    answer = post(server, TOKEN, CALL)
    waiting.refresh_from_db()
    assert answer == (200, b"{}", "application/json")
    assert WebhookHit.objects.values_list("job_id", "status").get() == ("j1", "completed")
    assert waiting.state == State.PROCESSING
    assert waiting.next_at is not None
    assert waiting.next_at <= timezone.now()


@pytest.mark.parametrize(
    ("token", "body", "content_type"),
    [
        ("somebody-elses", CALL, "application/json"),
        ("x" * 500, CALL, "application/json"),
        (TOKEN, b"", "application/json"),
        (TOKEN, b"not json", "text/plain"),
        (TOKEN, b"\xff\x00", "application/octet-stream"),
        (TOKEN, b"--x\r\n", "multipart/form-data; boundary=x"),
        (TOKEN, CALL + b" " * 10 * MAX_BODY_BYTES, "application/json"),
    ],
)
def test_whatever_comes_is_answered_alike(
    waiting: Append, server: Client, token: str, body: bytes, content_type: str
) -> None:
    assert post(server, token, body, content_type) == (200, b"{}", "application/json")
    assert not WebhookHit.objects.exclude(job_id="", status="").exists()


def test_no_more_is_read_than_a_call_can_need(waiting: Append, server: Client) -> None:
    body = io.BytesIO(CALL + b" " * 10 * MAX_BODY_BYTES)
    size = str(len(body.getvalue()))
    environ = {"wsgi.input": body, "CONTENT_LENGTH": size}
    response = server.generic("POST", f"/hooks/{TOKEN}/", **environ)  # type: ignore[arg-type]
    assert (response.status_code, body.tell() <= MAX_BODY_BYTES + 1) == (200, True)


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_calls_are_taken(waiting: Append, server: Client, method: str) -> None:
    response = getattr(server, method)(f"/hooks/{TOKEN}/")
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_the_log_does_not_tell_the_address_within_an_address() -> None:
    said = f"PUT /v1/process/audio?webhookUrl=https%3A%2F%2Fh.test%2Fhooks%2F{TOKEN}%2F&name=x"
    record = logging.LogRecord("name", logging.INFO, "file", 1, said, (), None)
    assert DiscreetFormatter("%(message)s").format(record) == (
        "PUT /v1/process/audio?webhookUrl=https%3A%2F%2Fh.test%2Fhooks%2F***%2F&name=x"
    )
