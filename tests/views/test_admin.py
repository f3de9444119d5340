"""The Django admin: a look behind the screens, for staff, that changes no history."""

import datetime as dt

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.models import (
    Append,
    Conversation,
    Gate,
    Member,
    Recording,
    UnreadableAnswer,
)

SHOWN = sorted(model._meta.model_name or "" for model in site._registry)


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def append(conversation: Conversation, recording: Recording) -> Append:
    Member.objects.create(conversation=conversation, remote_id="m0", name="Ida")
    return Append.objects.create(
        conversation=conversation, recording=recording, seq=1, state_since=timezone.now()
    )


def test_the_admin_shows_what_there_is_to_look_at() -> None:
    """Above all not the queue's tables: their rows hold pickles."""
    assert SHOWN == [
        "append", "change", "conversation", "gate", "group", "heartbeat", "insight", "member",
        "message", "recording", "report", "speakereventbatch", "team", "unreadableanswer",
        "user", "webhookhit",
    ]  # fmt: skip


@pytest.mark.parametrize("model", [name for name in SHOWN if name not in ("group", "user")])
def test_every_list_can_be_read(staff: Client, append: Append, model: str) -> None:
    response = staff.get(reverse(f"admin:conversations_{model}_changelist"), {"q": "x"})
    assert response.status_code == 200


def test_an_append_can_be_read_and_not_changed(staff: Client, append: Append) -> None:
    address = reverse("admin:conversations_append_change", args=[append.pk])
    assert "tones.wav" in staff.get(address).content.decode()
    assert staff.post(address, {"state": "synced"}).status_code == 403
    append.refresh_from_db()
    assert append.state == "queued"


def test_an_unreadable_answer_is_shown_as_it_came_and_not_changed(staff: Client) -> None:
    answer = UnreadableAnswer.objects.create(
        at=timezone.now(), request="GET /v1/conversations/1/topics", place="topics[3].score",
        problem="a number is expected", body='{"topics": ["<script>"]}',
    )  # fmt: skip
    listed = staff.get(reverse("admin:conversations_unreadableanswer_changelist"))
    assert "topics[3].score" in listed.content.decode()
    address = reverse("admin:conversations_unreadableanswer_change", args=[answer.pk])
    assert (
        "{&quot;topics&quot;: [&quot;&lt;script&gt;&quot;]}" in staff.get(address).content.decode()
    )
    assert staff.post(address, {"body": ""}).status_code == 403


@pytest.mark.parametrize("model", ["insight", "report", "webhookhit", "speakereventbatch"])
def test_what_the_service_writes_is_read_only(staff: Client, model: str) -> None:
    assert staff.get(reverse(f"admin:conversations_{model}_add")).status_code == 403


def test_the_admin_is_for_staff(append: Append, ana: User) -> None:
    client = Client()
    client.force_login(ana)
    address = reverse("admin:conversations_append_changelist")
    assert client.get(address, follow=True).status_code == 403


def test_staff_and_nobody_else_is_led_to_the_admin(staff: Client, ana: User) -> None:
    link = '<a class="button quiet" href="/admin/">Admin</a>'
    others = Client()
    others.force_login(ana)
    assert [link in client.get("/").content.decode() for client in (staff, others)] == [True, False]


def test_tables_are_called_by_their_names(staff: Client) -> None:
    text = staff.get("/admin/").content.decode()
    assert ("Speaker event batches" in text, "batchs" in text) == (True, False)


def test_a_gate_says_whether_anything_is_held_back(db: None) -> None:
    gate = Gate.objects.create()
    assert str(gate) == "nothing is held back"
    gate.pause_until = dt.datetime(2999, 1, 1, 14, 5, 9, tzinfo=dt.UTC)
    assert str(gate) == "paused until 14:05:09 UTC"


def test_the_admin_counts_hours_to_24(staff: Client, append: Append) -> None:
    Append.objects.update(state_since=dt.datetime(2026, 11, 20, 15, 53, 6, tzinfo=dt.UTC))
    listed = staff.get(reverse("admin:conversations_append_changelist")).content.decode()
    assert "20 Nov 2026, 15:53:06" in listed
