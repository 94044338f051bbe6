"""LlamaIndex, set up as its documentation on custom embeddings and retrievers says: a vector index in memory."""

from __future__ import annotations

from importlib.metadata import version

from llama_index.core import VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.schema import TextNode
from pydantic import PrivateAttr

from eval.peers.shared import K, TimedEmbedder, measure, report, texts


class _Embedding(BaseEmbedding):
    _timed: TimedEmbedder = PrivateAttr()

    def __init__(self, timed: TimedEmbedder) -> None:
        super().__init__(model_name="same")
        self._timed = timed

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._timed.documents([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._timed.documents(texts)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._timed.query(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._timed.query(query)


def main() -> None:
    """Measure its retriever."""
    timed, rows = TimedEmbedder(), texts()
    nodes = [TextNode(text=text) for text in rows]
    retriever = VectorStoreIndex(nodes, embed_model=_Embedding(timed)).as_retriever(similarity_top_k=K)
    versions = f"llama-index-core {version('llama-index-core')}"
    report(
        measure("llama-index", versions, len(rows), lambda question: len(retriever.retrieve(question)), timed),
    )


if __name__ == "__main__":
    main()
