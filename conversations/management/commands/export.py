"""`manage.py export UUID`: print a transcript with the names as shown."""

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.exports import write_json, write_text
from conversations.management.database import add_data_folder, require_tables
from conversations.models import Conversation


class Command(BaseCommand):
    help = "Print a conversation's transcript."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uuid", type=UUID)
        parser.add_argument("--format", choices=("txt", "json"), default="txt")
        add_data_folder(parser)

    def handle(self, *args: Any, uuid: UUID, **options: Any) -> None:
        require_tables()
        conversation = Conversation.objects.filter(uuid=uuid).first()
        if conversation is None:
            raise CommandError(f"There is no conversation {uuid}.")
        if options["format"] == "json":
            text = json.dumps(write_json(conversation), indent=2, ensure_ascii=False)
        else:
            text = write_text(conversation)
        self.stdout.write(text)
