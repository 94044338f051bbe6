"""A report file → knowledge to put questions to, in a folder of its own."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

from index.embedder import SentenceTransformerEmbedder
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from server.answering.pipeline import Knowledge


def open_knowledge(*reports: Path, embedder: SentenceTransformerEmbedder | None = None) -> Knowledge:
    """Build (or find built) a snapshot of the given reports below the system's temporary folder, and open it."""
    name = sha256("|".join(str(path.resolve()) for path in reports).encode()).hexdigest()[:12]
    store = SnapshotStore(Path(gettempdir()) / "planqa-eval" / name)
    embedder = embedder or SentenceTransformerEmbedder()
    store.build([ingest_file(path) for path in reports], {}, embedder)
    return Knowledge.of(store.open(embedder))
