"""`manage.py sign_in_link [USERNAME]`: a link that signs one user in, once."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from conversations.models import SignInLink


class Command(BaseCommand):
    help = "Print a one-time link that signs a user in, for an hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default="admin")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user called {username}.")
        token = SignInLink.issue(user.pk, timezone.now())
        path = reverse("sign-in-link", args=[token])
        origin = settings.SYMBL_BASE_URL.removesuffix("/engine")
        self.stdout.write(f"{origin}{path}" if settings.ENGINE_ENABLED else path)
