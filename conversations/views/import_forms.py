"""The forms with which people choose what to bring in from the API; used by imports.py."""

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from conversations.models import Team
from conversations.pipeline.imports import PAGE_SIZE

DAYS_SHOWN = 30
#: Midnight of this day is a moment in every time zone.
FIRST_DAY = dt.date(1970, 1, 1)
#: As the API writes them (contract 2.1).
ID = RegexValidator(r"\A[0-9]{16}\Z", "The id of a conversation has 16 digits.")


def day_field(label: str) -> forms.DateField:
    """Return the field for one day, as browsers send it."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        error_messages=dict.fromkeys(("required", "invalid"), "Enter a day, like 2026-01-31."),
    )


class WindowForm(forms.Form):
    """From which day to which day the API is asked for conversations; both days included."""

    start = day_field("From")
    end = day_field("To")

    @classmethod
    def of(cls, asked: Any) -> "WindowForm":
        """Return the form as it was asked for; without a day in it, the last 30 days."""
        today = timezone.localdate()
        usual = {"start": today - dt.timedelta(days=DAYS_SHOWN), "end": today}
        typed = {name: asked[name] for name in ("start", "end", "page") if name in asked}
        return cls({**usual, **typed})

    def clean_start(self) -> dt.date:
        """Return the first day, which has begun: the API refuses a later one (contract 4.1)."""
        start: dt.date = self.cleaned_data["start"]
        if start < FIRST_DAY:
            raise forms.ValidationError("Choose a day from 1 January 1970 on.")
        if start > timezone.localdate():
            raise forms.ValidationError("This day has not begun yet.")
        return start

    def clean(self) -> dict[str, Any]:
        """Return the days in order."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", "This day is before the first one.")
        return cleaned

    @property
    def page_number(self) -> int:
        """The page that is asked for, from 1; nonsense means the first."""
        page = str(self.data.get("page", ""))
        return max(1, int(page)) if page.isdecimal() and len(page) <= 4 else 1

    def window(self) -> tuple[dt.datetime, dt.datetime]:
        """Return from when to when; what is yet to come is left out. The form is valid."""
        zone = timezone.get_current_timezone()
        midnight = dt.time.min
        start = dt.datetime.combine(self.cleaned_data["start"], midnight, zone)
        last = self.cleaned_data["end"]
        if last >= timezone.localdate():
            return start, timezone.now()
        return start, dt.datetime.combine(last + dt.timedelta(days=1), midnight, zone)


class TeamForm(forms.Form):
    """The team that gets what is brought in; asked only where there is a choice."""

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(teams) > 1:
            choices = [(team.pk, team.name) for team in teams]
            self.fields["team"] = forms.TypedChoiceField(label="Team", choices=choices, coerce=int)


class ChosenForm(TeamForm):
    """The conversations that were ticked in the list, at most as many as are on one page."""

    ids = forms.Field(
        widget=forms.MultipleHiddenInput,
        error_messages={"required": "Tick the conversations to bring in."},
    )

    def clean_ids(self) -> list[str]:
        """Return the ids, each once."""
        ids: list[str] = list(dict.fromkeys(self.cleaned_data["ids"]))
        if len(ids) > PAGE_SIZE:
            raise forms.ValidationError(f"Tick at most {PAGE_SIZE} conversations at a time.")
        for one in ids:
            ID(one)
        return ids

    @property
    def ticked(self) -> list[str]:
        """The ids as they came, for showing them once more; none if they cannot be had."""
        if not self.is_bound or self["ids"].errors:
            return []
        ids: list[str] = self.cleaned_data["ids"]
        return ids


class IdForm(TeamForm):
    """One conversation by its id at the API."""

    remote_id = forms.CharField(
        label="Id of the conversation",
        validators=[ID],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Enter an id of 16 digits."},
    )
    field_order = ("remote_id", "team")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The other form on the page asks for a team as well.
        super().__init__(*args, auto_id="by_id_%s", **kwargs)
