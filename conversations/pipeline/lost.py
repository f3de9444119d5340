"""Which conversations at the API may be those of recordings whose outcome is unknown.

The first append of a conversation creates it at the API. If that answer is lost, the
account holds a conversation that has no row here, and all teams share the account: it
must not be taken for one that anybody may bring in. Used by `imports`.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Exists, F, Min, OuterRef, Q
from django.db.models.functions import Coalesce

from conversations.models import Append, AppendEvent, Conversation, Role, Source, State, Team
from conversations.pipeline import texts
from conversations.pipeline.recover import settled_at

#: By how much the API's clock may be wrong.
CLOCKS = dt.timedelta(minutes=1)
#: In these nobody knows yet what became of the attempt.
OPEN = (State.SUBMITTING, State.UNKNOWN, State.STALLED)
EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Lost:
    """A recording that may have made a conversation at the API, begun from `since` to `until`.

    `to_decide` is its conversation here if somebody can still decide about the recording and
    the reader may see it; else None.
    """

    since: dt.datetime
    until: dt.datetime
    to_decide: Conversation | None

    def may_be(self, began: dt.datetime | None) -> bool:
        """Return True if a conversation that began then may be the recording's."""
        return began is None or self.since <= began <= self.until


def lost_to(user: User) -> list[Lost]:
    """Return the recordings of all teams whose conversation `user` must not bring in.

    Those that are without an answer so far, and those that a person gave up or sent again
    without one; the latter are no secret to an admin of their team.
    """
    # From these it takes a person's decision to get there.
    decided = AppendEvent.objects.filter(
        append=OuterRef("pk"),
        from_state__in=(State.UNKNOWN, State.STALLED),
        to_state__in=(State.QUEUED, State.CANCELLED),
    )
    is_open = Q(state__in=OPEN, conversation__remote_id=None)
    # The snapshot of a first append, which had nothing to look at.
    was_first = Q(snapshot__messages=0, snapshot__duration_ms=0)
    administered = Team.objects.filter(memberships__user=user, memberships__role=Role.ADMIN)
    own = Q(conversation__team__in=administered)
    sent_at = Min("events__at", filter=Q(events__to_state=State.SUBMITTING))
    appends = (
        Append.objects.filter(is_open | was_first & Exists(decided) & ~own)
        .select_related("conversation", "recording")
        .annotate(sent_at=Coalesce(sent_at, F("created_at")))
    )
    ids = [append.conversation_id for append in appends]
    visible = Conversation.objects.visible_to(user).filter(pk__in=ids)
    seen = set(visible.values_list("pk", flat=True))
    return [_lost(one, one.sent_at, seen) for one in appends]  # type: ignore[attr-defined]


def _lost(append: Append, sent_at: dt.datetime, seen: Collection[int]) -> Lost:
    conversation = append.conversation
    since, until = _span(append, sent_at)
    if append.state not in OPEN or conversation.remote_id is not None:
        return Lost(since, until, to_decide=None)
    # Of what is open nothing is taken for granted.
    return Lost(since, LATEST, to_decide=conversation if conversation.pk in seen else None)


def _span(append: Append, sent_at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Return the first and the last moment at which the append's conversation can begin.

    A text brings its own times: its conversation may begin at any of them.
    """
    moments = [sent_at, settled_at(append)]
    try:
        if append.recording.source == Source.TEXT:
            with append.recording.file.open("rb") as stored:
                said = texts.from_json(stored.read(), origin=sent_at)
            moments += [one.start for one in said if one.start]
        return min(moments) - CLOCKS, max(moments) + CLOCKS
    except (OSError, ValueError, OverflowError):
        return EARLIEST, LATEST
