"""txtai, set up as its documentation on external vectors says: an embeddings database over FAISS."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
from txtai import Embeddings

from eval.peers.shared import K, TimedEmbedder, measure, report, texts


def main() -> None:
    """Measure its search."""
    timed, rows = TimedEmbedder(), texts()
    indexing = True

    def transform(inputs: Sequence[str]) -> np.ndarray:
        made = timed.documents(list(inputs)) if indexing else [timed.query(text) for text in inputs]
        return np.array(made, dtype=np.float32)

    embeddings = Embeddings(method="external", transform=transform)
    embeddings.index(rows)
    indexing = False
    versions = f"txtai {version('txtai')}"
    report(measure("txtai", versions, len(rows), lambda question: len(embeddings.search(question, K)), timed))


if __name__ == "__main__":
    main()
