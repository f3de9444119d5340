"""Decoding: every common format, and every way a file can be wrong."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from conversations.engine.recognition.media import count_channels, decode
from conversations.engine.recognition.types import RecognitionError
from tests.engine.recognition.sounds import write_channels, write_media, write_wave

FORMATS = [
    ("mp3", "libmp3lame"),
    ("m4a", "aac"),
    ("mp4", "aac"),
    ("aac", "aac"),
    ("flac", "flac"),
    ("ogg", "libopus"),
    ("opus", "libopus"),
    ("webm", "libopus"),
    ("mkv", "aac"),
    ("wav", "pcm_s16le"),
]

# Of the tones the tests write: effective value, full scale being 1.
LEVEL = 8000 / 32768 / 2**0.5


def refusal(path: Path, *, max_seconds: float = 60.0) -> tuple[str, str]:
    with pytest.raises(RecognitionError) as caught:
        decode(path, max_seconds=max_seconds)
    return caught.value.code, caught.value.reason


def pitch(pcm: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(pcm))) * 16_000 / len(pcm))


@pytest.mark.parametrize(("ending", "codec"), FORMATS)
def test_decode_reads_every_common_format(tmp_path: Path, ending: str, codec: str) -> None:
    sound = decode(write_media(tmp_path / f"tone.{ending}", codec=codec))

    assert sound.pcm.dtype == np.float32
    assert sound.pcm.shape == (round(sound.seconds * 16_000),)
    assert sound.seconds == pytest.approx(3.0, abs=0.15)
    assert pitch(sound.pcm) == pytest.approx(440, abs=1)
    assert float(np.sqrt((sound.pcm**2).mean())) == pytest.approx(LEVEL, abs=0.01)


def test_decode_takes_the_sound_of_a_video(tmp_path: Path) -> None:
    path = write_media(tmp_path / "meeting.mp4", codec="aac", with_video=True)

    sound = decode(path)

    assert sound.seconds == pytest.approx(3.0, abs=0.15)
    assert sound.stated_seconds == pytest.approx(3.0, abs=0.15)


def test_decode_takes_one_channel_alone(tmp_path: Path) -> None:
    path = write_channels(tmp_path / "tones.wav", 440.0, 0.0, 330.0, seconds=2, rate=48_000)

    sounds = [decode(path, channel=channel) for channel in range(4)]

    assert [sound.pcm.shape for sound in sounds] == [(32_000,)] * 4
    assert [float(np.sqrt((sound.pcm**2).mean())) for sound in sounds] == pytest.approx(
        [LEVEL, 0.0, LEVEL, 0.0], abs=0.005
    )
    assert [pitch(sounds[channel].pcm) for channel in (0, 2)] == pytest.approx([440, 330], abs=1)


def test_decode_keeps_the_time_of_a_channel_that_stops_in_the_middle(tmp_path: Path) -> None:
    stereo = write_media(tmp_path / "stereo.aac", codec="aac")
    mono = write_media(tmp_path / "mono.aac", codec="aac", layout="mono")
    both = tmp_path / "both.aac"
    both.write_bytes(stereo.read_bytes() + mono.read_bytes())

    second = decode(both, channel=1)

    assert second.seconds == pytest.approx(6.0, abs=0.2)
    assert float(np.abs(second.pcm[: 2 * 16_000]).max()) > LEVEL
    assert float(np.abs(second.pcm[-2 * 16_000 :]).max()) == 0.0


def test_count_channels_tells_how_many_there_are(tmp_path: Path) -> None:
    mono = write_wave(tmp_path / "mono.wav", seconds=1)
    most = write_channels(tmp_path / "most.wav", *[440.0] * 16, seconds=1)

    assert [count_channels(mono), count_channels(most)] == [1, 16]


def test_count_channels_refuses_too_many(tmp_path: Path) -> None:
    path = write_channels(tmp_path / "many.wav", *[440.0] * 17, seconds=1)

    with pytest.raises(RecognitionError) as caught:
        count_channels(path)

    assert (caught.value.code, caught.value.reason) == (
        "too_many_channels",
        "The recording has 17 channels; at most 16 can be recognised one by one.",
    )


def test_decode_states_the_length_the_file_claims(tmp_path: Path) -> None:
    sound = decode(write_wave(tmp_path / "tone.wav", seconds=2.5))

    assert (sound.seconds, sound.stated_seconds) == (2.5, 2.5)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_decode_keeps_the_length_exactly(tmp_path: Path, rate: int) -> None:
    assert decode(write_wave(tmp_path / "tone.wav", seconds=2, rate=rate)).pcm.shape == (32_000,)


def test_decode_follows_a_change_of_rate_in_the_middle(tmp_path: Path) -> None:
    first = write_media(tmp_path / "first.aac", codec="aac", rate=48_000)
    second = write_media(tmp_path / "second.aac", codec="aac", rate=24_000)
    both = tmp_path / "both.aac"
    both.write_bytes(first.read_bytes() + second.read_bytes())

    sound = decode(both)

    assert sound.seconds == pytest.approx(6.0, abs=0.2)
    assert pitch(sound.pcm) == pytest.approx(440, abs=1)


def test_decode_ignores_a_title_in_another_encoding(tmp_path: Path) -> None:
    path = write_media(tmp_path / "tone.caf", codec="pcm_s16le", title="Gr?sse")
    path.write_bytes(path.read_bytes().replace(b"Gr?sse", b"Gr\xfcsse"))

    assert decode(path).seconds == 3.0


def test_decode_grows_beyond_its_first_block(tmp_path: Path) -> None:
    path = write_wave(tmp_path / "long.wav", seconds=250, hertz=100)

    sound = decode(path)

    assert sound.seconds == 250.0
    assert pitch(sound.pcm) == pytest.approx(100, abs=0.1)


def test_decode_reports_progress_up_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []

    decode(write_wave(tmp_path / "tone.wav", seconds=2), progress=told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("ending", "codec"), [("mp3", "libmp3lame"), ("mp4", "aac"), ("wav", "pcm_s16le")]
)
def test_decode_gives_what_is_there_of_a_truncated_file(
    tmp_path: Path, ending: str, codec: str
) -> None:
    path = write_media(tmp_path / f"broken.{ending}", codec=codec, seconds=10)
    if ending == "mp4":
        move_index_to_front(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])

    sound = decode(path)

    assert sound.seconds == pytest.approx(6.0, abs=0.5)
    assert pitch(sound.pcm) == pytest.approx(440, abs=1)


def move_index_to_front(path: Path) -> None:
    """Rewrite an MP4 as a phone streams it; with the index at the end nothing could be read."""
    front = path.with_name("front.mp4")
    with (
        av.open(str(path)) as source,
        av.open(str(front), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = source.streams.audio[0]
        copied = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copied
                target.mux(packet)
    front.replace(path)


def test_decode_refuses_an_mp4_cut_before_its_index(tmp_path: Path) -> None:
    path = write_media(tmp_path / "broken.mp4", codec="aac", seconds=10)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])

    assert refusal(path)[0] == "unreadable"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Just some words about a meeting.\n" * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile tone.wav\n",
    ],
    ids=["empty", "text", "picture", "playlist", "list of files"],
)
def test_decode_refuses_what_is_no_recording(tmp_path: Path, content: bytes) -> None:
    write_wave(tmp_path / "tone.wav", seconds=1)
    path = tmp_path / "strange.mp3"
    path.write_bytes(content)

    assert refusal(path) == (
        "unreadable",
        "The file is damaged or is not a known audio or video format.",
    )


def test_decode_refuses_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.wav")[0] == "unreadable"


def test_decode_refuses_a_file_without_samples(tmp_path: Path) -> None:
    assert refusal(write_wave(tmp_path / "none.wav", seconds=0)) == (
        "unreadable",
        "The sound in the file could not be decoded.",
    )


def test_decode_refuses_a_silent_film(tmp_path: Path) -> None:
    path = write_media(tmp_path / "film.mp4", codec=None, with_video=True)

    assert refusal(path) == ("no_audio", "The file contains no sound.")


@pytest.mark.parametrize(
    ("limit", "words"), [(2.0, "2 seconds"), (60.0, "1 minute"), (120.0, "2 minutes")]
)
def test_decode_refuses_a_recording_over_the_limit(
    tmp_path: Path, limit: float, words: str
) -> None:
    path = write_wave(tmp_path / "long.wav", seconds=limit + 1, rate=8000)

    assert refusal(path, max_seconds=limit) == (
        "too_long",
        f"The recording is longer than {words}.",
    )


def test_decode_accepts_a_recording_at_the_limit(tmp_path: Path) -> None:
    assert decode(write_wave(tmp_path / "tone.wav", seconds=2), max_seconds=2).seconds == 2.0


def test_decode_gives_silence_as_silence(tmp_path: Path) -> None:
    sound = decode(write_wave(tmp_path / "silence.wav", seconds=3, hertz=0))

    assert np.array_equal(sound.pcm, np.zeros(48_000, np.float32))
