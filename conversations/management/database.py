"""What commands say about the data folder, and check before they touch it."""

from django.core.management.base import CommandError, CommandParser
from django.db import connection

from conversations.models import Conversation


def add_data_folder(parser: CommandParser, what: str = "the data folder (data/)") -> None:
    """Have the help tell of `--data`, which manage.py reads before there is a parser."""
    parser.add_argument("--data", metavar="DIR", help=what)


def require_tables() -> None:
    """Return if the database has been set up; CommandError with what to do if not."""
    if Conversation._meta.db_table not in connection.introspection.table_names():
        raise CommandError(
            "This data folder has no database yet. Run manage.py demo, or manage.py migrate first."
        )
