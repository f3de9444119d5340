"""What the screens say about who made a transcript."""

import pytest
from pytest_django import Settings

from conversations.pipeline.engine_status import made_by


@pytest.mark.parametrize(
    ("address", "metadata", "said"),
    [
        ("http://127.0.0.1:8000/engine", {"recogniser": "moonshine 0.1.0"}, "moonshine 0.1.0"),
        ("http://127.0.0.1:8000/engine", {"agent": "ida"}, ""),
        ("https://symbl.example.test", {}, "https://symbl.example.test"),
        ("https://symbl.example.test", {"recogniser": 3}, "https://symbl.example.test"),
    ],
    ids=["bundled", "a text", "another server", "another server's own metadata"],
)
def test_made_by_is_what_the_server_tells(
    settings: Settings, address: str, metadata: dict[str, object], said: str
) -> None:
    settings.SYMBL_BASE_URL = address
    assert made_by(metadata) == said
