"""`manage.py append FILE`: hand a recording to the pipeline from the command line."""

from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.management.database import require_tables
from conversations.models import Append, Conversation, State, Team
from conversations.pipeline.accept import (
    RefusedRecording,
    accept_recording,
    append_recording,
    start_conversation,
)
from conversations.pipeline.options import MAX_SPEAKERS, AppendOptions

LOOK_EVERY = 0.5


class Command(BaseCommand):
    help = "Send a recording and print its conversation's UUID. Needs a running worker to go on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--conversation", type=UUID, help="append to this conversation")
        parser.add_argument("--name", default="", help="name of a new conversation")
        parser.add_argument(
            "--speakers", type=int, help=f"how many people talk, 1 to {MAX_SPEAKERS}"
        )
        parser.add_argument(
            "--wait", action="store_true", help="wait until the transcript is there"
        )
        parser.add_argument("--timeout", type=float, default=3600.0, help="seconds to wait (3600)")

    def handle(self, *args: Any, **options: Any) -> None:
        speakers = options["speakers"]
        if speakers is not None and not 1 <= speakers <= MAX_SPEAKERS:
            raise CommandError(f"--speakers must be between 1 and {MAX_SPEAKERS}.")
        if options["name"] and options["conversation"]:
            raise CommandError("--name is for a new conversation; leave it out to append.")
        require_tables()
        append = self._accept(options["file"], options["conversation"], options["name"], speakers)
        self.stdout.write(str(append.conversation.uuid))
        self.stdout.flush()
        if options["wait"]:
            wait_for(append, options["timeout"])
            if append.note:
                self.stderr.write(append.note)

    def _accept(self, path: Path, uuid: UUID | None, name: str, speakers: int | None) -> Append:
        conversation = find(uuid) if uuid else None
        team = conversation.team if conversation else first_team()
        try:
            with path.open("rb") as stream:
                recording = accept_recording(
                    file=File(stream, name=path.name), team=team, user=None
                )
        except RefusedRecording as refusal:
            raise CommandError(refusal.reason) from refusal
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        if conversation is not None:
            chosen = AppendOptions(speakers=speakers)
            return append_recording(conversation, recording, options=chosen, user=None)
        chosen = AppendOptions(speakers=speakers, name=name)
        return start_conversation(recording, name=name, options=chosen, user=None)


def find(uuid: UUID) -> Conversation:
    """Return the conversation; CommandError if there is none."""
    conversation = Conversation.objects.filter(uuid=uuid).first()
    if conversation is None:
        raise CommandError(f"There is no conversation {uuid}.")
    return conversation


def first_team() -> Team:
    """Return the oldest team, made if there is none yet."""
    return Team.objects.order_by("pk").first() or Team.objects.create(name="First team")


def wait_for(append: Append, timeout: float) -> None:
    """Return once the append is synced; CommandError if it cannot be, or takes too long."""
    deadline = monotonic() + timeout
    while append.state != State.SYNCED:
        if append.waits_for_person or append.state == State.CANCELLED:
            raise CommandError(f"{append.get_state_display()}: {append.error}")
        if monotonic() > deadline:
            raise CommandError(
                f"Not ready after {timeout:g} s ({append.get_state_display().lower()}). "
                "It goes on in the background if a worker is running."
            )
        sleep(LOOK_EVERY)
        append.refresh_from_db()
