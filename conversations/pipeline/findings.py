"""What the API found in a conversation: insights and reports, read and written by the sync.

A transcript is never lost because one of these cannot be read: what is there stays as it
was, and a remark says so. What passes by itself may hold up the sync of an append for a
few tries.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import get_text_list

from conversations.models import (
    Append,
    Conversation,
    Insight,
    Member,
    Report,
    ReportKind,
    State,
)
from conversations.pipeline.lease import Lease
from conversations.pipeline.options import AppendOptions
from conversations.pipeline.plan import member_finder, plan_insights
from conversations.pipeline.reports import document_of
from conversations.pipeline.unreadable import kept_if_unreadable
from conversations.symbl import (
    Insight as RemoteInsight,
)
from conversations.symbl import (
    NotConnected,
    NotFound,
    SymblClient,
    SymblError,
    Unauthorised,
)

INSIGHT_COLUMNS = (
    "kind", "position", "text", "score", "member", "assignee", "due_by", "message_ids"
)  # fmt: skip
READS: dict[ReportKind, Callable[[SymblClient, str], Any]] = {
    ReportKind.TOPICS: lambda client, remote_id: client.topics(remote_id, parents=True),
    ReportKind.ENTITIES: lambda client, remote_id: client.entities(remote_id),
    ReportKind.TRACKERS: lambda client, remote_id: client.trackers(remote_id),
    ReportKind.SUMMARY: lambda client, remote_id: client.summary(remote_id),
    ReportKind.ANALYTICS: lambda client, remote_id: client.analytics(remote_id),
}


@dataclass
class Findings:
    """The API's answers; what could not be read is missing, and `unread` has it by reason.

    `awaits_summary`: one was asked for, and is not written yet.
    """

    insights: tuple[RemoteInsight, ...] | None = None
    reports: dict[ReportKind, Any] = field(default_factory=dict)
    unread: dict[str, list[str]] = field(default_factory=dict)
    awaits_summary: bool = False

    @property
    def remarks(self) -> str:
        """What could not be read, one sentence for each reason."""
        told = [
            f"{get_text_list(what, 'and').capitalize()} could not be read: {reason}"
            for reason, what in self.unread.items()
        ]
        if self.awaits_summary:
            told.append("The server has not written the summary yet.")
        return " ".join(told)


def fetch_findings(
    lease: Lease, client: SymblClient, conversation: Conversation, *, patient: bool
) -> Findings:
    """Read insights and reports; nothing is written but answers that make no sense.

    Raises NotConnected and Unauthorised, which are no fault of one report and pass; if
    `patient`, also every other error after which the same call may succeed later.
    """
    found = Findings()
    remote_id = conversation.remote_id or ""

    def attempt(what: str, read: Callable[[SymblClient, str], Any]) -> Any:
        lease.keep()
        try:
            with kept_if_unreadable():
                return read(client, remote_id)
        except (NotConnected, Unauthorised):
            raise
        except SymblError as error:
            if patient and error.retryable:
                raise
            # A summary that is not written yet is answered like one of nothing (contract 4.9).
            if what == ReportKind.SUMMARY.label and isinstance(error, NotFound):
                found.awaits_summary = summary_asked_for(conversation)
            else:
                found.unread.setdefault(str(error), []).append(what)
            return None

    found.insights = attempt("Insights", lambda client, remote_id: client.insights(remote_id))
    for kind, read in READS.items():
        answer = attempt(kind.label, read)
        if answer is not None:
            found.reports[kind] = answer
    return found


def summary_asked_for(conversation: Conversation) -> bool:
    """Return True if a summary was asked for with a recording that the API has finished."""
    finished = Append.objects.filter(
        conversation=conversation, state__in=(State.SYNCING, State.SYNCED)
    )
    chosen = finished.values_list("options", flat=True)
    return any(AppendOptions.from_json(options).summary for options in chosen)


def write_findings(conversation: Conversation, found: Findings, *, now: dt.datetime) -> None:
    """Write the differences; the members are written already and the conversation is locked."""
    find = member_finder(Member.objects.filter(conversation=conversation))
    if found.insights is not None:
        rows = Insight.objects.filter(conversation=conversation)
        plan = plan_insights(conversation.pk, rows, found.insights, find=find)
        rows.filter(pk__in=[row.pk for row in plan.gone]).delete()
        Insight.objects.bulk_create(plan.new)
        Insight.objects.bulk_update(plan.changed, INSIGHT_COLUMNS)
    kept = {row.kind: row for row in Report.objects.filter(conversation=conversation)}
    for kind, answer in found.reports.items():
        # A report that was never read has no document, which no answer makes.
        row = kept.get(kind) or Report(conversation=conversation, kind=kind)
        document = document_of(kind, answer, find)
        if row.document != document:
            row.document, row.fetched_at = document, now
            row.save()
