"""Questions embedded once: the ones asked last are remembered."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from index.embedder import Embedder, Embedding, Progress

KEPT_BYTES = 40 * 2**20
"""Memory for the embeddings kept: a thousand questions as people ask them, or fifty of the longest."""
_THREADS = max(2, os.cpu_count() or 1)
"""Threads that embed. Each holds some 20 MB of the mathematics library's from then on, so that it is always the same few."""


class QueryCache:
    """An embedder that embeds no question twice, however many ask it at once; one for each opened snapshot."""

    def __init__(self, embedder: Embedder, kept_bytes: int = KEPT_BYTES) -> None:
        """Remember the questions that `embedder` embedded last, as many as `kept_bytes` hold."""
        self._embedder = embedder
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._known: OrderedDict[str, Future[Embedding]] = OrderedDict()
        self._begun: dict[str, Future[Embedding]] = {}
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="embedding")

    @property
    def model(self) -> str:
        """The embedder's model; see `Embedder`."""
        return self._embedder.model

    @property
    def dimension(self) -> int:
        """The length of a vector; see `Embedder`."""
        return self._embedder.dimension

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> list[Embedding]:
        """See `Embedder`; documents are not remembered."""
        return self._embedder.embed_documents(texts, progress)

    def embed_query(self, text: str) -> Embedding:
        """The embedding of a question; waits where another thread is embedding the same."""
        return self.embed_queries([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
        """The embeddings of questions; those not known are embedded together."""
        return [future.result() for future in self._begin(texts)]

    def clear(self) -> None:
        """Forget all questions."""
        with self._lock:
            self._known.clear()
            self._bytes = 0

    def _begin(self, texts: Sequence[str]) -> list[Future[Embedding]]:
        """What each text's embedding is or will be in; those not known are begun, together."""
        asked: list[Future[Embedding]] = []
        missing: dict[str, Future[Embedding]] = {}
        with self._lock:
            for text in texts:
                future = self._known.get(text) or self._begun.get(text)
                if future is None:
                    future = self._begun[text] = missing[text] = Future()
                elif text in self._known:
                    self._known.move_to_end(text)
                asked.append(future)
        if missing:
            self._threads.submit(self._embed, missing)
        return asked

    def _embed(self, missing: dict[str, Future[Embedding]]) -> None:
        """Fill in what was begun; where that fails, those who wait are told, and the next to ask tries again."""
        try:
            made = self._embedder.embed_queries(list(missing))
        except Exception as error:
            with self._lock:
                for text in missing:
                    del self._begun[text]
            for future in missing.values():
                future.set_exception(error)
            return
        for future, embedding in zip(missing.values(), made, strict=True):
            future.set_result(embedding)
        self._keep(missing)

    def _keep(self, made: dict[str, Future[Embedding]]) -> None:
        """Remember what was embedded, and forget what was not asked for the longest where that is too much."""
        with self._lock:
            for text, future in made.items():
                self._known[text] = self._begun.pop(text)
                self._bytes += future.result().nbytes
            while self._bytes > self._kept_bytes:
                _, forgotten = self._known.popitem(last=False)
                self._bytes -= forgotten.result().nbytes
