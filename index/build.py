"""Report files → published snapshot: the stage's steps, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from index.embedder import Embedder, Progress
from index.manifest import Manifest, SnapshotError
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file, report_files

ProgressBar = Callable[[int], AbstractContextManager[Progress | None]]
"""Given the number of rows, a context in which the work's progress is shown."""


def source_hashes(reports: Path) -> dict[str, str]:
    """Hash of every report file by name.

    :raises UnreadableFile: no such folder, or no report in it.
    """
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in report_files(reports)}


def is_current(reports: Path, store: SnapshotStore, model: str) -> bool:
    """Whether the published snapshot was built from these files by this program with this model.

    It also is while what these files make was gone back from: only `planqa index`, or other files, end that.
    """
    try:
        manifest = store.current()
    except SnapshotError:
        return False
    sources = source_hashes(reports)
    return manifest.model == model and (manifest.sources == sources or store.is_refused(sources))


@dataclass(frozen=True, slots=True)
class Changes:
    """The report files that a build adds, changes and removes, by name."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @classmethod
    def between(cls, before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
        """Compare two sets of files by name and hash."""
        return cls(
            added=tuple(sorted(after.keys() - before.keys())),
            changed=tuple(sorted(name for name in after.keys() & before.keys() if after[name] != before[name])),
            removed=tuple(sorted(before.keys() - after.keys())),
        )


def changes(reports: Path, store: SnapshotStore) -> Changes:
    """What a build of this folder would change in what is published.

    :raises UnreadableFile: no such folder, or no report in it.
    """
    return Changes.between(published_sources(store), source_hashes(reports))


def published_sources(store: SnapshotStore) -> Mapping[str, str]:
    """Hash of every report file that what is published was built from; empty where nothing can be read."""
    try:
        return store.current().sources
    except SnapshotError:
        return {}


def build_snapshot(
    reports: Path,
    store: SnapshotStore,
    embedder: Embedder,
    bar: ProgressBar = lambda _: nullcontext(None),
    rebuild: bool = False,
) -> Manifest:
    """Ingest the reports in the folder that are new or changed, index, publish; `rebuild` makes all of it anew.

    :raises UnreadableFile: a report cannot be read; nothing is published then.
    """
    sources = source_hashes(reports)
    known = {} if rebuild else store.known(sources)
    corpora = [known.get(path.name) or ingest_file(path) for path in report_files(reports)]
    rows = sum(len(c.passages) + len(c.terms) + len(c.indicators) for c in corpora)
    with bar(rows) as progress:
        return store.build(corpora, sources, embedder, progress, rebuild)
