"""Handing a recording over: where it is, and the API's options for it (contract 2.3)."""

from typing import Any, ClassVar
from urllib.parse import quote

from django import forms
from django.contrib.auth.models import User

from conversations.addresses import MAX_LENGTH
from conversations.forms.fields import without_unseen
from conversations.forms.files import ACCEPTED_FILES, ManyFilesField, ManyFilesInput
from conversations.forms.options import OptionFields
from conversations.models import Recording, Source, Team
from conversations.pipeline import texts
from conversations.pipeline.accept import (
    PASTED,
    RefusedRecording,
    accept_text,
    accept_url,
    checked_url,
    is_other_video,
    kind_of,
)

#: What a request may hold besides files, with room for the other fields.
MAX_PASTED = 500_000
KINDS = (("", "What its ending says"), ("audio", "Audio"), ("video", "MP4 video"))


class SubmissionForm(OptionFields):
    """A recording from one of three places, with its options.

    Fields that belong to another place than the chosen one are not looked at.
    """

    file_field: ClassVar[str]
    use_required_attribute = False

    source = forms.TypedChoiceField(
        label="Where is it?",
        choices=(
            (Source.FILE, "A file"),
            (Source.URL, "An address"),
            (Source.TEXT, "A transcript"),
        ),
        coerce=Source,
        required=False,
        empty_value=Source.FILE,
        initial=Source.FILE,
        widget=forms.RadioSelect,
    )
    url = forms.CharField(
        label="Address of the recording",
        required=False,
        max_length=MAX_LENGTH,
        help_text="The speech server fetches it from there: no sign-in, no page around it.",
        widget=forms.URLInput(
            attrs={"placeholder": "https://media.example.org/weekly.mp3", "autocomplete": "off"}
        ),
    )
    kind = forms.ChoiceField(label="What is behind it", choices=KINDS, required=False)
    text = forms.CharField(
        label="Transcript",
        required=False,
        max_length=MAX_PASTED,
        strip=False,
        help_text="Lines like “[0:01:05] Ana: Good morning.”, the times if you have them; "
        "WebVTT, SRT or the API's JSON. A line without a name goes on with the one before.",
        error_messages={"max_length": "This is too long to be pasted. Upload it as a file."},
        widget=forms.Textarea(attrs={"rows": 7, "autocomplete": "off", "spellcheck": "false"}),
    )
    transcript = forms.FileField(
        label="Or upload it",
        required=False,
        error_messages={"empty": "This file is empty: 0 bytes. Choose the transcript again."},
        widget=forms.FileInput(attrs={"accept": ".txt,.vtt,.srt,.json,.md,text/*"}),
    )

    @property
    def chosen(self) -> Source:
        """Where the recording is, also while the form is not valid."""
        value = self["source"].value()
        return Source(value) if value in Source.values else Source.FILE

    @property
    def refusal_field(self) -> str:
        """The field at which a refusal of what was handed over belongs."""
        if self.chosen == Source.TEXT:
            return "transcript" if self.files.get("transcript") else "text"
        return "url" if self.chosen == Source.URL else self.file_field

    @property
    def told_name(self) -> str:
        """The longest of the names that go to the API with the files: each is called as here."""
        return ""

    def clean_url(self) -> str:
        """Return the address if the server may be asked to fetch from there."""
        url: str = self.cleaned_data["url"]
        if not url or self.chosen != Source.URL:
            return url
        try:
            return checked_url(url)
        except RefusedRecording as error:
            raise forms.ValidationError(error.reason, code=error.code) from error

    def clean(self) -> dict[str, Any]:
        """Look at what the chosen place needs, and at what of the options contradicts itself."""
        source = self.chosen
        places = {
            Source.FILE: (self.file_field,),
            Source.URL: ("url", "kind"),
            Source.TEXT: ("text", "transcript"),
        }
        unused = [name for place, names in places.items() if place != source for name in names]
        if source == Source.TEXT:
            unused += self.sound_fields
        for name in unused:
            self.errors.pop(name, None)
        if source == Source.URL:
            self._clean_address()
        elif source == Source.TEXT:
            self._clean_transcript()
        if source != Source.TEXT:
            self.clean_sound()
        if source == Source.FILE:
            self.clean_query(self.told_name)
        return self.cleaned_data

    def _clean_address(self) -> None:
        url = self.cleaned_data.get("url")
        if not url:
            if "url" not in self.errors:
                self.add_error("url", "Enter the address of the recording.")
            return
        kind = self.cleaned_data.get("kind") or kind_of(url)
        if kind != "audio" and is_other_video(url):
            self.add_error("kind", "Of videos, only MP4 is fetched; this address ends otherwise.")
        elif kind is None:
            self.add_error("kind", "The address does not tell: choose audio or MP4 video.")
        else:
            self.cleaned_data["kind"] = kind

    def _clean_transcript(self) -> None:
        pasted, file = self.cleaned_data.get("text"), self.cleaned_data.get("transcript")
        if self.errors.keys() & {"text", "transcript"}:
            return
        try:
            if pasted and pasted.strip() and file:
                self.add_error("text", "Paste the transcript or upload it, not both.")
            elif file:
                self.cleaned_data["said"] = texts.read(texts.decode(file.read()))
            elif pasted and pasted.strip():
                self.cleaned_data["said"] = texts.read(pasted)
            else:
                self.add_error("text", "Paste a transcript, or choose a file with one.")
        except texts.UnreadableText as error:
            self.add_error(self.refusal_field, str(error))

    def break_off(self, field: str, reason: str) -> None:
        """Say at `field` why the upload was broken off, and nothing about what never came."""
        self.errors.clear()
        self.errors[field] = self.error_class([reason])

    def accept(self, *, team: Team, user: User) -> Recording:
        """Take in the address or the transcript of the valid form. Raises RefusedRecording."""
        typed = self.cleaned_data
        if self.chosen == Source.URL:
            return accept_url(typed["url"], kind=typed["kind"], team=team, user=user)
        name = typed["transcript"].name if typed["transcript"] else PASTED
        return accept_text(typed["said"], name=name, team=team, user=user)

    def taken(self) -> str:
        """Return a sentence about what was handed over with the valid form."""
        if self.chosen == Source.URL:
            return "The address is in line. The speech server fetches the recording."
        if self.chosen == Source.FILE:
            return "The recording is in line."
        said = self.cleaned_data["said"]
        people = len({(one.name, one.userId) for one in said})
        lines = f"{len(said):,} line{'s' if len(said) != 1 else ''}"
        return (
            f"The transcript is in line: {lines} by {people} speaker{'s' if people != 1 else ''}."
        )


class RecordingsForm(SubmissionForm):
    """New recordings, each of which becomes a conversation."""

    file_field = "recordings"

    recordings = ManyFilesField(
        label="Recordings", widget=ManyFilesInput(attrs={"accept": ACCEPTED_FILES})
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=200,
        validators=[without_unseen],
        widget=forms.TextInput(
            attrs={"placeholder": "As the recording is called", "autocomplete": "off"}
        ),
    )

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(teams) > 1:
            choices = [(team.pk, team.name) for team in teams]
            self.fields["team"] = forms.TypedChoiceField(
                label="Team", choices=choices, coerce=int, empty_value=None
            )

    @property
    def told_name(self) -> str:
        files = self.cleaned_data.get("recordings") or ()
        if len(files) == 1 and self.cleaned_data.get("name"):
            return str(self.cleaned_data["name"])
        titles = (Recording(original_name=file.name).title[:200] for file in files)
        return max(titles, key=lambda title: len(quote(title)), default="")


class AppendForm(SubmissionForm):
    """One more recording for a conversation."""

    file_field = "recording"

    recording = forms.FileField(
        label="Recording",
        widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
        error_messages=ManyFilesField.default_error_messages,
    )
