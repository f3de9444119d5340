"""A recording: a media file that a person handed over, kept under a random name."""

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models

from conversations.models.team import Team


def random_path(recording: "Recording", filename: str) -> str:
    """Return the storage path: random, so that nothing of the outside name reaches the disk."""
    return f"{recording.uuid.hex[:2]}/{recording.uuid.hex}"


class Recording(models.Model):
    """The bytes as they came, with what was found out by looking at them."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="recordings")
    file = models.FileField(upload_to=random_path, max_length=200)
    original_name = models.CharField(max_length=255, help_text="Text only; never used as a path.")
    media_type = models.CharField(max_length=40, help_text="Found in the first bytes of the file.")
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(size__gt=0), name="recording_size"),
        )

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_video(self) -> bool:
        return self.media_type.startswith("video/")

    @property
    def title(self) -> str:
        """The file's name without its ending, as a first name for a conversation."""
        return PurePath(self.original_name).stem.strip() or "Recording"
