"""LangChain, set up as its documentation on vector stores says: in memory, and over FAISS."""

from __future__ import annotations

from importlib.metadata import version

from langchain_community.vectorstores import FAISS
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore

from eval.peers.shared import K, TimedEmbedder, measure, report, texts


class _Embeddings(Embeddings):
    def __init__(self, timed: TimedEmbedder) -> None:
        self._timed = timed

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._timed.documents(texts)

    def embed_query(self, text: str) -> list[float]:
        return self._timed.query(text)


def main() -> None:
    """Measure both stores."""
    timed, rows = TimedEmbedder(), texts()
    embeddings = _Embeddings(timed)
    in_memory = InMemoryVectorStore.from_texts(rows, embeddings)
    over_faiss = FAISS.from_texts(rows, embeddings)
    core, community = version("langchain-core"), version("langchain-community")
    report(
        measure(
            "langchain, in memory",
            f"langchain-core {core}",
            len(rows),
            lambda question: len(in_memory.similarity_search(question, k=K)),
            timed,
        ),
        measure(
            "langchain, FAISS",
            f"langchain-community {community}",
            len(rows),
            lambda question: len(over_faiss.similarity_search(question, k=K)),
            timed,
        ),
    )


if __name__ == "__main__":
    main()
