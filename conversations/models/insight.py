"""What the API makes of a conversation beyond its lines: insights, and reports about the whole.

Who said or owns something is kept as a member, never as a name: the API itself may go on
telling an old name after a rename (contract 4.3), a reference cannot.
"""

from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation
from conversations.models.member import Member


class InsightKind(models.TextChoices):
    QUESTION = "question", "Question"
    ACTION_ITEM = "action_item", "Action item"
    FOLLOW_UP = "follow_up", "Follow-up"


class Insight(models.Model):
    """A question, an action item or a follow-up, as the API says."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="insights"
    )
    remote_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=InsightKind)
    position = models.PositiveIntegerField()
    text = models.TextField()
    score = models.FloatField(null=True, blank=True)
    member = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    assignee = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="assigned_insights"
    )
    due_by = models.DateTimeField(null=True, blank=True)
    message_ids = models.JSONField(default=list, help_text="The API's ids of the lines it is from.")

    class Meta:
        ordering = ("conversation", "position")
        constraints = (
            models.UniqueConstraint(fields=["conversation", "remote_id"], name="insight_remote_id"),
            models.CheckConstraint(condition=Q(kind__in=InsightKind.values), name="insight_kind"),
        )

    def __str__(self) -> str:
        return self.text[:60]


class ReportKind(models.TextChoices):
    TOPICS = "topics", "Topics"
    ENTITIES = "entities", "Entities"
    TRACKERS = "trackers", "Trackers"
    SUMMARY = "summary", "Summary"
    ANALYTICS = "analytics", "Analytics"


class Report(models.Model):
    """One kind of report, in the form `pipeline.reports` gives it; people are remote ids in it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=16, choices=ReportKind)
    document = models.JSONField()
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "kind"], name="report_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=ReportKind.values), name="report_kind_known"
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()
