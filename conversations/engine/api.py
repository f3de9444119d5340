"""The engine's HTTP API: tokens, who may call, and the form of every refusal.

Mounted by `urls`. The contract is the one of Symbl's Async and Conversation API, so
that the dashboard could talk to either.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from conversations.engine import (
    conversation_api,
    faults_api,
    intelligence_api,
    job_api,
    process,
    tokens,
)
from conversations.engine.errors import ApiError
from conversations.engine.schemas import REFUSED, Credentials, Notice, TokenAnswer

_FRAMEWORK_REFUSALS = {
    400: "The body must be a JSON object.",
    401: "The access token is missing, wrong or expired.",
}

_log = logging.getLogger(__name__)


class AccessToken(HttpBearer):
    """The token in `Authorization: Bearer`, or else in the deprecated `x-api-key`."""

    def __call__(self, request: HttpRequest) -> str | None:
        if "Authorization" in request.headers:
            found: str | None = super().__call__(request)
            return found
        return self.authenticate(request, request.headers.get("x-api-key", ""))

    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        return token if tokens.is_valid(token, timezone.now()) else None


def with_token(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the view open to those with an access token only."""

    @functools.wraps(view, updated=())
    def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
        if AccessToken()(request) is None:
            return refused(request, ApiError(401, _FRAMEWORK_REFUSALS[401]))
        return view(request, **parts)

    return guarded


api = NinjaAPI(
    title="Speech engine",
    version="1",
    urls_namespace="engine",
    docs_url=None,
    openapi_url="/v1/openapi.json",
    docs_decorator=with_token,
    auth=AccessToken(),
)
api.add_router("/v1/process", process.router)
api.add_router("/v1", job_api.router)
api.add_router("/v1/conversations", conversation_api.router)
api.add_router("/v1/conversations", intelligence_api.router)
api.add_router("/v1", faults_api.router)


@api.post(
    "/oauth2/token:generate",
    auth=None,
    by_alias=True,
    tags=["token"],
    response={200: TokenAnswer, (400, 401, 405, 413, 500): Notice},
)
def generate_token(request: HttpRequest, credentials: Credentials) -> TokenAnswer:
    """Return the application's access token and the seconds it stays valid."""
    if not tokens.credentials_match(credentials.app_id, credentials.app_secret):
        raise ApiError(401, "The application id or secret is wrong.")
    token = tokens.issue(credentials.app_id, timezone.now())
    return TokenAnswer(access_token=token.text, expires_in=token.seconds_left)


@api.exception_handler(ApiError)
def refused(request: HttpRequest, error: ApiError) -> HttpResponse:
    return api.create_response(request, error.body, status=error.status)


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer 400 with a sentence about the first thing that is wrong."""
    return refused(request, ApiError(400, _sentence(error)))


@api.exception_handler(HttpError)
def refused_by_framework(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer for what is found before our views: no valid token, a body that is not JSON."""
    message = _FRAMEWORK_REFUSALS.get(error.status_code, str(error))
    return refused(request, ApiError(error.status_code, message))


@api.exception_handler(Http404)
def unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    return refused(request, ApiError(404, "There is nothing at this path."))


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return refused(request, ApiError(413, "The body is too large."))


@api.exception_handler(SuspiciousOperation)
def suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """Answer for what Django will not read, such as a query of a thousand parameters."""
    return refused(request, ApiError(400, "The query or the body has too many parts."))


@api.exception_handler(UnreadablePostError)
def broken_off(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    return refused(request, ApiError(400, "The body broke off before its stated length."))


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer 500 without a trace; the trace is in the log."""
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return refused(request, ApiError(500, "The engine failed; its log says more."))


def _sentence(error: ValidationError) -> str:
    first = error.errors[0]
    source, *names = first["loc"]
    if source == "body" and len(names) == 1:
        return "The body must be a JSON object."
    if first["type"] == REFUSED:
        return f"{names[-1]} {first['msg']}"
    return f"{names[-1]}: {first['msg']}."
