"""The options of a submission as fields: the common ones first, the rest in groups."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField

from conversations.forms.fields import (
    LinesField,
    custom_entity,
    tracker,
    without_unseen,
    word,
)
from conversations.models import Append, Source
from conversations.pipeline import hooks
from conversations.pipeline.engine_status import uses_bundled_engine
from conversations.pipeline.options import (
    LANGUAGES,
    MAX_CHANNELS,
    MAX_QUERY,
    MAX_SPEAKERS,
    THRESHOLDS,
    USUAL,
    AppendOptions,
    Channel,
    Tracker,
)

DEFAULT_LANGUAGE = next(iter(LANGUAGES))
COMMON = frozenset({"speakers", "language"})
#: Rows that are always there; a script adds more.
CHANNEL_ROWS = 4
SEPARATIONS = (
    ("voices", "By their voices"),
    ("channels", "By channel: each speaker has one"),
    ("both", "By voices and by channel"),
    ("none", "Not at all"),
)
#: Why a number of speakers would be left out, where it would.
UNCOUNTED = {
    "channels": "The channels say how many speakers there are. Empty this, or have the speakers "
    "told apart by their voices.",
    "none": "The speakers are not told apart: choose that under “More options”, or empty this.",
}
#: What these options come to where the speech server is the bundled engine.
BUNDLED_HELP = {
    "language": "The bundled engine understands English only.",
    "vocabulary": "Names, products, abbreviations: one a line. The bundled engine cannot use them.",
    "mode": "The bundled engine needs no telling.",
    "summary": "The bundled engine sums up every conversation.",
    "all_trackers": "The bundled engine has none.",
}
#: What a further recording is asked for again. Of a transcript, only the first row is known.
REPEATED = ("phrases", "detect_entities", "entities", "trackers", "all_trackers", "summary",
            "threshold")  # fmt: skip
REPEATED_OF_SOUND = ("language", "vocabulary", "mode")


class ChannelRow(NamedTuple):
    """The fields for who is heard on one channel."""

    channel: int
    name: BoundField
    email: BoundField


def repeated(appends: Iterable[Append]) -> dict[str, Any]:
    """Return what the fields start with after these appends, the newest first; {} after none.

    A transcript was asked nothing about sound: for that, the newest of the others counts.
    """
    initial: dict[str, Any] = {}
    for append in appends:
        chosen = AppendOptions.from_json(append.options)
        is_text = append.recording.source == Source.TEXT
        for name in REPEATED if is_text else (*REPEATED, *REPEATED_OF_SOUND):
            initial.setdefault(name, getattr(chosen, name))
    if "language" in initial:
        initial["language"] = initial["language"] or DEFAULT_LANGUAGE
    return initial


class OptionFields(forms.Form):
    """The options. What is left empty is left to the API."""

    speakers = forms.IntegerField(
        label="Number of speakers",
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Between 1 and {MAX_SPEAKERS}."
        ),
        min_value=1,
        max_value=MAX_SPEAKERS,
        widget=forms.NumberInput(attrs={"placeholder": "I do not know", "inputmode": "numeric"}),
    )
    language = forms.ChoiceField(
        label="Language",
        required=False,
        initial=DEFAULT_LANGUAGE,
        error_messages={"invalid_choice": "This speech server does not offer that language."},
    )
    separation = forms.ChoiceField(
        label="How are the speakers told apart?",
        choices=SEPARATIONS,
        required=False,
        initial="voices",
        help_text="By channel is for calls and studios, where everybody has a microphone "
        "and a channel of their own.",
    )
    vocabulary = LinesField(
        label="Words that may come up",
        read=word,
        help_text="Names, products, abbreviations: one a line. They are recognised more easily.",
    )
    mode = forms.ChoiceField(
        label="Sound",
        choices=(("", "Ordinary: 16 kHz and more"), ("phone", "Telephone: 8 kHz")),
        required=False,
        help_text="What the recording was made with.",
    )
    phrases = forms.BooleanField(
        label="Phrases",
        required=False,
        initial=USUAL.phrases,
        help_text="Mark the expressions that carry the meaning.",
    )
    detect_entities = forms.BooleanField(
        label="Entities",
        required=False,
        initial=USUAL.detect_entities,
        help_text="Find people, places, dates, amounts.",
    )
    entities = LinesField(
        label="Entities of your own",
        read=custom_entity,
        rows=2,
        help_text="One a line, as “type: text”, like “Product: Sonar 3”. Switches entities on.",
    )
    trackers = LinesField(
        label="Trackers",
        read=tracker,
        rows=2,
        help_text="One subject a line, with what gives it away: “Budget: cost, price, expensive”.",
    )
    all_trackers = forms.BooleanField(
        label="Every tracker of the account",
        required=False,
        help_text="Those that are set up at the speech server.",
    )
    summary = forms.BooleanField(
        label="Summary",
        required=False,
        initial=USUAL.summary,
        help_text="Have the conversation summed up.",
    )
    threshold = forms.FloatField(
        label="Confidence of insights",
        required=False,
        min_value=THRESHOLDS[0],
        max_value=THRESHOLDS[1],
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Between 0.5 and 1.0, like 0.65."
        ),
        help_text="From 0.5 (more of them) to 1.0 (only certain ones); empty: 0.5.",
        widget=forms.NumberInput(attrs={"step": "0.05", "inputmode": "decimal"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bundled = uses_bundled_engine()
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, name)
            for code, name in LANGUAGES.items()
            if not self.bundled or code.startswith("en")
        ]
        if self.bundled:
            for name, help_text in BUNDLED_HELP.items():
                self.fields[name].help_text = help_text
        for channel in range(1, self._channels_posted() + 1):
            self.fields[f"channel_{channel}_name"] = forms.CharField(
                label=f"Channel {channel}: name",
                required=False,
                max_length=200,
                validators=[without_unseen],
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
            self.fields[f"channel_{channel}_email"] = forms.EmailField(
                label=f"Channel {channel}: e-mail",
                required=False,
                max_length=254,
                validators=[without_unseen],
                widget=forms.EmailInput(attrs={"autocomplete": "off"}),
                error_messages={"invalid": "This is not an e-mail address, like ana@example.com."},
            )

    def _channels_posted(self) -> int:
        count = CHANNEL_ROWS
        while count < MAX_CHANNELS and f"channel_{count + 1}_name" in self.data:
            count += 1
        return count

    @property
    def channel_rows(self) -> list[ChannelRow]:
        """The rows for who is heard on which channel, from channel 1."""
        channels = range(1, self._channels_posted() + 1)
        return [
            ChannelRow(channel, self[f"channel_{channel}_name"], self[f"channel_{channel}_email"])
            for channel in channels
        ]

    @property
    def most_channels(self) -> int:
        return MAX_CHANNELS

    @property
    def sound_fields(self) -> list[str]:
        """The fields that say nothing about a transcript."""
        channels = [name for name in self.fields if name.startswith("channel_")]
        return ["speakers", "language", "separation", "vocabulary", "mode", *channels]

    @property
    def more_is_open(self) -> bool:
        """Whether something under "More options" is wrong, or was filled in before an error."""
        if not self.is_bound:
            return False
        wrong_or_filled = self.errors.keys() | set(self.changed_data)
        return any(
            name in OptionFields.base_fields or name.startswith("channel_")
            for name in wrong_or_filled - COMMON
        )

    def clean_trackers(self) -> tuple[Tracker, ...]:
        """Return the trackers, no two of one name."""
        trackers: tuple[Tracker, ...] = self.cleaned_data["trackers"]
        names = [one.name for one in trackers]
        for name in names:
            if names.count(name) > 1:
                raise forms.ValidationError(f"Two trackers are called “{name}”: make them one.")
        return trackers

    def clean_sound(self) -> None:
        """Refuse what contradicts itself among the options that are about sound."""
        separation = self.cleaned_data.get("separation") or "voices"
        if separation in UNCOUNTED and self.cleaned_data.get("speakers"):
            self.add_error("speakers", UNCOUNTED[separation])
        if separation not in ("channels", "both"):
            for row in self.channel_rows:
                for field in (row.name, row.email):
                    if self.cleaned_data.get(field.name):
                        sentence = "Channels are not told apart: choose that above, or empty this."
                        self.add_error(field.name, sentence)

    def clean_query(self, name: str) -> None:
        """Refuse what is too long beside a file; `name` is what the API is told with it."""
        if self.errors:
            return
        webhook = hooks.parameter(hooks.new_token())
        told = replace(self.options(Source.FILE), name=name)
        if told.query_length(webhook) > MAX_QUERY:
            self.add_error(
                "vocabulary",
                "Words, entities, trackers and channels are together too long for one request. "
                "Leave some out.",
            )

    def options(self, source: Source) -> AppendOptions:
        """Return the options that were chosen; the form is valid."""
        typed = self.cleaned_data
        about_sound = {} if source == Source.TEXT else self._about_sound()
        return AppendOptions(
            threshold=typed["threshold"],
            phrases=typed["phrases"],
            detect_entities=typed["detect_entities"] or bool(typed["entities"]),
            entities=typed["entities"],
            trackers=typed["trackers"],
            all_trackers=typed["all_trackers"],
            summary=typed["summary"],
            **about_sound,
        )

    def _about_sound(self) -> dict[str, Any]:
        typed = self.cleaned_data
        separation = typed["separation"] or "voices"
        channels = [
            Channel(row.channel, typed[row.name.name], typed[row.email.name])
            for row in self.channel_rows
        ]
        language = typed["language"]
        return {
            "speakers": typed["speakers"],
            "language": "" if language == DEFAULT_LANGUAGE else language,
            "mode": typed["mode"],
            "diarization": separation in ("voices", "both"),
            "per_channel": separation in ("channels", "both"),
            "channels": tuple(one for one in channels if one.name or one.email),
            "vocabulary": typed["vocabulary"],
        }
