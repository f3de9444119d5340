"""Addresses of the engine, mounted below /engine/ by the project.

The API is for machines with tokens: the dashboard's sign-in does not apply to it, and
every answer is JSON, also for a path or a method that does not exist.
"""

import functools
from collections.abc import Callable
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from conversations.engine import edge
from conversations.engine.api import api

View = Callable[..., HttpResponseBase]


def for_machines(view: View) -> View:
    """Return the view open to callers without a session, with its 404 and 405 as JSON."""

    @functools.wraps(view, updated=())
    def answer(request: HttpRequest, **parts: str) -> HttpResponseBase:
        try:
            response = edge.around(view, request, **parts)
        except Http404:
            return JsonResponse({"message": "There is nothing at this path."}, status=404)
        if isinstance(response, HttpResponseNotAllowed):
            body = {"message": f"{request.method} is not allowed here."}
            return JsonResponse(body, status=405, headers={"Allow": response["Allow"]})
        return response

    return csrf_exempt(login_not_required(answer))


@for_machines
def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


_patterns, _app_name, _namespace = api.urls
for _pattern in _patterns:
    _pattern.callback = for_machines(cast("View", _pattern.callback))

urlpatterns = [
    path("", (_patterns, _app_name, _namespace)),
    re_path("", missing),
]
