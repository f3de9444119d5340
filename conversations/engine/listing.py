"""The list of conversations: which of them a call asks for (contract 4.1).

Called by `conversation_api`.
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from conversations.engine.digits import digits
from conversations.engine.errors import ApiError
from conversations.engine.models import Conversation
from conversations.engine.schemas import Wire, must
from conversations.engine.texts import Moment

#: How far back the list goes when the call does not say.
WEEK = dt.timedelta(days=7)
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
#: Members are read for so many conversations at a time.
_CHUNK = 500


class Wanted(Wire):
    """The query of the list. `sort` has one possible value, so it is not looked at."""

    limit: Annotated[
        int,
        Field(strict=True, ge=0, le=65_536),
        BeforeValidator(digits),
        must("be a whole number from 0 to 65,536."),
    ] = 20
    offset: Annotated[
        int,
        Field(strict=True, ge=0, le=2**31 - 1),
        BeforeValidator(digits),
        must("be a whole number from 0 on."),
    ] = 0
    order: Annotated[Literal["asc", "desc"], must("be asc or desc.")] = "asc"
    sort: str = "conversation.startTime"
    start_time: Moment = Field(None, description="Seven days before `endTime` by default.")
    end_time: Moment = Field(None, description="Now by default.")
    # To leave one out unnoticed would list what was not asked for.
    filter: Annotated[str, Field(max_length=0), must("be left out: use startTime and endTime.")] = (
        ""
    )


def wanted_conversations(wanted: Wanted, now: dt.datetime) -> list[Conversation]:
    """Return the conversations that began in the window, by their start, members included.

    Raise ApiError 400 for a window that ends before it begins, or begins after now.
    """
    end = wanted.end_time or now
    start = wanted.start_time or max(end, _EARLIEST + WEEK) - WEEK
    if start >= min(end, now):
        raise ApiError(400, "startTime must be before endTime, and before now.")
    sign = "-" if wanted.order == "desc" else ""
    found = (
        Conversation.objects.filter(start_time__range=(start, end))
        .order_by(f"{sign}start_time", f"{sign}id")
        .prefetch_related("members")[wanted.offset : wanted.offset + wanted.limit]
    )
    return list(found.iterator(chunk_size=_CHUNK))
