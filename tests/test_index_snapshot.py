from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.embedder import HashEmbedder, Progress, Vectors
from index.manifest import FORMAT, SnapshotError
from index.snapshot import SnapshotStore
from index.vectors import VectorIndex
from ingest.model import Corpus

RUN = r"run `planqa index`"


class FailingEmbedder(HashEmbedder):
    """Fails in the middle of its work."""

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise RuntimeError(f"the model fell over at one of {len(texts)} texts, progress {progress}")


def _folder(tmp_path: Path, store: SnapshotStore) -> Path:
    return tmp_path / "data" / "snapshots" / store.current().id


def test_a_snapshot_is_opened_as_it_was_built(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus
) -> None:
    snapshot = snapshot_store.open(HashEmbedder())
    assert snapshot.corpora == {corpus.report.id: corpus, other_corpus.report.id: other_corpus}
    assert snapshot.id == snapshot.manifest.id == snapshot_store.current().id
    assert snapshot.manifest.rows == sum(len(search.entries) for search in snapshot.searches.values())
    assert snapshot.manifest.model == HashEmbedder().model
    assert snapshot.default == other_corpus


def test_the_same_reports_and_model_give_the_same_id_and_others_another(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    first = snapshot_store.current().id
    elsewhere = SnapshotStore(tmp_path / "elsewhere")
    assert elsewhere.build([other_corpus, corpus], {}, HashEmbedder()).id == first
    assert elsewhere.build([corpus], {}, HashEmbedder()).id != first
    assert elsewhere.build([corpus, other_corpus], {}, HashEmbedder(32)).id != first


def test_the_snapshot_built_last_is_published_by_a_pointer_and_the_others_stay(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    both = snapshot_store.current().id
    one = snapshot_store.build([corpus], {}, HashEmbedder()).id
    assert snapshot_store.current().id == one
    assert (tmp_path / "data" / "CURRENT").read_text(encoding="utf-8").strip() == one
    assert {path.name for path in (tmp_path / "data" / "snapshots").iterdir()} == {both, one}

    embedder = HashEmbedder()
    assert snapshot_store.build([corpus, other_corpus], {}, embedder).id == both
    assert snapshot_store.current().id == both
    assert embedder.embedded == []


def test_nothing_built_yet_is_said_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=RUN):
        SnapshotStore(tmp_path / "none").open(HashEmbedder())


def test_a_snapshot_of_another_model_or_dimension_is_not_opened(snapshot_store: SnapshotStore) -> None:
    with pytest.raises(SnapshotError, match=f"fake:hash-64.*fake:hash-32.*{RUN}"):
        snapshot_store.open(HashEmbedder(32))
    renamed = HashEmbedder(32)
    renamed.model = HashEmbedder().model
    with pytest.raises(SnapshotError, match=RUN):
        snapshot_store.open(renamed)


def test_a_snapshot_of_another_format_is_not_opened(snapshot_store: SnapshotStore, tmp_path: Path) -> None:
    path = _folder(tmp_path, snapshot_store) / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "format": FORMAT + 1}), encoding="utf-8")
    with pytest.raises(SnapshotError, match=f"format {FORMAT + 1}.*{RUN}"):
        snapshot_store.open(HashEmbedder())


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 1, "unknown": 2}'])
def test_a_snapshot_with_an_unreadable_manifest_is_not_opened(
    content: str, snapshot_store: SnapshotStore, tmp_path: Path
) -> None:
    (_folder(tmp_path, snapshot_store) / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(SnapshotError, match=RUN):
        snapshot_store.open(HashEmbedder())


def test_a_pointer_to_nothing_is_said_with_what_to_run(snapshot_store: SnapshotStore, tmp_path: Path) -> None:
    (tmp_path / "data" / "CURRENT").write_text("0000\n", encoding="utf-8")
    with pytest.raises(SnapshotError, match=RUN):
        snapshot_store.open(HashEmbedder())


FILES = [
    "vectors.faiss",
    "lexical/names.json",
    "lexical/vocab.index.json",
    "lexical/data.csc.index.npy",
    "reports/linhai-2025/canonical.txt",
    "reports/linhai-2025/passages.jsonl",
    "reports/linhai-2025/report.json",
]


@pytest.mark.parametrize("name", FILES)
def test_a_snapshot_with_a_missing_file_is_not_opened(name: str, snapshot_store: SnapshotStore, tmp_path: Path) -> None:
    (_folder(tmp_path, snapshot_store) / name).unlink()
    with pytest.raises(SnapshotError, match=RUN):
        snapshot_store.open(HashEmbedder())


@pytest.mark.parametrize("name", FILES)
def test_a_snapshot_with_a_file_cut_short_is_not_opened(
    name: str, snapshot_store: SnapshotStore, tmp_path: Path
) -> None:
    path = _folder(tmp_path, snapshot_store) / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SnapshotError, match=RUN):
        snapshot_store.open(HashEmbedder())


def test_a_changed_word_in_a_snapshot_is_noticed(snapshot_store: SnapshotStore, tmp_path: Path) -> None:
    path = _folder(tmp_path, snapshot_store) / "reports" / "linhai-2025" / "canonical.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("５.6%", "9.9%").replace("5.6%", "9.9%"), encoding="utf-8")
    with pytest.raises(SnapshotError, match=f"linhai-2025.*{RUN} --rebuild"):
        snapshot_store.open(HashEmbedder())


def test_a_damaged_snapshot_is_mended_by_a_rebuild_without_embedding_anew(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    (_folder(tmp_path, snapshot_store) / "vectors.faiss").write_bytes(b"")
    embedder = HashEmbedder()
    snapshot_store.build([corpus, other_corpus], {}, embedder, rebuild=True)
    assert embedder.embedded == []
    assert snapshot_store.open(HashEmbedder()).search.find("登记失业率").evidence


@pytest.mark.parametrize("content", [None, "{"])
def test_a_snapshot_without_a_readable_manifest_is_mended_by_what_the_message_says_to_run(
    content: str | None, snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    manifest = _folder(tmp_path, snapshot_store) / "manifest.json"
    manifest.unlink()
    if content is not None:
        manifest.write_text(content, encoding="utf-8")
    snapshot_store.build([corpus, other_corpus], {}, HashEmbedder())
    assert snapshot_store.open(HashEmbedder()).corpora


def test_an_undecodable_pointer_is_said_with_what_to_run(snapshot_store: SnapshotStore, tmp_path: Path) -> None:
    (tmp_path / "data" / "CURRENT").write_bytes(b"\xff")
    with pytest.raises(SnapshotError, match=RUN):
        snapshot_store.open(HashEmbedder())


def test_a_failing_build_leaves_the_published_snapshot_and_no_folder_behind(
    snapshot_store: SnapshotStore, tiny_corpus: Corpus, tmp_path: Path
) -> None:
    before = snapshot_store.current()
    with pytest.raises(RuntimeError, match="fell over"):
        snapshot_store.build([tiny_corpus], {}, FailingEmbedder())
    assert snapshot_store.current() == before
    assert snapshot_store.open(HashEmbedder()).id == before.id
    assert not list((tmp_path / "data").rglob("building-*"))


def test_a_failing_rebuild_leaves_the_published_snapshot(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    (tmp_path / "data" / "embeddings.sqlite").unlink()
    with pytest.raises(RuntimeError, match="fell over"):
        snapshot_store.build([corpus, other_corpus], {}, FailingEmbedder(), rebuild=True)
    assert snapshot_store.open(HashEmbedder()).corpora


def test_a_rebuilt_snapshot_takes_the_place_of_the_equal_one(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    snapshots = tmp_path / "data" / "snapshots"
    before = snapshot_store.current()
    old = {path.name for path in snapshots.iterdir()}
    manifest = snapshot_store.build([corpus, other_corpus], {}, HashEmbedder(), rebuild=True)
    assert manifest.id == before.id == snapshot_store.open(HashEmbedder()).id
    (new,) = {path.name for path in snapshots.iterdir()}
    assert new not in old
    assert snapshot_store.build([corpus, other_corpus], {}, HashEmbedder()) == manifest
    assert [path.name for path in snapshots.iterdir()] == [new]


def test_the_published_snapshot_can_be_opened_until_the_rebuilt_one_is_in_place(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    opened = []

    class Opening(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
            opened.append(snapshot_store.open(HashEmbedder()).id)
            return super().embed_documents(texts, progress)

    (tmp_path / "data" / "embeddings.sqlite").unlink()
    manifest = snapshot_store.build([corpus, other_corpus], {}, Opening(), rebuild=True)
    assert set(opened) == {manifest.id}


def test_a_reader_whose_snapshot_is_replaced_meanwhile_reads_the_new_one(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = VectorIndex.load

    def replaced_first(path: Path) -> VectorIndex:
        monkeypatch.undo()
        snapshot_store.build([corpus, other_corpus], {}, HashEmbedder(), rebuild=True)
        return read(path)

    monkeypatch.setattr(VectorIndex, "load", replaced_first)
    assert snapshot_store.open(HashEmbedder()).search.find("登记失业率").evidence


def test_the_published_snapshot_and_the_one_before_are_kept(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tiny_corpus: Corpus, tmp_path: Path
) -> None:
    (tmp_path / "data" / "building-of-one-that-died").mkdir()
    first = snapshot_store.current().id
    second = snapshot_store.build([tiny_corpus], {}, HashEmbedder()).id
    assert snapshot_store.build([corpus, other_corpus], {}, HashEmbedder()).id == first
    third = snapshot_store.build([other_corpus], {}, HashEmbedder()).id
    assert second not in (first, third)
    assert {path.name for path in (tmp_path / "data" / "snapshots").iterdir()} == {first, third}
    assert not list((tmp_path / "data").glob("building-*"))


@pytest.mark.parametrize("name", FILES)
def test_a_snapshot_with_a_bit_changed_is_not_opened_and_a_build_mends_it(
    name: str, snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    path = _folder(tmp_path, snapshot_store) / name
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match=f"{name}.*{RUN}"):
        snapshot_store.open(HashEmbedder())
    snapshot_store.build([corpus, other_corpus], {}, HashEmbedder())
    assert snapshot_store.open(HashEmbedder()).corpora


def test_a_half_written_snapshot_is_mended_by_a_build(
    snapshot_store: SnapshotStore, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    folder = _folder(tmp_path, snapshot_store)
    shutil.rmtree(folder)
    (folder / "reports").mkdir(parents=True)
    snapshot_store.build([corpus, other_corpus], {}, HashEmbedder())
    assert snapshot_store.open(HashEmbedder()).corpora
    assert not folder.exists()


def test_a_damaged_embedding_cache_stops_no_build(
    snapshot_store: SnapshotStore, tiny_corpus: Corpus, tmp_path: Path
) -> None:
    (tmp_path / "data" / "embeddings.sqlite").write_bytes(b"no database at all")
    snapshot_store.build([tiny_corpus], {}, HashEmbedder())
    assert snapshot_store.open(HashEmbedder()).corpora == {tiny_corpus.report.id: tiny_corpus}
    assert (tmp_path / "data" / "embeddings.sqlite.damaged").exists()


def test_two_who_build_at_once_embed_once(corpus: Corpus, tmp_path: Path) -> None:
    embedders = [HashEmbedder(), HashEmbedder()]
    with ThreadPoolExecutor(2) as threads:
        built = list(threads.map(lambda e: SnapshotStore(tmp_path / "new").build([corpus], {}, e), embedders))
    assert built[0] == built[1]
    assert sorted(bool(embedder.embedded) for embedder in embedders) == [False, True]
    assert SnapshotStore(tmp_path / "new").open(HashEmbedder()).id == built[0].id
