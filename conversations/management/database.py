"""What commands check before they touch the data folder."""

from django.core.management.base import CommandError
from django.db import connection

from conversations.models import Conversation


def require_tables() -> None:
    """Return if the database has been set up; CommandError with what to do if not."""
    if Conversation._meta.db_table not in connection.introspection.table_names():
        raise CommandError(
            "This data folder has no database yet. Run manage.py demo, or manage.py migrate first."
        )
