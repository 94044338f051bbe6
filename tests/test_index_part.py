"""A part of a question is cut out of the question's embedding."""

import numpy as np
import pytest

from index.embedder import Embedding, HashEmbedder, SentenceTransformerEmbedder
from index.part import part_of


def _said(embedding: Embedding, text: str) -> list[str]:
    return [text[start:end] for start, end in embedding.spans]


@pytest.mark.model
def test_a_part_has_the_tokens_that_the_question_has_for_its_words(real_embedder: SentenceTransformerEmbedder) -> None:
    question = "今年新建多少个停车位，什么时候建成？"
    whole = real_embedder.embed_query(question)
    found = part_of(whole, question, "今年新建停车位，什么时候建成")
    assert found is not None
    part = found.embedding
    assert "".join(_said(part, "今年新建停车位，什么时候建成")) == "今年新建停车位，什么时候建成"
    assert np.linalg.norm(part.vector) == pytest.approx(1.0, abs=1e-5)
    kept = [_said(whole, question).index(word) for word in _said(part, "今年新建停车位，什么时候建成")]
    assert found.of_whole.tolist() == kept
    assert np.array_equal(part.tokens, whole.tokens[kept])
    assert np.array_equal(part.ids, whole.ids[kept])


def test_words_that_the_question_does_not_hold_are_no_part_of_it() -> None:
    question = "森林覆盖率和登记失业率分别是多少"
    whole = HashEmbedder().embed_query(question)
    assert part_of(whole, question, "森林覆盖率是多少") is not None
    assert part_of(whole, question, "二〇二四年计划的城市绿地面积") is None
    assert part_of(whole, question, "") is None
