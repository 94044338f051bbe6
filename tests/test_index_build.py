from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.build import build_snapshot, is_current, source_hashes
from index.embedder import HashEmbedder, Progress
from index.snapshot import SnapshotStore
from ingest.readers import UnreadableFile

MODEL = HashEmbedder().model


@pytest.fixture
def reports(data: Path, tmp_path: Path) -> Path:
    """A reports folder of the test's own, with one report."""
    folder = tmp_path / "reports"
    folder.mkdir()
    shutil.copy(data / "fengxi-2023.txt", folder)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    """An empty data folder."""
    return SnapshotStore(tmp_path / "data")


def test_nothing_is_current_before_the_first_build(reports: Path, store: SnapshotStore) -> None:
    assert not is_current(reports, store, MODEL)


def test_a_snapshot_is_current_until_a_report_or_the_model_changes(reports: Path, store: SnapshotStore) -> None:
    manifest = build_snapshot(reports, store, HashEmbedder())
    assert manifest == store.current()
    assert manifest.sources == source_hashes(reports)
    assert is_current(reports, store, MODEL)
    assert not is_current(reports, store, "another")

    report = reports / "fengxi-2023.txt"
    report.write_text(report.read_text(encoding="utf-8") + "又加了一段。\n", encoding="utf-8")
    assert not is_current(reports, store, MODEL)
    assert build_snapshot(reports, store, HashEmbedder()).id != manifest.id
    assert is_current(reports, store, MODEL)


def test_a_report_added_or_taken_away_is_noticed(reports: Path, store: SnapshotStore, data: Path) -> None:
    build_snapshot(reports, store, HashEmbedder())
    shutil.copy(data / "linhai-2025.txt", reports)
    assert not is_current(reports, store, MODEL)
    assert set(build_snapshot(reports, store, HashEmbedder()).corpora) == {"fengxi-2023", "linhai-2025"}
    (reports / "linhai-2025.txt").unlink()
    assert not is_current(reports, store, MODEL)


def test_a_changed_file_with_the_same_words_is_current_after_a_build(reports: Path, store: SnapshotStore) -> None:
    before = build_snapshot(reports, store, HashEmbedder())
    report = reports / "fengxi-2023.txt"
    report.write_bytes(report.read_bytes() + b"\n")
    assert not is_current(reports, store, MODEL)
    embedder = HashEmbedder()
    after = build_snapshot(reports, store, embedder)
    assert (after.id, embedder.embedded) == (before.id, [])
    assert after.sources == store.current().sources == source_hashes(reports)
    assert is_current(reports, store, MODEL)
    assert store.open(HashEmbedder()).corpora


def test_an_unreadable_report_publishes_nothing(reports: Path, store: SnapshotStore) -> None:
    before = build_snapshot(reports, store, HashEmbedder())
    (reports / "broken.txt").write_bytes(b"")
    with pytest.raises(UnreadableFile, match=r"broken\.txt"):
        build_snapshot(reports, store, HashEmbedder())
    assert store.current() == before


def test_a_folder_without_reports_is_an_error_and_not_current(tmp_path: Path, store: SnapshotStore) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(UnreadableFile):
            build_snapshot(folder, store, HashEmbedder())


def test_progress_is_shown_for_every_row(reports: Path, store: SnapshotStore) -> None:
    shown: list[int] = []

    @contextmanager
    def bar(rows: int) -> Iterator[Progress]:
        shown.append(-rows)
        yield shown.append

    manifest = build_snapshot(reports, store, HashEmbedder(), bar)
    assert shown[0] == -manifest.rows
    assert sum(shown) == 0


@pytest.mark.parametrize("damage", ["", "{", '{"format": 1}'])
def test_a_broken_manifest_is_not_current_and_a_build_mends_it(
    damage: str, reports: Path, store: SnapshotStore, tmp_path: Path
) -> None:
    manifest = build_snapshot(reports, store, HashEmbedder())
    (tmp_path / "data" / "snapshots" / manifest.id / "manifest.json").write_text(damage, encoding="utf-8")
    assert not is_current(reports, store, MODEL)
    assert build_snapshot(reports, store, HashEmbedder()).id == manifest.id
    assert is_current(reports, store, MODEL)
    assert store.open(HashEmbedder()).corpora


def test_a_rebuild_is_current_and_embeds_nothing_anew(reports: Path, store: SnapshotStore) -> None:
    build_snapshot(reports, store, HashEmbedder())
    embedder = HashEmbedder()
    build_snapshot(reports, store, embedder, rebuild=True)
    assert embedder.embedded == []
    assert is_current(reports, store, MODEL)
