from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embedder import Vectors
from index.vectors import EXACT_UP_TO, Quantiser, VectorIndex, kind_for


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


@pytest.fixture(scope="module")
def many() -> Vectors:
    """Clusters of near vectors, as reports that repeat each other's phrases make."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(60, 16)).repeat(50, axis=0)
    vectors = centres + 0.2 * rng.normal(size=centres.shape)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


KINDS = [None, "IVF32,SQfp16"]


@pytest.fixture(params=KINDS, ids=["exact", "cells"])
def large(request: pytest.FixtureRequest, many: Vectors, tmp_path: Path) -> VectorIndex:
    VectorIndex.build(many, request.param).save(tmp_path / "many.faiss")
    return VectorIndex.load(tmp_path / "many.faiss")


def test_few_rows_are_searched_exactly_and_many_in_cells() -> None:
    assert kind_for(EXACT_UP_TO) == "Flat"
    assert kind_for(1_000_000) == "IVF4000,SQfp16"


def test_what_is_mapped_from_a_file_finds_what_is_nearest(large: VectorIndex, many: Vectors) -> None:
    assert (large.rows, large.dimension) == many.shape
    for row in range(0, len(many), 251):
        hits = large.search(many[row], 10)
        nearest = np.sort(many @ many[row])[::-1][:10]
        assert hits[0][0] == row
        assert [score for _, score in hits] == pytest.approx(nearest.tolist(), abs=2e-3)


def test_a_search_among_some_rows_finds_those_alone(
    large: VectorIndex, many: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    among = np.arange(0, len(many), 7)
    expected = among[np.argsort(-(many[among] @ many[40]), kind="stable")[:5]].tolist()
    assert [row for row, _ in large.search(many[40], 5, among)] == expected
    monkeypatch.setattr("index.vectors._FEW", 10)
    assert [row for row, _ in large.search(many[40], 5, among)] == expected
    assert large.search(many[40], 5, among[:0]) == []


def test_codes_are_short_and_stand_for_nearly_the_same_vectors(many: Vectors) -> None:
    quantiser = Quantiser.learn(many, 4)
    codes = quantiser.encode(many)
    assert codes.shape == (len(many), 4)
    again = Quantiser(quantiser.codebook)
    assert np.array_equal(again.encode(many[:9]), codes[:9])
    assert (again.decode(codes) * many).sum(axis=1).mean() > 0.97
