"""System checks: settings that would break a promise are refused before anything runs."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.http.request import split_domain_port, validate_host

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


@register()
def webhooks_have_an_address(
    app_configs: Sequence[object] | None, **kwargs: Any
) -> list[CheckMessage]:
    """A server that cannot make sense of the address would refuse every recording."""
    address = urlsplit(settings.WEBHOOK_BASE_URL)
    if not settings.WEBHOOK_BASE_URL or (address.scheme in ("http", "https") and address.hostname):
        return []
    return [
        Error(
            "WEBHOOK_BASE_URL must be the dashboard's address, such as "
            "https://meetings.example.org, or be left empty.",
            id="conversations.E005",
        )
    ]


@register(Tags.security, deploy=True)
def engine_behaves(app_configs: Sequence[object] | None, **kwargs: Any) -> list[CheckMessage]:
    """Misbehaviour on demand is for tests: whoever has a token could lose other people's work."""
    if not settings.ENGINE_FAULTS:
        return []
    return [Error("ENGINE_FAULTS must be off in production.", id="conversations.E006")]


@register(Tags.security, deploy=True)
def bundled_engine_is_reachable(
    app_configs: Sequence[object] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The worker's own requests to the bundled engine pass ALLOWED_HOSTS as anybody's do."""
    address = urlsplit(settings.SYMBL_BASE_URL)
    if not (settings.ENGINE_ENABLED and address.path.endswith("/engine")):
        return []
    host, _ = split_domain_port(address.netloc.rpartition("@")[2])
    if validate_host(host, settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            f"The bundled engine is called as {host}, which ALLOWED_HOSTS does not accept.",
            hint=f"Add {host} to ALLOWED_HOSTS; or, if SYMBL_BASE_URL is another service's, "
            "set ENGINE_ENABLED=false.",
            id="conversations.E004",
        )
    ]
