"""`planqa bench`: how long everything takes, against what it must cost at least, measured in the same run."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eval.bench_answering import Answering, embedder_ceiling, measure_answering
from eval.bench_building import BUILDS, Building, measure_building
from eval.bench_page import page, tables
from eval.bench_serving import CROWDS, ServerFailed, Serving, measure_serving
from eval.bench_times import machine
from eval.gold_set import GoldItem, load_gold
from index.build import build_snapshot
from index.cache import EmbeddingCache
from index.embedder import Embedder, SentenceTransformerEmbedder
from index.snapshot import SnapshotStore
from index.vectors import VectorIndex
from server.answering.pipeline import Knowledge

HERE = Path(__file__).parent
GOLD = HERE / "gold" / "dev.jsonl"
REPORTS = HERE.parent / "ingest" / "reports"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: questions and rounds in process, questions of each crowd, starts, seconds of embedding."""

    questions: int
    rounds: int
    crowds: dict[int, int]
    starts: int
    seconds: float


FULL = Scale(questions=120, rounds=5, crowds={1: 100, 8: 300, 32: 400}, starts=3, seconds=8.0)
QUICK = Scale(questions=20, rounds=2, crowds={1: 20, 8: 60, 32: 100}, starts=1, seconds=2.0)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything one run measured."""

    date: str
    machine: dict[str, Any]
    load_after: float
    quick: bool
    answering: Answering
    embedder_per_second: float
    serving: Serving
    building: Building


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"planqa bench: {message} (try `planqa bench --help`)", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str]) -> int:
    """Measure, show, write JSON and a page: 0, or 2 with one line where it cannot be done."""
    parser = _Parser(prog="planqa bench", description="Measure how long everything takes, against the bare embedding.")
    parser.add_argument("--quick", action="store_true", help="a small run, as in CI; its figures are rough")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="default: data/bench/<time>")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    out = options.out or Path("data") / "bench" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    try:
        measured = measure(QUICK if options.quick else FULL, options.quick)
        _write(measured, out)
    except (ServerFailed, OSError) as error:
        print("planqa bench: " + " ".join(str(error).split()), file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(asdict(measured), ensure_ascii=False, indent=2))
    else:
        console = Console()
        for table in tables(asdict(measured)):
            console.print(table)
        console.print(f"written to {out}: bench.json, bench.html", markup=False)
    return 0


def measure(scale: Scale, quick: bool) -> Bench:
    """Measure everything on the report that ships and its dev questions.

    :raises ServerFailed: the server does not come up.
    """
    items, about = load_gold(GOLD), machine()
    with TemporaryDirectory(prefix="planqa-bench-") as folder, _bars() as bars:
        place = Path(folder)
        embedder = SentenceTransformerEmbedder()
        building = measure_building(REPORTS, place, embedder, _stage(bars, "building", BUILDS))
        knowledge, vectors = _open(place / "answering", embedder)
        asked = items[: scale.questions]
        done = _stage(bars, "answering in process", len(asked) * scale.rounds)
        answering = measure_answering(knowledge, embedder, vectors, asked, scale.rounds, done)
        done = _stage(bars, "the bare embedder on all cores", 1)
        ceiling = embedder_ceiling(embedder, [item.question for item in items], scale.seconds)
        done()
        (place / "serving").mkdir()
        done = _stage(bars, "serving", 1 + scale.starts + len(CROWDS) + 2)
        term = knowledge.snapshot.default.terms[0].name
        serving = measure_serving(place / "serving" / "data", _questions(items), scale.crowds, term, scale.starts, done)
    load_after = round(os.getloadavg()[0], 2)
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return Bench(date, about, load_after, quick, answering, ceiling, serving, building)


def _open(folder: Path, embedder: Embedder) -> tuple[Knowledge, VectorIndex]:
    """The shipped report to put questions to, and an exact index of its vectors."""
    store = SnapshotStore(folder)
    build_snapshot(REPORTS, store, embedder)
    knowledge = Knowledge.of(store.open(embedder))
    embeddings = EmbeddingCache(folder / "embeddings.sqlite").embed(knowledge.snapshot.search.entries, embedder)
    return knowledge, VectorIndex.build(np.array([embedding.vector for embedding in embeddings]))


def _questions(items: Sequence[GoldItem]) -> Iterator[str]:
    """Different questions: the gold ones, then their variants."""
    written = [item.question for item in items]
    variants = [variant.text for item in items for variant in item.variants]
    return iter(dict.fromkeys([*written, *variants]))


def _write(measured: Bench, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(json.dumps(asdict(measured), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (out / "bench.html").write_text(page(asdict(measured)), encoding="utf-8")


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def _stage(bars: Progress, name: str, total: int) -> Callable[[], None]:
    """A bar for the next stage; what is returned advances it."""
    task = bars.add_task(name, total=total)
    return lambda: bars.advance(task)
