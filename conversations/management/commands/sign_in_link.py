"""`manage.py sign_in_link [USERNAME]`: a link that signs one user in, once."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from conversations.management.commands.demo import ADDRESS_NOTE
from conversations.management.database import add_data_folder, require_tables
from conversations.models import SignInLink


class Command(BaseCommand):
    help = "Print a one-time link that signs a user in, for an hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default="admin")
        parser.add_argument("--origin", default="", help="https://… where the dashboard is reached")
        add_data_folder(parser)

    def handle(self, *args: Any, username: str, origin: str, **options: Any) -> None:
        require_tables()
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user called {username}.")
        token = SignInLink.issue(user.pk, timezone.now())
        path = reverse("sign-in-link", args=[token])
        self.stdout.write(f"{origin or last_address()}{path}")


def last_address() -> str:
    """Return where the demo of this data folder was last reached, "" if there was none."""
    note = settings.DATA_DIR / ADDRESS_NOTE
    return note.read_text().strip() if note.exists() else ""
