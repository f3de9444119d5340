"""`manage.py demo`: everything in one command, on this machine, with nothing to set up."""

import os
import socket
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from conversations.management.database import add_data_folder
from conversations.management.supervisor import MANAGE, Child, Supervisor
from conversations.models import Conversation, Membership, Role, SignInLink, Team
from conversations.pipeline.accept import accept_recording, start_conversation
from conversations.pipeline.engine_status import recognition_notice
from conversations.pipeline.options import USUAL
from conversations.views.sample_files import sample_file, sample_named

ADMIN = "admin"
#: Where the data folder notes the address, for links that are asked for later.
ADDRESS_NOTE = "address"
TEAM = "First team"
#: The second meeting of the series is left for the reader to append.
SEEDED = ("interview-1", "planning", "neighbourhood")
#: Above what the worker itself allows its clusters, in seconds.
STOPPING = 40.0


def first_admin() -> User:
    """Return the admin of a fresh installation, made without a password if there is none."""
    with transaction.atomic():
        user, made = User.objects.get_or_create(
            username=ADMIN, defaults={"is_staff": True, "is_superuser": True}
        )
        if made:
            user.set_unusable_password()
            user.save()
        team, _ = Team.objects.get_or_create(name=TEAM)
        Membership.objects.get_or_create(team=team, user=user, defaults={"role": Role.ADMIN})
    return user


def seed(user: User) -> None:
    """Hand the sample meetings to the real pipeline, unless the team has conversations."""
    team = Team.objects.get(name=TEAM)
    if Conversation.objects.filter(team=team).exists():
        return
    for sample in map(sample_named, SEEDED):
        with sample_file(sample) as file:
            recording = accept_recording(file=file, team=team, user=user)
        start_conversation(recording, name=sample.title, options=USUAL, user=user)


class Command(BaseCommand):
    help = "Set up, seed with sample meetings, and run web server and worker until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
        parser.add_argument("--no-samples", action="store_true", help="start without samples")
        add_data_folder(parser)

    def handle(self, *args: Any, port: int, no_samples: bool, **options: Any) -> None:
        if not port_is_free(port):
            raise CommandError(
                f"Port {port} is in use, perhaps by another demo. Choose one: --port {port + 1}"
            )
        address = f"http://127.0.0.1:{port}"
        # Who tries the dashboard wants to see the link, not what goes on as it should.
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        os.environ.update(
            HTTPS="false",
            ALLOWED_HOSTS="127.0.0.1,localhost",
            SYMBL_BASE_URL=f"{address}/engine",
            WEBHOOK_BASE_URL=address,
        )
        call_command("migrate", interactive=False, verbosity=0)
        user = first_admin()
        if not no_samples:
            seed(user)
        (settings.DATA_DIR / ADDRESS_NOTE).write_text(address)
        children = [
            Child("web server", ["-m", "granian", *granian(port)]),
            Child("worker", [MANAGE, "worker", "--verbosity=0"], grace=STOPPING),
        ]
        announce = Announcement(self, address, user, port)
        Supervisor(children, log=self.stderr.write, tick=announce.tick).run()
        self.stdout.write("Stopped. Start it again with the same command; everything is kept.")


def granian(port: int) -> list[str]:
    """Return the arguments that serve the dashboard on the loopback interface."""
    return [
        "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "32", "--log-level", "error",
        "symbl_dashboard.wsgi:application",
    ]  # fmt: skip


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Announcement:
    """Prints the sign-in link once the web server answers."""

    def __init__(self, command: Command, address: str, user: User, port: int) -> None:
        self.command = command
        self.address = address
        self.user = user
        self.port = port
        self.made = False

    def tick(self) -> None:
        if self.made or port_is_free(self.port):
            return
        self.made = True
        token = SignInLink.issue(self.user.pk, timezone.now())
        write = self.command.stdout.write
        notice = recognition_notice()
        if notice:
            write(notice)
        write(f"Symbl Dashboard is running at {self.address}")
        write(f"Sign in here, once: {self.address}/sign-in/link/{token}/")
        write("Stop with Ctrl-C.")
        self.command.stdout.flush()
