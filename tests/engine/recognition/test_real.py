"""The bundled engine on real sound: models, voices and words, through the whole child."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from conversations.engine import audio, tasks
from conversations.engine.models import Job, Member, Message
from conversations.engine.recognition.bundled import engine, status
from conversations.engine.recognition.media import decode
from conversations.engine.recognition.runner import recognise
from conversations.engine.recognition.types import BUNDLED
from conversations.samples import SAMPLES
from tests.benchmarks.scoring import Stretch, diarization_error_rate, word_error_rate
from tests.engine.recognition.sounds import write_stereo, write_wave

pytestmark = pytest.mark.skipif(not status().available, reason=status().reason or "available")


def test_bundled_engine_hears_two_people_and_their_words() -> None:
    sample = next(sample for sample in SAMPLES if sample.name == "interview-2")

    result = recognise(sample.path)

    assert result.speakers == 2
    assert result.seconds == pytest.approx(sample.truth().duration, abs=0.1)
    assert [piece.speaker for piece in result.pieces] == [0, 1] * 8
    heard = " ".join(piece.text for piece in result.pieces).lower()
    expected = ["my name is may", "about one word in ten", "what is still missing, john"]
    assert [words for words in expected if words in heard] == expected


@pytest.mark.django_db
def test_bundled_engine_hears_each_channel_as_one_named_person(
    job: Job, settings: Settings
) -> None:
    settings.ENGINE_FACTORY = BUNDLED
    sample = next(sample for sample in SAMPLES if sample.name == "interview-1")
    turns = sample.truth().turns[:6]
    pcm = decode(sample.path).pcm[: int(turns[-1].end * 16_000)]
    channels = {name: np.zeros_like(pcm) for name in ("Anna", "John")}
    for turn in turns:
        part = slice(int(turn.start * 16_000), int(turn.end * 16_000))
        channels[turn.speaker][part] = pcm[part]
    write_stereo(audio.path_of(job.audio), channels["John"], channels["Anna"])
    people = [{"channel": 1, "speaker": {"name": "John", "email": "john@example.test"}},
              {"channel": 2, "speaker": {"name": "Anna"}}]  # fmt: skip
    Job.objects.update(
        options={"enableSeparateRecognitionPerChannel": True, "channelMetadata": people}
    )

    tasks.work()

    said: dict[str, list[str]] = {"Anna": [], "John": []}
    for name, text in Message.objects.values_list("member__name", "text"):
        said[name].append(text)
    truth = {name: " ".join(turn.text for turn in turns if turn.speaker == name) for name in said}
    errors = {name: word_error_rate(truth[name], " ".join(said[name])) for name in said}
    assert max(errors.values()) < 0.15
    assert Member.objects.get(email="john@example.test").name == "John"


@pytest.mark.parametrize("hertz", [0.0, 440.0])
def test_bundled_engine_hears_nobody_where_nobody_speaks(tmp_path: Path, hertz: float) -> None:
    result = recognise(write_wave(tmp_path / "quiet.wav", seconds=3, hertz=hertz))

    assert (result.pieces, result.speakers, result.seconds) == ((), 0, 3.0)


@pytest.mark.parametrize("speakers", [None, 2])
def test_bundled_engine_cuts_where_the_speaker_changes_without_a_pause(
    speakers: int | None,
) -> None:
    sample = next(sample for sample in SAMPLES if sample.name == "interview-1")
    pcm = decode(sample.path).pcm
    sounds, truth, now = [], [], 0.0
    for turn in sample.truth().turns[3:13]:
        sounds.append(pcm[int(turn.start * 16_000) : int(turn.end * 16_000)])
        truth.append(Stretch(now, now + turn.end - turn.start, turn.speaker))
        now = truth[-1].end

    spans = engine()[0].turns(np.concatenate(sounds), speakers)

    found = [Stretch(span.start, span.end, str(span.speaker)) for span in spans]
    assert diarization_error_rate(truth, found, collar=0.25) < 0.05
    assert [span.speaker for span in spans[:2]] == [0, 1]
