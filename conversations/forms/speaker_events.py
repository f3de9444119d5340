"""Bringing speaker events in, and saying who the people in them are."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.paginator import Paginator
from django.core.validators import MaxLengthValidator

from conversations.forms.fields import isolated, without_unseen
from conversations.models import Member
from conversations.pipeline.speaker_events import Match
from conversations.pipeline.speaker_reading import (
    MAX_BYTES,
    AnotherFormat,
    NotTaken,
    UnknownFormat,
    read_events,
)
from conversations.speaker_events import BadInput, Speaker, Timeline, ZoomOptions, decode

MAX_PASTED = 500_000
LIMIT = f"{MAX_BYTES // 1024**2} MB"
TOO_LARGE = f"This file is larger than {LIMIT}, the limit here. Nothing of it was kept."
FORMATS = (
    ("", "Find out"),
    ("zoom", "Zoom timeline (JSON)"),
    ("rttm", "RTTM"),
    ("vtt", "WebVTT with voice tags"),
    ("csv", "CSV"),
    ("symbl", "Speaker events of the API (JSON)"),
)
SRT = (
    "These are SRT subtitles, which do not say who speaks. "
    "Bring in WebVTT with voice tags instead, or another of these formats. Nothing was kept."
)
NEW = "new"
NOBODY = "nobody"
#: Each of them comes with a list of all members, so a page of all of both would take megabytes.
PEOPLE_AT_ONCE = 20
DEFAULTS = ZoomOptions()


class SecondsField(forms.DecimalField):
    """A length in seconds, "" for the default; cleans to whole milliseconds."""

    def __init__(self, *, label: str, default_ms: int, help_text: str) -> None:
        self.default_ms = default_ms
        super().__init__(
            label=label,
            required=False,
            min_value=0,
            max_value=3600,
            decimal_places=3,
            initial=Decimal(default_ms) / 1000,
            help_text=help_text,
            error_messages=dict.fromkeys(
                ("invalid", "min_value", "max_value", "max_decimal_places", "max_whole_digits"),
                "Seconds from 0 to 3600, like 0.75.",
            ),
            widget=forms.NumberInput(attrs={"step": "0.05", "inputmode": "decimal"}),
        )

    def clean(self, value: Any) -> int:
        seconds = super().clean(value)
        return self.default_ms if seconds is None else int(seconds * 1000)


class EventsForm(forms.Form):
    """Speaker events from a file or pasted, and how they are to be read.

    `starts` are the recordings of the conversation: a label and where each begins.
    """

    use_required_attribute = False

    timeline = forms.FileField(
        label="File",
        required=False,
        max_length=255,
        help_text=f"Zoom timeline, RTTM, WebVTT, CSV or the API's JSON, up to {LIMIT}.",
        error_messages={
            "empty": "This file is empty: 0 bytes. Choose it again.",
            "max_length": "The name of this file is too long. Rename it and choose it again.",
        },
        widget=forms.FileInput(attrs={"accept": ".json,.rttm,.vtt,.csv,.txt,text/*"}),
    )
    text = forms.CharField(
        label="Or paste the text",
        required=False,
        strip=False,
        # No max_length: a browser would cut what is pasted without a word.
        validators=[MaxLengthValidator(MAX_PASTED, "Too long to be pasted. Upload it as a file.")],
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
    )
    format = forms.ChoiceField(label="Format", choices=FORMATS, required=False)
    start = forms.TypedChoiceField(
        label="Its times count from",
        coerce=int,
        required=False,
        help_text="Where 0:00 of the file lies in this conversation.",
    )
    keep = forms.BooleanField(
        label="Keep what was sent for the other recordings",
        required=False,
        initial=True,
        help_text="Otherwise only these events count: the API knows the newest ones alone.",
    )
    floor = SecondsField(
        label="Noise up to",
        default_ms=DEFAULTS.floor_ms,
        help_text="Shorter turns are left out.",
    )
    bridge_cap = SecondsField(
        label="Pause inside a turn up to",
        default_ms=DEFAULTS.bridge_cap_ms,
        help_text="After a longer silence the same speaker begins a new turn.",
    )
    stretch_over = SecondsField(
        label="Pause before another speaker over",
        default_ms=DEFAULTS.stretch_over_ms,
        help_text="Such a pause goes to whoever spoke before it,",
    )
    stretch_cap = SecondsField(
        label="and up to",
        default_ms=DEFAULTS.stretch_cap_ms,
        help_text="but not when it is longer than this.",
    )
    first_only = forms.BooleanField(
        label="One speaker at a time",
        required=False,
        initial=True,
        help_text="Of several at once, who spoke already goes on. The API is exact only then.",
    )

    def __init__(self, *args: Any, starts: Sequence[tuple[str, int]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts = [at for _, at in starts]
        if len(starts) > 1:
            choices = [(at, label) for label, at in starts]
            self.fields["start"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["start"], self.fields["keep"]

    @property
    def window(self) -> tuple[int, int | None] | None:
        """From when to when the file's recording lasts, if the others are to stay as they are."""
        if not self.cleaned_data.get("keep"):
            return None
        start = self.cleaned_data.get("start") or 0
        return start, min((at for at in self.starts if at > start), default=None)

    @property
    def zoom_fields(self) -> list[forms.BoundField]:
        """The fields behind "More"."""
        names = ("floor", "bridge_cap", "stretch_over", "stretch_cap")
        return [self[name] for name in names]

    @property
    def more_is_open(self) -> bool:
        """Whether something behind "More" is wrong, or was changed before an error."""
        touched = self.errors.keys() | set(self.changed_data) if self.is_bound else set()
        return any(field.name in touched for field in (*self.zoom_fields, self["first_only"]))

    def clean(self) -> dict[str, Any]:
        """Read the events, which `read` then holds; what cannot be read is said at its field."""
        typed = self.cleaned_data
        if self.errors:
            return typed
        file, pasted = typed.get("timeline"), typed.get("text", "")
        if file and pasted.strip():
            self.add_error("text", "Paste the text or choose a file, not both.")
        elif not file and not pasted.strip():
            self.add_error("timeline", "Choose a file, or paste the text below.")
        else:
            self._read("timeline" if file else "text")
        return typed

    def _read(self, source: str) -> None:
        typed = self.cleaned_data
        file = typed["timeline"] if source == "timeline" else None
        self.file_name = file.name if file else ""
        options = ZoomOptions(
            floor_ms=typed["floor"],
            bridge_cap_ms=typed["bridge_cap"],
            stretch_over_ms=typed["stretch_over"],
            stretch_cap_ms=typed["stretch_cap"],
            first_only=typed["first_only"],
        )
        try:
            text = decode(file.read()) if file else typed["text"]
            self.read: tuple[str, Timeline] = read_events(
                text,
                format=typed["format"],
                file_name=self.file_name,
                options=options,
                shift_ms=typed.get("start") or 0,
            )
        except UnknownFormat:
            self.add_error("format", "The text does not tell its format. Choose it here.")
        except NotTaken:
            self.add_error("format", SRT)
        except AnotherFormat as error:
            names = dict(FORMATS)
            self.add_error(
                "format",
                f"This cannot be read as {names[typed['format']]}: it looks like "
                f"{names[error.found]}. Choose that, or \u201c{names['']}\u201d. "
                "Nothing was kept.",
            )
        except BadInput as error:
            place = f"Line {error.line}: " if error.line else ""
            self.add_error(source, f"{place}{error.sentence} Nothing was kept.")


class Person(NamedTuple):
    """One speaker of the source, and the fields that say who it is."""

    speaker: Speaker
    member: forms.BoundField
    name: forms.BoundField
    email: forms.BoundField


class PeopleForm(forms.Form):
    """Who each speaker of the source is: a member, somebody new with a name, or nobody.

    It asks for a page of them at a time: the one that was sent, or else `page`, or else the
    first with somebody who is not in `chosen` yet, or as somebody who is no member any more.
    """

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        speakers: Sequence[Speaker],
        members: Sequence[Member],
        chosen: Mapping[str, Match],
        page: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        there = {None, *(member.pk for member in members)}
        self.chosen = {key: match for key, match in chosen.items() if match.member in there}
        wanted = self.data.get("people_page", "1") if self.is_bound else page
        self.page = Paginator(speakers, PEOPLE_AT_ONCE).get_page(wanted or self._first(speakers))
        self.speakers = list(self.page)
        choices = [
            ("", "Nobody chosen yet"),
            *((str(member.pk), _called(member)) for member in members),
            (NEW, "Somebody new"),
            (NOBODY, "Nobody: leave these turns out"),
        ]
        for place, speaker in enumerate(self.speakers):
            match = self.chosen.get(speaker.id)
            is_new = _choice(match) == NEW
            self.fields[f"member_{place}"] = forms.ChoiceField(
                label=speaker.label,
                choices=choices,
                required=False,
                initial=_choice(match),
            )
            self.fields[f"name_{place}"] = forms.CharField(
                label="Name",
                required=False,
                max_length=200,
                validators=[without_unseen],
                initial=match.name if match and is_new else speaker.name,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
            self.fields[f"email_{place}"] = forms.EmailField(
                label="E-mail (optional)",
                required=False,
                max_length=254,
                validators=[without_unseen],
                initial=match.email if match and is_new else speaker.email,
                widget=forms.EmailInput(attrs={"autocomplete": "off"}),
                error_messages={"invalid": "This is not an e-mail address, like ana@example.com."},
            )

    def _first(self, speakers: Sequence[Speaker]) -> int:
        """Return the page of the first speaker of whom nobody has said who it is."""
        left_open = (place for place, one in enumerate(speakers) if one.id not in self.chosen)
        return next(left_open, 0) // PEOPLE_AT_ONCE + 1

    @property
    def rows(self) -> list[Person]:
        """The speakers of the page in order, each with its fields."""
        return [
            Person(speaker, self[f"member_{place}"], self[f"name_{place}"], self[f"email_{place}"])
            for place, speaker in enumerate(self.speakers)
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for a name of each new person, and refuse an address that a member has."""
        typed = self.cleaned_data
        holders = {member.email.casefold(): member for member in self.members if member.email}
        for place in range(len(self.speakers)):
            name, email = f"name_{place}", f"email_{place}"
            if typed.get(f"member_{place}") != NEW:
                for unused in (name, email):
                    self.errors.pop(unused, None)
                continue
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, "Enter the name of the new person.")
            holder = holders.get(str(typed.get(email, "")).casefold())
            if holder is not None:
                sentence = (
                    f"{isolated(holder.name)} has this e-mail: at the API the two are one person. "
                    "Choose that speaker instead, or leave the e-mail out."
                )
                self.add_error(email, sentence)
        return typed

    def people(self) -> dict[str, Match]:
        """Return who is who by the source's ids, without those left open; the form is valid.

        Who is on another page stays as chosen.
        """
        typed = self.cleaned_data
        here = {speaker.id for speaker in self.speakers}
        found = {key: match for key, match in self.chosen.items() if key not in here}
        for place, speaker in enumerate(self.speakers):
            chosen = typed[f"member_{place}"]
            if chosen == NEW:
                email = typed[f"email_{place}"].lower()
                found[speaker.id] = Match(None, typed[f"name_{place}"], email)
            elif chosen == NOBODY:
                found[speaker.id] = Match(left_out=True)
            elif chosen:
                found[speaker.id] = Match(int(chosen))
        return found


def _choice(match: Match | None) -> str | int:
    """Return what stands for a match in the list of choices; a new person has no member."""
    if match is None:
        return ""
    if match.left_out:
        return NOBODY
    return NEW if match.member is None else match.member


def _called(member: Member) -> str:
    return f"{member.name} · {member.email}" if member.email else member.name
