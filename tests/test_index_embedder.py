from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index.embedder import EMBEDDED_MODEL, HashEmbedder, ModelUnavailable, SentenceTransformerEmbedder
from index.entries import Entry
from index.vectors import VectorIndex


def test_the_fake_embedder_gives_unit_vectors_and_puts_shared_words_near() -> None:
    embedder = HashEmbedder()
    vectors = embedder.embed_documents(["老旧小区改造", "第五立面", ""])
    assert vectors.shape == (3, 64)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0)
    assert VectorIndex.build(vectors).search(embedder.embed_query("老旧小区怎么改"), 1)[0][0] == 0
    assert embedder.embedded == ["老旧小区改造", "第五立面", ""]


@pytest.mark.model
def test_a_model_that_is_not_there_is_said_once_and_the_library_says_nothing(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ModelUnavailable, match=r"\./nope.*PLANQA_EMBEDDING_MODEL"):
        SentenceTransformerEmbedder("./nope")
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith("sentence_transformers")] == []


@pytest.mark.model
def test_the_embedded_model_finds_the_expected_row_with_unit_vectors_alike_in_every_thread(
    entries: tuple[Entry, ...],
) -> None:
    embedder = SentenceTransformerEmbedder()
    names = ("登记失业率", "一键呼", "第五立面", "类博物馆", "生产生活用水总量")
    rows = [e.text for e in entries if e.kind != "passage" and e.text.startswith(names)]
    done: list[int] = []
    vectors = embedder.embed_documents(rows, done.append)
    assert embedder.model == EMBEDDED_MODEL
    assert vectors.shape == (len(names), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert sum(done) == len(rows)

    index = VectorIndex.build(vectors)
    for question, name in (
        ("失业率要控制在多少", "登记失业率"),
        ("老人家里安装的呼叫设备叫什么", "一键呼"),
        ("房顶", "第五立面"),
    ):
        query = embedder.embed_query(question)
        assert query.shape == (embedder.dimension,)
        assert np.linalg.norm(query) == pytest.approx(1.0, abs=1e-5)
        assert rows[index.search(query, 1)[0][0]].startswith(name)

    with ThreadPoolExecutor(8) as threads:
        alike = list(threads.map(embedder.embed_query, ["今年要做哪些事"] * 16))
    assert all(np.array_equal(vector, alike[0]) for vector in alike)
