"""A member: one speaker within one conversation."""

import re
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a member is called whom the API lists without a name.
UNNAMED = "Unnamed speaker"
#: The API's numbers (contract 4.3) and the labels of diarizers, such as SPEAKER_01 of RTTM.
MACHINE_NAME = re.compile(rf"(?i:(?:speaker|spkr?)[ _-]?\d+)|{UNNAMED}")


class MemberQuerySet(models.QuerySet["Member"]):
    def shown(self) -> Self:
        """Return the members that stand for a speaker: all but the merged ones."""
        return self.filter(merged_into=None)


class Member(models.Model):
    """A speaker, as the API says (`remote_*`) and as people decided (the rest).

    A merge only sets `merged_into`: messages keep pointing at the member they came
    with, so merging touches one row and undoing it restores everything exactly.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    remote_id = models.CharField(max_length=80)
    remote_name = models.CharField(max_length=200, blank=True)
    remote_email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    decided = models.BooleanField(
        default=False, help_text="A person gave the name; a sync leaves it alone."
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged"
    )
    gone = models.BooleanField(default=False, help_text="The API no longer lists this member.")
    version = models.PositiveIntegerField(default=1)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["conversation", "remote_id"], name="member_remote_id"),
            models.CheckConstraint(condition=~Q(name=""), name="member_has_name"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
                name="member_not_merged_into_itself",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def stands_for(self) -> "Member":
        """The member that is shown for this one: itself, or the one it was merged into."""
        member = self
        while member.merged_into is not None:
            member = member.merged_into
        return member

    @property
    def is_identified(self) -> bool:
        """Whether the name is a person's and not a machine's number (contract 4.3)."""
        return MACHINE_NAME.fullmatch(self.name) is None


def shown_member(pk: int | None, members: "Mapping[int, Member]") -> Member | None:
    """Return the member that stands for member `pk`, following merges; None for nobody.

    `members` holds every member of the conversation by primary key.
    """
    member = members.get(pk) if pk is not None else None
    while member is not None and member.merged_into_id is not None:
        member = members[member.merged_into_id]
    return member
