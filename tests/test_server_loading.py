"""What a server does at its start with what it finds: builds, mends, or serves what was built before."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from index.build import build_snapshot
from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore
from ingest.readers import UnreadableFile
from server.serve import Loader
from server.settings import Settings


@pytest.fixture
def settings(data: Path, tmp_path: Path) -> Settings:
    """Settings with one report and an empty data folder."""
    (tmp_path / "reports").mkdir()
    shutil.copy(data / "fengxi-2023.txt", tmp_path / "reports")
    return Settings(reports_dir=tmp_path / "reports", data_dir=tmp_path / "data", embedding_model="fake")


def _load(settings: Settings) -> tuple[str, list[str]]:
    """The snapshot that is served after a start, and its reports."""
    loader = Loader(settings, lambda _: nullcontext(None), lambda _: HashEmbedder())
    knowledge = loader()
    assert loader.published().startswith(knowledge.snapshot.id)
    return knowledge.snapshot.id, list(knowledge.snapshot.corpora)


def test_what_is_missing_or_changed_is_built_at_the_start(settings: Settings, data: Path) -> None:
    first, reports = _load(settings)
    assert reports == ["fengxi-2023"]
    assert _load(settings)[0] == first
    shutil.copy(data / "linhai-2025.txt", settings.reports_dir)
    assert _load(settings)[1] == ["linhai-2025", "fengxi-2023"]


def test_a_report_that_cannot_be_read_leaves_the_old_snapshot_served_and_is_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = _load(settings)
    (settings.reports_dir / "old.doc").write_bytes(b"x")
    with caplog.at_level(logging.ERROR):
        assert _load(settings)[0] == first
    assert "old.doc" in caplog.text


def test_a_report_that_cannot_be_read_stops_the_first_start(settings: Settings) -> None:
    (settings.reports_dir / "old.doc").write_bytes(b"x")
    with pytest.raises(UnreadableFile, match=r"old\.doc"):
        _load(settings)


@pytest.mark.parametrize("name", ["vectors.faiss", "manifest.json", "reports/fengxi-2023/canonical.txt"])
def test_a_damaged_snapshot_is_built_anew_at_the_start(name: str, settings: Settings) -> None:
    first, _ = _load(settings)
    folder = settings.data_dir / "snapshots" / SnapshotStore(settings.data_dir).pointer()
    (folder / name).write_bytes(b"damaged")
    assert _load(settings)[0] == first


def test_what_was_gone_back_from_is_not_built_again_at_the_start(settings: Settings, data: Path) -> None:
    first, _ = _load(settings)
    shutil.copy(data / "linhai-2025.txt", settings.reports_dir)
    second, _ = _load(settings)
    SnapshotStore(settings.data_dir).rollback()
    assert _load(settings) == (first, ["fengxi-2023"])
    build_snapshot(settings.reports_dir, SnapshotStore(settings.data_dir), HashEmbedder())
    assert _load(settings)[0] == second


def test_the_place_that_is_set_has_the_default_report(
    settings: Settings, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copy(data / "linhai-2025.txt", settings.reports_dir)
    assert _load(settings)[1][0] == "linhai-2025"
    assert _load(settings.model_copy(update={"place": "丰溪"}))[1][0] == "fengxi-2023"
    assert _load(settings.model_copy(update={"place": "火星"}))[1][0] == "linhai-2025"
    assert "PLANQA_PLACE: no report of '火星'" in caplog.text


def test_what_a_first_question_does_not_need_is_not_imported_for_the_start() -> None:
    later = (
        "mcp",
        "alembic",
        "sentence_transformers",
        "transformers",
        "cn2an",
        "xlsxwriter",
        "openai",
        "docx",
        "pymilvus",
    )
    code = f"import sys, server.serve; print([name for name in {later} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
