"""What a snapshot says of itself, and whether its files are what was written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.embedder import Embedder
    from ingest.model import Corpus

FORMAT = 6
"""Raised whenever what a snapshot holds, or how it is parsed, changes."""

_NAME = "manifest.json"
REMEDY = "run `planqa index`"


class SnapshotError(RuntimeError):
    """There is no usable snapshot; the message says why and what to run."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself; `files` is the sha256 of every other file in its folder, by relative path."""

    format: int
    id: str
    created: str
    model: str
    dimension: int
    rows: int
    corpora: dict[str, str]
    sources: dict[str, str]
    files: dict[str, str]


def of_sources(sources: Mapping[str, str]) -> str:
    return sha256(json.dumps(sorted(sources.items())).encode()).hexdigest()


def make_manifest(corpora: Iterable[Corpus], sources: Mapping[str, str], embedder: Embedder, rows: int) -> Manifest:
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
        files={},
    )


def corpus_hash(corpus: Corpus) -> str:
    """Hash of the report, its canonical text, and everything parsed from it."""
    about = replace(corpus.report, text=corpus.report.sha256)
    parsed = repr((about, corpus.sections, corpus.passages, corpus.terms, corpus.indicators))
    return sha256(parsed.encode()).hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    replace_text(folder / _NAME, json.dumps(asdict(manifest), ensure_ascii=False, indent=2))


def replace_text(path: Path, text: str) -> None:
    """Write a file in one step: a reader finds the old text or the new."""
    fresh = path.with_name(f"{path.name}.new-{token_hex(3)}")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        sync(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the system write a file or a folder's entries to the disk now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_manifest(folder: Path) -> Manifest:
    try:
        said = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        found = said.get("format", FORMAT) if isinstance(said, dict) else FORMAT
        manifest = Manifest(**said) if found == FORMAT else None
    except (OSError, ValueError, TypeError) as error:
        raise SnapshotError(f"snapshot {folder.name} has no readable manifest ({error}); {REMEDY}") from error
    if manifest is None:
        raise SnapshotError(f"snapshot {folder.name} has format {found}, this program reads {FORMAT}; {REMEDY}")
    return manifest


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of every file below `folder` but the manifest, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _NAME)
    return {path.relative_to(folder).as_posix(): _hash(path) for path in files}


def check_files(folder: Path, manifest: Manifest) -> None:
    """:raises SnapshotError: a file is missing or is not, byte for byte, what was written."""
    try:
        for name, expected in manifest.files.items():
            if _hash(folder / name) != expected:
                raise SnapshotError(f"snapshot {manifest.id}: {name} is not what was written; {REMEDY} --rebuild")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SnapshotError(f"snapshot {manifest.id} is damaged ({error}); {REMEDY} --rebuild") from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
