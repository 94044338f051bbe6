"""The two legs in Milvus, for corpora that many servers search: one collection a snapshot. The one module that knows it.

A collection is filled from a snapshot's own files. For the lexical leg every row is sent as a sparse vector of what each of
its tokens adds to its BM25 score, so that the inner product with a question's tokens is the score of the local leg.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

import numpy as np

from index.embedder import Vectors
from index.lexical import LexicalIndex
from index.manifest import REMEDY, SnapshotError
from index.stored import ALL, Only, Table
from index.vectors import EXACT_UP_TO, Hit, VectorIndex, cells_for

if TYPE_CHECKING:
    from pymilvus import MilvusClient

Done = TypeVar("Done")

ALIAS = "planqa"
"""Always names the collection of what is published."""
SCHEMES = ("milvus", "milvus+tls", "file")
_PREFIX = "planqa_"
_BATCH = 500
_PROBED = 64
_SECONDS = 10.0
"""How long an answer of Milvus is waited for."""
_NAME_BYTES = 1024


class MilvusStore:
    """A Milvus server's database, or a file of milvus-lite, which holds the collections of one installation."""

    def __init__(self, address: str) -> None:
        """Connect to `milvus://[user:password@]host:port[/database]`, `milvus+tls://…`, or `file:///path/name.db`.

        :raises SnapshotError: it cannot be reached, or pymilvus is not installed.
        """
        self._shown = _shown(address)
        try:
            from pymilvus import MilvusClient
        except ModuleNotFoundError as error:
            raise SnapshotError(
                f"{self._shown} needs {error.name}; install it with `pip install 'planqa[milvus]'`"
            ) from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what it says of an error is in the error
        self._client: MilvusClient = self._asked(lambda: MilvusClient(**_arguments(address), timeout=_SECONDS))

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def holds(self, identifier: str, rows: int) -> bool:
        """Whether a snapshot is there, and whole."""
        name = _PREFIX + identifier
        return self._asked(lambda: self._client.has_collection(name) and self._count(name) == rows)

    def fill(self, identifier: str, table: Table, vectors: VectorIndex, lexical: LexicalIndex) -> None:
        """Send a snapshot's rows; one that is there only in part is begun anew."""
        if self.holds(identifier, len(table)):
            return
        name = _PREFIX + identifier

        def send() -> None:
            self._client.drop_collection(name)
            self._create(name, vectors.dimension, len(table))
            rows = _rows(table, vectors, lexical)
            while batch := list(islice(rows, _BATCH)):
                self._client.insert(name, batch)
            self._client.flush(name)
            self._client.load_collection(name)

        self._asked(send)

    def publish(self, identifier: str) -> None:
        """Let the alias name a snapshot's collection, in one step."""
        name = _PREFIX + identifier

        def switch() -> None:
            if self._client.has_collection(ALIAS):
                self._client.alter_alias(name, ALIAS)
            else:
                self._client.create_alias(name, ALIAS)

        self._asked(switch)

    def keep(self, identifiers: Collection[str]) -> None:
        """Drop the collections of all other snapshots."""
        kept = {_PREFIX + identifier for identifier in identifiers}

        def drop() -> None:
            for name in self._client.list_collections():
                if name.startswith(_PREFIX) and name not in kept:
                    self._client.drop_collection(name)

        self._asked(drop)

    def legs(self, identifier: str, rows: int, dimension: int, lexical: LexicalIndex) -> MilvusLegs:
        """The legs over a snapshot's collection; `lexical` knows the numbers of its tokens.

        :raises SnapshotError: the collection is not there, or not whole.
        """
        if not self.holds(identifier, rows):
            raise SnapshotError(f"{self._shown} does not hold snapshot {identifier}; {REMEDY}")
        return MilvusLegs(self._client, _PREFIX + identifier, rows, dimension, lexical)

    def _create(self, name: str, dimension: int, rows: int) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("report", DataType.VARCHAR, max_length=_NAME_BYTES)
        schema.add_field("year", DataType.INT64)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_field("lexical", DataType.SPARSE_FLOAT_VECTOR)
        indexes = self._client.prepare_index_params()
        if rows <= EXACT_UP_TO:
            indexes.add_index("dense", index_type="FLAT", metric_type="IP")
        else:
            indexes.add_index("dense", index_type="IVF_FLAT", metric_type="IP", params={"nlist": cells_for(rows)})
        indexes.add_index("lexical", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        self._client.create_collection(name, schema=schema, index_params=indexes, consistency_level="Strong")

    def _count(self, name: str) -> int:
        (said,) = self._client.query(name, filter="", output_fields=["count(*)"])
        return int(said["count(*)"])

    def _asked(self, ask: Callable[[], Done]) -> Done:
        from pymilvus.exceptions import MilvusException

        try:
            return ask()
        except MilvusException as error:
            raise SnapshotError(f"{self._shown} does not do what it is asked ({_said(error)})") from error


class MilvusLegs:
    """The legs over one collection; see `index.legs.Legs`."""

    def __init__(self, client: MilvusClient, collection: str, rows: int, dimension: int, lexical: LexicalIndex) -> None:
        self.rows, self.dimension = rows, dimension
        self._client, self._collection, self._lexical = client, collection, lexical

    def dense(self, vector: Vectors, k: int, only: Only = ALL) -> list[Hit]:
        """The nearest rows; see `Legs`."""
        asked = np.asarray(vector, dtype=np.float32).reshape(-1).tolist()
        return self._search("dense", asked, k, only, {"nprobe": _PROBED} if self.rows > EXACT_UP_TO else {})

    def lexical(self, question: str, k: int, only: Only = ALL) -> list[Hit]:
        """The best rows by their words; see `Legs`."""
        asked = dict.fromkeys(self._lexical.numbers(question), 1.0)
        return [hit for hit in self._search("lexical", asked, k, only, {}) if hit[1] > 0] if asked else []

    def _search(self, field: str, asked: object, k: int, only: Only, params: dict[str, Any]) -> list[Hit]:
        (found,) = self._client.search(
            self._collection,
            data=[asked],
            anns_field=field,
            limit=min(k, self.rows),
            filter=_expression(only),
            output_fields=["row"],
            search_params={"metric_type": "IP", "params": params},
            timeout=_SECONDS,
        )
        hits = [(int(hit["row"]), float(hit["distance"])) for hit in found]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def connect(address: str) -> MilvusStore | None:
    """The store at an address; None for no address: the legs are files of the snapshot then.

    :raises SnapshotError: it cannot be reached.
    """
    return MilvusStore(address) if address else None


def _rows(table: Table, vectors: VectorIndex, lexical: LexicalIndex) -> Iterator[dict[str, Any]]:
    impacts = lexical.impacts()
    # A sparse vector must not be empty: a row without words has a token that no question asks for.
    wordless = {lexical.tokens: 1e-6}
    for start in range(0, len(table), _BATCH):
        numbers = np.arange(start, min(start + _BATCH, len(table)))
        for row, vector in zip(numbers.tolist(), vectors.vectors(numbers), strict=True):
            yield {
                "row": row,
                "report": table.place(row)[0],
                "year": table.year(row) or 0,
                "dense": vector.tolist(),
                "lexical": next(impacts) or wordless,
            }


def _expression(only: Only) -> str:
    """A filter in Milvus's language."""
    said = []
    if only.reports:
        said.append(f"report in [{', '.join(map(_quoted, only.reports))}]")
    if only.years:
        said.append(f"year in [{', '.join(str(int(year)) for year in only.years)}]")
    return " and ".join(said)


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _arguments(address: str) -> dict[str, str]:
    """What the client is made with."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return {"uri": unquote(parts.path)}
    scheme = "https" if parts.scheme == "milvus+tls" else "http"
    given = {"uri": f"{scheme}://{parts.hostname}:{parts.port or 19530}"}
    if parts.username:
        given["token"] = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    if parts.path.strip("/"):
        given["db_name"] = parts.path.strip("/")
    return given


def _shown(address: str) -> str:
    """The address without its password."""
    parts = urlsplit(address)
    return address.replace(f"{parts.username}:{parts.password}@", "") if parts.username else address


def _said(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", "") or error).split())[:200]
