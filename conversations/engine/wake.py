"""Waking the engine's worker, whatever queue runs it: its functions are named in the settings."""

from django.conf import settings
from django.utils.module_loading import import_string


def now() -> None:
    """Have `tasks.work` called as soon as a worker is free."""
    import_string(settings.ENGINE_WAKE)()


def later(seconds: float) -> None:
    """Have `tasks.work` called in about `seconds`."""
    import_string(settings.ENGINE_WAKE_LATER)(seconds)


def beat() -> None:
    """Say that the worker makes progress, so that nobody takes a long job for a hung worker."""
    import_string(settings.ENGINE_BEAT)()


def webhooks() -> None:
    """Have `webhooks.deliver_due` called as soon as a worker is free."""
    import_string(settings.ENGINE_WAKE_WEBHOOKS)()


def webhooks_later(seconds: float) -> None:
    """Have `webhooks.deliver_due` called in about `seconds`."""
    import_string(settings.ENGINE_WAKE_WEBHOOKS_LATER)(seconds)
