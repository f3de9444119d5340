"""How ids, options and media types end up in a request."""

from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qsl

import pytest

from conversations.symbl import OutcomeUnknown
from conversations.symbl.encoding import CHUNK_BYTES, chunks_of, content_type_of, query_of, segment


def test_query_encodes_each_option_as_the_contract_says() -> None:
    query = query_of(
        {
            "name": "Weekly sync & more",
            "confidenceThreshold": 0.6,
            "diarizationSpeakerCount": 3,
            "enableSpeakerDiarization": True,
            "detectEntities": False,
            "languageCode": None,
            "customVocabulary": ["alpha", "beta"],
            "channelMetadata": [{"channel": 1, "speaker": {"name": "Zoë"}}],
        }
    )
    assert query == (
        "name=Weekly%20sync%20%26%20more&confidenceThreshold=0.6&diarizationSpeakerCount=3"
        "&enableSpeakerDiarization=true&detectEntities=false"
        "&customVocabulary=%5B%22alpha%22%2C%22beta%22%5D"
        "&channelMetadata=%5B%7B%22channel%22%3A1%2C%22speaker%22%3A%7B%22name%22%3A"
        "%22Zo%C3%AB%22%7D%7D%5D"
    )
    assert dict(parse_qsl(query))["channelMetadata"] == '[{"channel":1,"speaker":{"name":"Zoë"}}]'


@pytest.mark.parametrize(
    ("value", "error"), [(float("nan"), ValueError), (b"bytes", TypeError), ({1}, TypeError)]
)
def test_query_refuses_what_it_cannot_express(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        query_of({"option": value})


@pytest.mark.parametrize(
    ("identifier", "encoded"),
    [("5120345678901234", "5120345678901234"), ("a/../b?c#d", "a%2F..%2Fb%3Fc%23d")],
)
def test_segment_keeps_an_id_in_its_place(identifier: str, encoded: str) -> None:
    assert segment(identifier) == encoded


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_segment_refuses_ids_that_lead_elsewhere(identifier: str) -> None:
    with pytest.raises(ValueError, match="cannot be the id"):
        segment(identifier)


def test_content_type_is_sent_only_where_the_api_takes_it() -> None:
    assert [
        content_type_of("audio", "audio/wav"),
        content_type_of("audio", "audio/mpeg"),
        content_type_of("audio", "audio/flac"),
        content_type_of("audio", None),
        content_type_of("video", "video/mp4"),
        content_type_of("video", None),
    ] == ["audio/wav", "audio/mpeg", None, None, "video/mp4", "video/mp4"]


def test_chunks_never_exceed_the_announced_size() -> None:
    grown = BytesIO(b"x" * (CHUNK_BYTES + 10))
    assert [len(chunk) for chunk in chunks_of(grown, CHUNK_BYTES + 3, None)] == [CHUNK_BYTES, 3]


def test_chunks_of_an_empty_recording_are_none() -> None:
    calls: list[tuple[int, int]] = []
    assert list(chunks_of(BytesIO(), 0, lambda *progress: calls.append(progress))) == []
    assert calls == []


def test_chunks_that_cannot_be_read_leave_the_outcome_unknown() -> None:
    class BrokenDisk(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("input/output error")

    for recording in (BrokenDisk(), BytesIO(b"short")):
        chunks: Iterator[bytes] = chunks_of(recording, 6, None)
        with pytest.raises(OutcomeUnknown) as caught:
            list(chunks)
        assert caught.value.accepted is False
