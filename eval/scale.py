"""`planqa scale`: how building and searching grow with the number of passages, from a thousand to a million."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import gettempdir
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table as Shown

from eval.gold_set import load_gold
from eval.scale_corpus import Bases, Generated, generate
from index.embedder import Embedder, Embedding, SentenceTransformerEmbedder, Vectors
from index.files import ArrayFile
from index.late import EXACT_UP_TO, learn
from index.manifest import make_manifest
from index.snapshot import SnapshotStore
from index.stored import Entries, StoredCorpora, Table
from index.vectors import Quantiser, VectorIndex, kind_for
from index.writing import write_legs
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.service import settle

_HERE = Path(__file__).parent
SIZES = (1_000, 10_000, 100_000, 1_000_000)
NEAREST = 10
_CANDIDATES = 60
_EQUAL = 1e-6
"""Similarities that differ by less are the same: near-duplicates may stand in any order."""
_CHUNK = 100_000
_LEARNT_FROM = 2_000


def main(arguments: list[str] | None = None) -> int:
    """Build corpora of the sizes asked for, measure each in a process of its own, print and keep the figures."""
    options = _parser().parse_args(arguments)
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return 0
    options.work.mkdir(parents=True, exist_ok=True)
    embedder = SentenceTransformerEmbedder()
    bases = _bases(options.work / "bases", embedder)
    questions = _questions()
    asked = np.array([embedder.embed_query(question).vector for question in questions])
    likeness = bases.likeness()
    figures: dict[str, Any] = {"likeness": {name: getattr(likeness, name) for name in likeness.__slots__}, "sizes": []}
    for rows in options.rows:
        folder = options.work / str(rows)
        if not (folder / "built.json").exists():
            build(bases, rows, folder, embedder, asked)
        found = json.loads((folder / "built.json").read_text(encoding="utf-8"))
        found |= _in_own_process(folder)
        if options.types:
            found["types"] = list(_types(folder, asked))
        figures["sizes"].append(found)
        _print(found)
    out = options.work / "scale.json"
    out.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")
    print(f"{out}")
    return 0


def build(bases: Bases, rows: int, folder: Path, embedder: Embedder, asked: Vectors) -> None:
    """A published snapshot of `rows` generated rows below `folder`, and what an exact search finds in it."""
    clock = _Clock()
    store = SnapshotStore(folder / "data")
    with store.building() as building:
        made = _Made()
        with ArrayFile(folder / "vectors.npy") as vectors:
            for report in generate(bases, rows):
                report.corpus.save(building / "reports" / report.corpus.report.id)
                vectors.append(report.vectors)
                made.add(report)
        clock.lap("generate")
        corpora = StoredCorpora(building / "reports", made.reports)
        entries = Entries(corpora, Table(made.reports, made.sizes, np.array(made.years, dtype=np.int16)))
        kept = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        quantiser = _Remembering.of(bases) if rows > EXACT_UP_TO else None
        write_legs(building, entries, _embeddings(bases, made.bases, kept), quantiser, clock.lap)
        size = {path.name: _size(path) for path in sorted(building.iterdir())}
        store.publish(building, make_manifest(corpora.values(), {}, embedder, rows))
        clock.lap("publish")
    np.save(folder / "nearest.npy", _nearest(kept, asked), allow_pickle=False)
    built: dict[str, Any] = {"rows": rows, "kind": kind_for(rows), "build_s": clock.laps, "bytes": size}
    if quantiser:
        built["tokens_encoded_per_s"] = quantiser.tokens_per_s
    (folder / "built.json").write_text(json.dumps(built), encoding="utf-8")


def measure(folder: Path) -> dict[str, Any]:
    """Open what was built and put every question to it twice: cold from the file, and again; in this process alone.

    `cpu` is the processor's time for the whole, which other programs on the machine do not lengthen.
    """
    embedder = SentenceTransformerEmbedder()
    embedder.embed_query("预热")
    before, begun = _memory(), perf_counter()
    whole = SnapshotStore(folder / "data").open(embedder).whole
    opened = perf_counter() - begun
    settle()
    questions = _questions()
    rounds: list[dict[str, list[float]]] = []
    for _ in range(2):
        laps: dict[str, list[float]] = {}
        for question in questions:
            begun, worked = perf_counter(), process_time()
            found = whole.find(question)
            searched = perf_counter()
            words = sum(len(evidence.entry.text) for evidence in found.evidence)
            assert words
            steps = {**found.timings_ms, "read": (perf_counter() - searched) * 1000}
            steps["whole"] = (perf_counter() - begun) * 1000
            steps["cpu"] = (process_time() - worked) * 1000
            for name, ms in steps.items():
                laps.setdefault(name, []).append(ms)
        rounds.append(laps)
    figures = {
        "opened_s": opened,
        "recall": _recall(folder, whole.legs.dense, embedder, questions),
        "memory": {"model": before, "served": _memory()},
    }
    for name, laps in zip(("first", "again"), rounds, strict=True):
        figures[name] = {step: _percentiles(times) for step, times in laps.items()}
    return figures


def _recall(
    folder: Path,
    dense: Callable[[Vectors, int], Sequence[tuple[int, float]]],
    embedder: Embedder,
    questions: Sequence[str],
) -> float:
    """Of the NEAREST rows by exact search the share that the leg has among its first NEAREST, equal ones counted alike."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
    least = np.load(folder / "nearest.npy", allow_pickle=False)
    shares = []
    for question, bound in zip(questions, least, strict=True):
        asked = embedder.embed_query(question).vector
        rows = [row for row, _ in dense(asked, _CANDIDATES)[:NEAREST]]
        shares.append(float((vectors[rows] @ asked >= bound - _EQUAL).sum()) / min(NEAREST, len(vectors)))
    return float(np.mean(shares))


TYPES = ("Flat", "HNSW32,Flat", "HNSW32,SQ8", "IVF{n},Flat", "IVF{n},SQfp16", "IVF{n},SQ8", "IVF{n},PQ96")
"""Types of index by FAISS's names for them, each with as many cells as the one that is served."""
_PROBES = (16, 64, 256)


def _types(folder: Path, asked: Vectors) -> Iterator[dict[str, Any]]:
    """Every type of index over the same vectors: time to build, size, and for each effort time to search and recall."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
    least = np.load(folder / "nearest.npy", allow_pickle=False)
    for kind in TYPES:
        begun = perf_counter()
        index = VectorIndex.build(vectors, kind.format(n=round(4 * np.sqrt(len(vectors)))))
        built = perf_counter() - begun
        index.save(folder / "type.faiss")
        size = (folder / "type.faiss").stat().st_size
        for probes in _PROBES[:1] if kind == "Flat" else _PROBES:
            index.probe(probes)
            times, shares = [], []
            for vector, bound in zip(asked, least, strict=True):
                begun = perf_counter()
                rows = [row for row, _ in index.search(vector, _CANDIDATES)[:NEAREST]]
                times.append((perf_counter() - begun) * 1000)
                shares.append(float((vectors[rows] @ vector >= bound - _EQUAL).sum()) / NEAREST)
            figures = {"kind": kind, "probes": probes, "build_s": built, "bytes": size}
            yield figures | {"ms": _percentiles(times), "recall": float(np.mean(shares))}
    (folder / "type.faiss").unlink()


def _nearest(vectors: Vectors, asked: Vectors) -> Vectors:
    """For each question the similarity of its NEARESTth row, by exact search."""
    best = np.full((len(asked), NEAREST), -1, dtype=np.float32)
    for start in range(0, len(vectors), _CHUNK):
        scores = asked @ np.asarray(vectors[start : start + _CHUNK]).T
        best = -np.sort(-np.concatenate([best, scores], axis=1), axis=1)[:, :NEAREST]
    return np.asarray(best[:, -1])


class _Remembering(Quantiser):
    """Encodes the tokens of each base once, which generated rows share: a real build encodes those of every row."""

    @classmethod
    def of(cls, bases: Bases) -> _Remembering:
        learnt = cls(learn([embedding.tokens for embedding in bases.embeddings[:_LEARNT_FROM]]).codebook)
        begun = perf_counter()
        learnt.known = {
            id(embedding.tokens): Quantiser.encode(learnt, embedding.tokens) for embedding in bases.embeddings
        }
        learnt.tokens_per_s = sum(map(len, learnt.known.values())) / (perf_counter() - begun)
        return learnt

    known: dict[int, NDArray[np.uint8]]
    tokens_per_s: float

    def encode(self, vectors: Vectors) -> NDArray[np.uint8]:
        """The codes worked out before."""
        return self.known[id(vectors)]


class _Made:
    """What is remembered of generated reports."""

    def __init__(self) -> None:
        self.reports: list[str] = []
        self.sizes: list[int] = []
        self.years: list[int] = []
        self.bases: list[int] = []

    def add(self, generated: Generated) -> None:
        self.reports.append(generated.corpus.report.id)
        self.sizes.append(len(generated.entries))
        self.years += [entry.year or 0 for entry in generated.entries]
        self.bases += generated.bases


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.laps[name] = now - self._last
        self._last = now


def _embeddings(bases: Bases, rows: Sequence[int], vectors: Vectors) -> Iterator[Embedding]:
    """For each row its own vector, and the tokens of its base."""
    for row, number in enumerate(rows):
        base = bases.embeddings[number]
        yield Embedding(np.asarray(vectors[row]), base.tokens, base.ids, base.spans)


def _bases(folder: Path, embedder: Embedder) -> Bases:
    reports = _reports()
    if (folder / "bases.npz").exists():
        return Bases.load(folder, reports)
    bases = Bases.make(reports, embedder)
    bases.save(folder)
    return bases


def _reports() -> list[Corpus]:
    """The report that ships, and the fictional one of the gold questions."""
    import ingest

    shipped = Path(str(ingest.__file__)).parent / "reports"
    return [
        ingest_file(path) for folder in (shipped, _HERE / "gold" / "reports") for path in sorted(folder.glob("*.txt"))
    ]


def _questions() -> list[str]:
    """Real questions to both reports."""
    return [item.question for name in ("dev", "other") for item in load_gold(_HERE / "gold" / f"{name}.jsonl")]


def _in_own_process(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.scale", "--measure", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _memory() -> dict[str, float]:
    """Mebibytes of this process: all that is resident, and the part that is no mapped file."""
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return {name: int(said[key].split()[0]) / 1024 for name, key in (("resident", "VmRSS"), ("own", "RssAnon"))}


def _size(path: Path) -> int:
    return sum(p.stat().st_size for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file())


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    return {f"p{share}": float(np.percentile(times, share)) for share in (50, 95, 99)}


def _print(found: dict[str, Any]) -> None:
    console = Console()
    console.print(
        f"{found['rows']} rows, {found['kind']}: built in {sum(found['build_s'].values()):.0f} s, "
        f"{sum(found['bytes'].values()) / 2**20:.0f} MiB, opened in {found['opened_s']:.1f} s, "
        f"resident {found['memory']['served']['resident']:.0f} MiB, recall@{NEAREST} {found['recall']:.3f}"
    )
    table = Shown("ms", *found["again"])
    for name in ("first", "again"):
        for share in ("p50", "p95"):
            table.add_row(f"{name} {share}", *(f"{step[share]:.2f}" for step in found[name].values()))
    console.print(table)
    if "types" in found:
        types = Shown("type", "probes", "build s", "MiB", "p50 ms", "p95 ms", f"recall@{NEAREST}")
        for of in found["types"]:
            times = [f"{of['ms'][share]:.2f}" for share in ("p50", "p95")]
            size = f"{of['bytes'] / 2**20:.0f}"
            types.add_row(of["kind"], str(of["probes"]), f"{of['build_s']:.0f}", size, *times, f"{of['recall']:.3f}")
        console.print(types)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="planqa scale", description=__doc__)
    parser.add_argument("--rows", nargs="*", type=int, default=SIZES, help="sizes of the corpora (default: 1e3 to 1e6)")
    default = Path(gettempdir()) / "planqa-scale"
    parser.add_argument("--work", type=Path, default=default, help=f"folder for what is built (default: {default})")
    parser.add_argument("--types", action="store_true", help="also compare types of vector index")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
