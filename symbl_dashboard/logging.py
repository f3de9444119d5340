"""Log lines: those of one request carry the same id, and none carries an address that is a key.

Both classes are named by LOGGING in the settings.
"""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

request_id: ContextVar[str] = ContextVar("request_id", default="-")


#: What follows these in an address lets whoever reads it in: to an account, to a shared
#: conversation, or as the speech server.
#: A webhook's address is itself a parameter of another one, its slashes encoded; JSON may
#: put a backslash before each.
KEY_IN_ADDRESS = re.compile(
    r"""(\\?/(?:sign-in\\?/link|s|hooks)\\?/|%2Fhooks%2F)[^/\\\s?#"'<>%&]+""", re.IGNORECASE
)


class DiscreetFormatter(logging.Formatter):
    """Formats a record, tracebacks included, with the keys in its addresses left out."""

    def format(self, record: logging.LogRecord) -> str:
        return KEY_IN_ADDRESS.sub(r"\1***", super().format(record))


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record; outside a request it is a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class RequestIdMiddleware:
    """Gives each request an id, in the logs and in the header X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reset = request_id.set(uuid.uuid4().hex[:12])
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(reset)
