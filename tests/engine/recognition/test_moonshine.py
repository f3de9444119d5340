"""How turns are prepared for the recognizer; its words are in test_real."""

from __future__ import annotations

import numpy as np
import pytest

from conversations.engine.recognition.moonshine import MoonshineRecognizer, divided, joined
from conversations.engine.recognition.types import RecognitionError, Span


def test_joined_closes_short_pauses_of_one_speaker() -> None:
    spans = [Span(0, 2, 0), Span(2.5, 4, 0), Span(4.1, 5, 1), Span(5.1, 6, 0), Span(6.7, 7, 0)]

    assert joined(spans) == [Span(0, 4, 0), Span(4.1, 5, 1), Span(5.1, 6, 0), Span(6.7, 7, 0)]


def test_joined_stops_at_fourteen_seconds() -> None:
    spans = [Span(0, 8, 0), Span(8.2, 14, 0), Span(14.2, 15, 0)]

    assert joined(spans) == [Span(0, 14, 0), Span(14.2, 15, 0)]


def test_divided_leaves_a_span_of_twenty_seconds_whole() -> None:
    assert list(divided(np.ones(0, np.float32), Span(1, 21, 2))) == [Span(1, 21, 2)]


def test_divided_cuts_a_long_span_where_it_is_quiet() -> None:
    pcm = np.ones(45 * 16_000, np.float32)
    for pause in (10.0, 21.05):
        pcm[int(pause * 16_000) : int((pause + 0.1) * 16_000)] = 0.0

    parts = list(divided(pcm, Span(0, 40, 1)))

    assert [(round(part.start, 2), round(part.end, 2), part.speaker) for part in parts] == [
        (0, 10.05, 1),
        (10.05, 21.1, 1),
        (21.1, 40, 1),
    ]


def test_text_refuses_every_language_but_english() -> None:
    with pytest.raises(RecognitionError) as caught:
        MoonshineRecognizer().text(np.zeros(0, np.float32), [], "de-DE")

    assert (caught.value.code, caught.value.reason) == (
        "language",
        "The bundled speech engine knows English only.",
    )


@pytest.mark.parametrize("language", ["en", "en-US", "EN-gb"])
def test_text_of_nothing_is_nothing(language: str) -> None:
    assert list(MoonshineRecognizer().text(np.zeros(0, np.float32), [], language)) == []
