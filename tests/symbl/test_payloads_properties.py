"""Whatever a server says, reading it gives a value or an error that names the place."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.symbl import Unreadable
from conversations.symbl.payloads import (
    read_accepted,
    read_action_items,
    read_analytics,
    read_conversation,
    read_conversations,
    read_entities,
    read_follow_ups,
    read_insights,
    read_job,
    read_members,
    read_messages,
    read_questions,
    read_summary,
    read_topics,
    read_trackers,
    read_transcript,
)
from conversations.symbl.reading import decode
from conversations.symbl.tokens import read_token
from tests.symbl.samples import (
    ACTION_ITEM,
    ANALYTICS,
    BARE_TOPIC,
    CONVERSATION,
    FULL_MESSAGE,
    JOB,
    MARKDOWN,
    NESTED_SRT,
    NEWER_ENTITY,
    OLDER_ENTITY,
    QUESTION,
    SUMMARY_ITEM,
    TOPIC,
    TRACKER,
)

JsonPath = tuple[str | int, ...]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.timezones()).map(datetime.isoformat)
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SAMPLES: list[tuple[Callable[[object], object], dict[str, object]]] = [
    (read_messages, {"messages": [FULL_MESSAGE]}),
    (read_members, {"members": CONVERSATION["members"]}),
    (read_conversation, CONVERSATION),
    (read_job, JOB),
    (read_accepted, {"conversationId": "5815170693595136", "jobId": "9b1deb4d"}),
    (read_conversations, {"conversations": [CONVERSATION]}),
    (read_insights, {"insights": [ACTION_ITEM, QUESTION]}),
    (read_questions, {"questions": [QUESTION]}),
    (read_action_items, {"actionItems": [ACTION_ITEM]}),
    (read_follow_ups, {"followUps": [ACTION_ITEM]}),
    (read_topics, {"topics": [TOPIC, BARE_TOPIC]}),
    (read_summary, {"summary": [SUMMARY_ITEM]}),
    (read_entities, {"entities": [OLDER_ENTITY, NEWER_ENTITY]}),
    (read_trackers, {"trackers": [TRACKER]}),
    (read_trackers, TRACKER),
    (read_analytics, ANALYTICS),
    (read_transcript, MARKDOWN),
    (read_transcript, NESTED_SRT),
    (lambda document: read_token(document, now=0.0), {"accessToken": "t", "expiresIn": 86_400}),
]


def paths_of(document: object) -> list[JsonPath]:
    """Return the place of every value of a document."""
    items: list[tuple[str | int, object]] = []
    if isinstance(document, dict):
        items = list(document.items())
    elif isinstance(document, list):
        items = list(enumerate(document))
    return [()] + [(key, *path) for key, value in items for path in paths_of(value)]


def replaced(document: object, path: JsonPath, value: object) -> object:
    """Return a copy of the document with another value in one place."""
    if not path:
        return value
    copy = deepcopy(document)
    place: object = copy
    for key in path[:-1]:
        place = place[key]  # type: ignore[index]  # the path comes from this document
    place[path[-1]] = value  # type: ignore[index]
    return copy


@settings(max_examples=1000, deadline=None)
@given(data=st.data())
def test_no_payload_raises_anything_but_unreadable(data: st.DataObject) -> None:
    read, sample = data.draw(st.sampled_from(SAMPLES))
    path = data.draw(st.sampled_from(paths_of(sample)))
    document = replaced(sample, path, data.draw(ANY_JSON))
    try:
        read(document)
    except Unreadable as error:
        assert str(error).startswith("The server's answer cannot be read")


@settings(max_examples=200, deadline=None)
@given(body=st.binary() | ANY_JSON.map(lambda document: json.dumps(document)[:-1].encode()))
def test_no_body_raises_anything_but_unreadable(body: bytes) -> None:
    try:
        decode(body)
    except Unreadable as error:
        assert error.path == ""
