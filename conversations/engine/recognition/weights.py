"""Reading network weights from torch's old file format, without torch and without risk.

Called by `dvector`. The format is five pickles followed by the raw numbers. A pickle
can run any function it names, so the reader knows three names and refuses every other.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from conversations.engine.recognition.types import RecognitionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER_PICKLES = 3
_FLOAT = np.dtype("<f4")

# What the pickle module and this one raise on a damaged file, by the former's own words.
_DAMAGES = (
    OSError,
    EOFError,
    pickle.UnpicklingError,
    struct.error,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)


class _Tensor(NamedTuple):
    """Where one tensor lies: a key of a store, and a view on it counted in numbers."""

    store: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(
    store: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(store, offset, shape, strides)


_KNOWN = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch", "FloatStorage"): "FloatStorage",
}


class _Reader(pickle.Unpickler):
    """An unpickler that builds nothing but numbers, text, lists, dicts and tensors."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"refused: {module}.{name}") from None

    def persistent_load(self, pid: Any) -> str:
        kind, _storage, key, *_ = pid
        if kind != "storage":
            raise pickle.UnpicklingError("refused: not a storage")
        return str(key)


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of `model_state` by name.

    Raise RecognitionError `not_installed` when the file is missing, damaged, or
    contains anything but plain tensors.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except _DAMAGES as error:
        raise RecognitionError(
            "not_installed", "The speaker model is missing or damaged; install Resemblyzer again."
        ) from error


def _read(file: BinaryIO) -> dict[str, NDArray[np.float32]]:
    for _ in range(_HEADER_PICKLES):
        _Reader(file).load()
    state = _Reader(file).load()["model_state"]
    tensors = {name: found for name, found in state.items() if isinstance(found, _Tensor)}
    wanted = {tensor.store for tensor in tensors.values()}
    stores: dict[str, NDArray[np.float32]] = {}
    for key in _Reader(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        if key in wanted:
            stores[key] = np.frombuffer(file.read(count * _FLOAT.itemsize), _FLOAT)
        else:
            file.seek(count * _FLOAT.itemsize, io.SEEK_CUR)
    return {name: _view(tensor, stores[tensor.store]) for name, tensor in tensors.items()}


def _view(tensor: _Tensor, store: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a copy of the numbers of one tensor; raise ValueError when they are not there."""
    last = tensor.offset + sum(
        (size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides, strict=True)
    )
    if not 0 <= tensor.offset <= last < len(store) or min(tensor.strides, default=0) < 0:
        raise ValueError("a tensor lies outside its store")
    strides = [stride * _FLOAT.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(store[tensor.offset :], tensor.shape, strides).copy()
