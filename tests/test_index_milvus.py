"""The same tests over the legs in the snapshot's own files and over those in Milvus, and what is Milvus's alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.gold_set import load_gold
from index.embedder import HashEmbedder, SentenceTransformerEmbedder
from index.legs import Legs, LocalLegs
from index.lexical import LexicalIndex
from index.manifest import SnapshotError
from index.milvus import ALIAS, MilvusStore, connect
from index.search import Search
from index.snapshot import SnapshotStore
from index.stored import Only, Table
from index.vectors import VectorIndex
from ingest.corpus import ingest_file
from ingest.model import Corpus

pytest.importorskip("milvus_lite")

ROOT = Path(__file__).parents[1]
GOLD = ROOT / "eval" / "gold"
REPORTS = {
    "dev": ROOT / "ingest" / "reports" / "xicheng-2024.txt",
    "other": GOLD / "reports" / "qinghe-2025.txt",
}
QUESTIONS = ["老旧小区改造", "登记失业率是多少", "养老服务", "垃圾分类做得怎么样", "PM2.5"]


@pytest.fixture(scope="module")
def parts(built_data: Path) -> tuple[Table, VectorIndex, LexicalIndex]:
    folder = built_data / "snapshots" / SnapshotStore(built_data).current().id
    return (
        Table.load(folder / "rows.npz"),
        VectorIndex.load(folder / "vectors.faiss"),
        LexicalIndex.load(folder / "lexical"),
    )


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusStore]:
    store = connect(f"file://{tmp_path_factory.mktemp('milvus')}/legs.db")
    assert store is not None
    yield store
    store.close()


@pytest.fixture(scope="module")
def local(parts: tuple[Table, VectorIndex, LexicalIndex]) -> Legs:
    table, vectors, lexical = parts
    return LocalLegs(vectors, lexical, table)


@pytest.fixture(scope="module")
def remote(parts: tuple[Table, VectorIndex, LexicalIndex], milvus: MilvusStore) -> Legs:
    table, vectors, lexical = parts
    milvus.fill("legs", table, vectors, lexical)
    return milvus.legs("legs", len(table), vectors.dimension, lexical)


@pytest.fixture(params=["local", "remote"])
def legs(request: pytest.FixtureRequest) -> Legs:
    given: Legs = request.getfixturevalue(request.param)
    return given


@pytest.fixture(scope="module")
def search(built_data: Path) -> Search:
    return SnapshotStore(built_data).open(HashEmbedder()).whole


def test_the_legs_say_how_much_they_search(legs: Legs, search: Search) -> None:
    assert (legs.rows, legs.dimension) == (len(search.entries), HashEmbedder().dimension)


@pytest.mark.parametrize("question", QUESTIONS)
def test_hits_come_best_first_and_no_more_than_asked_for(legs: Legs, question: str) -> None:
    for hits in (legs.dense(HashEmbedder().embed_query(question).vector, 7), legs.lexical(question, 7)):
        assert 0 < len(hits) <= 7
        assert hits == sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def test_the_words_of_a_row_find_it_first(legs: Legs, search: Search) -> None:
    for row in range(0, legs.rows, 97):
        text = search.entries[row].text
        assert search.entries[legs.lexical(text, 3)[0][0]].text == text
        near = legs.dense(HashEmbedder().embed_query(text).vector, 3)
        assert near[0][1] == pytest.approx(1.0, abs=1e-5)
        assert search.entries[near[0][0]].text == text


def test_words_that_no_row_holds_find_nothing(legs: Legs) -> None:
    assert legs.lexical("鑫鑫鑫", 5) == legs.lexical("", 5) == []


@pytest.mark.parametrize(
    "only", [Only(reports=("linhai-2025",)), Only(years=(2024,)), Only(("xicheng-2024",), (2023,))]
)
def test_a_search_is_narrowed_to_reports_and_years(legs: Legs, search: Search, only: Only) -> None:
    for question in QUESTIONS:
        vector = HashEmbedder().embed_query(question).vector
        for hits in (legs.dense(vector, 20, only), legs.lexical(question, 20, only)):
            rows = [search.entries[row] for row, _ in hits]
            assert all(not only.reports or entry.corpus.report.id in only.reports for entry in rows)
            assert all(not only.years or entry.year in only.years for entry in rows)
        assert len(legs.dense(vector, 20, only)) == 20


def test_narrowed_to_what_is_not_there_nothing_is_found(legs: Legs) -> None:
    for only in (Only(reports=('no"such\\report',)), Only(years=(1999,))):
        assert legs.dense(HashEmbedder().embed_query("养老").vector, 5, only) == legs.lexical("养老", 5, only) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_give_the_same_rows_with_the_same_scores(local: Legs, remote: Legs, question: str) -> None:
    vector = HashEmbedder().embed_query(question).vector
    for here, there in (
        (local.dense(vector, 20), remote.dense(vector, 20)),
        (local.lexical(question, 20), remote.lexical(question, 20)),
    ):
        assert [score for _, score in there] == pytest.approx([score for _, score in here], rel=1e-5)
        least = here[-1][1] * (1 + 1e-5)
        assert {row for row, score in there if score > least} == {row for row, score in here if score > least}


@pytest.mark.model
@pytest.mark.soak
@pytest.mark.parametrize("name", ["dev", "other"])
def test_gold_questions_find_the_same_but_for_equal_scores(
    name: str, tmp_path: Path, real_embedder: SentenceTransformerEmbedder, is_long: bool
) -> None:
    """Rows whose scores are equal to 1e-4 may change places; the long form asks every question."""
    path = REPORTS[name]
    remote = MilvusStore(f"file://{tmp_path}/gold.db")
    SnapshotStore(tmp_path / "data", remote).build([ingest_file(path)], {}, real_embedder)
    here = SnapshotStore(tmp_path / "data").open(real_embedder).search
    there = SnapshotStore(tmp_path / "data", remote).open(real_embedder).search
    for item in load_gold(GOLD / f"{name}.jsonl")[:: 1 if is_long else 8]:
        one, other = here.find(item.question).evidence, there.find(item.question).evidence
        assert [e.score for e in one] == pytest.approx([e.score for e in other], abs=1e-4)
        last = one[-1].score + 1e-4
        assert {e.row for e in one if e.score > last} == {e.row for e in other if e.score > last}
    remote.close()


def test_what_is_built_is_published_there_by_the_alias_and_searched_there(
    tmp_path: Path, corpus: Corpus, other_corpus: Corpus, tiny_corpus: Corpus
) -> None:
    remote = MilvusStore(f"file://{tmp_path}/store.db")
    store = SnapshotStore(tmp_path / "data", remote)
    client = remote._client
    first = store.build([corpus], {}, HashEmbedder())
    assert client.describe_alias(ALIAS)["collection_name"] == f"planqa_{first.id}"
    here = SnapshotStore(tmp_path / "data").open(HashEmbedder()).search
    there = store.open(HashEmbedder()).search
    for question in QUESTIONS:
        assert [e.row for e in there.find(question).evidence] == [e.row for e in here.find(question).evidence]

    second = store.build([other_corpus], {}, HashEmbedder())
    assert client.describe_alias(ALIAS)["collection_name"] == f"planqa_{second.id}"
    assert there.find("老旧小区改造").evidence, "what was published before can still be searched"
    assert store.rollback().id == first.id
    assert client.describe_alias(ALIAS)["collection_name"] == f"planqa_{first.id}"
    third = store.build([tiny_corpus], {}, HashEmbedder())
    assert set(client.list_collections()) == {f"planqa_{first.id}", f"planqa_{third.id}"}
    remote.close()


def test_a_remote_store_gives_each_report_the_same_rows(tmp_path: Path, corpus: Corpus, other_corpus: Corpus) -> None:
    remote = MilvusStore(f"file://{tmp_path}/store.db")
    store = SnapshotStore(tmp_path / "data", remote)
    store.build([corpus, other_corpus], {}, HashEmbedder())
    here, there = SnapshotStore(tmp_path / "data").open(HashEmbedder()), store.open(HashEmbedder())
    for report, search in here.searches.items():
        for question in QUESTIONS:
            expected = [e.row for e in search.find(question).evidence]
            assert [e.row for e in there.searches[report].find(question).evidence] == expected
    remote.close()


def test_a_snapshot_that_is_there_only_in_part_is_not_opened_and_is_sent_anew(
    tmp_path: Path, tiny_corpus: Corpus
) -> None:
    remote = MilvusStore(f"file://{tmp_path}/store.db")
    store = SnapshotStore(tmp_path / "data", remote)
    manifest = store.build([tiny_corpus], {}, HashEmbedder())
    remote._client.delete(f"planqa_{manifest.id}", filter="row == 0")
    with pytest.raises(SnapshotError, match=f"does not hold snapshot {manifest.id}; run `planqa index`"):
        store.open(HashEmbedder())
    store.build([tiny_corpus], {}, HashEmbedder())
    assert store.open(HashEmbedder()).corpora
    remote.close()


def test_a_server_that_is_not_there_is_said_without_its_password() -> None:
    with pytest.raises(SnapshotError, match=r"milvus://127\.0\.0\.1:9/db") as raised:
        MilvusStore("milvus://me:secret@127.0.0.1:9/db")
    assert "secret" not in str(raised.value)


def test_without_an_address_there_is_no_store() -> None:
    assert connect("") is None
