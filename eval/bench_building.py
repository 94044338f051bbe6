"""The time of a build by stage, and of the builds after it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np

from index.build import build_snapshot
from index.embedder import Embedder, Embedding, Progress
from index.entries import make_entries
from index.late import TokenIndex
from index.lexical import LexicalIndex, Tokenizer
from index.names import names_of
from index.snapshot import SnapshotStore
from index.vectors import VectorIndex
from ingest.corpus import ingest_file, report_files

Done = TypeVar("Done")

BUILDS = 5
"""How often `done` is called: for the stages once, and for each whole build."""


@dataclass(frozen=True, slots=True)
class Building:
    """Seconds by stage of building from nothing, and of whole builds; how many rows each of those embedded.

    The builds: the first, one where nothing changed, one where a sentence did, and one of all from known embeddings.
    """

    rows: int
    stages_s: Mapping[str, float]
    builds_s: Mapping[str, float]
    embedded: Mapping[str, int]


class _Counting:
    """An embedder that counts the documents it embeds."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.model, self.dimension = embedder.model, embedder.dimension
        self.embed_query, self.embed_queries = embedder.embed_query, embedder.embed_queries
        self.documents = 0

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> list[Embedding]:
        self.documents += len(texts)
        return self._embedder.embed_documents(texts, progress)


def measure_building(reports: Path, folder: Path, embedder: Embedder, done: Callable[[], None]) -> Building:
    """Build the reports of a folder, stage by stage and then whole, below `folder`."""
    stages: dict[str, float] = {}
    corpora = _timed(stages, "parse", lambda: [ingest_file(path) for path in report_files(reports)])
    entries = make_entries(corpora)
    texts = [entry.text for entry in entries]
    embeddings = _timed(stages, "embed", lambda: embedder.embed_documents(texts))
    done()
    _timed(stages, "vectors", lambda: VectorIndex.build(np.array([one.vector for one in embeddings])))
    _timed(stages, "tokens", lambda: TokenIndex.write(folder / "tokens", embeddings, len(embeddings)))
    names = [name for entry in entries for name in names_of(entry.item)]
    _timed(stages, "lexical", lambda: LexicalIndex.build(texts, Tokenizer(names)))
    builds, embedded = _builds(reports, folder, embedder, done)
    return Building(len(entries), stages, builds, embedded)


def _builds(
    reports: Path, folder: Path, embedder: Embedder, done: Callable[[], None]
) -> tuple[dict[str, float], dict[str, int]]:
    copy = folder / "reports"
    shutil.copytree(reports, copy)
    store = SnapshotStore(folder / "built")
    builds: dict[str, float] = {}
    embedded: dict[str, int] = {}

    def build(name: str, rebuild: bool = False) -> None:
        counting = _Counting(embedder)
        _timed(builds, name, lambda: build_snapshot(copy, store, counting, rebuild=rebuild))
        embedded[name] = counting.documents
        done()

    build("first")
    build("unchanged")
    _change_a_sentence(next(iter(report_files(copy))))
    build("one sentence changed")
    build("rebuild", rebuild=True)
    return builds, embedded


def _change_a_sentence(path: Path) -> None:
    """Say something else in the middle of a text report."""
    text = path.read_text(encoding="utf-8")
    middle = text.index("。", len(text) // 2)
    path.write_text(f"{text[:middle]}，情况良好{text[middle:]}", encoding="utf-8")


def _timed(kept: dict[str, float], name: str, work: Callable[[], Done]) -> Done:
    begun = perf_counter()
    made = work()
    kept[name] = round(perf_counter() - begun, 3)
    return made
