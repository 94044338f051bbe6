"""What the tests share: the report that ships, a report of another shape, and a snapshot of both."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import ingest
from index.build import build_snapshot
from index.embedder import HashEmbedder, SentenceTransformerEmbedder
from index.entries import Entry, make_entries
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.service import Service
from server.settings import Settings

DATA = Path(__file__).parent / "data"


SMALL_DISK = 600 * 1024
_FIGURES: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the soak tests in their long form")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _FIGURES:
        terminalreporter.write_line(f"figure: {line}")


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether soak tests run in their long form (`make soak`)."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say a figure of a soak test, shown at the end of the run."""
    return lambda words: _FIGURES.append(f"{request.node.name}: {words}")


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting and no `.env` of the machine reaches a test, and what a test writes stays in its folder."""
    for name in [name for name in os.environ if name.startswith("PLANQA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full; needs root, as in CI."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "planqa-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Write a file `filler` until nothing more fits."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"0" * 4096):
            pass


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


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Knowledge:
    """What is answered from: the report that ships, indexed by the fake embedder."""
    store, embedder = SnapshotStore(tmp_path_factory.mktemp("knowledge")), HashEmbedder()
    store.build([corpus], {}, embedder)
    return Knowledge.of(store.open(embedder))


@pytest.fixture(scope="session")
def web(knowledge: Knowledge) -> Iterator[TestClient]:
    """A client of the whole application over `knowledge`, without a rate limit."""
    app = create_app(Service(lambda: knowledge), Settings(rate_limit="off"))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def real_embedder() -> SentenceTransformerEmbedder:
    """The real model; only for tests marked `model`."""
    return SentenceTransformerEmbedder()


@pytest.fixture(scope="session")
def real_data(
    tmp_path_factory: pytest.TempPathFactory, report_path: Path, real_embedder: SentenceTransformerEmbedder
) -> Path:
    """A data folder in which the real model built and published the report that ships; only to be read."""
    folder = tmp_path_factory.mktemp("real") / "data"
    build_snapshot(report_path.parent, SnapshotStore(folder), real_embedder)
    return folder


@pytest.fixture(scope="session")
def real_knowledge(real_data: Path, real_embedder: SentenceTransformerEmbedder) -> Knowledge:
    """What is answered from: the report that ships, indexed by the real model."""
    return Knowledge.of(SnapshotStore(real_data).open(real_embedder))
