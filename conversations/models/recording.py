"""A recording: what a person handed over to be processed: a media file, an address, or a text."""

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models

from conversations.models.team import Team


def random_path(recording: "Recording", filename: str) -> str:
    """Return the storage path: random, so that nothing of the outside name reaches the disk."""
    return f"{recording.uuid.hex[:2]}/{recording.uuid.hex}"


class Source(models.TextChoices):
    FILE = "file", "File"
    URL = "url", "Address"
    TEXT = "text", "Text"


class Recording(models.Model):
    """The bytes as they came, with what was found out by looking at them.

    A text is kept as the JSON list of its messages; of an address, only the address.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="recordings")
    source = models.CharField(max_length=8, choices=Source, default=Source.FILE)
    url = models.CharField(
        max_length=2000, blank=True, help_text="Where the speech server is to fetch it."
    )
    file = models.FileField(upload_to=random_path, max_length=200, blank=True)
    original_name = models.CharField(max_length=255, help_text="Text only; never used as a path.")
    media_type = models.CharField(max_length=40, help_text="Found in the first bytes of the file.")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(source=Source.URL, file="", size=0) & ~models.Q(url="")
                | models.Q(source__in=(Source.FILE, Source.TEXT), size__gt=0, url=""),
                name="recording_bytes_or_address",
            ),
        )

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_playable(self) -> bool:
        """Whether there is something here to listen to."""
        return self.source == Source.FILE

    @property
    def is_video(self) -> bool:
        return self.media_type.startswith("video/")

    @property
    def title(self) -> str:
        """The file's name without its ending, as a first name for a conversation."""
        return PurePath(self.original_name).stem.strip() or "Recording"
