from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embedder import HashEmbedder
from index.late import TokenIndex

EMBEDDER = HashEmbedder(4096)
TEXTS = ["拆除违法建设5万平方米，改造老旧小区", "老旧小区加装电梯80部", "新增养老床位300张"]


@pytest.fixture(scope="module")
def index() -> TokenIndex:
    return TokenIndex.build(EMBEDDER.embed_documents(TEXTS))


def test_the_row_that_holds_the_questions_tokens_scores_highest(index: TokenIndex) -> None:
    asked = index.ask(EMBEDDER.embed_query("加装电梯"))
    scores = [index.score(asked, index.match(asked, row)) for row in range(index.rows)]
    assert scores[1] == pytest.approx(1.0, abs=1e-2)
    assert max(scores[0], scores[2]) < 0.2


def test_a_token_that_stands_in_fewer_rows_weighs_more(index: TokenIndex) -> None:
    asked = index.ask(EMBEDDER.embed_query("小区电梯"))
    weights = dict(zip(["小区", "区电", "电梯"], asked.weights, strict=True))
    assert weights["小区"] < weights["电梯"] < weights["区电"]


def test_only_tokens_that_begin_within_the_bounds_are_met(index: TokenIndex) -> None:
    asked = index.ask(EMBEDDER.embed_query("违法"))
    match = index.match(asked, 0)
    start = TEXTS[0].index("违法")
    assert match.best(start, start + 1)[0] == pytest.approx(1.0, abs=1e-2)
    assert match.best(start + 1, len(TEXTS[0]))[0] < 0.2
    assert match.best(3, 3).tolist() == [0.0]


def test_a_question_without_tokens_meets_nothing(index: TokenIndex) -> None:
    asked = index.ask(EMBEDDER.embed_query("一"))
    assert index.score(asked, index.match(asked, 0)) == 0.0


def test_what_is_saved_opens_as_it_was(index: TokenIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "tokens")
    again = TokenIndex.load(tmp_path / "tokens")
    asked = again.ask(EMBEDDER.embed_query("养老床位"))
    assert again.rows == len(TEXTS)
    assert np.array_equal(again.match(asked, 2).similarities, index.match(asked, 2).similarities)
