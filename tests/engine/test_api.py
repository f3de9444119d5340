"""The API's manners: JSON for every refusal, no stack trace, a description of itself."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.engine.support import Api

PARTS = (
    "action-items", "analytics", "entities", "follow-ups", "insights", "members", "messages",
    "questions", "summary", "topics", "trackers", "trackers-detected",
)  # fmt: skip


@pytest.mark.parametrize(
    "path", ["", "v1", "v1/nothing", "v1/conversations/1/nothing", "v1/process/audio/1/2"]
)
def test_an_unknown_path_is_answered_in_json(client: Client, path: str) -> None:
    response = client.get(f"/engine/{path}")
    assert response.status_code == 404
    assert response.json() == {"message": "There is nothing at this path."}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "v1/process/audio", "POST"),
        ("POST", "v1/process/audio/5120345678901234", "PUT"),
        ("POST", "v1/conversations/5120345678901234", "DELETE, GET, PUT"),
        ("PUT", "v1/conversations/5120345678901234/messages", "GET"),
        ("DELETE", "v1/conversations/5120345678901234/summary", "GET, POST"),
        ("GET", "v1/conversations/5120345678901234/transcript/", "POST"),
    ],
)
def test_a_wrong_method_is_answered_in_json(
    client: Client, method: str, path: str, allowed: str
) -> None:
    response = client.generic(method, f"/engine/{path}")
    assert response.status_code == 405
    assert response.json() == {"message": f"{method} is not allowed here."}
    assert ", ".join(sorted(response["Allow"].split(", "))) == allowed


@pytest.mark.parametrize("debug", [False, True])
def test_a_failure_is_answered_without_a_trace(
    api: Api, settings: Settings, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    settings.DEBUG = debug
    settings.ENGINE_FACTORY = "tests.doubles.nothing"
    answer = api.submit("v1/process/audio")
    assert answer == (500, {"message": "The engine failed; its log says more."})
    assert "ModuleNotFoundError" in caplog.text


def test_a_json_body_over_the_limit_is_refused(api: Api, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    answer = api.call("POST", "oauth2/token:generate", b"x" * 11, "application/json")
    assert answer == (413, {"message": "The body is too large."})


@pytest.fixture
def description(api: Api) -> Any:
    answer = api.get("v1/openapi.json")
    assert answer.status == 200
    return answer.body


def test_the_api_describes_itself(description: Any) -> None:
    described = sorted(
        f"{method.upper()} {path.removeprefix('/engine')}"
        for path, operations in description["paths"].items()
        for method in operations
    )
    one = "/v1/conversations/{conversation_id}"
    assert described == sorted(
        [
            "POST /oauth2/token:generate",
            "GET /v1/conversations",
            *(f"{method} {one}" for method in ("GET", "PUT", "DELETE")),
            f"PUT {one}/members/{{member_id}}",
            f"PUT {one}/speakers",
            f"POST {one}/summary",
            f"POST {one}/transcript",
            *(f"GET {one}/{part}" for part in PARTS),
            "GET /v1/job/{job_id}",
            *(
                f"{method} /v1/process/{what}{end}"
                for what in ("text", "{kind}", "{kind}/url")
                for method, end in (("POST", ""), ("PUT", "/{conversation_id}"))
            ),
        ]
    )


def test_every_refusal_is_described(description: Any) -> None:
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            described = {int(status) for status in operation["responses"]}
            wanted = {400, 401, 405, 500}
            wanted |= {404} if "{" in path or path.endswith("/conversations") else set()
            wanted |= {413} if "requestBody" in operation else set()
            assert wanted <= described, f"{method} {path}"


def test_every_call_has_a_name_of_its_own(description: Any) -> None:
    names = [
        operation["operationId"]
        for operations in description["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))


def test_the_description_asks_for_a_token_as_everything_does(client: Client, db: None) -> None:
    response = client.get("/engine/v1/openapi.json")
    assert response.status_code == 401
    assert response.json() == {"message": "The access token is missing, wrong or expired."}
