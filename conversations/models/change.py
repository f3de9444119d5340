"""A change: one step of the correction log, and whether the API knows of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation
from conversations.models.member import Member


class ChangeKind(models.TextChoices):
    RENAME = "rename", "Named"
    MERGE = "merge", "Merged"


class PushState(models.TextChoices):
    PENDING = "pending", "Waiting to be sent"
    PUSHED = "pushed", "Sent"
    FAILED = "failed", "Not sent"
    SUPERSEDED = "superseded", "Replaced by a later one"


class Change(models.Model):
    """A correction by a person. Rows are only added; the push columns alone move on."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=16, choices=ChangeKind)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="changes")
    into = models.ForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    before = models.JSONField()
    after = models.JSONField()
    push_state = models.CharField(max_length=16, choices=PushState, default=PushState.PENDING)
    push_attempts = models.PositiveIntegerField(default=0)
    push_error = models.TextField(blank=True)
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="When the push is next tried; empty: never by itself."
    )

    class Meta:
        ordering = ("pk",)
        indexes = (
            # The sweep asks for pushes that are due.
            models.Index(
                fields=["next_at"], name="change_due", condition=Q(push_state=PushState.PENDING)
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind"),
            models.CheckConstraint(
                condition=Q(push_state__in=PushState.values), name="change_push_state"
            ),
            models.CheckConstraint(
                condition=~Q(kind=ChangeKind.MERGE) | Q(into__isnull=False),
                name="change_merge_has_into",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.member}"
