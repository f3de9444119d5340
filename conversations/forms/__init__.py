"""The forms of the screens. Each cleans to the types that its view hands on."""

from conversations.forms.fields import isolated, without_unseen
from conversations.forms.files import about_file
from conversations.forms.names import ConversationNameForm, MergeForm, NamingForm
from conversations.forms.options import repeated
from conversations.forms.speaker_events import EventsForm, PeopleForm
from conversations.forms.submission import AppendForm, RecordingsForm

__all__ = [
    "AppendForm",
    "ConversationNameForm",
    "EventsForm",
    "MergeForm",
    "NamingForm",
    "PeopleForm",
    "RecordingsForm",
    "about_file",
    "isolated",
    "repeated",
    "without_unseen",
]
