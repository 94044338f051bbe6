"""What the tests share: the report that ships, a report of another shape, and a snapshot of both."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import ingest
from index.embedder import HashEmbedder
from index.entries import Entry, make_entries
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from ingest.model import Corpus

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting and no `.env` of the machine reaches a test, and what a test writes stays in its folder."""
    for name in [name for name in os.environ if name.startswith("PLANQA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the reports written for the tests."""
    return DATA


@pytest.fixture(scope="session")
def report_path() -> Path:
    """The report that ships."""
    return Path(str(ingest.__file__)).parent / "reports" / "xicheng-2024.txt"


@pytest.fixture(scope="session")
def corpus(report_path: Path) -> Corpus:
    """The report that ships, parsed."""
    return ingest_file(report_path)


@pytest.fixture(scope="session")
def other_corpus() -> Corpus:
    """A report of another place, other years, another numbering and another table, parsed."""
    return ingest_file(DATA / "linhai-2025.txt")


@pytest.fixture(scope="session")
def tiny_corpus() -> Corpus:
    """A short report with parts, a title over two lines and no annexes, parsed."""
    return ingest_file(DATA / "fengxi-2023.txt")


@pytest.fixture(scope="session")
def entries(corpus: Corpus) -> tuple[Entry, ...]:
    """The rows of the report that ships."""
    return make_entries([corpus])


@pytest.fixture(scope="session")
def built_data(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, other_corpus: Corpus) -> Path:
    """A data folder in which the fake embedder built and published both reports; only to be read."""
    folder = tmp_path_factory.mktemp("built") / "data"
    SnapshotStore(folder).build([corpus, other_corpus], {}, HashEmbedder())
    return folder


@pytest.fixture
def snapshot_store(tmp_path: Path, built_data: Path) -> SnapshotStore:
    """A store of the test's own, below `data`, with both reports published."""
    shutil.copytree(built_data, tmp_path / "data")
    return SnapshotStore(tmp_path / "data")
