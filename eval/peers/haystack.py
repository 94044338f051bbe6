"""Haystack, set up as its documentation on embedding retrieval says: a pipeline over documents in memory."""

from __future__ import annotations

from importlib.metadata import version

from haystack import Document, Pipeline, component
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from eval.peers.shared import K, TimedEmbedder, measure, report, texts


@component
class _TextEmbedder:
    def __init__(self, timed: TimedEmbedder) -> None:
        self._timed = timed

    @component.output_types(embedding=list[float])
    def run(self, text: str) -> dict[str, list[float]]:
        return {"embedding": self._timed.query(text)}


def main() -> None:
    """Measure its pipeline."""
    timed, rows = TimedEmbedder(), texts()
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    vectors = timed.documents(rows)
    store.write_documents([Document(content=text, embedding=v) for text, v in zip(rows, vectors, strict=True)])
    pipeline = Pipeline()
    pipeline.add_component("text_embedder", _TextEmbedder(timed))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(document_store=store, top_k=K))
    pipeline.connect("text_embedder.embedding", "retriever.query_embedding")

    def retrieve(question: str) -> int:
        return len(pipeline.run({"text_embedder": {"text": question}})["retriever"]["documents"])

    report(measure("haystack", f"haystack-ai {version('haystack-ai')}", len(rows), retrieve, timed))


if __name__ == "__main__":
    main()
