"""What the form for a recording says about rules of the API that it leaves to the server."""

from django.test import Client

from conversations.models import Conversation
from tests.views.support import address, body


def test_the_form_says_which_separation_wins(reviewer: Client, conversation: Conversation) -> None:
    page = body(reviewer.get(address("conversation-append", conversation)))
    assert page.count("Both are on: telling the voices apart wins") == 1


def test_the_form_says_whose_speakers_an_append_brings(
    reviewer: Client, conversation: Conversation
) -> None:
    page = body(reviewer.get(address("conversation-append", conversation)))
    assert "It is added at the end, and its speakers come in as new ones." in page
