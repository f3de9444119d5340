"""A conversation: one meeting, whose transcript grows with every append."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from conversations.models.team import CORRECTING_ROLES, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class ReviewStatus(models.TextChoices):
    UNREVIEWED = "unreviewed", "Unreviewed"
    IN_REVIEW = "in_review", "In review"
    REVIEWED = "reviewed", "Reviewed"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Return the conversations of the teams that `user` belongs to."""
        # A filter by no key would match the conversations of teams without members.
        return self.filter(team__memberships__user_id=user.pk) if user.pk else self.none()

    def correctable_by(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Return the conversations that `user` may change."""
        roles = models.Q(team__memberships__role__in=CORRECTING_ROLES)
        member = models.Q(team__memberships__user_id=user.pk)
        return self.filter(roles & member) if user.pk else self.none()


class Conversation(models.Model):
    """One meeting.

    The row is also the lock of everything that is done to the meeting at the API:
    whoever holds the lease, and only with its newest token, may write.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="conversations")
    name = models.CharField(max_length=200)
    remote_id = models.CharField(
        max_length=64, null=True, blank=True, unique=True,
        help_text="The API's id: digits, kept as text. Empty until the first job is accepted.",
    )  # fmt: skip
    started_at = models.DateTimeField(null=True, blank=True, help_text="As the API says.")
    duration_ms = models.PositiveBigIntegerField(default=0)
    synced_at = models.DateTimeField(
        null=True, blank=True, help_text="When the API was last read whole."
    )
    sync_error = models.TextField(
        blank=True, help_text="Why the API could not be read; a person may have it tried again."
    )
    made_by = models.CharField(
        max_length=120, blank=True, help_text="The recogniser behind the transcript, as it says."
    )
    review_status = models.CharField(
        max_length=16, choices=ReviewStatus, default=ReviewStatus.UNREVIEWED
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    wake_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a worker has been told to look."
    )
    lease_owner = models.CharField(max_length=80, blank=True, editable=False)
    lease_until = models.DateTimeField(default=NEVER, editable=False)
    lease_token = models.PositiveBigIntegerField(default=0, editable=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            # The conversation list: newest first within the reader's teams.
            models.Index(fields=["team", "-created_at"], name="conversation_list"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(review_status__in=ReviewStatus.values),
                name="conversation_review_status",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("conversations:conversation", args=[self.uuid])
