"""What every peer is given, and how each is timed: the same rows, the same questions, the same embedder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from eval.bench_times import Times
from index.embedder import SentenceTransformerEmbedder
from index.entries import make_entries
from ingest.corpus import ingest_folder

ROOT = Path(__file__).parents[2]
K = 10
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """Milliseconds of one way to retrieve: all, and beyond the embedding; the best of several rounds of each question."""

    name: str
    versions: str
    rows: int
    whole: Times
    embedding: Times
    beyond: Times


class TimedEmbedder:
    """The product's embedder as plain lists, as the peers want it; `spent` is how long queries took, in seconds."""

    def __init__(self) -> None:
        self._embedder = SentenceTransformerEmbedder()
        self.dimension = self._embedder.dimension
        self.spent = 0.0

    def documents(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text."""
        return [embedding.vector.tolist() for embedding in self._embedder.embed_documents(texts)]

    def query(self, text: str) -> list[float]:
        """The vector of a question."""
        begun = perf_counter()
        vector: list[float] = self._embedder.embed_query(text).vector.tolist()
        self.spent += perf_counter() - begun
        return vector


def texts() -> list[str]:
    """Every row that the product indexes of the report that ships."""
    return [entry.text for entry in make_entries(ingest_folder(ROOT / "ingest" / "reports"))]


def questions() -> list[str]:
    """The dev questions."""
    lines = (ROOT / "eval" / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def measure(name: str, versions: str, rows: int, retrieve: Callable[[str], int], timed: TimedEmbedder) -> Result:
    """Time `retrieve`, which finds rows for a question and returns how many.

    :raises ValueError: it finds another number than was asked for.
    """
    asked = questions()
    for question in asked[:K]:
        found = retrieve(question)
        if found != K:
            raise ValueError(f"{name} found {found} rows for a question, not {K}")
    whole, embedding, beyond = (np.full(len(asked), np.inf) for _ in range(3))
    for _ in range(ROUNDS):
        for number, question in enumerate(asked):
            timed.spent, begun = 0.0, perf_counter()
            retrieve(question)
            took, spent = perf_counter() - begun, timed.spent
            for best, seconds in ((whole, took), (embedding, spent), (beyond, took - spent)):
                best[number] = min(best[number], seconds * 1000)
    return Result(name, versions, rows, *(Times.of(values.tolist()) for values in (whole, embedding, beyond)))


def report(*results: Result) -> None:
    """Print results for `compare` to read."""
    print(json.dumps([asdict(result) for result in results]))
