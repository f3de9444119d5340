"""A message: one stretch of speech by one speaker."""

from django.db import models
from django.db.models import F, Q

from conversations.models.append import Append
from conversations.models.conversation import Conversation
from conversations.models.member import Member


class Message(models.Model):
    """A line of the transcript, as the API says (`remote_*`) and as shown (the rest)."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    append = models.ForeignKey(
        Append, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    remote_id = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    remote_text = models.TextField()
    text = models.TextField()
    start_ms = models.PositiveBigIntegerField(help_text="From the start of the conversation.")
    end_ms = models.PositiveBigIntegerField(help_text="From the start of the conversation.")
    remote_member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="remote_messages"
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )

    phrases = models.JSONField(default=list, blank=True, help_text="Key phrases, as the API says.")
    gone = models.BooleanField(default=False, help_text="The API no longer lists this line.")

    class Meta:
        ordering = ("conversation", "position")
        indexes = (
            # A window of the transcript, in order.
            models.Index(fields=["conversation", "position"], name="message_window"),
            # Counts and talk time of a conversation's speakers.
            models.Index(fields=["conversation", "member"], name="message_speaker"),
        )
        constraints = (
            models.UniqueConstraint(fields=["conversation", "remote_id"], name="message_remote_id"),
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="message_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]
