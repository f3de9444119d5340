"""Which addresses may be asked for something on a person's word, and which never.

Known to the dashboard and to the engine alike. Whoever connects must connect to one of the
returned numbers: asking for the name again may give another answer.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

Resolve = Callable[[str, int], list[str]]

MAX_LENGTH = 2000

PORTS = {"http": 80, "https": 443}
_LOCAL_NAMES = ("localhost", "internal", "local", "home.arpa")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_IPV6 = re.compile(r"[0-9a-f:.]+")
# Resolvers read a host that ends in one of these as a number: 127.1, 2130706433, 0x7f000001.
_NUMBER = re.compile(r"([0-9]+|0x[0-9a-f]*)")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Addresses of IPv4 in disguise, which lead wherever the one inside does.
_TUNNELS = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))


class RefusedAddress(ValueError):
    """An address that is not asked. `str()` completes the sentence "This address ..."."""


class Target(NamedTuple):
    """Where an address leads; `addresses` are the numbers to connect to, once resolved."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...] = ()


def resolve(host: str, port: int) -> list[str]:
    """Return every number that `host` has. Raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_shape(url: str, allowed_hosts: Collection[str]) -> Target:
    """Return where a recording's address leads, without asking anyone; raise RefusedAddress.

    It is https, on port 443, at the full name of a host, without a user name. A host among
    `allowed_hosts` may be anything, on any port, and use http.
    """
    target = _target(url, begin="https://")
    if target.host in _names(allowed_hosts):
        return target
    if target.scheme != "https":
        raise RefusedAddress("must begin with https://.")
    if ":" in target.host or _NUMBER.fullmatch(target.host.rpartition(".")[2]):
        raise RefusedAddress("must name a host, not a number.")
    if "." not in target.host or _is_local(target.host):
        raise RefusedAddress("names a host that is not on the public internet.")
    if target.port != PORTS["https"]:
        raise RefusedAddress("must not name another port than 443.")
    return target


def check_url(url: str, *, allowed_hosts: Collection[str], resolve: Resolve = resolve) -> Target:
    """Return where a recording's address leads, with its numbers; raise RefusedAddress.

    Every number of the host is public, unless the host is among `allowed_hosts`.
    """
    target = check_shape(url, allowed_hosts)
    try:
        numbers = resolve(target.host, target.port)
    except (OSError, UnicodeError) as error:
        raise RefusedAddress("names a host that cannot be found.") from error
    if not numbers:
        raise RefusedAddress("names a host that cannot be found.")
    if target.host not in _names(allowed_hosts) and not all(map(is_public, numbers)):
        raise RefusedAddress("names a host that is not on the public internet.")
    return target._replace(addresses=tuple(numbers))


def check_webhook(url: str, allowed_hosts: Collection[str]) -> Target:
    """Return where a webhook's address leads: to this computer or to one of `allowed_hosts`.

    http or https, on any port. Raise RefusedAddress for every other host.
    """
    target = _target(url, begin="http:// or https://")
    if not (is_loopback(target.host) or target.host in _names(allowed_hosts)):
        raise RefusedAddress("must lead to this computer or to a host that the admin has allowed.")
    return target


def is_loopback(host: str) -> bool:
    """Return True if `host` is this computer: `localhost`, or a loopback number in full."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(number: str) -> bool:
    """Return True if anyone on the internet may connect to this IP address."""
    address = ipaddress.ip_address(number)
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    tunnelled = any(address in network for network in _TUNNELS)
    return address in _GLOBAL_UNICAST and address.is_global and not tunnelled


def _target(url: str, *, begin: str) -> Target:
    """Return the parts of an http or https address that every reader takes apart alike.

    `begin` is what the refusal of another scheme asks for.
    """
    if len(url) > MAX_LENGTH:
        raise RefusedAddress(f"is too long: {MAX_LENGTH:,} characters are the limit.")
    # Readers differ on these: some drop them, some take what follows for another host.
    if "\\" in url or not all(char.isprintable() and char != " " for char in url):
        raise RefusedAddress("contains a space, a backslash or an unprintable character.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RefusedAddress("is not complete: it must look like https://host/file.") from error
    if parts.scheme not in PORTS:
        raise RefusedAddress(f"must begin with {begin}.")
    if "@" in parts.netloc:
        raise RefusedAddress("must not contain a user name or password.")
    return Target(parts.scheme, _host(parts), PORTS[parts.scheme] if port is None else port)


def _host(parts: SplitResult) -> str:
    """Return the host in the one way it is written here: lower case, no dot at the end."""
    host = (parts.hostname or "").removesuffix(".")
    if not host:
        raise RefusedAddress("is not complete: it must look like https://host/file.")
    is_name = len(host) <= 253 and _HOST.fullmatch(host)
    # Other letters than these may turn into them in lower case: the Kelvin sign is a k then.
    if not parts.netloc.isascii() or not (is_name or _IPV6.fullmatch(host)):
        raise RefusedAddress(
            "has a host name with other characters than a to z, 0 to 9 and hyphens; "
            "write it in its xn-- form."
        )
    return host


def _is_local(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES)


def _names(hosts: Collection[str]) -> frozenset[str]:
    return frozenset(host.strip("[]").removesuffix(".").lower() for host in hosts)
