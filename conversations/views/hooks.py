"""Where the speech server calls when a job's status changes."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conversations.pipeline import hooks


@csrf_exempt
@login_not_required
@require_POST
def hook(request: HttpRequest, token: str) -> HttpResponse:
    """Take a call in, whatever it says; every token and body is answered alike.

    The API sends a call again until it is answered with 200 (contract 3.2), and a
    different answer would tell a stranger which tokens there are.
    """
    body = request.read(hooks.MAX_BODY_BYTES + 1)
    hooks.receive(token, body if len(body) <= hooks.MAX_BODY_BYTES else b"")
    return JsonResponse({})
