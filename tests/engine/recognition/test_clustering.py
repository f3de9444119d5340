"""Clustering of made-up voices, whose groups are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from conversations.engine.recognition.clustering import MAX_POINTS, cluster

if TYPE_CHECKING:
    from numpy.typing import NDArray


def voices(sizes: list[int], *, spread: float = 0.04) -> tuple[NDArray[np.float64], list[int]]:
    """Return unit vectors around one random direction per speaker, and whose they are."""
    random = np.random.default_rng(3)
    owners = [speaker for speaker, size in enumerate(sizes) for _ in range(size)]
    centres = np.abs(random.normal(size=(len(sizes), 256)))
    centres *= random.random(centres.shape) < 0.3
    vectors = centres[owners] / np.linalg.norm(centres[owners], axis=1, keepdims=True)
    vectors += random.normal(scale=spread, size=vectors.shape)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), owners


def partition(labels: object) -> list[list[int]]:
    """Return the members of each group, groups in order of their first member."""
    groups: dict[int, list[int]] = {}
    for index, label in enumerate(np.asarray(labels).tolist()):
        groups.setdefault(label, []).append(index)
    return list(groups.values())


@pytest.mark.parametrize("sizes", [[40, 40], [30, 60, 20], [40, 40, 40, 40], [30] * 6])
def test_cluster_finds_the_groups_and_their_number(sizes: list[int]) -> None:
    vectors, owners = voices(sizes)

    assert partition(cluster(vectors)) == partition(owners)


def test_cluster_finds_one_person_alone() -> None:
    vectors, _ = voices([80])

    assert cluster(vectors).tolist() == [0] * 80


def test_cluster_keeps_to_a_given_number() -> None:
    vectors, owners = voices([40, 40, 40])

    assert partition(cluster(vectors, 3)) == partition(owners)
    assert len(partition(cluster(vectors, 2))) == 2


def test_cluster_above_its_cap_places_every_vector() -> None:
    vectors, owners = voices([MAX_POINTS, MAX_POINTS // 2])

    assert partition(cluster(vectors)) == partition(owners)


@pytest.mark.parametrize("count", [None, 1, 4])
def test_cluster_takes_very_few_vectors(count: int | None) -> None:
    vectors, _ = voices([2])

    assert cluster(vectors[:0], count).tolist() == []
    assert cluster(vectors[:1], count).tolist() == [0]
    assert len(cluster(vectors, count)) == 2


def test_cluster_gives_the_same_answer_twice() -> None:
    vectors, _ = voices([25, 25, 25], spread=0.2)

    assert cluster(vectors).tolist() == cluster(vectors).tolist()
