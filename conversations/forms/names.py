"""What conversations and speakers are called."""

from typing import NamedTuple

from django import forms

from conversations.forms.fields import UNSEEN, isolated, without_unseen
from conversations.models import Member


class ConversationNameForm(forms.Form):
    """The name of a conversation."""

    name = forms.CharField(
        label="Name of the conversation",
        max_length=200,
        validators=[without_unseen],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "A conversation needs a name."},
    )


class Wish(NamedTuple):
    """What a person wants a speaker to be called, and which of it they wrote themselves."""

    name: str
    email: str
    wrote_name: bool
    wrote_email: bool


class NamingForm(forms.Form):
    """Who a speaker is.

    `version`, `was_name` and `was_email` are what the person saw when they opened the form.
    """

    name = forms.CharField(
        label="Name",
        max_length=200,
        validators=[without_unseen],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter a name."},
    )
    email = forms.EmailField(
        label="E-mail (optional)",
        required=False,
        max_length=254,
        validators=[without_unseen],
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "This is not an e-mail address, like ana@example.com."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    was_name = forms.CharField(widget=forms.HiddenInput, required=False)
    was_email = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, member: Member) -> "NamingForm":
        """Return the form as it opens for `member`."""
        seen = {
            "name": member.name,
            "email": member.email,
            "version": member.version,
            "was_name": member.name,
            "was_email": member.email,
        }
        return cls(initial=seen, auto_id=f"member-{member.pk}-%s")

    @classmethod
    def apart(cls, member: Member, other: Member, *, name: str, version: int) -> "NamingForm":
        """Return the form for `member` after all, whose e-mail was that of `other`."""
        seen = {
            "name": name,
            "version": version,
            "was_name": member.name,
            "was_email": member.email,
        }
        form = cls(seen, auto_id=f"member-{member.pk}-%s")
        taken = f"{isolated(other.name)} has {other.email}. Two people cannot share an address."
        form.add_error("email", taken)
        return form

    def wish(self, now: Member) -> Wish:
        """Return what was typed over what the speaker is `now`; the form is valid.

        A field that was left as it was takes what somebody else has saved meanwhile.
        """
        typed = self.cleaned_data
        wrote_name = typed["name"] != typed["was_name"]
        wrote_email = typed["email"].lower() != typed["was_email"].lower()
        return Wish(
            name=typed["name"] if wrote_name else now.name,
            email=typed["email"] if wrote_email else now.email,
            wrote_name=wrote_name,
            wrote_email=wrote_email,
        )


class MergeForm(forms.Form):
    """The decision that two speakers are one person, and under which name."""

    into = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    into_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    name = forms.CharField(max_length=200)
    typed = forms.CharField(max_length=200, required=False)

    def clean_name(self) -> str:
        """Return the chosen name without what a name must not hold, wherever it came from."""
        return UNSEEN.sub("", str(self.cleaned_data["name"]))
