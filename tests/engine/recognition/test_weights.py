"""The reader of weights: right numbers from torch's format, nothing from a hostile file."""

from __future__ import annotations

import builtins
import os
import pickle
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from conversations.engine.recognition.types import RecognitionError
from conversations.engine.recognition.weights import read_weights

REASON = "The speaker model is missing or damaged; install Resemblyzer again."


class FloatStorage:
    """Raw numbers under a key, as torch keeps them."""

    def __init__(self, key: str) -> None:
        self.key = key


class Call:
    """Something whose loading calls a function."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


class TorchPickler(pickle.Pickler):
    """Writes storages the way torch does: as references."""

    def persistent_id(self, obj: object) -> object:
        if isinstance(obj, FloatStorage):
            return ("storage", FloatStorage, obj.key, "cpu", 0, None)
        return None


def _rebuild_tensor_v2() -> None:
    """Lends its name to the pickles; is never called."""


@pytest.fixture(autouse=True)
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pickles name torch, which is not installed."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    monkeypatch.setattr(torch, "FloatStorage", FloatStorage, raising=False)
    monkeypatch.setattr(utils, "_rebuild_tensor_v2", _rebuild_tensor_v2, raising=False)
    monkeypatch.setattr(FloatStorage, "__module__", "torch")
    monkeypatch.setattr(_rebuild_tensor_v2, "__module__", "torch._utils")
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def tensor(key: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Call:
    return Call(_rebuild_tensor_v2, FloatStorage(key), offset, shape, strides, False, OrderedDict())


def write_weights(path: Path, state: object, stores: dict[str, list[float]]) -> Path:
    with path.open("wb") as file:
        for part in (1, 2, 3, {"step": 1, "model_state": state}, list(stores)):
            TorchPickler(file, protocol=2).dump(part)
        for numbers in stores.values():
            file.write(struct.pack("<q", len(numbers)) + np.array(numbers, "<f4").tobytes())
    return path


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(RecognitionError) as caught:
        read_weights(path)
    return caught.value.code, caught.value.reason


def test_read_weights_gives_every_tensor_its_numbers(tmp_path: Path) -> None:
    state = OrderedDict(
        plain=tensor("b", 0, (2, 3), (3, 1)),
        turned=tensor("b", 0, (3, 2), (1, 3)),
        single=tensor("c", 1, (), ()),
        step=17,
    )
    stores = {"a": [9.0] * 5, "b": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "c": [6.0, 7.0]}

    weights = read_weights(write_weights(tmp_path / "model.pt", state, stores))

    assert {name: values.tolist() for name, values in weights.items()} == {
        "plain": [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]],
        "turned": [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]],
        "single": 7.0,
    }


@pytest.mark.parametrize("function", [os.system, builtins.eval, builtins.getattr, os.mkdir])
def test_read_weights_refuses_every_foreign_function(
    tmp_path: Path, function: Callable[..., Any]
) -> None:
    trace = tmp_path / "trace"
    hostile = {"model_state": Call(function, f"mkdir {trace}")}

    assert refusal(write_weights(tmp_path / "model.pt", hostile, {})) == ("not_installed", REASON)
    assert not trace.exists()


def test_read_weights_refuses_a_foreign_function_in_the_header(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    path = tmp_path / "model.pt"
    path.write_bytes(pickle.dumps(Call(os.mkdir, str(trace))))

    assert refusal(path) == ("not_installed", REASON)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [(0, (3,), (1,)), (2, (1,), (1,)), (-1, (1,), (1,)), (0, (2, 3), (3, -1)), (0, (2, 2), (2, 1))],
)
def test_read_weights_refuses_a_tensor_outside_its_store(
    tmp_path: Path, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    state = {"bad": tensor("a", offset, shape, strides)}

    assert refusal(write_weights(tmp_path / "model.pt", state, {"a": [1.0, 2.0]})) == (
        "not_installed",
        REASON,
    )


@pytest.mark.parametrize("kept", [0, 20, 100])
def test_read_weights_refuses_a_file_cut_short(tmp_path: Path, kept: int) -> None:
    path = write_weights(tmp_path / "model.pt", {"w": tensor("a", 0, (1,), (1,))}, {"a": [1.0]})
    path.write_bytes(path.read_bytes()[:kept])

    assert refusal(path) == ("not_installed", REASON)


def test_read_weights_refuses_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.pt") == ("not_installed", REASON)
