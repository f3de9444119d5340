"""Bringing in what exists at the API: what is there, taking it in, and reading it once more.

Called by the views, and by `advance` for the reading itself. A conversation is to be read
whole while it has a `remote_id` and neither `synced_at` nor `sync_error`: a new import,
one that somebody wants read again, and one from before there was anything but lines.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from conversations import queue
from conversations.models import Append, Conversation, Team
from conversations.models.append import MOVING
from conversations.pipeline.activity import Problem
from conversations.pipeline.api import connect
from conversations.pipeline.lost import Lost, lost_to
from conversations.pipeline.plan import clean
from conversations.pipeline.sync import HOLDING
from conversations.pipeline.unreadable import kept_if_unreadable
from conversations.symbl import Conversation as RemoteConversation
from conversations.symbl import (
    NotFound,
    Redirected,
    Rejected,
    SymblClient,
    SymblError,
    Timeouts,
    Unauthorised,
    Unreadable,
)

PAGE_SIZE = 50
#: Somebody is waiting in front of a screen.
SCREEN_TIMEOUTS = Timeouts(connect=3, read=10, pool=3)
#: The `sync_error` of a conversation that the API no longer has; reading it again is no use.
DELETED = "It was deleted at the speech server."


class ApiTrouble(Exception):
    """The API could not be asked; `problem` says what happened and what to do.

    `may_pass` is True if the same question may be answered later.
    """

    def __init__(self, error: SymblError) -> None:
        super().__init__(str(error))
        self.may_pass = error.retryable
        self.problem = Problem(str(error), "Nothing was changed here.", _todo(error))


def _todo(error: SymblError) -> str:
    if isinstance(error, Unauthorised):
        return "An admin has to correct SYMBL_APP_ID and SYMBL_APP_SECRET."
    if isinstance(error, Redirected):
        return "An admin has to correct SYMBL_BASE_URL."
    if isinstance(error, Unreadable):
        return "An admin finds the whole answer among the unreadable answers."
    if isinstance(error, Rejected):
        return "Choose other days, or ask an admin."
    return "Try again in a moment. If it stays, an admin has to look after the speech server."


@contextmanager
def asking() -> Iterator[SymblClient]:
    """Yield a client for a screen. Raises ApiTrouble for every error of the API."""
    try:
        with connect(timeouts=SCREEN_TIMEOUTS) as client, kept_if_unreadable():
            yield client
    except SymblError as error:
        raise ApiTrouble(error) from error


@dataclass(frozen=True)
class Listed:
    """A conversation at the API; `here` is ours, None for one that can be brought in."""

    remote_id: str
    name: str
    started_at: dt.datetime | None
    duration_ms: int | None
    members: int
    here: Conversation | None


@dataclass
class Doubtful:
    """What may belong to a recording whose outcome is unknown, and is therefore held back.

    `to_decide` are the conversations here that the reader may see and decide about first.
    """

    remote_ids: list[str] = field(default_factory=list)
    to_decide: list[Conversation] = field(default_factory=list)

    def takes(self, remote: RemoteConversation, lost: Iterable[Lost]) -> bool:
        """Return True, and take note, if one of the lost recordings may have made `remote`."""
        maybe = [one for one in lost if one.may_be(remote.start_time)]
        if maybe:
            self.remote_ids.append(remote.id)
        for one in maybe:
            if one.to_decide is not None and one.to_decide not in self.to_decide:
                self.to_decide.append(one.to_decide)
        return bool(maybe)


@dataclass(frozen=True)
class RemotePage:
    """One page of the API's conversations, newest first; `number` counts from 1.

    What belongs to others here is not in it; so a page may be shorter than others.
    """

    rows: tuple[Listed, ...]
    number: int
    has_next: bool
    doubtful: Doubtful


def list_remote(user: User, *, start: dt.datetime, end: dt.datetime, page: int) -> RemotePage:
    """Return what the API holds of conversations that began from `start` to `end`.

    Raises ApiTrouble. The API tells no total (contract 4.1), so one row more is asked for.
    """
    with asking() as client:
        found = client.conversations(
            start=start, end=end, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1
        )
    lost = lost_to(user)
    ours = _ours([one.id for one in found], user)
    doubtful = Doubtful()
    rows = tuple(
        _listed(one, ours.get(one.id))
        for one in found[:PAGE_SIZE]
        if ours.get(one.id) or (one.id not in ours and not doubtful.takes(one, lost))
    )
    return RemotePage(rows, page, has_next=len(found) > PAGE_SIZE, doubtful=doubtful)


def _ours(remote_ids: Collection[str], user: User) -> dict[str, Conversation | None]:
    """Return which of the ids are here; None for a conversation that `user` may not see."""
    taken = Conversation.objects.filter(remote_id__in=remote_ids).values_list(
        "remote_id", flat=True
    )
    visible = Conversation.objects.visible_to(user).filter(remote_id__in=remote_ids)
    found: dict[str, Conversation | None] = {str(remote_id): None for remote_id in taken}
    return found | {str(one.remote_id): one for one in visible}


def _listed(remote: RemoteConversation, here: Conversation | None) -> Listed:
    return Listed(
        remote_id=remote.id,
        name=remote.name,
        started_at=remote.start_time,
        duration_ms=remote.duration_ms,
        members=len(remote.members),
        here=here,
    )


@dataclass
class BroughtIn:
    """What came of the ids: new conversations, those that were here, and the ids left out.

    `left_out` does not tell what nobody knows from what belongs to others here.
    """

    new: list[Conversation] = field(default_factory=list)
    here: list[Conversation] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    doubtful: Doubtful = field(default_factory=Doubtful)


def bring_in(remote_ids: Iterable[str], *, team: Team, user: User) -> BroughtIn:
    """Begin an import for each id that the API knows and that is not here yet.

    Raises ApiTrouble; then nothing was begun.
    """
    wanted = list(dict.fromkeys(remote_ids))
    ours = _ours(wanted, user)
    outcome = BroughtIn(
        here=[here for here in ours.values() if here],
        left_out=[remote_id for remote_id, here in ours.items() if here is None],
    )
    found: list[RemoteConversation] = []
    with asking() as client:
        for remote_id in wanted:
            if remote_id in ours:
                continue
            remote = _known(client, remote_id)
            if remote is None:
                outcome.left_out.append(remote_id)
            else:
                found.append(remote)
    # Read after the API was: an answer that came meanwhile has its row by now.
    lost = lost_to(user)
    for remote in found:
        if not outcome.doubtful.takes(remote, lost):
            _take_in(outcome, remote, team=team, user=user)
    return outcome


def _known(client: SymblClient, remote_id: str) -> RemoteConversation | None:
    """Return what the API has under exactly this id; a server may know one by several."""
    try:
        remote = client.conversation(remote_id)
    except NotFound:
        return None
    return remote if remote.id == remote_id else None


def _take_in(outcome: BroughtIn, remote: RemoteConversation, *, team: Team, user: User) -> None:
    conversation, is_new = import_conversation(remote, team=team, user=user)
    if is_new:
        outcome.new.append(conversation)
    elif Conversation.objects.visible_to(user).filter(pk=conversation.pk).exists():
        outcome.here.append(conversation)
    else:
        outcome.left_out.append(remote.id)


def import_conversation(
    remote: RemoteConversation, *, team: Team, user: User
) -> tuple[Conversation, bool]:
    """Open a conversation for what the API has, and have a worker fetch it.

    Returns False beside it for whoever asks second: it is the one that is there, which may
    belong to a team that `user` is not in.
    """
    named = clean(remote.name).strip()
    title = f"Conversation {remote.id}" if named in ("", remote.id) else named
    about = {
        "team": team,
        "name": title[:200],
        "started_at": remote.start_time,
        "duration_ms": remote.duration_ms or 0,
        "created_by": user,
    }
    with transaction.atomic():
        conversation, is_new = Conversation.objects.get_or_create(
            remote_id=remote.id, defaults=about
        )
        if is_new:
            queue.wake(conversation.pk)
    return conversation, is_new


def to_fetch() -> "QuerySet[Conversation]":
    """Return the conversations that are to be read whole, and that no append holds up."""
    held = Append.objects.filter(conversation=OuterRef("pk"), state__in=HOLDING)
    wanted = Conversation.objects.filter(synced_at=None, sync_error="").exclude(remote_id=None)
    return wanted.exclude(Exists(held))


def fetch_wanted(conversation_id: int) -> bool:
    """Return True if the conversation is to be read whole now."""
    return to_fetch().filter(pk=conversation_id).exists()


class FetchState(StrEnum):
    """How the reading of a conversation stands, for its page."""

    NONE = "none"
    FETCHING = "fetching"
    FAILED = "failed"
    DELETED = "deleted"
    PARTLY = "partly"


def fetch_state(conversation: Conversation, appends: Iterable[Append]) -> FetchState:
    """Return how the reading stands; an append that holds it up speaks for itself.

    FAILED: nothing was read. DELETED: nor can it be. PARTLY: the transcript was, and
    `sync_error` says what was not.
    """
    if conversation.sync_error == DELETED:
        return FetchState.DELETED
    if conversation.sync_error:
        return FetchState.PARTLY if conversation.synced_at else FetchState.FAILED
    unread = conversation.remote_id is not None and conversation.synced_at is None
    held = any(append.state in HOLDING for append in appends)
    return FetchState.FETCHING if unread and not held else FetchState.NONE


def fetch_again(conversation: Conversation) -> bool:
    """Have a worker read the conversation whole once more.

    Returns False, and changes nothing, while one of its appends is on its way.
    """
    with transaction.atomic():
        # An append that is put in line at this instant waits for this decision.
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        on_its_way = Append.objects.filter(conversation=conversation, state__in={*MOVING, *HOLDING})
        if conversation.remote_id is None or on_its_way.exists():
            return False
        Conversation.objects.filter(pk=conversation.pk).update(synced_at=None, sync_error="")
        queue.wake(conversation.pk)
    return True
