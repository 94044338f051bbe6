"""Report files → published snapshot: the stage's steps, in order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from pathlib import Path

from index.embedder import Embedder, Progress
from index.snapshot import FORMAT, Manifest, SnapshotError, SnapshotStore
from ingest.corpus import ingest_folder, report_files

ProgressBar = Callable[[int], AbstractContextManager[Progress | None]]
"""Given the number of rows, a context in which the work's progress is shown."""


def source_hashes(reports: Path) -> dict[str, str]:
    """Hash of every report file by name.

    :raises UnreadableFile: no such folder, or no report in it.
    """
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in report_files(reports)}


def is_current(reports: Path, store: SnapshotStore, model: str) -> bool:
    """Whether the published snapshot was built from these files by this program with this model."""
    try:
        manifest = store.current()
    except SnapshotError:
        return False
    return manifest.format == FORMAT and manifest.model == model and manifest.sources == source_hashes(reports)


def build_snapshot(
    reports: Path,
    store: SnapshotStore,
    embedder: Embedder,
    bar: ProgressBar = lambda _: nullcontext(None),
    rebuild: bool = False,
) -> Manifest:
    """Ingest every report in the folder, index, publish; `rebuild` makes an equal snapshot anew.

    :raises UnreadableFile: a report cannot be read; nothing is published then.
    """
    sources = source_hashes(reports)
    corpora = ingest_folder(reports)
    rows = sum(len(c.passages) + len(c.terms) + len(c.indicators) for c in corpora)
    with bar(rows) as progress:
        return store.build(corpora, sources, embedder, progress, rebuild)
