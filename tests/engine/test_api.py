"""The API's manners: JSON for every refusal, no stack trace, a description of itself."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests.engine.support import Api


@pytest.mark.parametrize(
    "path", ["", "v1", "v1/process/text", "v1/nothing", "v1/process/audio/1/2"]
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
        ("DELETE", "v1/conversations/5120345678901234", "GET"),
    ],
)
def test_a_wrong_method_is_answered_in_json(
    client: Client, method: str, path: str, allowed: str
) -> None:
    response = client.generic(method, f"/engine/{path}")
    assert response.status_code == 405
    assert response.json() == {"message": f"{method} is not allowed here."}
    assert response["Allow"] == allowed


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


def test_the_api_describes_itself(client: Client) -> None:
    response = client.get("/engine/v1/openapi.json")
    assert sorted(response.json()["paths"]) == [
        "/engine/oauth2/token:generate",
        "/engine/v1/conversations/{conversation_id}",
        "/engine/v1/conversations/{conversation_id}/members",
        "/engine/v1/conversations/{conversation_id}/members/{member_id}",
        "/engine/v1/conversations/{conversation_id}/messages",
        "/engine/v1/job/{job_id}",
        "/engine/v1/process/{kind}",
        "/engine/v1/process/{kind}/{conversation_id}",
    ]
