"""The forms of the screens. Each cleans to the types that its view hands on."""

import re
from typing import Any, NamedTuple

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator

from conversations.models import Member, Team
from conversations.pipeline.options import MAX_SPEAKERS, AppendOptions

ACCEPTED_FILES = (
    "audio/*,video/mp4,video/webm,.wav,.mp3,.m4a,.mp4,.flac,.ogg,.opus,.webm,.aac,.ac3,"
    ".aiff,.aif,.amr,.wma"
)
#: Control characters, and those that turn the writing direction of what stands around them.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

without_unseen = RegexValidator(
    UNSEEN,
    "This holds characters that cannot be seen and change how text is shown. "
    "Type it instead of pasting it.",
    code="unseen",
    inverse_match=True,
)


def isolated(name: str) -> str:
    """Return `name` so that its writing direction leaves the plain text around it alone."""
    return f"\u2068{name}\u2069"


def about_file(reason: str, name: str) -> str:
    """Return why an upload was refused, and because of which of its files."""
    return f"{reason} This is about “{isolated(name)}”; none of what was chosen was taken."


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Cleans to a list of files that are not empty of a name; at least one."""

    widget = ManyFilesInput
    default_error_messages = {
        "required": "Choose a recording first.",
        "empty": "This file is empty: 0 bytes. Choose the recording again.",
    }

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files = data if isinstance(data, list | tuple) else [data]
        clean_one = super().clean
        cleaned = []
        for file in files or [None]:
            try:
                cleaned.append(clean_one(file, initial))
            except forms.ValidationError as error:
                if len(files) < 2:
                    raise
                sentence = about_file(error.messages[0], file.name)
                raise forms.ValidationError(sentence, code=error.code) from error
        return cleaned


def speakers_field() -> forms.IntegerField:
    """Return the field for the number of speakers; empty means that nobody knows."""
    allowed = f"Between 1 and {MAX_SPEAKERS}."
    return forms.IntegerField(
        label="Number of speakers",
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), allowed),
        min_value=1,
        max_value=MAX_SPEAKERS,
        widget=forms.NumberInput(attrs={"placeholder": "I do not know", "inputmode": "numeric"}),
    )


class RecordingsForm(forms.Form):
    """New recordings, each of which becomes a conversation."""

    recordings = ManyFilesField(
        label="Recordings", widget=ManyFilesInput(attrs={"accept": ACCEPTED_FILES})
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=200,
        validators=[without_unseen],
        widget=forms.TextInput(
            attrs={"placeholder": "As the file is called", "autocomplete": "off"}
        ),
    )
    speakers = speakers_field()

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(teams) > 1:
            choices = [(team.pk, team.name) for team in teams]
            self.fields["team"] = forms.TypedChoiceField(
                label="Team", choices=choices, coerce=int, empty_value=None
            )

    def options(self, *, name: str = "") -> AppendOptions:
        """Return the options that were chosen; the form is valid."""
        return AppendOptions(speakers=self.cleaned_data["speakers"], name=name)


class AppendForm(forms.Form):
    """One more recording for a conversation: a file, or one of the samples."""

    recording = forms.FileField(
        label="Recording",
        widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
        error_messages=ManyFilesField.default_error_messages,
    )
    speakers = speakers_field()

    def options(self) -> AppendOptions:
        """Return the options that were chosen; the form is valid."""
        return AppendOptions(speakers=self.cleaned_data["speakers"])


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
