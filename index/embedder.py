"""Text → vectors, through sentence-transformers, which is imported only where it is needed (docs/adr/0043)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models import EMBEDDED_BARE, EMBEDDED_MODEL, ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from index.embedded import EmbeddedModel

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]
"""Called with the number of texts done since the last call."""

_BATCH = 16


@dataclass(frozen=True, slots=True)
class Embedding:
    """A text's meaning: one unit vector for the whole and one for each of its tokens.

    `vector` has shape (dimension,), `tokens` (tokens, dimension); `ids` are the tokens' numbers in the model's
    vocabulary, `spans` of shape (tokens, 2) their first character in the text and the one behind their last.
    """

    vector: Vectors
    tokens: Vectors
    ids: NDArray[np.int32]
    spans: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return self.vector.nbytes + self.tokens.nbytes + self.ids.nbytes + self.spans.nbytes


class Embedder(Protocol):
    """Turns texts into unit vectors; the inner product is the similarity, higher is better."""

    @property
    def model(self) -> str:
        """The model's name, as recorded in the snapshot."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> list[Embedding]:
        """One embedding for each text, in the order of `texts`."""

    def embed_query(self, text: str) -> Embedding:
        """The embedding of a question."""

    def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
        """The embeddings of several questions, made in one go."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by Hugging Face name, local path, or the embedded default.

    Questions go to the embedded model without sentence-transformers, which takes longer to import than all else a server does
    before it is ready. The vectors are the same, bit for bit.
    """

    def __init__(self, model: str = EMBEDDED_MODEL) -> None:
        """Load the model.

        :raises ModelUnavailable: the model is not at hand.
        """
        self._name = model
        self._embedded = _load_embedded(model) if model in (EMBEDDED_MODEL, EMBEDDED_BARE) else None
        self.model = _recorded(model)
        self.dimension = self._embedded.dimension if self._embedded else len(self.embed_query("。").vector)

    @cached_property
    def _transformer(self) -> SentenceTransformer:
        if self._embedded is None:
            return _load(self._name)
        from index.embedded_module import as_sentence_transformer

        return as_sentence_transformer(self._embedded)

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> list[Embedding]:
        """Embed in batches of similar length, as many at a time as there are cores; see `Embedder`."""
        done: dict[int, Embedding] = {}
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        batches = [by_length[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            made = pool.map(lambda rows: self._embed("document", [texts[i] for i in rows]), batches)
            for rows, batch in zip(batches, made, strict=True):
                done.update(zip(rows, batch, strict=True))
                if progress:
                    progress(len(rows))
        return [done[row] for row in range(len(texts))]

    def embed_query(self, text: str) -> Embedding:
        """Embed one question; see `Embedder`."""
        return self._embed("query", [text])[0]

    def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
        """Embed several questions together; see `Embedder`."""
        return self._embed("query", list(texts))

    def _embed(self, task: Literal["query", "document"], texts: list[str]) -> list[Embedding]:
        if self._embedded and task == "query":
            from index.embedded import PROMPTS

            prompt = PROMPTS[task]
            return [_of_output(output, len(prompt)) for output in self._embedded.encode(texts, prompt)]
        encode = self._transformer.encode_query if task == "query" else self._transformer.encode_document
        outputs: Any = encode(texts, output_value=None, batch_size=_BATCH, show_progress_bar=False)
        prompt = self._transformer.prompts.get(task) or ""
        if "offset_mapping" in outputs[0]:
            return [_of_output(output, len(prompt)) for output in outputs]
        # Padded as `encode` pads: the tokenizer keeps the last caller's wish, which threads would take from each other.
        read = self._transformer.tokenizer(
            [prompt + text for text in texts],
            padding=True,
            truncation=True,
            return_offsets_mapping=True,
            return_tensors="np",
        )
        real = read["attention_mask"].astype(bool)
        return [
            _embedding(output, read["input_ids"][i][real[i]], read["offset_mapping"][i][real[i]] - len(prompt))
            for i, output in enumerate(outputs)
        ]


def _of_output(output: dict[str, Any], prompt: int) -> Embedding:
    """What a model gave that says itself where its tokens stand, behind a prompt of so many characters."""
    real = output["attention_mask"].bool()
    return _embedding(output, output["input_ids"][real].numpy(), output["offset_mapping"][real].numpy() - prompt)


def _embedding(output: dict[str, Any], ids: NDArray[np.int64], spans: NDArray[np.int64]) -> Embedding:
    """What the model gave for one text, without the tokens of the prompt and those that stand for no character."""
    mask = output["attention_mask"].bool()
    tokens = output["token_embeddings"][: len(mask)][mask].float().numpy()
    kept = (spans[:, 1] > 0) & (spans[:, 1] > spans[:, 0])
    return Embedding(
        vector=_unit(output["sentence_embedding"].float().numpy()),
        tokens=_unit(tokens[kept]),
        ids=ids[kept].astype(np.int32),
        spans=np.maximum(spans[kept], 0).astype(np.int32),
    )


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


class HashEmbedder:
    """A fake for tests: hashed character bigrams, so texts that share words are near each other."""

    def __init__(self, dimension: int = 64) -> None:
        self.model = f"fake:hash-{dimension}"
        self.dimension = dimension
        self.embedded: list[str] = []

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> list[Embedding]:
        """Embed and remember the texts; see `Embedder`."""
        self.embedded += texts
        if progress:
            progress(len(texts))
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> Embedding:
        """Embed one question; see `Embedder`."""
        ids = np.array([self._row(first + second) for first, second in pairwise(text)], dtype=np.int32)
        tokens = np.full((len(ids), self.dimension), 1e-6, dtype=np.float32)
        tokens[np.arange(len(ids)), ids] += 1
        vector = np.full(self.dimension, 1e-6, dtype=np.float32) + tokens.sum(axis=0)
        starts = np.arange(len(ids), dtype=np.int32)
        return Embedding(_unit(vector), _unit(tokens), ids, np.stack([starts, starts + 2], axis=1))

    def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
        """Embed several questions; see `Embedder`."""
        return [self.embed_query(text) for text in texts]

    def _row(self, bigram: str) -> int:
        return int.from_bytes(blake2b(bigram.encode(), digest_size=4).digest(), "big") % self.dimension


def _load_embedded(model: str) -> EmbeddedModel:
    # One thread a text, and texts in parallel: two threads would halve the time of a lone question, but wait for
    # each other whenever the machine has anything else to do (20 ms always, against 10 ms and up to 190 ms).
    # It counts only before the first library that uses OpenMP is imported.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from index import adapter, embedded, embedded_file

    weights = embedded_file.read(embedded_file.FILE)
    if model == EMBEDDED_MODEL:
        weights = weights.adapted(adapter.Adapter.read(adapter.FILE))
    return embedded.EmbeddedModel(weights)


def _recorded(model: str) -> str:
    """The name under which vectors are kept: those of another adapter are other vectors."""
    if model != EMBEDDED_MODEL:
        return model
    from index.adapter import FILE, digest

    return f"{model}@{digest(FILE)}"


def _load(model: str) -> SentenceTransformer:
    """The model; what the library would say on the way is kept back: the error says it in one line."""
    from sentence_transformers import SentenceTransformer

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
