"""The API's access token, shared by every process of the dashboard through the database.

Used by api.py. There is no memory in front of it: one row by its key costs nothing
beside a call to the API, and so a token that another process fetched after a refusal
is always seen. Two processes that refresh at once are harmless, for a server hands out
the same live token to both (contract 1.2).
"""

import datetime as dt
import hashlib

from conversations.models import ApiToken
from conversations.sealing import seal, unseal
from conversations.symbl import Token


class SharedTokenStore:
    """A `TokenStore` over the database; the token is sealed, so that a dump holds none."""

    def __init__(self, base_url: str, app_id: str, app_secret: str) -> None:
        """The token kept is that of this account at this server."""
        account = "\n".join((base_url, app_id, app_secret))
        self._account = hashlib.sha256(account.encode()).hexdigest()

    def get(self) -> Token | None:
        """Return the kept token, None when there is none or this installation's key changed."""
        row = ApiToken.objects.filter(account=self._account).first()
        value = unseal(row.sealed) if row else None
        return Token(value, row.use_until.timestamp()) if row and value else None

    def set(self, token: Token) -> None:
        """Keep `token` instead of any other, in one statement: processes may meet here."""
        row = ApiToken(
            account=self._account,
            sealed=seal(token.value),
            use_until=dt.datetime.fromtimestamp(token.use_until, dt.UTC),
        )
        ApiToken.objects.bulk_create(
            [row],
            update_conflicts=True,
            update_fields=["sealed", "use_until"],
            unique_fields=["account"],
        )

    def clear(self) -> None:
        """Forget the token."""
        ApiToken.objects.filter(account=self._account).delete()
