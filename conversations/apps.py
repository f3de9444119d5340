"""The dashboard's Django app."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Importing the checks registers them; they need the settings to be ready.
        from conversations import checks  # noqa: F401, PLC0415
