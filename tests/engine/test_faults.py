"""Faults on demand: off unless the settings say so, and each does what its name says."""

import datetime as dt

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from conversations import sealing
from conversations.engine import faults, jobs, webhooks
from conversations.engine.models import Conversation, Faults, Job, Member, Message, Status
from conversations.engine.recognition.types import Piece
from tests.engine.support import NOW, Answer, Api, result

pytestmark = pytest.mark.django_db

BROKEN = {"message": "Failed on demand."}


@pytest.fixture
def faulty(api: Api, settings: Settings) -> Api:
    settings.ENGINE_FAULTS = True
    settings.ENGINE_MAX_JOBS = 100
    return api


def switch(api: Api, **switches: float) -> None:
    assert api.put("v1/faults", switches).status == 200


def submit(api: Api) -> Answer:
    return api.submit("v1/process/audio")


@pytest.fixture
def spoken(conversation: Conversation, job: Job) -> Conversation:
    claimed = jobs.claim(NOW)
    assert claimed is not None
    pieces = [Piece(float(n), n + 0.5, 0, f"Line {n}.") for n in range(4)]
    jobs.complete(claimed, result(*pieces), recogniser="none")
    return conversation


def test_they_are_off_unless_the_settings_say_otherwise(api: Api) -> None:
    Faults.objects.create(switches={"refuse": 1, "token_seconds": 5})
    unknown = Answer(404, {"message": "There is nothing at this path."})
    assert api.put("v1/faults", {"refuse": 1}) == unknown
    assert submit(api).status == 201
    assert not faults.strike("refuse")
    assert faults.seconds("token_seconds") == 0.0


def test_only_who_has_a_token_switches(faulty: Api, client: Client) -> None:
    assert client.put("/engine/v1/faults", {}, content_type="application/json").status_code == 401


@pytest.mark.parametrize("switches", [{"explode": 1}, {"refuse": -1}, {"refuse": 1, "x": 1}])
def test_what_makes_no_sense_changes_nothing(faulty: Api, switches: dict[str, float]) -> None:
    switch(faulty, refuse=1)
    assert faulty.put("v1/faults", switches).status == 400
    assert Faults.objects.get().switches == {"refuse": 1}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400"])
def test_what_is_no_number_changes_nothing(faulty: Api, value: str) -> None:
    body = f'{{"answer_after_seconds": {value}}}'.encode()
    assert faulty.call("PUT", "v1/faults", body, "application/json").status == 400
    assert not Faults.objects.exists()


def test_a_number_counts_down(faulty: Api) -> None:
    switch(faulty, refuse=2)
    assert [submit(faulty).status for _ in range(3)] == [429, 429, 201]
    assert Job.objects.count() == 1


def test_below_one_it_is_a_probability(faulty: Api) -> None:
    switch(faulty, refuse=0.5)
    struck = sum(faults.strike("refuse") for _ in range(300))
    assert 75 < struck < 225


@pytest.mark.parametrize(
    ("name", "status", "created"), [("fail_before", 500, 0), ("fail_after", 502, 1)]
)
def test_a_submission_fails_before_or_after_its_job(
    faulty: Api, name: str, status: int, created: int
) -> None:
    switch(faulty, **{name: 1})
    assert submit(faulty) == Answer(status, BROKEN)
    assert Job.objects.count() == created


def test_the_answer_to_a_submission_is_lost(faulty: Api, client: Client) -> None:
    switch(faulty, lose_answer=1)
    response = client.generic(
        "POST",
        "/engine/v1/process/audio",
        b"sound",
        content_type="",
        headers={"Authorization": f"Bearer {faulty.token}"},
    )
    assert response.status_code == 201
    with pytest.raises(ConnectionAbortedError):
        b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert Job.objects.count() == 1


def test_the_webhook_comes_before_the_answer(
    faulty: Api, httpserver: HTTPServer, transactional_db: None
) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    switch(faulty, webhook_first=1)
    address = httpserver.url_for("/hook")
    answer = faulty.submit(f"v1/process/audio?webhookUrl={address}")
    told = [request.get_json() for request, _ in httpserver.log]
    assert told == [{"id": answer.body["jobId"], "status": "scheduled"}]


def test_a_good_token_is_refused(faulty: Api, spoken: Conversation) -> None:
    switch(faulty, reject_token=1)
    path = f"v1/conversations/{spoken.pk}"
    assert [faulty.get(path).status for _ in range(2)] == [401, 200]


def test_a_token_is_said_to_end_soon(faulty: Api, client: Client, settings: Settings) -> None:
    switch(faulty, token_seconds=7)
    known = settings.ENGINE_CREDENTIALS
    answer = client.post(
        "/engine/oauth2/token:generate",
        {"type": "application", "appId": known.app_id, "appSecret": known.app_secret},
        content_type="application/json",
    )
    assert answer.json() == {"accessToken": faulty.token, "expiresIn": 7}


def test_a_read_fails(faulty: Api, spoken: Conversation) -> None:
    switch(faulty, read_fails=1)
    path = f"v1/conversations/{spoken.pk}/members"
    assert faulty.get(path) == Answer(503, BROKEN)
    assert faulty.get(path).status == 200


def test_a_read_comes_too_early(faulty: Api, spoken: Conversation) -> None:
    switch(faulty, read_early=1)
    path = f"v1/conversations/{spoken.pk}/messages"
    lengths = [len(faulty.get(path).body["messages"]) for _ in range(2)]
    assert lengths == [2, 4]


def test_a_read_names_nobody(faulty: Api, spoken: Conversation) -> None:
    switch(faulty, read_nobody=1)
    path = f"v1/conversations/{spoken.pk}/messages"
    assert [line["from"] for line in faulty.get(path).body["messages"]] == [{}] * 4
    assert all(line["from"]["name"] == "Speaker 1" for line in faulty.get(path).body["messages"])


def test_a_naming_is_done_and_its_answer_lost(faulty: Api, spoken: Conversation) -> None:
    member = Member.objects.get()
    switch(faulty, update_lost=1)
    path = f"v1/conversations/{spoken.pk}/members/{member.pk}"
    body = {"id": str(member.pk), "name": "Ida"}
    assert faulty.put(path, body) == Answer(500, BROKEN)
    assert Member.objects.get().name == "Ida"


def test_a_job_fails_without_a_reason(faulty: Api, job: Job) -> None:
    from conversations.engine import tasks  # noqa: PLC0415 - needs the settings of this test

    switch(faulty, fail_job=1)
    tasks.work(now=lambda: NOW)
    job.refresh_from_db()
    assert (job.status, job.reason, Message.objects.count()) == (Status.FAILED, "", 0)


def test_a_job_stays_scheduled(faulty: Api, job: Job) -> None:
    switch(faulty, schedule_seconds=5)
    assert jobs.claim(NOW + dt.timedelta(seconds=4)) is None
    assert jobs.seconds_to_next(NOW + dt.timedelta(seconds=2)) == 3.0
    assert jobs.claim(NOW + dt.timedelta(seconds=5)) == job


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("webhook_lose", ["in_progress"]),
        ("webhook_double", ["scheduled", "scheduled", "in_progress"]),
        ("webhook_hold", ["in_progress"]),
    ],
)
def test_webhooks_are_lost_doubled_and_reordered(
    faulty: Api, job: Job, httpserver: HTTPServer, name: str, told: list[str]
) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    job.webhook = sealing.seal(httpserver.url_for("/hook"))
    job.save()
    webhooks.announce(job, NOW)
    job.status = Status.IN_PROGRESS
    webhooks.announce(job, NOW)
    switch(faulty, **{name: 1})
    webhooks.deliver_due()
    assert [request.get_json()["status"] for request, _ in httpserver.log] == told
