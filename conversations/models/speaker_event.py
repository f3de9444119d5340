"""Speaker events that were brought in for a conversation, and what became of them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation

FORMAT_NAMES = {
    "zoom": "Zoom timeline",
    "rttm": "RTTM",
    "vtt": "WebVTT",
    "csv": "CSV",
    "symbl": "the API's JSON",
}


class BatchState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PENDING = "pending", "Waiting to be sent"
    PUSHED = "pushed", "Sent"
    FAILED = "failed", "Not sent"


class SpeakerEventBatch(models.Model):
    """One imported set of speaker events: who spoke when, by somebody else's account.

    `events` holds what was read and what a person decided about it: an object with
    speakers, events, remarks, until_ms, fixes and people. `spans` and `expected` are
    filled when it is handed over. All times are milliseconds.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="speaker_event_batches"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=255, blank=True)
    source_format = models.CharField(max_length=16)
    events = models.JSONField()
    spans = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=BatchState, default=BatchState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    expected = models.JSONField(
        null=True, blank=True, help_text="What the dry run said, when it was sent."
    )
    outcome = models.JSONField(null=True, blank=True, help_text="What the API did with it.")
    sent_at = models.DateTimeField(null=True, blank=True)
    push_attempts = models.PositiveIntegerField(default=0)
    push_error = models.TextField(blank=True)
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="When the push is next tried; empty: never by itself."
    )

    class Meta:
        verbose_name_plural = "speaker event batches"
        ordering = ("-pk",)
        indexes = (
            # The sweep asks for pushes that are due.
            models.Index(
                fields=["next_at"], name="batch_due", condition=Q(state=BatchState.PENDING)
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state"),
        )

    def __str__(self) -> str:
        return self.file_name or self.source_format

    @property
    def format_name(self) -> str:
        """What people call the form it came in."""
        return FORMAT_NAMES.get(self.source_format, self.source_format)
