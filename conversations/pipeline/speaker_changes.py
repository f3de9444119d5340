"""What sending speaker events will change: which lines go to whom, and who is called otherwise."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from conversations.models import Member
from conversations.speaker_events import Attribution, Speaker


class Row(NamedTuple):
    """A line of the transcript: whom the API has it with, and whether a person decided here."""

    pk: int
    start_ms: int
    end_ms: int
    owner: Member | None
    decided: bool

    @property
    def owner_id(self) -> str | None:
        """The API's id of whom it has the line with."""
        return self.owner.remote_id if self.owner else None


class Expectation(NamedTuple):
    """A line that changes: from whom, to whom, and how long they speak in it.

    `stays` is True where a person decided here who said it: only the API changes then.
    `returns` is True where no turn touches it: it goes back to whom the API heard first,
    None for nobody.
    """

    row: Row
    to: Speaker | None
    overlap_ms: int
    returns: bool = False

    @property
    def stays(self) -> bool:
        return self.row.decided

    @property
    def change(self) -> tuple[int, str | None, str | None]:
        """The line's key, and the ids of the two."""
        return self.row.pk, self.row.owner_id, self.to.id if self.to else None


@dataclass(frozen=True)
class DryRun:
    """What sending will change; `attributions` are of all rows, in their order.

    `heard` says who has lines again that no turn touches, by their keys; `told` are the
    people that the API is told of, and `names` those who are called otherwise from then on.
    """

    rows: tuple[Row, ...]
    attributions: tuple[Attribution, ...]
    heard: Mapping[int, Member | None]
    told: tuple[Speaker, ...]
    names: tuple[tuple[Member, Speaker], ...]

    @cached_property
    def expectations(self) -> list[Expectation]:
        """The lines that change, in order of time."""
        found = []
        for row, given in zip(self.rows, self.attributions, strict=True):
            if given.speaker is not None:
                if given.changed:
                    found.append(Expectation(row, given.speaker, given.overlap_ms))
            elif self.heard.get(row.pk, row.owner) is not row.owner:
                first = self.heard[row.pk]
                to = Speaker(first.remote_id, first.name, first.email) if first else None
                found.append(Expectation(row, to, 0, returns=True))
        return found

    @cached_property
    def untouched(self) -> int:
        """How many lines no turn touches."""
        return sum(given.speaker is None for given in self.attributions)

    @cached_property
    def returning(self) -> int:
        """How many of the untouched lines go back to whom the API heard there first."""
        return sum(one.returns for one in self.expectations)

    @property
    def gains(self) -> Counter[str]:
        """How many lines each speaker gets, by id."""
        return Counter(one.to.id for one in self.expectations if one.to)

    @property
    def losses(self) -> Counter[str]:
        """How many lines each member loses, by the API's id."""
        return Counter(one.row.owner.remote_id for one in self.expectations if one.row.owner)

    @property
    def digest(self) -> str:
        """A short text that is another one as soon as anything else would change.

        Be it a line, or what somebody is called at the API, now or then.
        """
        told = (
            [one.change for one in self.expectations],
            self.told,
            [(member.pk, member.name) for member, _ in self.names],
        )
        return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()

    def document(self) -> dict[str, Any]:
        """Return what is kept of it when the batch is handed over."""
        changes = [
            dict(zip(("message", "from", "to"), one.change, strict=True))
            for one in self.expectations
        ]
        return {
            "total": len(self.rows),
            "untouched": self.untouched,
            "changes": changes,
            "names": [{"member": member.pk, "to": told.name} for member, told in self.names],
        }
