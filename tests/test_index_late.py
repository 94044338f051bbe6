from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embedder import HashEmbedder
from index.entries import Entry
from index.late import TokenIndex, most

EMBEDDER = HashEmbedder(4096)
TEXTS = ["拆除违法建设5万平方米，改造老旧小区", "老旧小区加装电梯80部", "新增养老床位300张"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> TokenIndex:
    folder = tmp_path_factory.mktemp("late") / "tokens"
    TokenIndex.write(folder, EMBEDDER.embed_documents(TEXTS), len(TEXTS))
    return TokenIndex.load(folder)


def test_the_row_that_holds_the_questions_tokens_scores_highest(index: TokenIndex) -> None:
    asked = index.ask(EMBEDDER.embed_query("加装电梯"))
    scores = [index.match(asked, row).score for row in range(index.rows)]
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
    pieces = match.tokens.within([(start, start + 1), (start + 1, len(TEXTS[0])), (3, 3)])
    best = most(match.similarities, *pieces)
    assert best[0, 0] == pytest.approx(1.0, abs=1e-2)
    assert best[1, 0] < 0.2
    assert best[2].tolist() == [0.0]


def test_a_question_without_tokens_meets_nothing(index: TokenIndex) -> None:
    asked = index.ask(EMBEDDER.embed_query("一"))
    assert index.match(asked, 0).score == 0.0


def test_rows_that_follow_each_other_are_an_index_as_if_there_were_no_others(index: TokenIndex, tmp_path: Path) -> None:
    TokenIndex.write(tmp_path / "alone", EMBEDDER.embed_documents(TEXTS[1:]), 2)
    alone, part = TokenIndex.load(tmp_path / "alone"), index.part(range(1, 3))
    assert part.rows == alone.rows == 2
    for words in ("小区电梯", "老旧床位", "一"):
        asked, other = (one.ask(EMBEDDER.embed_query(words)) for one in (part, alone))
        assert asked.weights.tolist() == other.weights.tolist()
        scores = [[one.match(asked, row).score for row in range(2)] for one in (part, alone)]
        assert scores[0] == scores[1]
    assert index.part(range(0, 3)).ask(EMBEDDER.embed_query("小区电梯")).weights.tolist() == (
        index.ask(EMBEDDER.embed_query("小区电梯")).weights.tolist()
    )


def test_many_rows_are_kept_as_codes_that_say_nearly_the_same(
    entries: tuple[Entry, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = HashEmbedder(64)
    embeddings = embedder.embed_documents([entry.text for entry in entries])
    TokenIndex.write(tmp_path / "exact", iter(embeddings), len(embeddings))
    monkeypatch.setattr("index.late.EXACT_UP_TO", 100)
    TokenIndex.write(tmp_path / "coded", iter(embeddings), len(embeddings))
    exact, coded = TokenIndex.load(tmp_path / "exact"), TokenIndex.load(tmp_path / "coded")
    assert exact.rows == coded.rows == len(entries)
    bytes_of = {folder: _size(tmp_path / folder) for folder in ("exact", "coded")}
    assert bytes_of["coded"] < bytes_of["exact"] / 4
    asked = exact.ask(embedder.embed_query("老旧小区加装电梯"))
    assert coded.ask(embedder.embed_query("老旧小区加装电梯")).weights.tolist() == asked.weights.tolist()
    for row in range(0, len(entries), 40):
        one, other = exact.match(asked, row), coded.match(asked, row)
        assert np.array_equal(one.tokens.spans, other.tokens.spans)
        assert other.score == pytest.approx(one.score, abs=0.05)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.name in ("vectors.npy", "codes.npy"))
