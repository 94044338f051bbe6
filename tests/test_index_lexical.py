from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.entries import Entry
from index.lexical import LexicalIndex, Tokenizer
from index.names import names_of

TEXTS = ["新建应急避难场所6处", "咕噜帕工程全面启动", "PM2.5年均浓度为36微克", "完成老旧小区改造"]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.build(TEXTS, Tokenizer(["咕噜帕工程"]))


def _best(index: LexicalIndex, query: str) -> int:
    scores = index.scores(query)
    assert scores.max() > 0
    return int(scores.argmax())


def test_an_unknown_word_is_found_through_its_character_pairs(index: LexicalIndex) -> None:
    assert _best(index, "咕噜帕") == 1
    assert _best(index, "噜帕是什么") == 1


def test_latin_words_and_full_width_figures_are_found_as_typed_otherwise(index: LexicalIndex) -> None:
    assert _best(index, "ｐｍ２．５") == 2


@pytest.mark.parametrize("query", ["", "  ", "。？", "的了吗", "鑫鑫鑫"])
def test_a_query_without_a_known_word_scores_zero_everywhere(query: str, index: LexicalIndex) -> None:
    scores = index.scores(query)
    assert scores.shape == (len(TEXTS),)
    assert not scores.any()


def test_a_query_that_says_a_word_twice_scores_as_once(index: LexicalIndex) -> None:
    assert np.array_equal(index.scores("小区 小区"), index.scores("小区"))


def test_an_index_is_opened_as_it_was_saved(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    opened = LexicalIndex.load(tmp_path)
    assert opened.rows == index.rows == len(TEXTS)
    assert opened.tokenizer.names == index.tokenizer.names
    for query in ("避难场所", "咕噜帕工程", "改造", ""):
        assert np.array_equal(opened.scores(query), index.scores(query))


def test_a_search_gives_the_best_rows_in_order_and_equal_ones_by_row(entries: tuple[Entry, ...]) -> None:
    texts = [entry.text for entry in entries]
    index = LexicalIndex.build([*texts, texts[3]], Tokenizer([]))
    for query in ("老旧小区改造", texts[3], "的", "鑫鑫鑫"):
        scores = index.scores(query)
        order = sorted((row for row in range(index.rows) if scores[row] > 0), key=lambda row: (-scores[row], row))
        for k in (1, 10, 10_000):
            assert index.search(query, k) == [(row, scores[row]) for row in order[:k]]
    assert [row for row, _ in index.search(texts[3], 2)] == [3, len(texts)]


def test_a_search_among_some_rows_leaves_the_others_out(index: LexicalIndex) -> None:
    assert [row for row, _ in index.search("新建应急避难场所，完成小区改造", 5, np.array([1, 2, 3]))] == [3]
    assert index.search("避难场所", 5, np.array([], dtype=np.int64)) == []


def test_what_tokens_add_to_a_row_sums_up_to_its_score(index: LexicalIndex) -> None:
    query = "新建应急避难场所，小区改造"
    numbers = index.numbers(query)
    sums = [sum(impacts.get(number, 0.0) for number in numbers) for impacts in index.impacts()]
    assert sums == pytest.approx(index.scores(query).tolist(), rel=1e-6)


def test_texts_without_a_single_word_are_indexed_and_never_found() -> None:
    index = LexicalIndex.build(["。", "，"], Tokenizer([]))
    assert index.rows == 2
    assert index.search("什么", 5) == []


@pytest.fixture(scope="module")
def tokenizer(entries: tuple[Entry, ...]) -> Tokenizer:
    return Tokenizer(name for entry in entries for name in names_of(entry.item))


@pytest.mark.parametrize(
    "name", ["长安计划", "一键呼", "一会两赛三论坛", "第五立面", "担保风险补偿资金政策", "登记失业率"]
)
def test_names_of_the_report_stay_whole(name: str, tokenizer: Tokenizer) -> None:
    assert name in tokenizer.cut(f"请问{name}是什么")
    assert name in tokenizer.tokens(f"请问{name}是什么")


@pytest.mark.parametrize(
    "name", ["文明西城118战略", "营商环境6.0", "1+5+n产业政策体系", "非历史文化街区地区公园绿地500米服务半径覆盖率"]
)
def test_names_of_the_report_that_hold_digits_stay_whole(name: str, tokenizer: Tokenizer) -> None:
    assert name in tokenizer.cut(f"请问{name}是什么")
    assert name in tokenizer.words(f"请问{name}是什么")


def test_words_are_cut_without_punctuation_and_function_words(tokenizer: Tokenizer) -> None:
    assert {"的", "，", "“", "”", "。"}.isdisjoint(tokenizer.cut("“长安计划”的目标，和任务。"))
