"""What a searcher of one report finds beside others, and what it finds alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.embedder import HashEmbedder
from index.searches import KEPT
from index.snapshot import Snapshot, SnapshotStore
from index.stored import Only
from ingest.model import Corpus

QUESTIONS = ("登记失业率要控制在多少以内", "老旧小区改造", "地区生产总值", "什么是一键呼", "养老", "。", "")


@pytest.fixture(scope="module")
def beside(built_data: Path) -> Snapshot:
    return SnapshotStore(built_data).open(HashEmbedder())


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, other_corpus: Corpus) -> dict[str, Snapshot]:
    """Each report in a snapshot of its own."""
    opened = {}
    for one in (corpus, other_corpus):
        store = SnapshotStore(tmp_path_factory.mktemp(one.report.id))
        store.build([one], {}, HashEmbedder())
        opened[one.report.id] = store.open(HashEmbedder())
    return opened


@pytest.mark.parametrize("question", QUESTIONS[:4])
def test_what_else_is_loaded_changes_no_row_and_no_score(
    question: str, beside: Snapshot, alone: dict[str, Snapshot]
) -> None:
    for report, single in alone.items():
        here, there = beside.searches[report].find(question, (2024,)), single.search.find(question, (2024,))
        assert here.asked.weights.tolist() == there.asked.weights.tolist()
        assert here.names == there.names
        for one, other in zip((*here.evidence, *here.rejected), (*there.evidence, *there.rejected), strict=True):
            assert (one.row, one.entry.text) == (other.row, other.entry.text)
            assert one.score == pytest.approx(other.score, abs=1e-5)
            assert one.legs == pytest.approx(other.legs, abs=1e-5)


def test_no_row_and_no_name_of_another_report_is_found(beside: Snapshot) -> None:
    for report, search in beside.searches.items():
        assert {entry.corpus.report.id for entry in search.entries} == {report}
        assert len(search.entries) == search.legs.rows == search.lexical.rows
        for question in QUESTIONS:
            found = search.find(question)
            assert {e.entry.corpus.report.id for e in (*found.evidence, *found.rejected)} <= {report}
        terms = [entry.item for entry in search.entries if entry.kind == "term"]
        for hit in search.names.find("什么是一键呼"):
            assert search.entries[hit.row].item in terms


def test_the_rows_of_a_year_are_those_of_the_report(beside: Snapshot) -> None:
    vector = HashEmbedder().embed_query("养老").vector
    for search in beside.searches.values():
        for hits in (
            search.legs.dense(vector, 50, Only(years=(2024,))),
            search.legs.lexical("养老服务", 50, Only(years=(2024,))),
        ):
            assert {search.entries[row].year for row, _ in hits} <= {2024}


def test_a_searcher_is_made_once_and_only_for_reports_that_are_there(beside: Snapshot) -> None:
    first = next(iter(beside.searches))
    assert beside.searches[first] is beside.searches[first]
    assert "nowhere" not in beside.searches
    with pytest.raises(KeyError):
        beside.searches["nowhere"]
    assert KEPT >= 24, "as many as are compared by one question"


def test_a_snapshot_of_one_report_alone_has_nothing_else(beside: Snapshot, corpus: Corpus) -> None:
    only = beside.only(corpus.report.id)
    assert list(only.corpora) == list(only.searches) == [known.report.id for known in only.known] == [corpus.report.id]
    assert only.default == corpus
    assert only.whole is only.search
    with pytest.raises(KeyError):
        beside.only("nowhere")


def test_all_reports_can_be_searched_as_one(beside: Snapshot) -> None:
    whole = beside.whole
    assert len(whole.entries) == beside.manifest.rows
    assert {e.entry.corpus.report.id for e in whole.find("登记失业率", k=60).evidence} == set(beside.corpora)
