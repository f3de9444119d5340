"""Recordings in ranges."""

from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Recording
from conversations.views.media import (
    PIECE_BYTES,
    WHOLE_FILES,
    Span,
    Unsatisfiable,
    wanted_span,
)
from tests.views.support import body


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("", None),
        ("bytes=0-0", Span(0, 0)),
        ("bytes=0-", Span(0, 99)),
        ("bytes=10-19", Span(10, 19)),
        ("bytes=90-200", Span(90, 99)),
        ("bytes=-10", Span(90, 99)),
        ("bytes=-200", Span(0, 99)),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("items=0-1", None),
        (f"bytes=0-{'9' * 19}", Span(0, 99)),
        (f"bytes=0-{'9' * 5000}", None),
        (f"bytes={'9' * 5000}-", None),
    ],
)
def test_wanted_span_reads_the_header(header: str, span: Span | None) -> None:
    assert wanted_span(header, 100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_wanted_span_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted_span(header, 100)


@given(st.text(max_size=20), st.integers(1, 10_000))
def test_wanted_span_lies_within_the_file(text: str, size: int) -> None:
    try:
        span = wanted_span(f"bytes={text}", size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span.first <= span.last < size


def whole(recording: Recording) -> bytes:
    with recording.file.open("rb") as stored:
        return bytes(stored.read())


@pytest.fixture
def long(recording: Recording) -> Recording:
    """A recording of more than two pieces."""
    path = Path(recording.file.path)
    with path.open("ab") as stored:
        stored.write(bytes(range(256)) * (2 * PIECE_BYTES // 256))
    recording.size = path.stat().st_size
    recording.save()
    return recording


def test_media_answers_with_the_whole_file(reviewer: Client, recording: Recording) -> None:
    response = reviewer.get(f"/recordings/{recording.uuid}/media")
    headers = {
        name: response[name]
        for name in (
            "Content-Type",
            "Content-Length",
            "Content-Disposition",
            "Accept-Ranges",
            "Cache-Control",
            "X-Content-Type-Options",
            "Content-Security-Policy",
            "ETag",
        )
    }
    assert (response.status_code, b"".join(response), headers) == (
        200,
        whole(recording),
        {
            "Content-Type": "audio/wav",
            "Content-Length": str(recording.size),
            "Content-Disposition": 'inline; filename="tones.wav"',
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "ETag": f'"{recording.sha256}"',
        },
    )


def test_media_answers_with_a_range(reviewer: Client, recording: Recording) -> None:
    response = reviewer.get(f"/recordings/{recording.uuid}/media", headers={"Range": "bytes=4-11"})
    assert (response.status_code, b"".join(response), response["Content-Range"]) == (
        206,
        whole(recording)[4:12],
        f"bytes 4-11/{recording.size}",
    )


def test_media_refuses_a_range_behind_the_end(reviewer: Client, recording: Recording) -> None:
    headers = {"Range": f"bytes={recording.size}-"}
    response = reviewer.get(f"/recordings/{recording.uuid}/media", headers=headers)
    assert (response.status_code, response["Content-Range"], body(response)) == (
        416,
        f"bytes */{recording.size}",
        "",
    )


def test_media_sends_everything_when_the_file_is_another(
    reviewer: Client, recording: Recording
) -> None:
    headers = {"Range": "bytes=0-3", "If-Range": '"older"'}
    response = reviewer.get(f"/recordings/{recording.uuid}/media", headers=headers)
    assert (response.status_code, b"".join(response)) == (200, whole(recording))


def test_media_sends_the_range_when_the_file_is_the_same(
    reviewer: Client, recording: Recording
) -> None:
    headers = {"Range": "bytes=0-3", "If-Range": f'"{recording.sha256}"'}
    response = reviewer.get(f"/recordings/{recording.uuid}/media", headers=headers)
    assert (response.status_code, b"".join(response)) == (206, b"RIFF")


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-", 0, PIECE_BYTES - 1),
        (f"bytes=9-{2 * PIECE_BYTES}", 9, PIECE_BYTES + 8),
        (f"bytes=7-{PIECE_BYTES + 5}", 7, PIECE_BYTES + 5),
    ],
)
def test_media_answers_a_range_with_its_first_piece(
    reviewer: Client, long: Recording, header: str, first: int, last: int
) -> None:
    response = reviewer.get(f"/recordings/{long.uuid}/media", headers={"Range": header})
    assert (response.status_code, response.streaming) == (206, False)
    assert response["Content-Range"] == f"bytes {first}-{last}/{long.size}"
    assert response["Content-Length"] == str(last - first + 1)
    assert response.content == whole(long)[first : last + 1]


def test_media_in_ranges_adds_up_to_the_whole_file(reviewer: Client, long: Recording) -> None:
    received = b""
    while len(received) < long.size:
        headers = {"Range": f"bytes={len(received)}-"}
        received += reviewer.get(f"/recordings/{long.uuid}/media", headers=headers).content
    assert received == whole(long)


def test_media_sends_a_few_long_files_whole_at_a_time(reviewer: Client, long: Recording) -> None:
    path = f"/recordings/{long.uuid}/media"
    unread = [reviewer.get(path) for _ in range(WHOLE_FILES)]
    refused = reviewer.get(path)
    in_part = reviewer.get(path, headers={"Range": "bytes=0-3"})
    assert [response.status_code for response in unread] == [200] * WHOLE_FILES
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert (in_part.status_code, body(in_part)) == (206, "RIFF")
    assert [b"".join(response) for response in unread] == [whole(long)] * WHOLE_FILES
    again = reviewer.get(path)
    assert (again.status_code, b"".join(again)) == (200, whole(long))


@pytest.mark.parametrize("method", ["get", "head"])
def test_media_of_a_file_that_is_gone_is_not_found(
    reviewer: Client, recording: Recording, method: str
) -> None:
    Path(recording.file.path).unlink()
    answer = getattr(reviewer, method)(f"/recordings/{recording.uuid}/media")
    assert answer.status_code == 404


def test_media_is_not_sent_again(reviewer: Client, recording: Recording) -> None:
    headers = {"If-None-Match": f'"{recording.sha256}"'}
    response = reviewer.get(f"/recordings/{recording.uuid}/media", headers=headers)
    assert (response.status_code, body(response)) == (304, "")


def test_media_head_tells_the_size_only(reviewer: Client, recording: Recording) -> None:
    response = reviewer.head(f"/recordings/{recording.uuid}/media")
    assert (response.status_code, response["Content-Length"], body(response)) == (
        200,
        str(recording.size),
        "",
    )


def test_media_name_cannot_break_out_of_the_header(reviewer: Client, recording: Recording) -> None:
    recording.original_name = 'a"\r\nX-Evil: 1.wav'
    recording.save()
    response = reviewer.head(f"/recordings/{recording.uuid}/media")
    assert "X-Evil" not in response
