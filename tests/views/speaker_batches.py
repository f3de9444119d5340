"""What the tests of the screens of speaker events share."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client

from conversations.models import Conversation, Member, SpeakerEventBatch
from tests.pipeline.speaker_lines import add_lines, add_speaker
from tests.views.support import address

CSV = "start,end,speaker,email,id\n"


def add_members(conversation: Conversation) -> dict[str, Member]:
    """Add Speaker 1, who has the first two lines, and Bo, who has the third."""
    rows = {
        "p1": add_speaker(conversation, "p1", "Speaker 1"),
        "p2": add_speaker(conversation, "p2", "Bo", "bo@example.test"),
    }
    add_lines(conversation, [rows["p1"], rows["p1"], rows["p2"]])
    return rows


def bring_in(client: Client, conversation: Conversation, **fields: Any) -> HttpResponseBase:
    typed = {"format": "", "first_only": "on", **fields}
    return client.post(address("speaker-events", conversation), typed)


def file(text: str, name: str = "who.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def of(name: str, batch: SpeakerEventBatch, *rest: object) -> str:
    return address(name, batch.conversation, batch.uuid, *rest)


def digest_in(page: str) -> str:
    return page.split('name="digest" value="')[1].partition('"')[0]
