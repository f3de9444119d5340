"""The forms of the screens. Each cleans to the types that its view hands on."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from conversations.models import Member, Team
from conversations.pipeline.options import MAX_SPEAKERS, AppendOptions

ACCEPTED_FILES = (
    "audio/*,video/mp4,video/webm,.wav,.mp3,.m4a,.mp4,.flac,.ogg,.opus,.webm,.aac,.ac3,"
    ".aiff,.aif,.amr,.wma"
)


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
        return [super(ManyFilesField, self).clean(file, initial) for file in files or [None]]


def speakers_field() -> forms.IntegerField:
    """Return the field for the number of speakers; empty means that nobody knows."""
    return forms.IntegerField(
        label="Number of speakers",
        required=False,
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
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "A conversation needs a name."},
    )


class NamingForm(forms.Form):
    """Who a speaker is. `version` is what the person saw when they opened the form."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter a name."},
    )
    email = forms.EmailField(
        label="E-mail (optional)",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "This is not an e-mail address, like ana@example.com."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    @classmethod
    def of(cls, member: Member) -> "NamingForm":
        """Return the form as it opens for `member`."""
        seen = {"name": member.name, "email": member.email, "version": member.version}
        return cls(initial=seen, auto_id=f"member-{member.pk}-%s")


class MergeForm(forms.Form):
    """The decision that two speakers are one person, and under which name."""

    into = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    into_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    name = forms.CharField(max_length=200)
