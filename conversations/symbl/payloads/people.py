"""Who spoke, however a document spells it (contract 4.3, 4.4)."""

from dataclasses import dataclass

from conversations.symbl import reading
from conversations.symbl.errors import Unreadable


@dataclass(frozen=True, slots=True)
class Person:
    """Who spoke, or a member of a conversation; "" stands for what the server did not say."""

    id: str
    name: str
    email: str


def read_person(value: object) -> Person | None:
    """Return a person, None for an object that names nobody.

    The same address is called `email` in members and messages and `userId` in
    insights; a `userId` need not be an address.
    """
    raw = reading.json_object(value)
    person_id = reading.optional_identifier(raw.get("id"), "id")
    name = reading.optional_text(raw.get("name"), "name")
    email = reading.optional_text(raw.get("email"), "email")
    if not email and "userId" in raw:
        user = reading.optional_handle(raw["userId"], "userId")
        email = user if "@" in user else ""
    return Person(person_id, name, email) if person_id or name or email else None


def person_at(raw: reading.JsonObject, key: str) -> Person | None:
    """Return the person under `key`, None where it is missing, null or names nobody."""
    value = raw.get(key)
    return None if value is None else reading.nested(value, key, read_person)


def read_members(document: object) -> tuple[Person, ...]:
    """Return the members of a conversation; each has an id, which is what names it."""
    raw = reading.json_object(document)
    return reading.each(raw.get("members"), "members", _read_member)


def _read_member(value: object) -> Person:
    person = read_person(value)
    if person is None or not person.id:
        raise Unreadable.at("id", "an id is expected")
    return person
