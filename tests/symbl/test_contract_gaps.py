"""Every submission of the documents and every parameter of theirs, as the client sends it."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from conversations.symbl import Accepted, Kind, Person, SymblClient, TextMessage
from conversations.symbl.payloads import read_insights
from tests.symbl.conftest import Server

ACCEPTED = {"conversationId": "5815170693595136", "jobId": "9b1deb4d"}
ADDRESS = "https://media.example.org/weekly"
DIARIZATION: dict[str, object] = {"enableSpeakerDiarization": True, "diarizationSpeakerCount": 2}
#: What the pages on appending audio and video list, but for speaker separation.
PARAMETERS: dict[str, object] = {
    "name": "Business Meeting",
    "webhookUrl": "https://hooks.example.org/jobs/callback",
    "customVocabulary": ["Platform", "Discussion"],
    "confidenceThreshold": 0.6,
    "detectPhrases": True,
    "entities": [{"customType": "identify_colour", "text": "blue"}],
    "detectEntities": True,
    "enableSeparateRecognitionPerChannel": True,
    "channelMetadata": [{"channel": 1, "speaker": {"name": "Ida", "email": "ida@example.test"}}],
    "languageCode": "en-US",
    "mode": "phone",
    "trackers": [{"name": "Prices", "vocabulary": ["price"]}],
    "enableAllTrackers": True,
    "enableSummary": True,
}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "meeting.mp4"
    path.write_bytes(b"sound")
    return path


def written(options: dict[str, object]) -> dict[str, str]:
    """Return options as they stand in a query."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        for name, value in options.items()
    }


def query_of(line: str) -> dict[str, str]:
    """Return the query of a request line of the server."""
    return dict(parse_qsl(urlsplit(line.partition(" ")[2]).query))


@pytest.mark.parametrize("kind", ["audio", "video"])
@pytest.mark.parametrize("conversation_id", [None, "5815170693595136"])
def test_each_submission_has_its_method_and_path(
    *,
    server: Server,
    client: SymblClient,
    recording: Path,
    kind: Kind,
    conversation_id: str | None,
) -> None:
    server.status, server.answers = 201, [ACCEPTED]
    accepted = [
        client.submit_file(
            recording,
            kind=kind,
            conversation_id=conversation_id,
            content_type=None,
            options={},
        ),
        client.submit_url(ADDRESS, kind=kind, conversation_id=conversation_id, options={}),
        client.submit_text([TextMessage("Hi.")], conversation_id=conversation_id, options={}),
    ]
    method, end = ("PUT", f"/{conversation_id}") if conversation_id else ("POST", "")
    assert accepted == [Accepted("5815170693595136", "9b1deb4d")] * 3
    assert server.lines == [
        f"{method} /v1/process/{what}{end}" for what in (kind, f"{kind}/url", "text")
    ]


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_every_parameter_of_a_file_is_in_the_query(
    server: Server, client: SymblClient, recording: Path, kind: Kind
) -> None:
    server.status, server.answers = 201, [ACCEPTED]
    options = PARAMETERS | DIARIZATION
    client.submit_file(
        recording, kind=kind, conversation_id="42", content_type=None, options=options
    )
    assert query_of(server.lines[0]) == written(options)
    assert server.bodies == [b"sound"]


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_every_parameter_of_an_address_is_in_the_body_but_speaker_separation(
    server: Server, client: SymblClient, kind: Kind
) -> None:
    server.status, server.answers = 201, [ACCEPTED]
    client.submit_url(ADDRESS, kind=kind, conversation_id="42", options=PARAMETERS | DIARIZATION)
    assert query_of(server.lines[0]) == written(DIARIZATION)
    assert server.documents == [PARAMETERS | {"url": ADDRESS}]


def test_an_insight_after_a_renaming_is_read_with_its_stale_assignee() -> None:
    member = {"id": "2f69f1c8", "name": "John Doe", "email": "john@example.com"}
    item = {
        "id": "5501181057040384",
        "text": "I will send the deck.",
        "type": "action_item",
        "score": 1,
        "messageIds": ["5710067261243392"],
        "entities": [],
        "phrases": [{"type": "action_phrase", "text": "send the deck"}],
        "from": member,
        "definitive": True,
        "assignee": {"id": "2f69f1c8", "name": "Speaker 2"},
    }
    (insight,) = read_insights({"insights": [item]})
    assert (insight.person, insight.assignee) == (
        Person("2f69f1c8", "John Doe", "john@example.com"),
        Person("2f69f1c8", "Speaker 2", ""),
    )
