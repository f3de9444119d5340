"""Recordings in ranges."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Recording
from conversations.views.media import Span, Unsatisfiable, wanted_span
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
