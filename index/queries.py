"""Questions embedded once: the ones asked last are remembered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock

from index.embedder import Embedder, Embedding, Progress

REMEMBERED = 1024
"""Questions kept; each takes some 40 kB."""


class QueryCache:
    """An embedder that embeds no question twice, however many ask it at once; one for each opened snapshot."""

    def __init__(self, embedder: Embedder, size: int = REMEMBERED) -> None:
        """Remember the last `size` questions that `embedder` embeds."""
        self._embedder = embedder
        self._size = size
        self._known: OrderedDict[str, Future[Embedding]] = OrderedDict()
        self._lock = Lock()

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
        asked, missing = self._claim(texts)
        if missing:
            self._embed(missing)
        return [future.result() for future in asked]

    def clear(self) -> None:
        """Forget all questions."""
        with self._lock:
            self._known.clear()

    def _claim(self, texts: Sequence[str]) -> tuple[list[Future[Embedding]], dict[str, Future[Embedding]]]:
        """What each text's embedding is or will be in, and those of them that the caller is now to embed."""
        asked: list[Future[Embedding]] = []
        missing: dict[str, Future[Embedding]] = {}
        with self._lock:
            for text in texts:
                if text not in self._known:
                    self._known[text] = missing[text] = Future()
                self._known.move_to_end(text)
                asked.append(self._known[text])
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return asked, missing

    def _embed(self, missing: dict[str, Future[Embedding]]) -> None:
        """Fill in what was claimed; where that fails, those who wait are told, and the next to ask tries again."""
        try:
            made = self._embedder.embed_queries(list(missing))
        except Exception as error:
            with self._lock:
                for text, future in missing.items():
                    if self._known.get(text) is future:
                        del self._known[text]
            for future in missing.values():
                future.set_exception(error)
            return
        for future, embedding in zip(missing.values(), made, strict=True):
            future.set_result(embedding)
