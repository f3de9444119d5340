"""An append: one submission of a recording to a conversation, and its history."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation
from conversations.models.recording import Recording


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    SUBMITTING = "submitting", "Sending"
    PROCESSING = "processing", "Processing"
    SYNCING = "syncing", "Fetching the transcript"
    SYNCED = "synced", "Ready"
    UNKNOWN = "unknown", "Outcome unknown"
    FAILED = "failed", "Failed"
    STALLED = "stalled", "Stuck"
    CANCELLED = "cancelled", "Given up"


#: Every move there is. A move out of SUBMITTING to QUEUED needs proof that the
#: server took nothing; out of UNKNOWN to QUEUED, a person's decision.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.FAILED, State.CANCELLED}),
    State.SUBMITTING: frozenset({State.QUEUED, State.PROCESSING, State.UNKNOWN, State.FAILED}),
    State.PROCESSING: frozenset({State.SYNCING, State.FAILED, State.STALLED}),
    State.SYNCING: frozenset({State.SYNCED, State.STALLED}),
    State.SYNCED: frozenset(),
    State.UNKNOWN: frozenset({State.PROCESSING, State.SYNCING, State.QUEUED, State.CANCELLED}),
    State.FAILED: frozenset({State.QUEUED, State.CANCELLED}),
    State.STALLED: frozenset({State.PROCESSING, State.SYNCING, State.QUEUED, State.CANCELLED}),
    State.CANCELLED: frozenset(),
}
#: Behind these, the conversation's next append may go.
FINISHED = (State.SYNCED, State.CANCELLED)
#: These wait for a person and are shown with their evidence.
WAITING_FOR_PERSON = (State.UNKNOWN, State.FAILED, State.STALLED)
#: Work that goes on by itself.
MOVING = (State.QUEUED, State.SUBMITTING, State.PROCESSING, State.SYNCING)


class AppendQuerySet(models.QuerySet["Append"]):
    def unfinished(self) -> "AppendQuerySet":
        return self.exclude(state__in=FINISHED)

    def due(self, now: dt.datetime) -> "AppendQuerySet":
        """Return the rows that want attention by `now`."""
        return self.unfinished().filter(next_at__lte=now)


class Append(models.Model):
    """One submission. The first append of a conversation goes to an empty one."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="appends")
    seq = models.PositiveIntegerField()
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="appends")
    options = models.JSONField(default=dict, help_text="The API's parameters, validated.")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    state_since = models.DateTimeField()
    next_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it next wants attention; empty: never by itself.",
    )
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(
        default=0, help_text="Fruitless tries within the present state; sets the next wait."
    )
    attempt_id = models.UUIDField(null=True, blank=True)
    webhook_hash = models.CharField(
        max_length=64, null=True, blank=True, unique=True, editable=False,
        help_text="Hash of the token in the attempt's own webhook address.",
    )  # fmt: skip
    deadline_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="After this, nothing of the attempt is on its way.",
    )
    snapshot = models.JSONField(
        null=True, blank=True, help_text="What the API held just before the attempt."
    )
    job_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    stage = models.CharField(max_length=40, blank=True)
    stage_done = models.FloatField(null=True, blank=True)
    offset_ms = models.PositiveBigIntegerField(
        default=0, help_text="Where the recording starts on the conversation's time axis."
    )
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True, help_text="What happened, in a sentence for people.")
    note = models.TextField(blank=True, help_text="A remark on a result that is there.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AppendQuerySet.as_manager()

    class Meta:
        ordering = ("conversation", "seq")
        indexes = (
            # The sweep asks for due rows; finished ones can never be due.
            models.Index(fields=["next_at"], name="append_due", condition=~Q(state__in=FINISHED)),
        )
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq"], name="append_seq"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="append_state"),
            models.CheckConstraint(
                condition=~Q(state=State.PROCESSING) | Q(job_id__isnull=False),
                name="append_processing_has_job",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SUBMITTING)
                | Q(attempt_id__isnull=False, deadline_at__isnull=False),
                name="append_submitting_has_attempt",
            ),
        )

    def __str__(self) -> str:
        return f"{self.recording} ({self.get_state_display()})"

    @property
    def version(self) -> str:
        """What a person saw when deciding; a decision on an older sight is refused."""
        return f"{self.state}.{self.attempts}.{self.state_since.timestamp():.6f}"

    @property
    def present_hits(self) -> "models.QuerySet[WebhookHit]":
        """The calls of the present attempt's webhook address, in order."""
        return self.webhook_hits.filter(attempt_id=self.attempt_id)

    @property
    def is_moving(self) -> bool:
        return self.state in MOVING

    @property
    def waits_for_person(self) -> bool:
        return self.state in WAITING_FOR_PERSON


class AppendEvent(models.Model):
    """One step in an append's life, written in the same transaction as the step. Never changed."""

    append = models.ForeignKey(Append, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16, choices=State)
    cause = models.CharField(max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    attempt_id = models.UUIDField(null=True, blank=True)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} → {self.to_state}: {self.cause}"


class WebhookHit(models.Model):
    """One call of a webhook address: a hint that somebody should poll, and evidence. Never more."""

    append = models.ForeignKey(Append, on_delete=models.CASCADE, related_name="webhook_hits")
    attempt_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()
    job_id = models.CharField(max_length=64, blank=True, help_text="As the caller says.")
    status = models.CharField(max_length=40, blank=True, help_text="As the caller says.")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.status or 'no status'} at {self.at:%H:%M:%S}"
