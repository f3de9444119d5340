"""Coming in: with a password, with a link from the command line, and to the Django admin."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from conversations.models import SignInLink

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInView(LoginView):
    """The sign-in page; `next` is kept and checked by Django."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Offer to sign in by a link, and do so on POST.

    Looking at the link does not use it up, since mail programs look at links too.
    A used, an expired and an unknown link are answered alike.
    """
    now = timezone.now()
    link = SignInLink.usable(token, now)
    if link is None or (request.method == "POST" and not link.use(now)):
        return render(request, "accounts/sign_in_link_gone.html", status=404)
    if request.method == "POST":
        login(request, link.user, backend=MODEL_BACKEND)
        return redirect("conversations:list")
    # The policy stays same-origin: with no-referrer, the browser would post the form
    # with `Origin: null`, which the CSRF check refuses.
    return render(request, "accounts/sign_in_link.html", {"link_user": link.user})


@login_not_required
@never_cache
def admin_sign_in(request: HttpRequest, **_: Any) -> HttpResponseBase:
    """Stand in for the admin's own login page: 403 for who is signed in without being staff."""
    if not isinstance(request.user, AnonymousUser):
        raise PermissionDenied("The administration is for staff.")
    back = request.GET.get("next") or resolve_url("admin:index")
    return redirect(f"{resolve_url('sign-in')}?{urlencode({'next': back})}")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the web process answers; nothing else is asked, least of all the database."""
    return HttpResponse("ok", content_type="text/plain")
