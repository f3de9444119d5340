"""The engine under the requests that Schemathesis makes of the engine's own description."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck
from hypothesis import settings as generation
from ninja.responses import NinjaJSONEncoder
from pytest_django import Settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from conversations.engine.api import api as engine
from conversations.engine.intake import MEDIA_TYPES
from conversations.engine.models import Conversation, Job
from tests.engine.support import Api
from tests.engine.transcripts import add_job, add_member

pytestmark = pytest.mark.django_db

# Left out: that described requests are taken and all others refused. The engine takes more
# than it describes, as its clients need; and no description can say that one time lies
# before another or that a name comes once.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
    unsupported_method,
    allow_header_conformance,
]
DOCUMENT = json.loads(
    json.dumps(engine.get_openapi_schema(path_prefix="/engine/"), cls=NinjaJSONEncoder)
)
# An append has the hundreds of combined parameters of a first submission; one of the two will do.
CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 1,
        "operations": [
            {
                "include-name-regex": "^PUT /engine/v1/process/",
                "phases": {"coverage": {"enabled": False}},
            }
        ],
    }
)

schema = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
schema.app = get_wsgi_application()


@schemathesis.serializer(*sorted(frozenset[str]().union(*MEDIA_TYPES.values())))
def recording(context: schemathesis.SerializationContext, value: object) -> bytes:
    """Send bytes as they are, and in their place anything else as its JSON."""
    return value if isinstance(value, bytes) else json.dumps(value, default=str).encode()


@pytest.fixture
def ids(conversation: Conversation, settings: Settings) -> dict[str, str]:
    """Return the ids of a conversation that has something for every call to answer."""
    settings.ENGINE_MAX_JOBS = 10_000
    ida = add_member(conversation, "Ida", email="ida@example.test")
    bo = add_member(conversation, "Bo")
    add_job(
        conversation,
        (ida, 500, 4000, "We ship the dashboard on Friday, as Bo asked."),
        (bo, 4500, 6000, "When is the release meeting?"),
        (None, 6500, 8000, "I will send the deck tomorrow."),
        (bo, 8500, 11_000, "Let's schedule a call next week about the dashboard."),
        (ida, 11_500, 14_000, "The dashboard needs a release meeting before Friday."),
        (bo, 14_500, 17_000, "The release meeting needs the deck and the dashboard."),
        (ida, 17_500, 20_000, "Then the deck goes out with the dashboard after the meeting."),
        options={
            "detectPhrases": True,
            "detectEntities": True,
            "trackers": [{"name": "Product", "vocabulary": ["dashboard"]}],
        },
    )
    return {
        "conversation_id": conversation.id,
        "member_id": str(bo.pk),
        "job_id": str(Job.objects.get().pk),
    }


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """Keep the test's transaction open over requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def variants(case: schemathesis.Case[Any], ids: dict[str, str]) -> Iterator[schemathesis.Case[Any]]:
    """Yield the request as it was made up, then changed to be about something that is there."""
    yield case
    known = {name: ids[name] for name in case.path_parameters.keys() & ids.keys()}
    if not known:
        return
    case.path_parameters.update(known)
    if isinstance(case.body, dict) and "member_id" in known:
        case.body["id"] = known["member_id"]
    yield case


def test_the_description_is_the_one_that_is_served(api: Api) -> None:
    assert api.get("v1/openapi.json").body == DOCUMENT


def test_every_call_but_the_one_for_a_token_needs_one() -> None:
    open_calls = [
        (path, method)
        for path, calls in DOCUMENT["paths"].items()
        for method, call in calls.items()
        if not call.get("security")
    ]
    assert open_calls == [("/engine/oauth2/token:generate", "post")]


@schema.parametrize()
@generation(
    max_examples=10,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.usefixtures("one_connection")
def test_every_answer_is_a_documented_one(
    case: schemathesis.Case[Any], token: str, ids: dict[str, str]
) -> None:
    for variant in variants(case, ids):
        with transaction.atomic():
            variant.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {token}"})
            transaction.set_rollback(True)
