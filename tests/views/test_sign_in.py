"""Coming in, and what is public."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from conversations.models import SignInLink
from tests.views.support import body


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_healthz_asks_nothing_of_the_database(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, body(response)) == (200, "ok")


def test_sign_in_goes_where_one_wanted_to_go(client: Client, ana: User) -> None:
    ana.set_password("pass-word-12345")
    ana.save()
    data = {"username": "ana", "password": "pass-word-12345", "next": "/upload/"}
    response = client.post("/sign-in/", data)
    assert (response.status_code, response["Location"]) == (302, "/upload/")


def test_sign_in_goes_nowhere_else(client: Client, ana: User) -> None:
    ana.set_password("pass-word-12345")
    ana.save()
    data = {"username": "ana", "password": "pass-word-12345", "next": "https://evil.example/"}
    assert client.post("/sign-in/", data)["Location"] == "/"


def test_sign_in_with_a_wrong_password_keeps_one_out(client: Client, ana: User) -> None:
    response = client.post("/sign-in/", {"username": "ana", "password": "wrong"})
    assert (response.status_code, signed_in_as(client)) == (422, None)


def test_sign_in_link_works_once(client: Client, ana: User) -> None:
    token = SignInLink.issue(ana.pk, timezone.now())
    seen = client.get(f"/sign-in/link/{token}/")
    assert (seen.status_code, signed_in_as(client)) == (200, None)
    used = client.post(f"/sign-in/link/{token}/")
    assert (used.status_code, used["Location"], signed_in_as(client)) == (302, "/", str(ana.pk))
    assert Client().post(f"/sign-in/link/{token}/").status_code == 404


def test_sign_in_links_that_do_not_work_look_alike(ana: User) -> None:
    now = timezone.now()
    used = SignInLink.issue(ana.pk, now)
    Client().post(f"/sign-in/link/{used}/")
    expired = SignInLink.issue(ana.pk, now - dt.timedelta(days=1))
    answers = [Client().get(f"/sign-in/link/{token}/") for token in (used, expired, "unknown")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({body(answer).split("hx-headers", 1)[1].split(">", 1)[1] for answer in answers}) == 1


@pytest.mark.parametrize("name", ["ana", None])
def test_admin_has_no_door_of_its_own(name: str | None, client: Client, ana: User) -> None:
    if name is None:
        response = client.get("/admin/login/?next=/admin/")
        assert (response.status_code, response["Location"]) == (
            302,
            "/sign-in/?next=%2Fadmin%2F",
        )
    else:
        client.force_login(ana)
        assert client.get("/admin/login/?next=/admin/").status_code == 403
