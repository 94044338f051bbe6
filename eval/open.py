"""A report file → knowledge to put questions to, in a folder of its own."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

import ingest
from eval.gold_set import GoldError
from index.embedder import Embedder, SentenceTransformerEmbedder
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from server.answering.pipeline import Knowledge

SHIPPED = Path(str(ingest.__file__)).parent / "reports"
FICTIONAL = Path(__file__).parent / "gold" / "reports"


def open_knowledge(*reports: Path, embedder: Embedder | None = None, folder: Path | None = None) -> Knowledge:
    """Build (or find built) a snapshot of the given reports, and open it.

    It is kept below `folder`, or below the system's temporary folder, by the reports' paths and the model.
    """
    embedder = embedder or SentenceTransformerEmbedder()
    store = SnapshotStore((folder or Path(gettempdir()) / "planqa-eval") / store_name(reports, embedder))
    store.build([ingest_file(path) for path in reports], {}, embedder)
    return Knowledge.of(store.open(embedder))


def report_file(name: str) -> Path:
    """The file of a report by its name, of those that ship or are made for measuring.

    :raises GoldError: there is none.
    """
    paths = [path for folder in (SHIPPED, FICTIONAL) for path in sorted(folder.glob(f"{name}.*"))]
    if not paths:
        raise GoldError(f"report '{name}' is not at hand; name its file with --report")
    return paths[0]


def store_name(reports: tuple[Path, ...], embedder: Embedder) -> str:
    """The folder's name for these reports and this model."""
    return sha256("|".join([embedder.model, *(str(path.resolve()) for path in reports)]).encode()).hexdigest()[:12]
