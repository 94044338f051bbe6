from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from eval.scale import build
from eval.scale_corpus import PER_REPORT, Bases, generate
from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore
from ingest.model import Corpus

EMBEDDER = HashEmbedder(64)


@pytest.fixture(scope="module")
def bases(corpus: Corpus, other_corpus: Corpus) -> Bases:
    return Bases.make([corpus, other_corpus], EMBEDDER)


def test_generated_reports_are_the_same_every_time_and_as_many_rows_as_asked_for(bases: Bases) -> None:
    first, second = list(generate(bases, 1_200)), list(generate(bases, 1_200))
    assert [len(report.entries) for report in first] == [PER_REPORT, PER_REPORT, 200]
    assert [report.corpus for report in first] == [report.corpus for report in second]
    assert all(np.array_equal(one.vectors, other.vectors) for one, other in zip(first, second, strict=True))


def test_a_generated_row_is_its_base_with_other_numbers_years_and_names(bases: Bases) -> None:
    report = next(generate(bases, 500))
    near = (report.vectors * bases.vectors[list(report.bases)]).sum(axis=1)
    assert np.linalg.norm(report.vectors, axis=1) == pytest.approx(np.ones(500), abs=1e-5)
    assert near.mean() > 0.8
    for entry, base in islice(zip(report.entries, report.bases, strict=True), 50):
        text = bases.bases[base].text
        assert len(entry.text) == len(text)
        assert sum(a == b for a, b in zip(entry.text, text, strict=True)) > 0.5 * len(text)


def test_what_is_said_in_a_report_stands_in_its_text(bases: Bases) -> None:
    corpus = next(generate(bases, 500)).corpus
    for term in corpus.terms:
        assert term.name_span.of(corpus.report.text) == term.name
    assert {entry.kind for entry in next(generate(bases, 500)).entries} == {"passage", "term", "indicator"}


def test_bases_are_kept_and_read_again(bases: Bases, corpus: Corpus, other_corpus: Corpus, tmp_path: Path) -> None:
    bases.save(tmp_path)
    again = Bases.load(tmp_path, [corpus, other_corpus])
    assert again.bases == bases.bases
    assert np.array_equal(again.vectors, bases.vectors)
    assert again.likeness() == bases.likeness()
    assert np.array_equal(again.embeddings[7].spans, bases.embeddings[7].spans)


def test_what_is_built_opens_as_a_snapshot_and_finds_a_rows_own_words(bases: Bases, tmp_path: Path) -> None:
    asked = bases.vectors[:4]
    build(bases, 1_000, tmp_path, EMBEDDER, asked)
    built = json.loads((tmp_path / "built.json").read_text(encoding="utf-8"))
    assert built["rows"] == 1_000
    assert set(built["bytes"]) == {"lexical", "reports", "rows.npz", "tokens", "vectors.faiss"}
    vectors = np.load(tmp_path / "vectors.npy")
    assert np.load(tmp_path / "nearest.npy") == pytest.approx(np.sort(asked @ vectors.T, axis=1)[:, -10], abs=1e-6)
    snapshot = SnapshotStore(tmp_path / "data").open(EMBEDDER)
    for row in range(0, 1_000, 250):
        text = snapshot.whole.entries[row].text
        assert text in [evidence.entry.text for evidence in snapshot.whole.find(text).evidence[:3]]
