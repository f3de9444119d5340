"""Addresses and readings that the tests of the screens share."""

import datetime as dt
import html
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.urls import reverse

from conversations.models import Conversation, Member
from conversations.samples import SAMPLES

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HTMX: dict[str, Any] = {"HX-Request": "true"}


def address(name: str, conversation: Conversation, *rest: object) -> str:
    return reverse(f"conversations:{name}", args=[conversation.uuid, *rest])


def member_address(name: str, member: Member) -> str:
    return address(name, member.conversation, member.pk)


def body(response: HttpResponseBase) -> str:
    return b"".join(response).decode()


def errors(response: HttpResponseBase) -> list[str]:
    """Return the sentences of the page's error lists."""
    lists = re.findall(r'<ul class="errors".*?</ul>', body(response), re.DOTALL)
    return [html.unescape(text) for found in lists for text in re.findall(r"<li>(.*?)</li>", found)]


def sample_upload() -> SimpleUploadedFile:
    """Return a short recording as a browser would send it."""
    return SimpleUploadedFile("part two.mp3", SAMPLES[1].path.read_bytes())
