"""System checks: settings that would break a promise are refused before anything runs."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

VENDOR_DOMAINS = ("symbl.ai", "symbl.us")


@register()
def queue_never_repeats_a_running_task(
    app_configs: Sequence[object] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The broker hands a task out again after `retry`, so no task may live that long."""
    base: dict[str, Any] = settings.Q_CLUSTER
    clusters = {base["name"]: base, **base.get("ALT_CLUSTERS", {})}
    return [
        Error(
            f"Q_CLUSTER {name}: retry must be above timeout, or a running task is run twice.",
            id="conversations.E001",
        )
        for name, cluster in clusters.items()
        if cluster["retry"] <= cluster["timeout"]
    ]


@register()
def server_is_named_on_purpose(
    app_configs: Sequence[object] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Credentials must not travel in clear text, nor to a name that anybody may hold by now."""
    address = urlsplit(settings.SYMBL_BASE_URL)
    host = address.hostname or ""
    if any(host == domain or host.endswith(f".{domain}") for domain in VENDOR_DOMAINS):
        return [
            Error(
                f"SYMBL_BASE_URL names {host}, a host that has been given up: whoever holds the "
                "name today would receive your credentials and recordings.",
                id="conversations.E002",
            )
        ]
    is_local = host in ("localhost", "::1") or host.startswith("127.")
    if address.scheme != "https" and not (address.scheme == "http" and is_local):
        return [
            Error(
                "SYMBL_BASE_URL must begin with https://, or name this machine.",
                id="conversations.E003",
            )
        ]
    return []
