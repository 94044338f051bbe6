from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from eval.fit_embedder import encoded
from index import adapter, embedded_file
from index.adapter import KINDS, Adapter, digest
from index.embedder import EMBEDDED_MODEL, SentenceTransformerEmbedder
from index.models import EMBEDDED_BARE

TEXTS = ["新增停车位1200个，比上年多三成。", "家门口那个公园修好没"]


def _adapter(layers: int = 2) -> Adapter:
    parts = {kind: 3 if kind == "mixed" else 1 for kind in KINDS}
    return Adapter(
        {kind: torch.randn(layers, parts[kind], 2, 5) for kind in KINDS},
        {kind: torch.randn(layers, parts[kind], 4, 2) for kind in KINDS},
    )


def test_what_is_written_is_read_again_in_half_precision(tmp_path: Path) -> None:
    written = _adapter()
    written.write(tmp_path / "adapter.npz")
    again = Adapter.read(tmp_path / "adapter.npz")
    for kind in KINDS:
        assert torch.allclose(again.down[kind], written.down[kind], atol=1e-2)
        assert torch.allclose(again.up[kind], written.up[kind], atol=1e-2)


def test_the_parts_of_a_matrix_stand_below_each_other() -> None:
    fitted = _adapter()
    added = fitted.added("mixed", 1)
    assert added.shape == (12, 5)
    for part in range(3):
        assert torch.allclose(
            added[4 * part : 4 * part + 4], fitted.up["mixed"][1, part] @ fitted.down["mixed"][1, part]
        )


def test_another_adapter_has_another_digest_and_the_same_one_has_the_same(tmp_path: Path) -> None:
    first, second = _adapter(), _adapter()
    first.write(tmp_path / "a.npz")
    first.write(tmp_path / "b.npz")
    second.write(tmp_path / "c.npz")
    assert digest(tmp_path / "a.npz") == digest(tmp_path / "b.npz") != digest(tmp_path / "c.npz")


def test_the_adapter_that_ships_is_small() -> None:
    assert adapter.FILE.stat().st_size < 3_000_000


@pytest.mark.model
def test_the_adapter_changes_the_vectors_and_the_name_under_which_they_are_kept() -> None:
    fitted, bare = SentenceTransformerEmbedder(), SentenceTransformerEmbedder(EMBEDDED_BARE)
    assert bare.model == EMBEDDED_BARE
    assert fitted.model == f"{EMBEDDED_MODEL}@{digest(adapter.FILE)}"
    for one, other in zip(fitted.embed_documents(TEXTS), bare.embed_documents(TEXTS), strict=True):
        assert one.ids.tolist() == other.ids.tolist()
        assert one.vector @ other.vector < 0.999
        # What it was fitted for must not have taken the model far from what it knew.
        assert (one.tokens * other.tokens).sum(axis=1).mean() > 0.8


@pytest.mark.model
def test_the_network_that_is_fitted_is_the_one_that_serves() -> None:
    weights = embedded_file.read(embedded_file.FILE).adapted(Adapter.read(adapter.FILE))
    with torch.no_grad():
        fitted = encoded(weights, TEXTS, "document")
    for i, served in enumerate(SentenceTransformerEmbedder().embed_documents(TEXTS)):
        tokens = fitted.tokens[i][fitted.there[i]].numpy()
        assert tokens.shape == served.tokens.shape
        assert (tokens * served.tokens).sum(axis=1).min() > 0.99
        assert fitted.vectors[i].numpy() @ served.vector > 0.999


@pytest.mark.model
def test_an_adapter_that_adds_nothing_changes_nothing() -> None:
    bare = embedded_file.read(embedded_file.FILE)
    width = bare.width
    outputs = {"mixed": (3, width), "out": (1, width), "inner": (1, 4 * width), "outer": (1, width)}
    inputs = {"outer": 4 * width}
    nothing = Adapter(
        {kind: torch.randn(12, outputs[kind][0], 2, inputs.get(kind, width)) for kind in KINDS},
        {kind: torch.zeros(12, *outputs[kind], 2) for kind in KINDS},
    )
    for one, other in zip(bare.layers, bare.adapted(nothing).layers, strict=True):
        assert np.array_equal(one.mixed[0], other.mixed[0])
        assert np.array_equal(one.outer[0], other.outer[0])
