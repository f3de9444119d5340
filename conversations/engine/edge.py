"""The outermost layer of the API, where the faults of `faults` happen to whole answers."""

import json
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from conversations.engine import webhooks
from conversations.engine.faults import seconds, strike

View = Callable[..., HttpResponseBase]


def around(view: View, request: HttpRequest, **parts: str) -> HttpResponseBase:
    """Answer a call of the API, with the faults that are switched on."""
    if not settings.ENGINE_FAULTS or request.path.endswith("/v1/faults"):
        return view(request, **parts)
    submission = "/v1/process/" in request.path
    refusal = _refusal(request, submission=submission)
    if refusal is not None:
        return refusal
    answer = view(request, **parts)
    if submission and answer.status_code == 201:
        return _submitted(answer)
    if request.method == "GET" and request.path.rstrip("/").endswith("/messages"):
        return _messages(answer)
    if "/members/" in request.path and answer.status_code == 200 and strike("update_lost"):
        return _broken(500)
    return answer


def _refusal(request: HttpRequest, *, submission: bool) -> HttpResponseBase | None:
    """Return the answer of a fault that comes before anything is done; None for none."""
    if "/oauth2/" not in request.path and strike("reject_token"):
        return JsonResponse({"message": "The access token is expired, on demand."}, status=401)
    if submission and strike("refuse"):
        body = {"statusCode": 429, "message": "The limit of concurrent jobs is reached."}
        return JsonResponse(body, status=429)
    if submission and strike("fail_before"):
        return _broken(500)
    if request.method == "GET" and strike("read_fails"):
        return _broken(503)
    return None


def _submitted(answer: HttpResponseBase) -> HttpResponseBase:
    """Answer a submission whose job has been created by now."""
    if strike("webhook_first"):
        webhooks.deliver_due()
    time.sleep(seconds("answer_after_seconds"))
    if strike("fail_after"):
        return _broken(502)
    return _cut_off(answer) if strike("lose_answer") else answer


def _messages(answer: HttpResponseBase) -> HttpResponseBase:
    if not isinstance(answer, HttpResponse) or answer.status_code != 200:
        return answer
    document = json.loads(answer.content)
    if strike("read_early"):
        document["messages"] = document["messages"][: len(document["messages"]) // 2]
    if strike("read_nobody"):
        for message in document["messages"]:
            message["from"] = {}
    return JsonResponse(document)


def _cut_off(answer: HttpResponseBase) -> StreamingHttpResponse:
    """Return the status and headers of an answer whose body never comes."""

    def nothing() -> Iterator[bytes]:
        raise ConnectionAbortedError("lost on demand")
        yield b""

    headers = {"Content-Type": "application/json", "Content-Length": "80"}
    return StreamingHttpResponse(nothing(), status=answer.status_code, headers=headers)


def _broken(status: int) -> JsonResponse:
    return JsonResponse({"message": "Failed on demand."}, status=status)
