"""The access token: how long it is used, and where it is kept between calls.

Used by connection.py. The store is a seam: the default lives in one client, the
dashboard hands in one that its web and worker processes share.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from conversations.symbl import reading
from conversations.symbl.errors import Unreadable

USED_SHARE_OF_LIFETIME = 0.8
REFRESH_EARLY_SECONDS = 60.0
LONGEST_LIFETIME_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the time (seconds since the epoch) until which to use it."""

    value: str = field(repr=False)
    use_until: float


class TokenStore(Protocol):
    """Keeps the one token of an account; shared stores must be safe across processes."""

    def get(self) -> Token | None:
        """Return the kept token, fresh or not, None when there is none."""

    def set(self, token: Token) -> None:
        """Keep `token` instead of any other."""

    def clear(self) -> None:
        """Forget the token."""


class MemoryTokenStore:
    """A token store for one client in one process."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token

    def get(self) -> Token | None:
        """Return the kept token, None when there is none."""
        return self._token

    def set(self, token: Token) -> None:
        """Keep `token` instead of any other."""
        self._token = token

    def clear(self) -> None:
        """Forget the token."""
        self._token = None


def read_token(document: object, *, now: float) -> Token:
    """Return the token that was granted at `now` (seconds since the epoch).

    A server hands out a live token again with the lifetime that remains, so
    `expiresIn` may be any number of seconds (contract 1.2). The token is used
    until 60 s before its end, or for 80 % of a lifetime shorter than 300 s; a lifetime
    beyond 30 days counts as 30 days, one below zero as none.
    """
    raw = reading.json_object(document)
    value = reading.text(raw.get("accessToken"), "accessToken")
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise Unreadable.at("accessToken", "it cannot be sent in a header")
    told = reading.number(raw.get("expiresIn"), "expiresIn")
    lifetime = min(max(told, 0.0), LONGEST_LIFETIME_SECONDS)
    used = max(lifetime * USED_SHARE_OF_LIFETIME, lifetime - REFRESH_EARLY_SECONDS)
    return Token(value=value, use_until=now + used)


class TokenKeeper:
    """Decides whether the kept token will do."""

    def __init__(self, store: TokenStore, *, clock: Callable[[], float]) -> None:
        """`clock` returns seconds since the epoch, the same for all users of the store."""
        self._store = store
        self._clock = clock

    def current(self) -> str | None:
        """Return the kept token, None when a new one has to be fetched."""
        token = self._store.get()
        return token.value if token and self._clock() < token.use_until else None

    def after_rejection(self, rejected: str) -> str | None:
        """Return a token that replaced `rejected` meanwhile, None when one has to be fetched.

        The rejected token is forgotten, unless another process has replaced it.
        """
        current = self.current()
        if current != rejected:
            return current
        self._store.clear()
        return None

    def keep(self, document: object) -> str:
        """Keep the token in a server's answer and return it, also if it is the old one."""
        token = read_token(document, now=self._clock())
        self._store.set(token)
        return token.value
