"""Build a snapshot in a temporary folder, publish it in one step, open it after checking its manifest."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from index.cache import EmbeddingCache
from index.embedder import Embedder, Progress
from index.entries import Entry, make_entries
from index.lexical import LexicalIndex, Tokenizer
from index.names import names_of
from index.search import Search
from index.vectors import VectorIndex
from ingest.model import Corpus

FORMAT = 1
"""Raised whenever what a snapshot holds, or how it is parsed, changes."""

_REMEDY = "run `planqa index`"


class SnapshotError(RuntimeError):
    """There is no usable snapshot; the message says why and what to run."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself."""

    format: int
    id: str
    created: str
    model: str
    dimension: int
    rows: int
    corpora: dict[str, str]
    sources: dict[str, str]


@dataclass(frozen=True)
class Snapshot:
    """An opened snapshot: its manifest, its corpora by report id, and the searcher over them."""

    manifest: Manifest
    corpora: Mapping[str, Corpus]
    search: Search

    @property
    def id(self) -> str:
        """The snapshot's id: a hash of what it was built from."""
        return self.manifest.id

    @cached_property
    def default(self) -> Corpus:
        """The newest report."""
        return max(self.corpora.values(), key=lambda corpus: (corpus.report.year_planned or 0, corpus.report.id))


class SnapshotStore:
    """The data folder: snapshots by id, a pointer to the published one, and the embedding cache."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._snapshots = folder / "snapshots"
        self._pointer = folder / "CURRENT"

    def build(
        self,
        corpora: Sequence[Corpus],
        sources: Mapping[str, str],
        embedder: Embedder,
        progress: Progress | None = None,
        rebuild: bool = False,
    ) -> Manifest:
        """Build and publish; an equal snapshot that is already there is published as it is, unless `rebuild`."""
        entries = make_entries(corpora)
        manifest = _manifest(corpora, sources, embedder, len(entries))
        target = self._snapshots / manifest.id
        if rebuild:
            shutil.rmtree(target, ignore_errors=True)
        if not (target / "manifest.json").exists():
            self._snapshots.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(prefix="building-", dir=self._folder))
            try:
                self._write(building, corpora, entries, manifest, embedder, progress)
                os.rename(building, target)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        self._publish(manifest.id)
        return manifest

    def current(self) -> Manifest:
        """The published snapshot's manifest.

        :raises SnapshotError: nothing is published, or the manifest is unreadable or of another format.
        """
        try:
            identifier = self._pointer.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SnapshotError(f"no snapshot in {self._folder}; {_REMEDY}") from error
        return _read_manifest(self._snapshots / identifier)

    def open(self, embedder: Embedder) -> Snapshot:
        """Open the published snapshot for `embedder`.

        :raises SnapshotError: nothing is published, or what is there does not fit its manifest or the model.
        """
        manifest = self.current()
        folder = self._snapshots / manifest.id
        if (manifest.model, manifest.dimension) != (embedder.model, embedder.dimension):
            raise SnapshotError(
                f"the snapshot was built with {manifest.model} ({manifest.dimension} dimensions), "
                f"but {embedder.model} ({embedder.dimension}) is configured; {_REMEDY}"
            )
        try:
            corpora = {name: Corpus.load(folder / "reports" / name) for name in sorted(manifest.corpora)}
            vectors = VectorIndex.load(folder / "vectors.faiss")
            lexical = LexicalIndex.load(folder / "lexical")
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise SnapshotError(f"snapshot {manifest.id} is damaged ({error}); {_REMEDY} --rebuild") from error
        entries = make_entries(corpora.values())
        _check(manifest, corpora, entries, vectors, lexical)
        return Snapshot(manifest, corpora, Search(entries, vectors, lexical, embedder))

    def _write(
        self,
        folder: Path,
        corpora: Sequence[Corpus],
        entries: Sequence[Entry],
        manifest: Manifest,
        embedder: Embedder,
        progress: Progress | None,
    ) -> None:
        for corpus in corpora:
            corpus.save(folder / "reports" / corpus.report.id)
        vectors = EmbeddingCache(self._folder / "embeddings.sqlite").embed(entries, embedder, progress)
        VectorIndex.build(vectors).save(folder / "vectors.faiss")
        names = [name for entry in entries for name in names_of(entry.item)]
        LexicalIndex.build([entry.text for entry in entries], Tokenizer(names)).save(folder / "lexical")
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
        (folder / "manifest.json").write_text(text, encoding="utf-8")

    def _publish(self, identifier: str) -> None:
        fresh = self._pointer.with_suffix(".new")
        fresh.write_text(identifier + "\n", encoding="utf-8")
        os.replace(fresh, self._pointer)


def _manifest(corpora: Sequence[Corpus], sources: Mapping[str, str], embedder: Embedder, rows: int) -> Manifest:
    hashes = {corpus.report.id: corpus_hash(corpus) for corpus in corpora}
    made_of = json.dumps([FORMAT, embedder.model, embedder.dimension, sorted(hashes.items())])
    return Manifest(
        format=FORMAT,
        id=sha256(made_of.encode()).hexdigest()[:16],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        model=embedder.model,
        dimension=embedder.dimension,
        rows=rows,
        corpora=hashes,
        sources=dict(sources),
    )


def corpus_hash(corpus: Corpus) -> str:
    """Hash of the canonical text and of everything parsed from it."""
    parsed = repr((corpus.report.sha256, corpus.sections, corpus.passages, corpus.terms, corpus.indicators))
    return sha256(parsed.encode()).hexdigest()


def _read_manifest(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SnapshotError(f"snapshot {folder.name} has no readable manifest ({error}); {_REMEDY}") from error
    if manifest.format != FORMAT:
        raise SnapshotError(
            f"snapshot {folder.name} has format {manifest.format}, this program reads {FORMAT}; {_REMEDY}"
        )
    return manifest


def _check(
    manifest: Manifest,
    corpora: Mapping[str, Corpus],
    entries: Sequence[Entry],
    vectors: VectorIndex,
    lexical: LexicalIndex,
) -> None:
    for name, corpus in corpora.items():
        if corpus_hash(corpus) != manifest.corpora[name]:
            raise SnapshotError(f"snapshot {manifest.id}: report '{name}' is not what was indexed; {_REMEDY} --rebuild")
    counts = {"manifest": manifest.rows, "corpora": len(entries), "vectors": vectors.rows, "lexical": lexical.rows}
    if len(set(counts.values())) != 1 or vectors.dimension != manifest.dimension:
        raise SnapshotError(
            f"snapshot {manifest.id}: rows {counts}, vectors of {vectors.dimension} dimensions, "
            f"manifest {manifest.dimension}; {_REMEDY} --rebuild"
        )
