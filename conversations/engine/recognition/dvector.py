"""The voice of a speaker as 256 numbers: the GE2E d-vector network, run by numpy.

Called by `turns`. The weights are the ones inside the Resemblyzer wheel (Apache-2.0);
its package is never imported, because that would need torch. Sizes follow its
`hparams.py`: 40 mel bands, windows of 25 ms every 10 ms, three LSTM layers of 256.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from conversations.engine.recognition.types import SAMPLE_RATE, RecognitionError
from conversations.engine.recognition.weights import read_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conversations.engine.recognition.types import Pcm

    Matrix: TypeAlias = NDArray[np.float32]

FRAMES = 160
FRAME_STEP = SAMPLE_RATE // 100
BANDS = 40

_FRAME_LENGTH = SAMPLE_RATE // 40
_LAYERS = 3
_UNITS = 256


def weights_path() -> Path:
    """Return where the installed wheel keeps its weights.

    Raise RecognitionError `not_installed` when the package is missing.
    """
    spec = importlib.util.find_spec("resemblyzer")
    if spec is None or spec.origin is None:
        raise RecognitionError("not_installed", "The package Resemblyzer is not installed.")
    return Path(spec.origin).with_name("pretrained.pt")


def mel_frames(pcm: Pcm) -> Matrix:
    """Return one row of 40 mel band powers per 10 ms of sound."""
    padded = np.pad(pcm, _FRAME_LENGTH // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FRAME_LENGTH)[::FRAME_STEP]
    spectrum = np.fft.rfft(windows * _HANN, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return power @ _MEL


class Encoder:
    """The network with its weights loaded (about 6 MB)."""

    def __init__(self, path: Path) -> None:
        weights = read_weights(path)
        self._layers = [
            (
                np.ascontiguousarray(weights[f"lstm.weight_ih_l{layer}"].T),
                np.ascontiguousarray(weights[f"lstm.weight_hh_l{layer}"].T),
                weights[f"lstm.bias_ih_l{layer}"] + weights[f"lstm.bias_hh_l{layer}"],
            )
            for layer in range(_LAYERS)
        ]
        self._linear = np.ascontiguousarray(weights["linear.weight"].T)
        self._bias = weights["linear.bias"]

    def embed(self, frames: Matrix) -> Matrix:
        """Return a unit vector of 256 numbers for each item of a (items, 160, 40) batch."""
        sequence = np.ascontiguousarray(frames.transpose(1, 0, 2))
        for inputs, recurrent, bias in self._layers:
            sequence = _lstm(sequence @ inputs + bias, recurrent)
        raised = np.maximum(sequence[-1] @ self._linear + self._bias, 0.0)
        vectors: Matrix = raised / (np.linalg.norm(raised, axis=1, keepdims=True) + 1e-9)
        return vectors


def _lstm(inputs: Matrix, recurrent: Matrix) -> Matrix:
    """Run one layer over (time, items, 4 x 256) prepared inputs; gates in torch's order."""
    hidden = np.zeros((inputs.shape[1], _UNITS), np.float32)
    cell = np.zeros_like(hidden)
    outputs = np.empty((*inputs.shape[:2], _UNITS), np.float32)
    for step, prepared in enumerate(inputs):
        gates = prepared + hidden @ recurrent
        admit, forget, candidate, release = np.split(gates, 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(admit) * np.tanh(candidate)
        hidden = _sigmoid(release) * np.tanh(cell)
        outputs[step] = hidden
    return outputs


def _sigmoid(values: Matrix) -> Matrix:
    # Written with tanh, which cannot overflow.
    opened: Matrix = np.float32(0.5) * (np.tanh(np.float32(0.5) * values) + np.float32(1.0))
    return opened


def _mel_to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return frequencies of the Slaney scale: even steps to 1000 Hz, ratios above."""
    ratios = 1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0)
    return np.where(mel < 15.0, mel * 200.0 / 3.0, ratios)


def _mel_filters() -> Matrix:
    """Return the (bins, bands) filter bank librosa builds, each band of equal area."""
    top = 15.0 + np.log(SAMPLE_RATE / 2 / 1000.0) / (np.log(6.4) / 27.0)
    edges = _mel_to_hertz(np.linspace(0.0, top, BANDS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, _FRAME_LENGTH // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins) / np.diff(edges)[1:]
    area = 2.0 / (edges[2:] - edges[:-2])
    filters: Matrix = (np.maximum(0.0, np.minimum(rising, falling)) * area).astype(np.float32)
    return filters


_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME_LENGTH) / _FRAME_LENGTH)).astype(
    np.float32
)
_MEL = _mel_filters()
