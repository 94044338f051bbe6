"""Build a snapshot in a temporary folder, publish it in one step, open it after checking its manifest."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fcntl import LOCK_EX, flock
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import TypeVar
from zipfile import BadZipFile

from index.cache import EmbeddingCache
from index.embedder import Embedder, Progress
from index.entries import Entry, make_entries
from index.late import TokenIndex
from index.legs import Legs, LocalLegs, RemoteStore
from index.lexical import LexicalIndex
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
from index.queries import QueryCache
from index.search import Search
from index.searches import Searches
from index.stored import KEPT, Entries, Known, StoredCorpora, Table, Unread, in_order
from index.vectors import VectorIndex
from index.writing import write_legs
from ingest.model import Corpus, read_imprint

Read = TypeVar("Read")


@dataclass(frozen=True)
class Snapshot:
    """An opened snapshot: its manifest, its corpora by report id, a searcher over each, and the questions it embedded.

    Every report is searched by itself, with statistics of its own: what else is loaded changes no score. The default
    report is the first of the corpora and of `known`, which says of each what needs no reading of it.
    """

    manifest: Manifest
    corpora: Mapping[str, Corpus]
    searches: Mapping[str, Search]
    known: tuple[Known, ...]
    queries: QueryCache

    @property
    def id(self) -> str:
        """The snapshot's id: a hash of what it was built from."""
        return self.manifest.id

    @property
    def default(self) -> Corpus:
        """The report that is meant where nothing says otherwise."""
        return self.corpora[self.known[0].report.id]

    @property
    def search(self) -> Search:
        """The searcher over the default report."""
        return self.searches[self.known[0].report.id]

    @property
    def whole(self) -> Search:
        """The searcher over all reports as one."""
        return self.searches.whole if isinstance(self.searches, Searches) else self.search

    def only(self, report: str) -> Snapshot:
        """The snapshot with one of its reports alone.

        :raises KeyError: no report has this id.
        """
        corpus = self.corpora[report]
        return replace(self, corpora={report: corpus}, searches={report: self.searches[report]}, known=(corpus,))


class SnapshotStore:
    """The data folder: snapshots, a pointer to the published one, and the embedding cache.

    With a remote store what is published is there too, and searched there.

    A snapshot's folder is named by its id; one that takes the place of an equal one has a random suffix, so that both
    stand side by side until the pointer is replaced.
    """

    def __init__(self, folder: Path, remote: RemoteStore | None = None) -> None:
        self._folder = folder
        self._remote = remote
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
        return self._at_pointer(lambda folder: _open(folder, embedder, self._remote, place))

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
        with self.building() as building:
            self._write(building, corpora, entries, embedder, progress)
            return self._take_in(building, manifest)

    @contextmanager
    def building(self) -> Iterator[Path]:
        """A folder to build in, which is gone afterwards."""
        self._snapshots.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix="building-", dir=self._folder))
        try:
            yield building
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def publish(self, building: Path, manifest: Manifest) -> Manifest:
        """Take in and publish what was written to a folder of `building`: reports below `reports`, and their legs."""
        with _locked(self._folder / "build.lock"):
            folder, manifest = self._take_in(building, manifest)
            self._publish(folder)
            self._remove_old(folder)
        return manifest

    def _take_in(self, building: Path, manifest: Manifest) -> tuple[Path, Manifest]:
        manifest = replace(manifest, files=hashes(building))
        write_manifest(building, manifest)
        return self._place(building, manifest.id), manifest

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
        for corpus in corpora:
            corpus.save(folder / "reports" / corpus.report.id)
        embeddings = EmbeddingCache(self._folder / "embeddings.sqlite").embed(entries, embedder, progress)
        write_legs(folder, entries, embeddings)

    def _publish(self, folder: Path) -> None:
        if self._remote:
            identifier = _id_of(folder)
            lexical = LexicalIndex.load(folder / "lexical")
            vectors = VectorIndex.load(folder / "vectors.faiss")
            self._remote.fill(identifier, Table.load(folder / "rows.npz"), vectors, lexical)
            self._remote.publish(identifier)
        os.utime(folder)
        replace_text(self._pointer, folder.name + "\n")

    def _remove_old(self, published: Path) -> None:
        """Remove all but the published snapshot and, of those that differ from it, the one published last."""
        others = [folder for folder in self._snapshots.iterdir() if folder.is_dir() and folder != published]
        different = sorted(self._different(published), key=_published_at)
        for folder in {*others, *self._folder.glob("building-*")} - set(different[-1:]):
            shutil.rmtree(folder, ignore_errors=True)
        if self._remote:
            self._remote.keep({_id_of(folder) for folder in self._snapshots.iterdir()})

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


def _open(folder: Path, embedder: Embedder, remote: RemoteStore | None, place: str) -> Snapshot:
    manifest = read_manifest(folder)
    if (manifest.model, manifest.dimension) != (embedder.model, embedder.dimension):
        raise SnapshotError(
            f"the snapshot was built with {manifest.model} ({manifest.dimension} dimensions), "
            f"but {embedder.model} ({embedder.dimension}) is configured; {REMEDY}"
        )
    check_files(folder, manifest)
    try:
        corpora, known = _reports(folder / "reports", manifest.corpora, place)
        table = Table.load(folder / "rows.npz")
        tokens = TokenIndex.load(folder / "tokens")
        lexical = LexicalIndex.load(folder / "lexical")
        legs: Legs
        if remote:
            legs = remote.legs(manifest.id, manifest.rows, manifest.dimension, lexical)
        else:
            legs = LocalLegs(VectorIndex.load(folder / "vectors.faiss"), lexical, table)
        _check(manifest, corpora, table, tokens, lexical, legs)
        queries = QueryCache(embedder)
        searches = Searches(Entries(corpora, table), legs, tokens, lexical, queries)
        return Snapshot(manifest, corpora, searches, known, queries)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, BadZipFile) as error:
        if isinstance(error, SnapshotError):
            raise
        raise SnapshotError(f"snapshot {manifest.id} is damaged ({error}); {REMEDY} --rebuild") from error


def _reports(folder: Path, names: Iterable[str], place: str) -> tuple[StoredCorpora, tuple[Known, ...]]:
    """The reports in order, of which no more is read than what each says of itself."""
    imprints = in_order([read_imprint(folder / name) for name in names], place)
    corpora = StoredCorpora(folder, (imprint.id for imprint in imprints))
    return corpora, tuple(Unread(imprint, corpora) for imprint in imprints)


def _check(
    manifest: Manifest, corpora: StoredCorpora, table: Table, tokens: TokenIndex, lexical: LexicalIndex, legs: Legs
) -> None:
    """:raises SnapshotError: the parts do not fit each other or what the manifest says of them."""
    for name in islice(corpora, KEPT):
        if corpus_hash(corpora[name]) != manifest.corpora[name]:
            raise SnapshotError(f"snapshot {manifest.id}: report '{name}' is not what was indexed; {REMEDY} --rebuild")
    counts = {
        "manifest": manifest.rows,
        "reports": len(table),
        "vectors": legs.rows,
        "tokens": tokens.rows,
        "lexical": lexical.rows,
    }
    if len(set(counts.values())) != 1 or legs.dimension != manifest.dimension:
        raise SnapshotError(
            f"snapshot {manifest.id}: rows {counts}, vectors of {legs.dimension} dimensions, "
            f"manifest {manifest.dimension}; {REMEDY} --rebuild"
        )
