"""Telling the API what people decided: one correction at a time, between two appends.

Naming and merging are both PUT members at the API, and which of the two happens is
decided by the e-mail there. So the members are read first, under the lease, and again
after an answer that cannot be trusted.
"""

import datetime as dt
import logging

from django.db import transaction
from django.utils import timezone

from conversations.models import Append, Change, ChangeKind, Member, PushState, State
from conversations.pipeline.lease import Lease, LeaseLost
from conversations.pipeline.recover import settled_at
from conversations.pipeline.sync import refresh
from conversations.pipeline.unreadable import kept_if_unreadable
from conversations.pipeline.waiting import GIVE_UP_AFTER, backoff
from conversations.symbl import Person, Rejected, SymblClient, SymblError

logger = logging.getLogger(__name__)


def line_head(conversation_id: int) -> Append | None:
    """Return the append whose turn it is."""
    line = Append.objects.unfinished().filter(conversation_id=conversation_id)
    return line.select_related("conversation", "recording").order_by("seq").first()


def pushing_must_wait(head: Append | None, now: dt.datetime) -> bool:
    """Return True while a job may be adding members to the conversation at the API."""
    if head is None:
        return False
    if head.state in (State.UNKNOWN, State.STALLED):
        return now < settled_at(head)
    return head.state in (State.SUBMITTING, State.PROCESSING, State.SYNCING)


def push(lease: Lease, change: Change, client: SymblClient) -> None:
    """Bring one correction to the API, and write down whether it arrived."""
    conversation = change.conversation
    remote_id = conversation.remote_id
    if remote_id is None:
        return settle(
            lease, change, PushState.FAILED, "The server does not know this conversation."
        )
    try:
        objection = bring(lease, change, remote_id, client)
    except LeaseLost:
        raise
    except Rejected as error:
        return settle(lease, change, PushState.FAILED, str(error))
    except Exception as error:
        # What nobody foresaw must not hold up the conversation's appends for ever.
        logger.warning("change %s: %s", change.pk, error, exc_info=True)
        return put_off(lease, change, error)
    settle(lease, change, PushState.FAILED if objection else PushState.PUSHED, objection)
    if not objection:
        try:
            refresh(lease, conversation, client)
        except SymblError as error:
            logger.warning("conversation %s: not read back: %s", conversation.pk, error)
    return None


def bring(lease: Lease, change: Change, remote_id: str, client: SymblClient) -> str:
    """Have the API show the correction; return why it does not, or ""."""
    people = members_at(lease, remote_id, client)
    objection = object_to(change, people)
    if objection or arrived(change, people):
        return objection
    lease.keep()
    client.update_member(
        remote_id,
        change.member.remote_id,
        name=change.after["name"],
        email=change.after["email"] or None,
    )
    people = members_at(lease, remote_id, client)
    if arrived(change, people):
        return ""
    if keeps_email(change, people):
        return (
            "The server has the name, but it cannot take an e-mail back: there the old one stays."
        )
    return "The server answered yes but shows something else."


def keeps_email(change: Change, people: dict[str, Person]) -> bool:
    """Return True if only a removed e-mail differs: leaving it out keeps it (contract 4.3)."""
    person = people.get(change.member.remote_id)
    named = person is not None and person.name == change.after["name"]
    return named and not change.after["email"]


def members_at(lease: Lease, remote_id: str, client: SymblClient) -> dict[str, Person]:
    """Return the API's members by id."""
    lease.keep()
    with kept_if_unreadable():
        return {person.id: person for person in client.members(remote_id)}


def arrived(change: Change, people: dict[str, Person]) -> bool:
    """Return True if the API's members show the correction."""
    after = change.after
    if change.kind == ChangeKind.MERGE:
        return change.member.remote_id not in people
    person = people.get(change.member.remote_id)
    return person is not None and (person.name, person.email) == (after["name"], after["email"])


def object_to(change: Change, people: dict[str, Person]) -> str:
    """Return why the correction would do something else at the API than here, or ""."""
    member, after = change.member, change.after
    holder = holder_of(after["email"], people, besides=member)
    if change.kind == ChangeKind.RENAME:
        if member.remote_id not in people:
            return "This speaker was merged away at the server, so there is nobody to name."
        if holder is not None:
            return (
                f"At the server this e-mail belongs to {holder.name}: sending it would merge "
                "the two. Merge them here if they are one person."
            )
    elif member.remote_id in people and holder is None:
        return "At the server nobody has this e-mail yet, so nothing can be merged by it."
    elif holder is not None and change.into and holder.id != change.into.remote_id:
        return f"At the server this e-mail belongs to somebody else: {holder.name}."
    return ""


def holder_of(email: str, people: dict[str, Person], *, besides: Member) -> Person | None:
    """Return the other member at the API who has `email`, compared without case."""
    wanted = email.strip().casefold()
    for person in people.values():
        if wanted and person.id != besides.remote_id and person.email.casefold() == wanted:
            return person
    return None


def settle(lease: Lease, change: Change, state: PushState, sentence: str) -> None:
    """Write down how the push ended."""
    with transaction.atomic():
        lease.renew(timezone.now())
        Change.objects.filter(pk=change.pk).update(
            push_state=state,
            push_error=sentence[:500],
            push_attempts=change.push_attempts + 1,
            next_at=None,
        )


def put_off(lease: Lease, change: Change, error: Exception) -> None:
    """Try again later; naming sets a state, so trying twice does no harm."""
    if change.push_attempts + 1 >= GIVE_UP_AFTER:
        return settle(lease, change, PushState.FAILED, str(error))
    now = timezone.now()
    with transaction.atomic():
        lease.renew(now)
        Change.objects.filter(pk=change.pk).update(
            push_error=str(error)[:500],
            push_attempts=change.push_attempts + 1,
            next_at=now + backoff(change.push_attempts),
        )
    return None
