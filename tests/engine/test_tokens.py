"""Tokens: who gets one, how long it lives, and which calls need it."""

import datetime as dt

import pytest
from django.test import Client
from pytest_django import Settings

from conversations.engine import tokens
from conversations.engine.models import Grant
from tests.engine.support import NOW, Answer, Api

GENERATE = "/engine/oauth2/token:generate"


def generate(client: Client, body: object) -> Answer:
    response = client.post(GENERATE, body, content_type="application/json")
    return Answer(response.status_code, response.json())


def credentials(settings: Settings, **changes: object) -> dict[str, object]:
    known = settings.ENGINE_CREDENTIALS
    body = {"type": "application", "appId": known.app_id, "appSecret": known.app_secret}
    return {**body, **changes}


@pytest.mark.django_db
def test_generate_token_gives_a_token_that_is_accepted(client: Client, settings: Settings) -> None:
    answer = generate(client, credentials(settings))
    assert answer.status == 200
    assert set(answer.body) == {"accessToken", "expiresIn"}
    assert 86_390 <= answer.body["expiresIn"] <= 86_400
    assert Api(client, answer.body["accessToken"]).get("v1/job/x").status == 404


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["appId", "appSecret"])
def test_generate_token_refuses_wrong_credentials(
    client: Client, settings: Settings, wrong: str
) -> None:
    answer = generate(client, credentials(settings, **{wrong: "wrong"}))
    assert answer == (401, {"message": "The application id or secret is wrong."})
    assert Grant.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"type": "password"}, 'type must be "application".'),
        ({"appId": None}, "appId must be a text."),
        ({"appId": "\ud800"}, "appId must be a text."),
        ({"appSecret": "\udfff"}, "appSecret must be a text."),
    ],
)
def test_generate_token_refuses_malformed_credentials(
    client: Client, settings: Settings, body: dict[str, object], message: str
) -> None:
    answer = generate(client, credentials(settings, **body))
    assert answer == (400, {"message": message})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "The body must be a JSON object."),
        ("[1]", "The body must be a JSON object."),
        ("{", "The body must be a JSON object."),
        ('{"type": "application"}', "appId: Field required."),
    ],
)
def test_generate_token_refuses_a_body_that_is_not_credentials(
    client: Client, body: str, message: str
) -> None:
    assert generate(client, body) == (400, {"message": message})


@pytest.mark.django_db
def test_issue_gives_the_same_token_with_the_time_left_while_it_lives() -> None:
    first = tokens.issue("app", NOW)
    later = tokens.issue("app", NOW + dt.timedelta(hours=1))
    assert first.seconds_left == 86_400
    assert later == (first.text, 86_400 - 3_600)


@pytest.mark.django_db
def test_issue_gives_a_new_token_when_the_old_one_has_expired() -> None:
    first = tokens.issue("app", NOW)
    second = tokens.issue("app", NOW + tokens.LIFETIME)
    assert second.seconds_left == 86_400
    assert second.text != first.text
    assert Grant.objects.count() == 1


@pytest.mark.django_db
def test_is_valid_ends_with_the_grant(settings: Settings) -> None:
    token = tokens.issue(settings.ENGINE_CREDENTIALS.app_id, NOW).text
    end = NOW + tokens.LIFETIME
    assert tokens.is_valid(token, end - dt.timedelta(seconds=1))
    assert not tokens.is_valid(token, end)


@pytest.mark.django_db
def test_is_valid_refuses_the_token_of_a_former_application() -> None:
    assert not tokens.is_valid(tokens.issue("former", NOW).text, NOW)


@pytest.mark.django_db
def test_grant_does_not_hold_the_token(settings: Settings) -> None:
    token = tokens.issue(settings.ENGINE_CREDENTIALS.app_id, NOW).text
    grant = Grant.objects.get()
    assert token not in (grant.app_id, grant.serial)
    assert not tokens.is_valid(grant.serial, NOW)


UNAUTHORISED = (401, {"message": "The access token is missing, wrong or expired."})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer {token}"}, 404),
        ({"Authorization": "bearer {token}"}, 404),
        ({"x-api-key": "{token}"}, 404),
        ({"Authorization": "Bearer {token}", "x-api-key": "wrong"}, 404),
        ({"Authorization": "Bearer wrong", "x-api-key": "{token}"}, 401),
        ({"Authorization": "Basic {token}"}, 401),
        ({"x-api-key": "{token}x"}, 401),
        ({}, 401),
    ],
)
def test_a_call_needs_a_token_and_bearer_wins(
    client: Client, token: str, headers: dict[str, str], status: int
) -> None:
    sent = {name: value.format(token=token) for name, value in headers.items()}
    response = client.get("/engine/v1/job/x", headers=sent)
    assert response.status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "v1/process/audio"),
        ("PUT", "v1/process/video/5120345678901234"),
        ("GET", "v1/job/x"),
        ("GET", "v1/conversations/5120345678901234"),
        ("GET", "v1/conversations/5120345678901234/messages"),
        ("GET", "v1/conversations/5120345678901234/members"),
        ("PUT", "v1/conversations/5120345678901234/members/x"),
    ],
)
def test_every_call_is_refused_without_a_token(client: Client, method: str, path: str) -> None:
    assert Api(client, "wrong").call(method, path, b"body") == UNAUTHORISED
