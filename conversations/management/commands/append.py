"""`manage.py append`: hand a file, an address or a transcript over from the command line."""

from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.management.database import add_data_folder, require_tables
from conversations.models import Append, Conversation, Recording, State, Team
from conversations.pipeline.accept import (
    RefusedRecording,
    accept_recording,
    accept_text,
    accept_url,
    append_recording,
    kind_of,
    start_conversation,
)
from conversations.pipeline.options import LANGUAGES, MAX_SPEAKERS, USUAL
from conversations.pipeline.texts import UnreadableText, decode, read

LOOK_EVERY = 0.5


class Command(BaseCommand):
    help = "Send a recording and print its conversation's UUID. Needs a running worker to go on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "recording", help="a file, or an address that the speech server fetches from"
        )
        parser.add_argument(
            "--transcript",
            action="store_true",
            help="the file is a transcript: WebVTT, SRT, the API's JSON, or “Name: words” lines",
        )
        parser.add_argument(
            "--kind", choices=("audio", "video"), help="what is behind an address that tells not"
        )
        parser.add_argument("--conversation", type=UUID, help="append to this conversation")
        parser.add_argument("--name", default="", help="name of a new conversation")
        parser.add_argument(
            "--speakers", type=int, help=f"how many people talk, 1 to {MAX_SPEAKERS}"
        )
        parser.add_argument(
            "--language", choices=LANGUAGES, default="", help="the language spoken (en-US)"
        )
        parser.add_argument(
            "--wait", action="store_true", help="wait until the transcript is there"
        )
        parser.add_argument("--timeout", type=float, default=3600.0, help="seconds to wait (3600)")
        add_data_folder(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        speakers = options["speakers"]
        if speakers is not None and not 1 <= speakers <= MAX_SPEAKERS:
            raise CommandError(f"--speakers must be between 1 and {MAX_SPEAKERS}.")
        if options["name"] and options["conversation"]:
            raise CommandError("--name is for a new conversation; leave it out to append.")
        require_tables()
        append = put_in_line(options)
        self.stdout.write(str(append.conversation.uuid))
        self.stdout.flush()
        if options["wait"]:
            wait_for(append, options["timeout"])
            for remark in filter(None, (append.note, append.conversation.sync_error)):
                self.stderr.write(remark)


def put_in_line(options: dict[str, Any]) -> Append:
    """Take the recording in and return its append; CommandError for what is wrong with it."""
    conversation = find(options["conversation"]) if options["conversation"] else None
    team = conversation.team if conversation else first_team()
    try:
        recording = accept(options, team)
    except (RefusedRecording, UnreadableText) as refusal:
        raise CommandError(str(refusal)) from refusal
    except OSError as error:
        raise CommandError(f"{options['recording']} cannot be read: {error.strerror}.") from error
    name, speakers, language = options["name"], options["speakers"], options["language"]
    chosen = replace(USUAL, speakers=speakers, language=language, name=name)
    if conversation is not None:
        return append_recording(conversation, recording, options=chosen, user=None)
    return start_conversation(recording, name=name, options=chosen, user=None)


def accept(options: dict[str, Any], team: Team) -> Recording:
    """Take the recording in, by what it is. Raises RefusedRecording, UnreadableText or OSError."""
    where: str = options["recording"]
    if where.startswith(("https://", "http://")):
        kind = options["kind"] or kind_of(where)
        if kind is None:
            raise CommandError("The address does not tell what is there: add --kind.")
        return accept_url(where, kind=kind, team=team, user=None)
    path = Path(where)
    if options["transcript"]:
        said = read(decode(path.read_bytes()))
        return accept_text(said, name=path.name, team=team, user=None)
    with path.open("rb") as stream:
        return accept_recording(file=File(stream, name=path.name), team=team, user=None)


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
