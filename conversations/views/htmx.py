"""The one place that knows the front end's protocol: fragments, headers and sign-in by fragment.

Every view module builds its answers with these helpers; the middleware is named in the settings.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

#: Views under these URL namespaces prove who is calling by themselves (bearer tokens).
SELF_GUARDED_NAMESPACES = frozenset({"engine"})


class HtmxHttpRequest(HttpRequest):
    """A request behind the login and htmx middleware."""

    htmx: "HtmxDetails"
    user: User


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Sends strangers to the sign-in page, and keeps what is behind it out of every cache.

    A fragment request gets HX-Redirect: htmx would follow a 302 and put the
    sign-in page into the middle of the screen.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is not None and SELF_GUARDED_NAMESPACES.intersection(match.namespaces):
            return None
        if getattr(view_func, "login_required", True):
            request.behind_sign_in = True  # type: ignore[attr-defined]
        answer: HttpResponseBase | None = super().process_view(
            request, view_func, view_args, view_kwargs
        )
        return answer

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if getattr(request, "behind_sign_in", False) and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        htmx: HtmxDetails | None = getattr(request, "htmx", None)
        if not htmx:
            answer: HttpResponseBase = super().handle_no_permission(request, view_func)
            return answer
        back = htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
        return HttpResponseClientRedirect(
            f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
        )


def respond(
    request: HtmxHttpRequest,
    *,
    page: str,
    fragment: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Return `fragment` to htmx and the whole `page` to anyone else, told apart by Vary."""
    template = fragment if request.htmx else page
    response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go(request: HtmxHttpRequest, to: str) -> HttpResponse:
    """Return the redirect that the asking side understands; `to` is a local address."""
    if request.htmx:
        return HttpResponseClientRedirect(to)
    return redirect(to)
