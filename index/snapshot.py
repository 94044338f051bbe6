"""Build a snapshot in a temporary folder, publish it in one step, open it after checking its manifest."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fcntl import LOCK_EX, flock
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

import numpy as np

from index.cache import EmbeddingCache
from index.embedder import Embedder, Progress
from index.entries import Entry, make_entries
from index.late import TokenIndex
from index.lexical import LexicalIndex, Tokenizer
from index.manifest import (
    REMEDY,
    Manifest,
    SnapshotError,
    check_files,
    corpus_hash,
    hashes,
    make_manifest,
    of_sources,
    read_manifest,
    replace_text,
    sync,
    write_manifest,
)
from index.names import names_of
from index.search import Search
from index.vectors import VectorIndex
from ingest.model import Corpus

Read = TypeVar("Read")


@dataclass(frozen=True)
class Snapshot:
    """An opened snapshot: its manifest, its corpora by report id, the default one first, and a searcher over each.

    Every report is searched by itself, with statistics of its own: what else is loaded changes no score.
    """

    manifest: Manifest
    corpora: Mapping[str, Corpus]
    searches: Mapping[str, Search]

    @property
    def id(self) -> str:
        """The snapshot's id: a hash of what it was built from."""
        return self.manifest.id

    @property
    def default(self) -> Corpus:
        """The report that is meant where nothing says otherwise."""
        return next(iter(self.corpora.values()))

    @property
    def search(self) -> Search:
        """The searcher over the default report."""
        return self.searches[self.default.report.id]

    def only(self, report: str) -> Snapshot:
        """The snapshot with one of its reports alone.

        :raises KeyError: no report has this id.
        """
        return replace(self, corpora={report: self.corpora[report]}, searches={report: self.searches[report]})


class SnapshotStore:
    """The data folder: snapshots, a pointer to the published one, and the embedding cache.

    A snapshot's folder is named by its id; one that takes the place of an equal one has a random suffix, so that both
    stand side by side until the pointer is replaced.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._snapshots = folder / "snapshots"
        self._pointer = folder / "CURRENT"
        self._refused = folder / "ROLLED_BACK"

    def build(
        self,
        corpora: Sequence[Corpus],
        sources: Mapping[str, str],
        embedder: Embedder,
        progress: Progress | None = None,
        rebuild: bool = False,
    ) -> Manifest:
        """Build and publish; an equal, undamaged snapshot that is already there is published, unless `rebuild`.

        The published snapshot stays until the new one is in place. Kept are the published one and the one before. Who
        comes while another builds waits, and finds the work done.
        """
        entries = make_entries(corpora)
        manifest = make_manifest(corpora, sources, embedder, len(entries))
        self._snapshots.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / "build.lock"):
            folder = None if rebuild else self._undamaged(manifest.id)
            if folder is None:
                folder, manifest = self._make(corpora, entries, manifest, embedder, progress)
            else:
                manifest = _with_sources(folder, sources)
            self._publish(folder)
            self._refused.unlink(missing_ok=True)
            self._remove_old(folder)
        return manifest

    def rollback(self) -> Manifest:
        """Publish the snapshot that was published before this one; a second time goes forth again.

        What was gone back from is remembered by its sources, so that no start builds it again unasked.

        :raises SnapshotError: nothing is published, or no other undamaged snapshot is kept.
        """
        self._snapshots.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / "build.lock"):
            current = self._published()
            for folder in sorted(self._different(current), key=_published_at, reverse=True):
                if self._undamaged(folder.name) != folder:
                    continue
                with suppress(SnapshotError):
                    replace_text(self._refused, of_sources(read_manifest(current).sources) + "\n")
                self._publish(folder)
                return read_manifest(folder)
        raise SnapshotError(f"no earlier snapshot is kept in {self._folder}; change the reports and {REMEDY}")

    def is_refused(self, sources: Mapping[str, str]) -> bool:
        """Whether a snapshot of just these files was gone back from."""
        try:
            return self._refused.read_text(encoding="utf-8").strip() == of_sources(sources)
        except (OSError, ValueError):
            return False

    def pointer(self) -> str:
        """The name of the published folder, which changes whenever another is published; '' where none is."""
        try:
            return self._published().name
        except SnapshotError:
            return ""

    def known(self, sources: Mapping[str, str]) -> dict[str, Corpus]:
        """The corpora of the published snapshot whose files are still the same, by file name: they need no parsing."""
        try:
            folder = self._published()
            manifest = read_manifest(folder)
            check_files(folder, manifest)
            same = [name for name, content in sources.items() if manifest.sources.get(name) == content]
            return {name: Corpus.load(folder / "reports" / Path(name).stem) for name in same}
        except (SnapshotError, OSError, ValueError, KeyError, TypeError):
            return {}

    def current(self) -> Manifest:
        """The published snapshot's manifest.

        :raises SnapshotError: nothing is published, or the manifest is unreadable or of another format.
        """
        return self._at_pointer(read_manifest)

    def open(self, embedder: Embedder, place: str = "") -> Snapshot:
        """Open the published snapshot for `embedder`, after comparing every file with its recorded hash.

        The newest report of `place`, or of the place with most reports, is the default one.

        Hashing costs about 1 ms for the megabyte of one report; opening takes some 120 ms.

        :raises SnapshotError: nothing is published, or what is there does not fit its manifest or the model.
        """
        return self._at_pointer(lambda folder: _open(folder, embedder, place))

    def _at_pointer(self, read: Callable[[Path], Read]) -> Read:
        """Read the published folder; once more where another was published, and this one removed, meanwhile."""
        while True:
            folder = self._published()
            try:
                return read(folder)
            except SnapshotError:
                if self._published() == folder:
                    raise

    def _published(self) -> Path:
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise SnapshotError(f"no snapshot in {self._folder}; {REMEDY}") from error
        except (OSError, ValueError) as error:
            raise SnapshotError(f"{self._pointer} cannot be read ({error}); {REMEDY}") from error
        return self._snapshots / name

    def _undamaged(self, identifier: str) -> Path | None:
        """A folder that holds this snapshot with every file as it was written."""
        for folder in sorted(self._snapshots.glob(f"{identifier}*")):
            try:
                manifest = read_manifest(folder)
                check_files(folder, manifest)
            except SnapshotError:
                continue
            if manifest.id == identifier:
                return folder
        return None

    def _make(
        self,
        corpora: Sequence[Corpus],
        entries: Sequence[Entry],
        manifest: Manifest,
        embedder: Embedder,
        progress: Progress | None,
    ) -> tuple[Path, Manifest]:
        """Build aside and move into place, under a name of its own where an equal or damaged one has the plain one."""
        building = Path(tempfile.mkdtemp(prefix="building-", dir=self._folder))
        try:
            self._write(building, corpora, entries, embedder, progress)
            manifest = replace(manifest, files=hashes(building))
            write_manifest(building, manifest)
            return self._place(building, manifest.id), manifest
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _place(self, building: Path, identifier: str) -> Path:
        target = self._snapshots / identifier
        if target.exists():
            target = self._snapshots / f"{identifier}-{token_hex(3)}"
        for path in building.rglob("*"):
            sync(path)
        os.rename(building, target)
        sync(self._snapshots)
        return target

    def _write(
        self,
        folder: Path,
        corpora: Sequence[Corpus],
        entries: Sequence[Entry],
        embedder: Embedder,
        progress: Progress | None,
    ) -> None:
        embeddings = EmbeddingCache(self._folder / "embeddings.sqlite").embed(entries, embedder, progress)
        tokenizer = _tokenizer(entries)
        for corpus in corpora:
            own = folder / "reports" / corpus.report.id
            corpus.save(own)
            rows = [row for row, entry in enumerate(entries) if entry.corpus is corpus]
            of_rows = [embeddings[row] for row in rows]
            VectorIndex.build(np.array([embedding.vector for embedding in of_rows])).save(own / "vectors.faiss")
            TokenIndex.build(of_rows).save(own / "tokens")
            LexicalIndex.build([entries[row].text for row in rows], tokenizer).save(own / "lexical")

    def _publish(self, folder: Path) -> None:
        os.utime(folder)
        replace_text(self._pointer, folder.name + "\n")

    def _remove_old(self, published: Path) -> None:
        """Remove all but the published snapshot and, of those that differ from it, the one published last."""
        others = [folder for folder in self._snapshots.iterdir() if folder.is_dir() and folder != published]
        different = sorted(self._different(published), key=_published_at)
        for folder in {*others, *self._folder.glob("building-*")} - set(different[-1:]):
            shutil.rmtree(folder, ignore_errors=True)

    def _different(self, published: Path) -> list[Path]:
        """The snapshots kept that differ from the published one."""
        folders = [folder for folder in self._snapshots.iterdir() if folder.is_dir()]
        return [folder for folder in folders if _id_of(folder) != _id_of(published)]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone among all processes; the lock of one that dies is free."""
    with path.open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _id_of(folder: Path) -> str:
    return folder.name.partition("-")[0]


def _published_at(folder: Path) -> int:
    return folder.stat().st_mtime_ns


def _with_sources(folder: Path, sources: Mapping[str, str]) -> Manifest:
    """The manifest of a snapshot already built, after recording there the files it would now be built from."""
    manifest = read_manifest(folder)
    if manifest.sources != sources:
        manifest = replace(manifest, sources=dict(sources))
        write_manifest(folder, manifest)
    return manifest


def in_order(corpora: Collection[Corpus], place: str = "") -> dict[str, Corpus]:
    """Corpora by report id: those of `place` first, then of places with more reports, and of each the newest first."""
    counts = Counter(corpus.report.place for corpus in corpora)

    def newest(corpus: Corpus) -> int:
        return corpus.report.year_planned or 0

    latest = {name: max(newest(c) for c in corpora if c.report.place == name) for name in counts}

    def rank(corpus: Corpus) -> tuple[bool, int, int, str, int, str]:
        own = corpus.report.place
        is_wanted = bool(place) and place in own
        return (not is_wanted, -counts[own], -latest[own], own, -newest(corpus), corpus.report.id)

    return {corpus.report.id: corpus for corpus in sorted(corpora, key=rank)}


def _tokenizer(entries: Iterable[Entry]) -> Tokenizer:
    """One for all reports: a dictionary takes 24 MB."""
    return Tokenizer([name for entry in entries for name in names_of(entry.item)])


def _open(folder: Path, embedder: Embedder, place: str) -> Snapshot:
    manifest = read_manifest(folder)
    if (manifest.model, manifest.dimension) != (embedder.model, embedder.dimension):
        raise SnapshotError(
            f"the snapshot was built with {manifest.model} ({manifest.dimension} dimensions), "
            f"but {embedder.model} ({embedder.dimension}) is configured; {REMEDY}"
        )
    check_files(folder, manifest)
    try:
        corpora = {name: Corpus.load(folder / "reports" / name) for name in sorted(manifest.corpora)}
        entries = {name: make_entries([corpus]) for name, corpus in corpora.items()}
        tokenizer = _tokenizer(chain.from_iterable(entries.values()))
        searches = {name: _search(folder / "reports" / name, own, tokenizer, embedder) for name, own in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SnapshotError(f"snapshot {manifest.id} is damaged ({error}); {REMEDY} --rebuild") from error
    _check(manifest, corpora, searches)
    return Snapshot(manifest, in_order(corpora.values(), place), searches)


def _search(folder: Path, entries: Sequence[Entry], tokenizer: Tokenizer, embedder: Embedder) -> Search:
    """The searcher over one report, from the legs kept in its folder."""
    return Search(
        entries,
        VectorIndex.load(folder / "vectors.faiss"),
        TokenIndex.load(folder / "tokens"),
        LexicalIndex.load(folder / "lexical", tokenizer),
        embedder,
    )


def _check(manifest: Manifest, corpora: Mapping[str, Corpus], searches: Mapping[str, Search]) -> None:
    """:raises SnapshotError: the parts do not fit each other or what the manifest says of them."""
    for name, corpus in corpora.items():
        if corpus_hash(corpus) != manifest.corpora[name]:
            raise SnapshotError(f"snapshot {manifest.id}: report '{name}' is not what was indexed; {REMEDY} --rebuild")
    counts = {name: search.rows for name, search in searches.items()}
    rows = sum(len(search.entries) for search in searches.values())
    misfits = [name for name, legs in counts.items() if set(legs.values()) != {len(searches[name].entries)}]
    dimensions = {search.dimension for search in searches.values()}
    if misfits or rows != manifest.rows or dimensions != {manifest.dimension}:
        raise SnapshotError(
            f"snapshot {manifest.id}: {rows} rows, manifest {manifest.rows}; rows of each leg {counts}; vectors of "
            f"{sorted(dimensions)} dimensions, manifest {manifest.dimension}; {REMEDY} --rebuild"
        )
