"""What a file is, from its first bytes."""

import pytest

from conversations.pipeline.sniffing import sniff

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"
# MPEG-1 layer III, 32 kbit/s, 44.1 kHz: frames of 104 bytes.
FRAME = b"\xff\xfb\x10\x00" + bytes(100)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (WAV, "audio/wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64" + bytes(28) + b"fmt ", "audio/wav"),
        (b"fLaC\x00\x00\x00\x22", "audio/flac"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"FORM\x00\x00\x00\x00AIFFCOMM", "audio/aiff"),
        (b"FORM\x00\x00\x00\x00AIFCFVER", "audio/aiff"),
        (b"#!AMR\n\x3c", "audio/amr"),
        (b"\x0b\x77\x00\x00", "audio/ac3"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "audio/x-ms-wma"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"),
        (b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", "video/mp4"),
        (b"\xff\xf1\x50\x80\x00\x1f\xfc", "audio/aac"),
        (b"ID3\x04\x00\x00\x00\x00\x02\x01TSSE", "audio/mpeg"),
        (FRAME + FRAME, "audio/mpeg"),
    ],
)
def test_sniff_names_recordings(head: bytes, media_type: str) -> None:
    assert sniff(head) == media_type


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"R",
        b"This is a text that somebody called meeting.wav.",
        b"RIFF\x24\x00\x00\x00AVI LIST",
        b"RIFF\x24\x00\x00\x00WAVE" + bytes(200),
        b"PK\x03\x04" + WAV,
        b"<html><body>ID3</body></html>",
        b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/secret\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"%PDF-1.7",
        b"\x7fELF\x02\x01\x01",
        b"ID3\x09\x00\x00\x00\x00\x02\x01",
        b"ID3\x04\x00\x00\xff\xff\xff\xff",
        b"\x00\x00\x00\x18ftypheic",
        b"\x1a\x45\xdf\xa3" + bytes(60),
        FRAME + b"GIF89a" + bytes(200),
    ],
)
def test_sniff_refuses_everything_else(head: bytes) -> None:
    assert sniff(head) is None
