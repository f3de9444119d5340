"""Webhooks: told of each status in order, again until they answer 200, and nobody else is."""

import datetime as dt
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from pytest_httpserver import HTTPServer
from werkzeug import Response

from conversations import addresses, sealing
from conversations.engine import jobs, webhooks
from conversations.engine.models import Delivery, Job, Status
from tests.doubles import wakes
from tests.engine.support import NOW, result

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(job: Job, httpserver: HTTPServer) -> HTTPServer:
    """A webhook on loopback that the job has; answers 200 unless the test says otherwise."""
    job.webhook = sealing.seal(httpserver.url_for("/hooks/secret"))
    job.save()
    return httpserver


def bodies(server: HTTPServer) -> list[object]:
    return [request.get_json() for request, _ in server.log]


def test_a_job_without_a_webhook_tells_nobody(job: Job) -> None:
    webhooks.announce(job, NOW)
    assert not Delivery.objects.exists()


def test_a_job_is_told_of_three_times(job: Job, told: HTTPServer) -> None:
    told.expect_request("/hooks/secret", method="POST").respond_with_data("")
    webhooks.announce(job, NOW)
    claimed = jobs.claim(NOW)
    assert claimed is not None
    jobs.complete(claimed, result(), recogniser="none")
    webhooks.deliver_due()
    assert bodies(told) == [
        {"id": str(job.pk), "status": "scheduled"},
        {"id": str(job.pk), "status": "in_progress"},
        {"id": str(job.pk), "status": "completed"},
    ]
    assert Delivery.objects.filter(heard_at__isnull=False, next_at=None).count() == 3


def test_a_failure_is_the_third_word(job: Job, told: HTTPServer) -> None:
    told.expect_request("/hooks/secret").respond_with_data("")
    claimed = jobs.claim(NOW)
    assert claimed is not None
    jobs.fail(claimed, "Nothing to hear.")
    assert [row.status for row in Delivery.objects.all()] == ["in_progress", "failed"]


def test_the_id_can_be_called_as_the_tables_call_it(
    job: Job, told: HTTPServer, settings: Settings
) -> None:
    settings.ENGINE_WEBHOOK_ID_FIELDS = ("id", "jobId")
    told.expect_request("/hooks/secret").respond_with_data("")
    webhooks.announce(job, NOW)
    webhooks.deliver_due()
    assert bodies(told) == [{"id": str(job.pk), "jobId": str(job.pk), "status": "scheduled"}]


def test_a_change_wakes_a_worker_once_it_is_committed(
    job: Job, told: HTTPServer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        webhooks.announce(job, NOW)
        assert wakes.webhooks == []
    assert wakes.webhooks == [0.0]


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
def test_anything_but_200_is_not_heard(job: Job, told: HTTPServer, status: int) -> None:
    told.expect_request("/hooks/secret").respond_with_response(
        Response(status=status, headers={"Location": told.url_for("/elsewhere")})
    )
    with time_machine.travel(NOW, tick=False):
        webhooks.announce(job, NOW)
        webhooks.deliver_due()
    delivery = Delivery.objects.get()
    assert (delivery.heard_at, delivery.attempts, delivery.next_at) == (
        None,
        1,
        NOW + webhooks.WAITS[0],
    )
    assert wakes.webhooks == [webhooks.WAITS[0].total_seconds()]
    assert [request.path for request, _ in told.log] == ["/hooks/secret"]


def test_a_webhook_that_never_hears_is_given_up(job: Job, told: HTTPServer) -> None:
    told.expect_request("/hooks/secret").respond_with_data("", status=500)
    webhooks.announce(job, NOW)
    moments: list[dt.datetime] = []
    while (delivery := Delivery.objects.get()).next_at is not None:
        moments.append(delivery.next_at)
        with time_machine.travel(delivery.next_at, tick=False):
            webhooks.deliver_due()
    assert len(told.log) == len(webhooks.WAITS) + 1
    assert [after - before for before, after in itertools.pairwise(moments)] == list(webhooks.WAITS)
    assert (delivery.heard_at, delivery.next_at) == (None, None)


def test_what_waits_does_not_hold_up_what_follows(job: Job, told: HTTPServer) -> None:
    told.expect_ordered_request("/hooks/secret").respond_with_data("", status=500)
    told.expect_ordered_request("/hooks/secret").respond_with_data("")
    webhooks.announce(job, NOW)
    job.status = Status.FAILED
    webhooks.announce(job, NOW)
    webhooks.deliver_due()
    heard = dict(Delivery.objects.values_list("status", "attempts"))
    assert heard == {"scheduled": 1, "failed": 1}
    assert Delivery.objects.get(status="failed").heard_at is not None


def test_no_other_host_is_called(job: Job, told: HTTPServer, settings: Settings) -> None:
    """A host that an admin has taken off the list again, though it would answer."""
    here = told.url_for("/hooks/secret").replace("localhost", "webhooks.example.test")
    settings.ENGINE_WEBHOOK_HOSTS = ["webhooks.example.test"]
    told.expect_request("/hooks/secret").respond_with_data("")
    job.webhook = sealing.seal(here)
    job.save()
    webhooks.announce(job, NOW)
    with named("webhooks.example.test", told.host):
        settings.ENGINE_WEBHOOK_HOSTS = []
        webhooks.deliver_due()
        assert (told.log, Delivery.objects.get().heard_at) == ([], None)
        settings.ENGINE_WEBHOOK_HOSTS = ["webhooks.example.test"]
        Delivery.objects.update(next_at=NOW)
        webhooks.deliver_due()
    assert len(told.log) == 1


@contextmanager
def named(name: str, host: str) -> Iterator[None]:
    """Have `name` lead to where `host` does."""
    with pytest.MonkeyPatch.context() as patch:
        known = addresses.resolve
        patch.setattr(
            addresses, "resolve", lambda asked, port: known(host if asked == name else asked, port)
        )
        yield


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:9/hook/\u00e9", "http://[::1/", "x"])
def test_one_strange_address_stops_nobody_else(job: Job, told: HTTPServer, address: str) -> None:
    told.expect_request("/hooks/secret").respond_with_data("")
    strange = Job.objects.create(
        conversation=job.conversation,
        seq=2,
        audio="audio/second",
        created_at=NOW,
        webhook=sealing.seal(address),
    )
    webhooks.announce(strange, NOW)
    webhooks.announce(job, NOW)
    webhooks.deliver_due()
    assert bodies(told) == [{"id": str(job.pk), "status": "scheduled"}]
    assert Delivery.objects.get(job=strange).attempts == 1


def test_a_webhook_that_drips_is_not_waited_for(
    job: Job, told: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TRY_SECONDS", 0.0)
    told.expect_request("/hooks/secret").respond_with_data("")
    webhooks.announce(job, NOW)
    webhooks.deliver_due()
    assert Delivery.objects.get().heard_at is None


def test_the_body_of_an_answer_is_left_unread(job: Job, told: HTTPServer) -> None:
    def endless() -> Iterator[bytes]:
        while not job_is_heard():
            yield b"x" * 1000

    def job_is_heard() -> bool:
        return heard.is_set()

    heard = threading.Event()
    told.expect_request("/hooks/secret").respond_with_response(Response(endless()))
    webhooks.announce(job, NOW)
    webhooks.deliver_due()
    heard.set()
    assert Delivery.objects.get().heard_at is not None


def test_an_address_that_cannot_be_read_any_more_is_not_heard(
    job: Job, told: HTTPServer, settings: Settings
) -> None:
    webhooks.announce(job, NOW)
    settings.SECRET_KEY = "another key than the one it was sealed with"
    webhooks.deliver_due()
    assert told.log == []
    assert Delivery.objects.get().heard_at is None


def test_the_database_holds_no_address(job: Job, told: HTTPServer) -> None:
    stored = Job.objects.values().get()
    assert "secret" not in str(stored)


def test_a_delivery_that_somebody_tries_is_left_alone(job: Job, told: HTTPServer) -> None:
    webhooks.announce(job, NOW)
    Delivery.objects.update(next_at=dt.datetime.now(dt.UTC) + webhooks.HELD)
    webhooks.deliver_due()
    assert told.log == []


def test_the_sweep_wakes_for_a_delivery_that_is_due(job: Job, told: HTTPServer) -> None:
    webhooks.wake_if_due(NOW)
    assert wakes.webhooks == []
    webhooks.announce(job, NOW)
    wakes.forget()
    webhooks.wake_if_due(NOW)
    assert wakes.webhooks == [0.0]
