from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.vectors import VectorIndex


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex.build(np.eye(4, dtype=np.float32)[:3])


def test_the_nearest_rows_come_best_first(index: VectorIndex) -> None:
    query = np.array([0.6, 0.8, 0.0, 0.0], dtype=np.float32)
    (first, high), (second, low) = index.search(query, 2)
    assert (first, second) == (1, 0)
    assert (high, low) == pytest.approx((0.8, 0.6))


def test_asking_for_more_rows_than_there_are_gives_all_of_them_and_no_padding(index: VectorIndex) -> None:
    rows = [row for row, _ in index.search(np.eye(4, dtype=np.float32)[2], 50)]
    assert rows[0] == 2
    assert sorted(rows) == [0, 1, 2]


def test_an_index_is_opened_as_it_was_saved(index: VectorIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "v.faiss")
    opened = VectorIndex.load(tmp_path / "v.faiss")
    query = np.array([0.1, 0.2, 0.3, 0.9], dtype=np.float32)
    assert (opened.rows, opened.dimension) == (index.rows, index.dimension) == (3, 4)
    assert opened.search(query, 3) == index.search(query, 3)
