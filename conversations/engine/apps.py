"""The speech server's Django app: beside the dashboard's, and knowing nothing of it."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "conversations.engine"
    label = "engine"
    verbose_name = "Speech engine"
    default_auto_field = "django.db.models.BigAutoField"
