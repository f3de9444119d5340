"""File inputs: what they offer, and what they say about the files that were chosen."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from conversations.forms.fields import isolated

ACCEPTED_FILES = (
    "audio/*,video/mp4,video/webm,.wav,.mp3,.m4a,.mp4,.flac,.ogg,.opus,.webm,.aac,.ac3,"
    ".aiff,.aif,.amr,.wma"
)


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
