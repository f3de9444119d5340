"""Rows that belong to the running service: heartbeats, the API's gate and token, sign-in links."""

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from conversations.models.conversation import NEVER


class Heartbeat(models.Model):
    """When something that must keep running last did; written by canary tasks."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, now: dt.datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})


class Gate(models.Model):
    """One row: until when the API's answer 429 holds back every submission."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    pause_until = models.DateTimeField(default=NEVER)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="gate_single_row"),)

    def __str__(self) -> str:
        if self.pause_until <= timezone.now():
            return "nothing is held back"
        return f"paused until {self.pause_until:%H:%M:%S} UTC"

    @classmethod
    def lock(cls) -> None:
        """Hold the row until the transaction ends, so that counts behind it are binding."""
        cls.objects.select_for_update().get_or_create(id=1)

    @classmethod
    def pause_until_now(cls) -> dt.datetime:
        """Return until when nothing is sent; long past if nothing holds it back."""
        return cls.objects.values_list("pause_until", flat=True).first() or NEVER

    @classmethod
    def pause(cls, until: dt.datetime) -> None:
        """Hold every submission back until then, at least."""
        cls.lock()
        cls.objects.filter(id=1, pause_until__lt=until).update(pause_until=until)


class ApiToken(models.Model):
    """The access token of one account at one server, shared by every process of the dashboard."""

    account = models.CharField(
        max_length=64, primary_key=True, help_text="A hash of the server's address and the account."
    )
    sealed = models.TextField()
    use_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"token to be used until {self.use_until:%Y-%m-%d %H:%M}"


class UnreadableAnswer(models.Model):
    """An answer of the API that made no sense, as it came, for an admin to look at."""

    at = models.DateTimeField()
    request = models.CharField(max_length=300, help_text="Method and path, without the query.")
    place = models.CharField(max_length=300, blank=True, help_text="Where in the document.")
    problem = models.CharField(max_length=300)
    body = models.TextField(help_text="At most the first megabyte.")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.request}: {self.problem}"


class SignInLink(models.Model):
    """A link that signs one user in, once. Only the hash of its token is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link for {self.user}"

    @staticmethod
    def digest(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def issue(cls, user_id: int, now: dt.datetime) -> str:
        """Return a new token of 256 bits; it can be seen only here."""
        token = secrets.token_urlsafe(32)
        expires_at = now + dt.timedelta(minutes=settings.SIGN_IN_LINK_MINUTES)
        cls.objects.create(user_id=user_id, token_hash=cls.digest(token), expires_at=expires_at)
        return token

    @classmethod
    def usable(cls, token: str, now: dt.datetime) -> "SignInLink | None":
        """Return the unused, unexpired link of an active user for `token`, or None."""
        return (
            cls.objects.select_related("user")
            .filter(token_hash=cls.digest(token), used_at=None, expires_at__gt=now)
            .filter(user__is_active=True)
            .first()
        )

    def use(self, now: dt.datetime) -> bool:
        """Return True if this call used the link up; False if another was faster."""
        with transaction.atomic():
            return type(self).objects.filter(pk=self.pk, used_at=None).update(used_at=now) == 1
