"""Rows and their embeddings → the files of a snapshot in which they are searched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import numpy as np

from index.embedder import Embedding
from index.entries import Entry
from index.files import ArrayFile
from index.late import TokenIndex
from index.lexical import LexicalIndex, Tokenizer
from index.names import names_of
from index.stored import Table
from index.vectors import Quantiser, VectorIndex


def write_legs(
    folder: Path,
    entries: Collection[Entry],
    embeddings: Iterable[Embedding],
    quantiser: Quantiser | None = None,
    done: Callable[[str], None] = lambda _: None,
) -> None:
    """Index rows with their embeddings in a snapshot's folder; they are gone through one after another.

    :param quantiser: see `TokenIndex.write`.
    :param done: told the name of each leg when it is written.
    """
    Table.of(entries).save(folder / "rows.npz")
    done("table")
    made = folder / "vectors.npy"
    with ArrayFile(made) as vectors:
        TokenIndex.write(folder / "tokens", _passing(embeddings, vectors), len(entries), quantiser)
    done("tokens")
    VectorIndex.build(np.load(made, mmap_mode="r", allow_pickle=False)).save(folder / "vectors.faiss")
    made.unlink()
    done("vectors")
    tokenizer = Tokenizer(name for entry in entries for name in names_of(entry.item))
    LexicalIndex.build((entry.text for entry in entries), tokenizer).save(folder / "lexical")
    done("lexical")


def _passing(embeddings: Iterable[Embedding], vectors: ArrayFile) -> Iterator[Embedding]:
    """The embeddings, whose vectors are kept in passing."""
    for embedding in embeddings:
        vectors.append(embedding.vector[None])
        yield embedding
