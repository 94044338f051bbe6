"""PlanQA itself: the leg that the peers have (dense, exact), and all its legs together."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from eval.peers.shared import ROOT, K, TimedEmbedder, measure, report, texts
from index.build import build_snapshot
from index.embedder import Embedding, Progress, SentenceTransformerEmbedder
from index.snapshot import SnapshotStore
from index.vectors import VectorIndex


class _Embedder:
    """The product's embedder, which notes its time where the comparison looks for it."""

    def __init__(self, timed: TimedEmbedder) -> None:
        self._embedder, self._timed = SentenceTransformerEmbedder(), timed
        self.model, self.dimension = self._embedder.model, self._embedder.dimension

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> list[Embedding]:
        return self._embedder.embed_documents(texts, progress)

    def embed_query(self, text: str) -> Embedding:
        return self.embed_queries([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
        begun = perf_counter()
        made = self._embedder.embed_queries(texts)
        self._timed.spent += perf_counter() - begun
        return made


def main() -> None:
    """Measure both."""
    timed, rows = TimedEmbedder(), texts()
    embedder = _Embedder(timed)
    vectors = VectorIndex.build(np.array([embedding.vector for embedding in embedder.embed_documents(rows)]))
    with TemporaryDirectory(prefix="planqa-peers-") as folder:
        store = SnapshotStore(Path(folder))
        build_snapshot(ROOT / "ingest" / "reports", store, embedder)
        snapshot = store.open(embedder)

        def dense(question: str) -> int:
            return len(vectors.search(embedder.embed_query(question).vector, K))

        def every_leg(question: str) -> int:
            snapshot.queries.clear()
            return len(snapshot.search.find(question, k=K).evidence)

        about = f"planqa {version('planqa')}"
        report(
            measure("planqa, dense leg alone", about, len(rows), dense, timed),
            measure("planqa, all four legs", about, len(rows), every_leg, timed),
        )


if __name__ == "__main__":
    main()
