"""The engine's data: conversations, their jobs and transcripts, and who may ask.

Nothing of the dashboard is here; the two know each other only through the API.
"""

import datetime as dt
import secrets
import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q


def new_id() -> str:
    """Return a random id of 16 digits, the form the API has for conversations and messages."""
    return str(10**15 + secrets.randbelow(9 * 10**15))


def new_serial() -> str:
    return secrets.token_hex(16)


class Intake(models.Model):
    """One row, locked while a submission is decided, so that the count of jobs holds."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="engine_intake_single_row"),)

    def __str__(self) -> str:
        return "intake"

    @classmethod
    def lock(cls) -> None:
        """Hold the row until the transaction ends."""
        cls.objects.select_for_update().get_or_create(id=1)


class Grant(models.Model):
    """Permission given to an application for a while.

    The token is made from `app_id` and `serial` with the installation's signing key,
    so the same grant always gives the same token and the row alone gives none.
    """

    app_id = models.CharField(max_length=200)
    serial = models.CharField(max_length=32, unique=True, default=new_serial)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="engine_grant_expires_later"
            ),
        )

    def __str__(self) -> str:
        return f"grant until {self.expires_at:%Y-%m-%d %H:%M}"


class Conversation(models.Model):
    """A transcript on one time axis, which starts when its first job was accepted."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    start_time = models.DateTimeField()
    duration_ms = models.PositiveBigIntegerField(default=0)
    metadata = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class Status(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"


UNFINISHED = (Status.SCHEDULED, Status.IN_PROGRESS)


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> Self:
        return self.filter(status__in=UNFINISHED)

    def expired(self, now: dt.datetime) -> Self:
        """Return the jobs whose worker has not been heard of for the length of a lease."""
        return self.filter(status=Status.IN_PROGRESS, lease_until__lte=now)

    def runnable(self, now: dt.datetime) -> Self:
        """Return the jobs a worker may take at `now`, oldest first.

        The jobs of one conversation run one after another, as they were submitted.
        """
        earlier = Job.objects.unfinished().filter(
            conversation=OuterRef("conversation"), seq__lt=OuterRef("seq")
        )
        free = Q(status=Status.SCHEDULED) | Q(status=Status.IN_PROGRESS, lease_until__lte=now)
        return self.filter(free, ~Exists(earlier)).order_by("created_at", "seq")


class Job(models.Model):
    """One submission: a recording, the address of one, or a text.

    A worker holds the job while `lease_until` lies ahead; only the holder of the
    newest `lease_token` may write its result.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="jobs")
    seq = models.PositiveIntegerField()
    status = models.CharField(max_length=16, choices=Status, default=Status.SCHEDULED)
    options = models.JSONField(default=dict, help_text="The API's parameters, validated.")
    audio = models.CharField(
        max_length=80, blank=True, help_text="Below ENGINE_DATA_DIR; empty: done with."
    )
    url = models.TextField(
        blank=True, help_text="Sealed address where it lies until a worker has fetched it."
    )
    webhook = models.TextField(blank=True, help_text="Sealed address that hears of the job.")
    media_type = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=40, default="waiting")
    done = models.FloatField(default=0.0, help_text="Share of the stage, 0 to 1.")
    reason = models.TextField(blank=True, help_text="Why it failed, in a sentence for people.")
    note = models.TextField(blank=True, help_text="A remark on a result that is there.")

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "seq")
        indexes = (
            # The worker and the limit of running jobs ask for unfinished jobs only.
            models.Index(
                fields=["created_at"],
                name="engine_job_unfinished",
                condition=Q(status__in=UNFINISHED),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq"], name="engine_job_seq"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="engine_job_status"),
            models.CheckConstraint(
                condition=Q(done__gte=0.0, done__lte=1.0), name="engine_job_done"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.IN_PROGRESS) | Q(lease_until__isnull=False),
                name="engine_job_running_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=UNFINISHED) | ~Q(audio="") | ~Q(url=""),
                name="engine_job_unfinished_has_source",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"


class Member(models.Model):
    """A speaker within one conversation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    position = models.PositiveIntegerField(help_text="Order of appearance.")
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    first_name = models.CharField(
        max_length=200, blank=True, help_text="What recognition called the member."
    )
    external_id = models.CharField(
        max_length=200, blank=True, help_text="What texts and speaker events call the member."
    )

    class Meta:
        ordering = ("conversation", "position")
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "position"], name="engine_member_position"
            ),
            models.UniqueConstraint(
                fields=["conversation", "external_id"],
                condition=~Q(external_id=""),
                name="engine_member_external_id",
            ),
            # One address is one person: giving it to a second member merges the two.
            models.UniqueConstraint(
                fields=["conversation", "email"], condition=~Q(email=""), name="engine_member_email"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One stretch of speech; times in milliseconds from the start of the conversation."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="messages")
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    detected_member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Who it was before speaker events.",
    )  # fmt: skip
    position = models.PositiveIntegerField()
    text = models.TextField()
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("conversation", "position")
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "position"], name="engine_message_position"
            ),
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="engine_message_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]


class Delivery(models.Model):
    """One word about a job that its webhook has to hear: each status once, in order."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=16, choices=Status)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is next tried; empty: heard, or given up."
    )
    heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=["next_at"], name="engine_delivery_due", condition=Q(next_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.status} of {self.job_id}"


class Faults(models.Model):
    """The one row of misbehaviour that tests may ask the engine for; empty in earnest."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    switches = models.JSONField(default=dict)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="engine_faults_single_row"),)

    def __str__(self) -> str:
        return "faults"
