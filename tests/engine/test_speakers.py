"""Speaker events: what is taken, whose each line becomes, and what stays (contract 6.1 to 6.4)."""

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from conversations.engine import changes
from conversations.engine.models import Conversation, Member, Message
from tests.engine.support import Answer, Api
from tests.engine.transcripts import add_job, add_member

DEREK = "4194eb50-357d-4712-a02d-94215ead1064"
RICHARD = "4194eb50-357d-4712-a02d-94215ead2104"
#: The body of the documents' example, word for word: nanos of five seconds, an overlap
#: from 15 s to 20 s, sorted by person and not by time.
EXAMPLE = {
    "speakerEvents": [
        {
            "type": kind,
            "user": {"id": pk, "name": name, "email": f"{name}@example.com"},
            "offset": {"seconds": seconds, "nanos": 5_000_000_000},
        }
        for kind, pk, name, seconds in (
            ("started_speaking", DEREK, "Derek", 0),
            ("stopped_speaking", DEREK, "Derek", 15),
            ("started_speaking", RICHARD, "Richard", 10),
            ("stopped_speaking", RICHARD, "Richard", 20),
        )
    ]
}


@pytest.fixture
def detected(conversation: Conversation) -> list[Member]:
    """Return Speaker 1 and Speaker 2, who say five lines of five seconds in turn."""
    speakers = [add_member(conversation, f"Speaker {number}") for number in (1, 2)]
    add_job(
        conversation,
        *((speakers[n % 2], n * 5000, n * 5000 + 5000, f"Line {n}.") for n in range(5)),
    )
    return speakers


def event(kind: str, user: str, seconds: object, **more: Any) -> dict[str, Any]:
    """Return an event; `more` is what is known of the user."""
    return {
        "type": f"{kind}_speaking",
        "user": {"id": user, **more},
        "offset": {"seconds": seconds},
    }


def turn(user: str, start: int, end: int, **more: Any) -> list[dict[str, Any]]:
    return [event("started", user, start, **more), event("stopped", user, end, **more)]


def send(api: Api, body: object, conversation_id: str = "5120345678901234") -> Answer:
    return api.put(f"v1/conversations/{conversation_id}/speakers", body)


def speak(api: Api, *turns: list[dict[str, Any]]) -> None:
    answer = send(api, {"speakerEvents": [event for turn in turns for event in turn]})
    assert answer == (
        200,
        {"message": "Speaker events associated for conversationId: 5120345678901234 successfully!"},
    )


def speakers() -> list[str | None]:
    """Return who says each line."""
    return list(Message.objects.order_by("position").values_list("member__name", flat=True))


def people() -> list[tuple[str, str, str]]:
    rows = Member.objects.order_by("position").values_list("name", "email", "external_id")
    return list(rows)


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_documents_example_names_its_speakers(
    api: Api, detected: list[Member], slash: str
) -> None:
    path = f"v1/conversations/{detected[0].conversation_id}/speakers{slash}"
    assert api.put(path, EXAMPLE).status == 200
    # Derek speaks from 5 s to 20 s, Richard from 15 s to 25 s; where both do, he began later.
    assert speakers() == ["Speaker 1", "Derek", "Derek", "Richard", "Richard"]
    assert people() == [
        ("Speaker 1", "", ""),
        ("Speaker 2", "", ""),
        ("Derek", "Derek@example.com", DEREK),
        ("Richard", "Richard@example.com", RICHARD),
    ]


def test_the_same_events_twice_change_nothing(api: Api, detected: list[Member]) -> None:
    send(api, EXAMPLE)
    before = list(Message.objects.order_by("pk").values()), people()
    send(api, EXAMPLE)
    assert (list(Message.objects.order_by("pk").values()), people()) == before


def test_only_the_newest_events_count(api: Api, detected: list[Member]) -> None:
    speak(api, turn("ida", 0, 10))
    speak(api, turn("bo", 20, 25))
    assert speakers() == ["Speaker 1", "Speaker 2", "Speaker 1", "Speaker 2", "bo"]
    assert [name for name, _, _ in people()] == ["Speaker 1", "Speaker 2", "ida", "bo"]


def test_no_events_bring_back_who_was_detected(api: Api, detected: list[Member]) -> None:
    speak(api, turn("ida", 0, 25))
    assert set(speakers()) == {"ida"}
    speak(api)
    assert speakers() == ["Speaker 1", "Speaker 2", "Speaker 1", "Speaker 2", "Speaker 1"]


def test_lines_of_nobody_can_be_given_and_become_nobodys_again(
    api: Api, conversation: Conversation
) -> None:
    add_job(conversation, (None, 0, 5000, "Hello."))
    speak(api, turn("ida", 0, 5))
    assert speakers() == ["ida"]
    speak(api)
    assert speakers() == [None]


def test_a_name_and_an_address_that_are_given_replace_those_that_are_there(
    api: Api, detected: list[Member]
) -> None:
    speak(api, turn("u-1", 0, 5))
    speak(api, turn("u-1", 0, 5, name=" Ida ", email="ida@example.test"))
    speak(api, turn("u-1", 0, 5, name="", email=None))
    assert people()[2:] == [("Ida", "ida@example.test", "u-1")]


def test_a_member_with_the_address_is_that_person(api: Api, detected: list[Member]) -> None:
    Member.objects.filter(pk=detected[1].pk).update(name="Ida", email="ida@example.test")
    speak(api, turn("u-1", 0, 5, name="Ida Berg", email="ida@example.test"))
    assert people() == [("Speaker 1", "", ""), ("Ida Berg", "ida@example.test", "u-1")]
    assert speakers()[:2] == ["Ida Berg", "Ida Berg"]
    speak(api, turn("u-1", 0, 5))
    assert people()[1:] == [("Ida Berg", "ida@example.test", "u-1")]


def test_addresses_are_compared_exactly(api: Api, detected: list[Member]) -> None:
    Member.objects.filter(pk=detected[1].pk).update(email="ida@example.test")
    speak(api, turn("u-1", 0, 5, email="Ida@example.test"))
    assert people()[1:] == [
        ("Speaker 2", "ida@example.test", ""),
        ("Ida@example.test", "Ida@example.test", "u-1"),
    ]


def test_the_id_goes_before_the_address_which_stays_with_its_holder(
    api: Api, detected: list[Member]
) -> None:
    speak(api, turn("u-1", 0, 5, name="Ida"))
    Member.objects.filter(pk=detected[1].pk).update(email="ida@example.test")
    speak(api, turn("u-1", 0, 5, name="Ida", email="ida@example.test"))
    assert people()[1:] == [("Speaker 2", "ida@example.test", ""), ("Ida", "", "u-1")]


def test_two_ids_with_one_address_are_one_member(api: Api, detected: list[Member]) -> None:
    address = {"name": "Ida", "email": "ida@example.test"}
    speak(api, turn("u-1", 0, 5, **address), turn("u-2", 5, 10, **address))
    assert people()[2:] == [("Ida", "ida@example.test", "u-1")]
    assert speakers()[:2] == ["Ida", "Ida"]


def test_an_address_that_changed_hands_merges_nobody(api: Api, detected: list[Member]) -> None:
    speak(api, turn("u-1", 0, 5, name="Ana", email="a@example.test"))
    for _ in range(2):
        speak(
            api,
            turn("u-1", 0, 5, name="Ana", email="b@example.test"),
            turn("u-2", 5, 10, name="Bob", email="a@example.test"),
        )
        assert people()[2:] == [
            ("Ana", "b@example.test", "u-1"),
            ("Bob", "a@example.test", "u-2"),
        ]
        assert speakers()[:2] == ["Ana", "Bob"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_addresses_are_handed_on_whatever_the_order_of_the_events(
    api: Api, detected: list[Member], order: tuple[int, ...]
) -> None:
    people_then = [
        turn(user, 5 * n, 5 * n + 5, email=f"{n}@example.test")
        for n, user in enumerate(("ana", "bo", "cy"))
    ]
    people_now = [
        turn(user, 5 * n, 5 * n + 5, email=f"{(n + 1) % 3}@example.test")
        for n, user in enumerate(("ana", "bo", "cy"))
    ]
    speak(api, *people_then)
    for _ in range(2):
        speak(api, *(people_now[n] for n in order))
        assert [(email, user) for _, email, user in people()[2:]] == [
            ("1@example.test", "ana"),
            ("2@example.test", "bo"),
            ("0@example.test", "cy"),
        ]


def test_an_address_that_nobody_leaves_goes_to_nobody_else(
    api: Api, detected: list[Member]
) -> None:
    speak(
        api,
        turn("u-1", 0, 5, name="Ana", email="a@example.test"),
        turn("u-2", 5, 10, name="Bob", email="b@example.test"),
    )
    for _ in range(2):
        speak(
            api,
            turn("u-1", 0, 5, name="Ana", email="b@example.test"),
            turn("u-2", 5, 10, name="Bob"),
            turn("u-3", 10, 15, name="Cy", email="a@example.test"),
        )
        assert people()[2:] == [
            ("Ana", "a@example.test", "u-1"),
            ("Bob", "b@example.test", "u-2"),
            ("Cy", "", "u-3"),
        ]
        assert speakers()[:3] == ["Ana", "Bob", "Cy"]


def test_who_is_called_by_an_address_has_a_name_that_fits(api: Api, detected: list[Member]) -> None:
    email = f"{'x' * 60}@{'.'.join(['y' * 40] * 4)}.test"
    speak(api, turn("u-1", 0, 5, email=email))
    assert people()[2:] == [(email[:200], email, "u-1")]


def test_a_line_that_was_appended_while_the_events_were_counted_is_given_too(
    api: Api, detected: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked_late(conversation: Conversation) -> Conversation:
        add_job(conversation, (detected[0], 25_000, 30_000, "Late."))
        monkeypatch.undo()
        return changes.locked(conversation)

    monkeypatch.setattr("conversations.engine.speakers.changes.locked", locked_late)
    speak(api, [event("started", "ida", 20)])
    assert speakers()[4:] == ["ida", "ida"]


def test_later_events_bring_back_a_merged_member_whom_they_name_by_its_old_id(
    api: Api, detected: list[Member]
) -> None:
    turns = (
        turn("u-1", 0, 5, name="Ida", email="ida@example.test"),
        turn("u-2", 5, 10, name="Ida B"),
    )
    speak(api, *turns)
    merged = Member.objects.get(external_id="u-2")
    path = f"v1/conversations/{merged.conversation_id}/members/{merged.pk}"
    body = {"id": str(merged.pk), "name": "Ida", "email": "ida@example.test"}
    assert api.put(path, body).status == 200
    assert people()[2:] == [("Ida", "ida@example.test", "u-1")]
    speak(api, *turns)
    assert people()[2:] == [("Ida", "ida@example.test", "u-1"), ("Ida B", "", "u-2")]


def test_the_id_of_a_member_is_that_member(api: Api, detected: list[Member]) -> None:
    speak(api, turn(str(detected[1].pk), 0, 5, name="Ida"))
    assert people() == [("Speaker 1", "", ""), ("Ida", "", "")]
    assert speakers()[:2] == ["Ida", "Ida"]


def test_the_first_name_given_for_an_id_holds(api: Api, detected: list[Member]) -> None:
    speak(api, turn("u-1", 0, 3), turn("u-1", 4, 5, name="Ida"), turn("u-1", 6, 7, name="Bo"))
    assert people()[2:] == [("Ida", "", "u-1")]


def test_members_without_lines_stay(api: Api, detected: list[Member]) -> None:
    speak(api, turn("ida", 0, 25))
    assert [name for name, _, _ in people()] == ["Speaker 1", "Speaker 2", "ida"]


def test_members_without_lines_go_where_the_settings_say_so(
    api: Api, detected: list[Member], settings: Settings
) -> None:
    settings.ENGINE_PRUNE_MEMBERS = True
    add_member(detected[0].conversation, "Listener")
    speak(api, turn("ida", 5, 25))
    assert [name for name, _, _ in people()] == ["Speaker 1", "Listener", "ida"]
    speak(api)
    assert speakers() == ["Speaker 1", "ida", "Speaker 1", "ida", "Speaker 1"]


def test_a_later_naming_holds_and_a_merged_member_keeps_its_lines(
    api: Api, detected: list[Member]
) -> None:
    speak(api, turn("u-1", 0, 5, name="Ida", email="ida@example.test"))
    path = f"v1/conversations/{detected[0].conversation_id}/members/{detected[0].pk}"
    body = {"id": str(detected[0].pk), "name": "Ida Berg", "email": "ida@example.test"}
    assert api.put(path, body).status == 200
    assert speakers() == ["Ida Berg", "Speaker 2", "Ida Berg", "Speaker 2", "Ida Berg"]
    speak(api)
    assert speakers() == ["Ida Berg", "Speaker 2", "Ida Berg", "Speaker 2", "Ida Berg"]


def test_offsets_may_be_digits_and_leave_out_a_part(api: Api, detected: list[Member]) -> None:
    start = event("started", "ida", "4")
    start["offset"]["nanos"] = "999999999"
    stop = event("stopped", "ida", 0)
    stop["offset"] = {"seconds": 10.0}
    assert send(api, {"speakerEvents": [start, stop]}).status == 200
    assert speakers()[:3] == ["Speaker 1", "ida", "Speaker 1"]


def test_a_turn_without_end_lasts_to_the_end(api: Api, detected: list[Member]) -> None:
    speak(api, [event("started", "ida", 15)])
    assert speakers() == ["Speaker 1", "Speaker 2", "Speaker 1", "ida", "ida"]


CHARACTERS = "characters without control characters."
_EVENT = event("started", "ida", 1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "The body must be a JSON object."),
        (b"{", "The body must be a JSON object."),
        ({}, "speakerEvents is required."),
        ({"speakerEvents": {}}, "speakerEvents must be a list of at most 50,000 events."),
        (
            {"speakerEvents": [_EVENT | {"type": "joined"}]},
            "speakerEvents[0].type must be started_speaking or stopped_speaking.",
        ),
        ({"speakerEvents": [_EVENT, 5]}, "speakerEvents[1] must be a JSON object."),
        (
            {"speakerEvents": [{k: v for k, v in _EVENT.items() if k != "user"}]},
            "speakerEvents[0].user is required.",
        ),
        (
            {"speakerEvents": [{k: v for k, v in _EVENT.items() if k != "offset"}]},
            "speakerEvents[0].offset is required.",
        ),
        ({"speakerEvents": [_EVENT | {"user": {}}]}, "speakerEvents[0].user.id is required."),
        *(
            (
                {"speakerEvents": [_EVENT | {"user": {"id": wrong}}]},
                f"speakerEvents[0].user.id must be a text of 1 to 200 {CHARACTERS}",
            )
            for wrong in ("", " ", 5, None, "x" * 201, "a\x00", "a\nb")
        ),
        (
            {"speakerEvents": [_EVENT | {"user": {"id": "1", "name": 5}}]},
            f"speakerEvents[0].user.name must be a text of at most 200 {CHARACTERS}",
        ),
        (
            {"speakerEvents": [_EVENT | {"user": {"id": "1", "email": "ida"}}]},
            "speakerEvents[0].user.email must be an e-mail address.",
        ),
        *(
            (
                {"speakerEvents": [_EVENT | {"offset": {"nanos": wrong}}]},
                "speakerEvents[0].offset.nanos must be a whole number from 0 on.",
            )
            for wrong in (-1, 0.5, "1.0", "-1", "", True, None, 10**16)
        ),
        (
            {"speakerEvents": [event("started", str(n), 1) for n in range(1001)]},
            "speakerEvents must name at most 1,000 people.",
        ),
    ],
)
def test_wrong_events_are_refused_and_change_nothing(
    api: Api, detected: list[Member], body: object, message: str
) -> None:
    assert send(api, body) == (400, {"message": message})
    assert speakers() == ["Speaker 1", "Speaker 2", "Speaker 1", "Speaker 2", "Speaker 1"]
    assert Member.objects.count() == 2


_CARRIED = {**event("stopped", "ida", 1), "offset": {"seconds": 1, "nanos": 10**9}}


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([_EVENT, _CARRIED], "[1] has nanos of a second or more."),
        ([_EVENT, _EVENT], "[1] starts somebody who is already speaking."),
        ([event("stopped", "ida", 1)], "[0] stops somebody who is not speaking."),
        ([_EVENT, event("stopped", "ida", 1)], "[0] starts a turn without length."),
        (
            [event("started", "ida", 25)],
            "[0] starts a turn after the conversation's end that nothing stops.",
        ),
    ],
)
def test_a_strict_engine_refuses_what_it_would_ignore(
    api: Api,
    detected: list[Member],
    settings: Settings,
    events: list[dict[str, Any]],
    reason: str,
) -> None:
    assert send(api, {"speakerEvents": events}).status == 200
    Message.objects.update(member=None)
    settings.ENGINE_STRICT = True
    answer = send(api, {"speakerEvents": events})
    assert answer == (400, {"message": f"speakerEvents{reason}"})
    assert speakers() == [None] * 5


@pytest.mark.parametrize("conversation_id", ["5999999999999999", "x"])
def test_an_unknown_conversation_is_not_found(
    api: Api, conversation: Conversation, conversation_id: str
) -> None:
    assert send(api, EXAMPLE, conversation_id) == (
        404,
        {"message": "The conversation id is invalid or unknown."},
    )


def test_a_body_over_the_limit_is_refused(
    api: Api, detected: list[Member], settings: Settings
) -> None:
    settings.ENGINE_MAX_JSON_BYTES = 1024**2
    body = b'{"speakerEvents": [' + b" " * 1024**2 + b"]}"
    answer = api.call("PUT", "v1/conversations/5120345678901234/speakers", body, "application/json")
    assert answer == (413, {"message": "The body is larger than 1 MB."})


def test_ten_thousand_events_are_read(api: Api, conversation: Conversation) -> None:
    named = {"name": "Ida Berg of the research department", "email": "ida.berg@example.test"}
    who = [str(uuid.UUID(int=n)) for n in range(10)]
    add_job(conversation, *((None, n * 1000, n * 1000 + 900, "Well.") for n in range(5000)))
    speak(
        api,
        *(turn(who[n % 10], n, n + 1, **named | {"email": f"{n % 10}@example.test"})
          for n in range(5000)),
    )  # fmt: skip
    emails = Message.objects.order_by("position").values_list("member__email", flat=True)
    assert list(emails) == [f"{n % 10}@example.test" for n in range(5000)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    api: Api,
    conversation: Conversation,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    add_job(conversation, *((None, n * 1000, n * 1000 + 900, "Well.") for n in range(count)))
    # Token, conversation, lines read, savepoint and back, lock, lines counted, members read and
    # made, lines read and moved.
    with django_assert_max_num_queries(12):
        speak(api, turn("ida", 0, count))
