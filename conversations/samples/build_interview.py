"""Builds interview-2, the second meeting of the interview series, from synthetic voices.

Run by hand when the text changes: `python -m conversations.samples.build_interview`.
Needs flite, sox and ffmpeg. John has the voice of the man in interview-1 (flite rms);
May has flite slt, made lower so that she is nobody in interview-1.
"""

from __future__ import annotations

import json
import random
import subprocess
import wave
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sound: TypeAlias = NDArray[np.float32]

RATE = 16_000
LEVEL = 0.06
NOISE = 2e-4
FIRST_WORD, PAUSES, ENDING = 0.5, (0.25, 0.9), 0.6
SEED = 7

VOICES = {"John": ("rms", 0), "May": ("slt", -250)}

DIALOGUE = (
    ("May", "Hello John, my name is May. I have taken over the interviews from my colleague."),
    ("John", "Hello May, nice to meet you. How can I help?"),
    ("May", "Last time you said that writing the notes takes four hours. Is that still true?"),
    ("John", "No, it is much better now. The computer writes the first draft, and we correct it."),
    ("May", "That is good news, John. How many words are wrong?"),
    ("John", "About one word in ten, as I had hoped. Names are the hardest part."),
    ("May", "And can it tell the speakers apart?"),
    ("John", "Most of the time, yes. When two people talk at once it makes mistakes."),
    ("May", "What do you do then?"),
    ("John", "We listen to the sentence again and choose the right person."),
    ("May", "What is still missing, John?"),
    ("John", "May, I would like to see every promise on one page."),
    ("May", "I will write that down. Can we talk again in two weeks?"),
    ("John", "Yes, Monday morning would be fine."),
    ("May", "Thank you, John. Have a good week."),
    ("John", "Thank you, May. See you then."),
)


def speak(text: str, voice: str, cents: int, folder: Path) -> Sound:
    """Return the spoken text at the common level, without silence around it."""
    raw, shifted = folder / "raw.wav", folder / "shifted.wav"
    _run("flite", "-voice", voice, "-t", text, "-o", str(raw))
    _run("sox", str(raw), "-r", str(RATE), str(shifted), "pitch", str(cents))
    with wave.open(str(shifted)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    blocks = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    loudness = np.sqrt((blocks**2).mean(axis=1))
    loud = np.flatnonzero(loudness > 0.02 * loudness.max())
    sound = samples[max(0, loud[0] - 1) * 160 : (loud[-1] + 2) * 160]
    level: Sound = sound * np.float32(LEVEL / np.sqrt((sound**2).mean()))
    return level.clip(-0.99, 0.99)


def build(folder: Path) -> None:
    """Write interview-2.mp3 and interview-2.json into the folder."""
    pauses = random.Random(SEED)  # noqa: S311 - pauses, not secrets
    start = FIRST_WORD
    turns: list[dict[str, object]] = []
    sounds: list[tuple[float, Sound]] = []
    with TemporaryDirectory() as scratch:
        for speaker, text in DIALOGUE:
            voice, cents = VOICES[speaker]
            sound = speak(text, voice, cents, Path(scratch))
            end = start + len(sound) / RATE
            times = {"start": round(start, 3), "end": round(end, 3)}
            turns.append({"speaker": speaker, **times, "text": text})
            sounds.append((start, sound))
            start = end + pauses.uniform(*PAUSES)
        total = int((sounds[-1][0] + len(sounds[-1][1]) / RATE + ENDING) * RATE)
        _encode(_mix(sounds, total), folder / "interview-2.mp3", Path(scratch))
    truth = {
        "title": "Second interview: John and May",
        "series": "Interviews about note taking",
        "duration": round(total / RATE, 3),
        "turns": turns,
    }
    text = json.dumps(truth, indent=1, ensure_ascii=False)
    (folder / "interview-2.json").write_text(text + "\n", encoding="utf-8")


def _mix(sounds: list[tuple[float, Sound]], total: int) -> Sound:
    """Return the turns in their places over a faint noise, as of a quiet room."""
    mixed = np.random.default_rng(SEED).normal(0, NOISE, total).astype(np.float32)
    for start, sound in sounds:
        first = int(start * RATE)
        mixed[first : first + len(sound)] += sound
    return mixed


def _encode(sound: Sound, path: Path, scratch: Path) -> None:
    plain = scratch / "mixed.wav"
    with wave.open(str(plain), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    _run("ffmpeg", "-v", "error", "-y", "-i", str(plain), "-b:a", "32k", str(path))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed words


if __name__ == "__main__":
    build(Path(__file__).parent)
