from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from index.embedder import Embedding, HashEmbedder
from index.entries import Entry, make_entries
from index.search import Evidence, Search
from index.snapshot import SnapshotStore
from ingest.model import Corpus


def _looked_at(search: Search, question: str, years: list[int]) -> list[Evidence]:
    found = search.find(question, years)
    return [*found.evidence, *found.rejected]


@pytest.fixture(scope="module")
def search(built_data: Path) -> Search:
    return SnapshotStore(built_data).open(HashEmbedder()).searches["xicheng-2024"]


def test_every_passage_term_and_indicator_is_a_row_in_a_fixed_order(corpus: Corpus, other_corpus: Corpus) -> None:
    rows = make_entries([other_corpus, corpus])
    assert rows == make_entries([corpus, other_corpus])
    assert [row.item for row in rows] == [
        item for c in (other_corpus, corpus) for item in (*c.passages, *c.terms, *c.indicators)
    ]
    assert {row.kind for row in rows} == {"passage", "term", "indicator"}


def test_rows_say_the_words_they_are_found_by(entries: tuple[Entry, ...]) -> None:
    texts = [entry.text for entry in entries]
    assert "登记失业率（%）：2024年计划<3.5，共享发展，预期性" in texts
    assert any(text.startswith("第五立面：指建筑物的房顶。") for text in texts)
    assert any(text.startswith("“金科十条”2.0版（") and "若干措施）：即《" in text for text in texts)
    later = next(e for e in entries if e.kind == "passage" and "连续九年" in e.text and "登记失业率2.35%" in e.text)
    assert later.text.startswith("就业服务和社会保障水平稳步提高。")


def test_a_numbered_paragraph_says_its_title_once(other_corpus: Corpus) -> None:
    row = next(e for e in make_entries([other_corpus]) if "全年规模以上工业增加值" in e.text)
    assert row.text.count("工业经济稳中提质") == 1
    assert row.text.startswith("1.工业经济稳中提质。")


def test_a_named_indicator_and_a_named_term_come_first(search: Search) -> None:
    found = search.find("登记失业率是多少")
    assert found.evidence[0].entry.text.startswith("登记失业率")
    assert [hit.name for hit in found.names] == ["登记失业率"]
    assert search.find("第五立面是什么").evidence[0].entry.kind == "term"


def test_a_part_of_a_question_is_not_embedded_again(built_data: Path) -> None:
    asked: list[str] = []

    class Listening(HashEmbedder):
        def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
            asked.extend(texts)
            return super().embed_queries(texts)

    search = SnapshotStore(built_data).open(Listening()).searches["xicheng-2024"]
    whole = search.find("登记失业率和普惠性幼儿园覆盖率分别是多少")
    found = search.find("普惠性幼儿园覆盖率是多少", whole=whole)
    assert "普惠性幼儿园覆盖率" in found.evidence[0].entry.text
    assert asked == [whole.question]
    search.find("全年建成多少个停车泊位", whole=whole)
    assert asked == [whole.question, "全年建成多少个停车泊位"]


def test_a_part_is_compared_with_each_row_as_if_it_were_asked_alone(search: Search) -> None:
    whole = search.find("登记失业率和普惠性幼儿园覆盖率分别是多少")
    found = search.find("普惠性幼儿园覆盖率是多少", whole=whole)
    for evidence in (*found.evidence, *found.rejected):
        similar = evidence.match.tokens.vectors @ found.asked.vectors.T
        assert evidence.match.similarities == pytest.approx(similar, abs=1e-6)


def test_rows_of_the_year_asked_for_are_preferred(search: Search) -> None:
    for year in (2023, 2024):
        first = search.find("普惠性幼儿园覆盖率", [year]).evidence[0].entry
        assert (first.year, "普惠性幼儿园覆盖率" in first.text) == (year, True)


def test_a_year_moves_only_rows_that_speak_of_one(search: Search) -> None:
    with_year = {e.row: e.score for e in _looked_at(search, "养老服务十件事", [2024])}
    for evidence in _looked_at(search, "养老服务十件事", []):
        moved = with_year[evidence.row] - evidence.score
        assert (moved == 0) == (evidence.entry.year is None)
        assert (moved > 0) == (evidence.entry.year == 2024)


def test_what_is_left_out_is_kept_as_rejected_behind_the_evidence(search: Search) -> None:
    found = search.find("老旧小区改造", k=3)
    assert len(found.evidence) == 3
    assert found.rejected
    scores = [e.score for e in (*found.evidence, *found.rejected)]
    assert scores == sorted(scores, reverse=True)
    rows = [e.row for e in (*found.evidence, *found.rejected)]
    assert len(rows) == len(set(rows))
    assert set(found.timings_ms) == {"embed", "dense", "lexical", "names", "late", "fuse"}


def test_the_order_is_the_same_every_time(search: Search, built_data: Path) -> None:
    again = SnapshotStore(built_data).open(HashEmbedder()).searches["xicheng-2024"]
    for question in ("地区生产总值", "垃圾分类做得怎么样", "一键呼", "。", ""):
        first, second = search.find(question), again.find(question)
        assert [(e.row, e.score, e.legs) for e in first.evidence] == [(e.row, e.score, e.legs) for e in second.evidence]
        assert [e.row for e in first.rejected] == [e.row for e in second.rejected]


def test_each_leg_that_found_a_row_says_so(search: Search) -> None:
    for evidence in search.find("登记失业率是多少").evidence:
        assert evidence.legs
        assert set(evidence.legs) <= {"dense", "lexical", "late", "name"}
