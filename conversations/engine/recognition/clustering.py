"""Which voices belong together: spectral clustering with the eigengap, in numpy.

Called by `turns`. The steps are those of Wang et al., "Speaker diarization with LSTM"
(2018): keep the strongest fifth of the similarities, and count the small eigenvalues.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float64]
    Labels: TypeAlias = NDArray[np.intp]

MAX_SPEAKERS = 8
MAX_POINTS = 1200

_KEPT_SHARE = 0.2
_KEPT_LEAST = 6
_STARTS = 8
_ROUNDS = 50
_SEED = 0


def cluster(vectors: NDArray[np.floating], count: int | None = None) -> Labels:
    """Return a label, 0 to count - 1, for each unit vector.

    Without `count` the number of groups is found, at most 8. The result depends on
    the input alone. Above 1200 vectors a fixed sample is clustered and every vector
    joins the nearest group, so that the cost stays bounded.
    """
    points = np.asarray(vectors, np.float64)
    if len(points) < 2:
        return np.zeros(len(points), np.intp)
    if len(points) <= MAX_POINTS:
        return _spectral(points, count)
    chosen = np.random.default_rng(_SEED).choice(len(points), MAX_POINTS, replace=False)
    sample = points[np.sort(chosen)]
    labels = _spectral(sample, count)
    means = np.stack([sample[labels == label].mean(axis=0) for label in np.unique(labels)])
    nearest: Labels = np.argmax(points @ _unit_rows(means).T, axis=1)
    return nearest


def _spectral(points: Matrix, count: int | None) -> Labels:
    affinity = _affinity(points)
    degree = affinity.sum(axis=1) + 1e-9
    laplacian = np.eye(len(points)) - affinity / np.sqrt(np.outer(degree, degree))
    values, directions = np.linalg.eigh(laplacian)
    if count is None:
        gaps = np.diff(values[: min(MAX_SPEAKERS, len(points) - 1) + 1])
        count = int(np.argmax(gaps)) + 1
    groups = min(count, len(points))
    return _k_means(_unit_rows(directions[:, :groups]), groups)


def _affinity(points: Matrix) -> Matrix:
    """Return the symmetric similarities, only the strongest of each row kept."""
    similarity = points @ points.T
    np.fill_diagonal(similarity, 0.0)
    size = len(points)
    kept = max(min(_KEPT_LEAST, size - 1), int(_KEPT_SHARE * size))
    strongest = np.argpartition(-similarity, kept - 1, axis=1)[:, :kept]
    pruned = np.zeros_like(similarity)
    values = np.maximum(np.take_along_axis(similarity, strongest, axis=1), 0.0)
    np.put_along_axis(pruned, strongest, values, axis=1)
    return (pruned + pruned.T) / 2.0


def _k_means(points: Matrix, count: int) -> Labels:
    """Return the labels of the best of several runs, by squared distance."""
    best_cost = np.inf
    best = np.zeros(len(points), np.intp)
    for start in range(_STARTS):
        centres = _spread_centres(points, count, np.random.default_rng(_SEED + start))
        labels, cost = _settle(points, centres)
        if cost < best_cost:
            best_cost, best = cost, labels
    return best


def _settle(points: Matrix, centres: Matrix) -> tuple[Labels, float]:
    """Move the centres to the middle of their points until nothing changes."""
    labels = np.argmin(_distances(points, centres), axis=1)
    for _ in range(_ROUNDS):
        centres = np.stack(
            [
                points[labels == index].mean(axis=0) if np.any(labels == index) else centre
                for index, centre in enumerate(centres)
            ]
        )
        moved = np.argmin(_distances(points, centres), axis=1)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return labels, float(((points - centres[labels]) ** 2).sum())


def _spread_centres(points: Matrix, count: int, random: np.random.Generator) -> Matrix:
    """Return starting centres far from each other (k-means++)."""
    chosen = [points[random.integers(len(points))]]
    while len(chosen) < count:
        nearest = _distances(points, np.stack(chosen)).min(axis=1)
        total = nearest.sum()
        share = nearest / total if total > 1e-12 else None
        chosen.append(points[random.choice(len(points), p=share)])
    return np.stack(chosen)


def _distances(points: Matrix, centres: Matrix) -> Matrix:
    squared: Matrix = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return squared


def _unit_rows(rows: Matrix) -> Matrix:
    unit: Matrix = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
    return unit
