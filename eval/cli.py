"""`planqa eval`: gold questions → scorecard on the terminal, figures and a report on disk, an exit code for CI."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from eval import llm_run
from eval.baselines import run_baselines
from eval.breakdown import latency
from eval.gold_set import GoldError, GoldItem, gold_hash, load_gold, problems
from eval.llm_run import run_written, without_times
from eval.mutate import Mutated, ablation, counterfactual, noise
from eval.open import FICTIONAL, SHIPPED, open_knowledge, report_file
from eval.replies import KeptReplies, RepliesError
from eval.report import Run, baseline_record, figures, write
from eval.run import Done, Result, run_items, run_variants
from eval.scorecard import ItemValues, Row, compare, item_values, regressions, scorecard
from index.embedder import Embedder, SentenceTransformerEmbedder
from server.answering.generate import Writer
from server.answering.pipeline import Knowledge
from server.breaker import Breaker
from server.serve import load_model
from server.settings import SettingsError, read_settings

HERE = Path(__file__).parent
DEV = HERE / "gold" / "dev.jsonl"
BASELINE = HERE / "baseline.json"
TEST_RUNS = HERE / "gold" / "test_runs.jsonl"
"""One line a run over sealed questions."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GoldError(f"{message} (try `planqa eval --help`)")


def main(arguments: list[str], embedder: Embedder | None = None) -> int:
    """Run one evaluation: 0, 1 where it may not be kept, 2 with one line where it cannot be done."""
    try:
        options = _parser().parse_args(arguments)
        return _evaluate(options, embedder or SentenceTransformerEmbedder())
    except GoldError as error:
        print("planqa eval: " + " ".join(str(error).split()), file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="planqa eval", description="Measure the answers on gold questions.")
    parser.add_argument("--gold", type=Path, default=DEV, metavar="FILE", help="default: the dev questions")
    parser.add_argument("--report", type=Path, nargs="+", metavar="FILE", help="default: the one the questions name")
    parser.add_argument("--variants", action="store_true", help="ask every stored variant as well")
    parser.add_argument("--baselines", action="store_true", help="score simpler answerers and the oracle as well")
    parser.add_argument("--mutations", action="store_true", help="ask on changed reports as well")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="default: data/eval/<time>")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="default: the committed baseline, for its questions"
    )
    parser.add_argument("--write-baseline", type=Path, metavar="FILE", help="keep this run to compare others with")
    parser.add_argument(
        "--mode",
        choices=("extractive", "llm"),
        default="extractive",
        help="llm: let PLANQA_LLM_MODEL write (docs/llm.md)",
    )
    parser.add_argument(
        "--runs", type=_positive, default=1, metavar="N", help="with --mode llm: how often each is asked"
    )
    parser.add_argument(
        "--replies", type=Path, metavar="FILE", help="with --mode llm: keep the replies here, and ask only for new ones"
    )
    parser.add_argument("--judge", action="store_true", help="with --mode llm: the model also judges each answer")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1")
    return int(text)


def _evaluate(options: argparse.Namespace, embedder: Embedder) -> int:
    items = load_gold(options.gold)
    if not items:
        raise GoldError(f"{options.gold}: no question in it")
    reports = options.report or _reports(items)
    knowledge = open_knowledge(*reports, embedder=embedder)
    _check(options.gold, items, knowledge)
    if options.mode == "llm":
        return _evaluate_written(options, items, knowledge)
    with _bar() as bar:
        results, noisy, baselines, mutations = _measure(options, items, knowledge, embedder, bar)
    about = _about(options, items, knowledge)
    previous = _previous(options.against, about["gold_sha256"])
    before: ItemValues = previous["items"] if previous else {}
    rows = scorecard(results)
    changes = compare(before, item_values(results), {item.id: item.group for item in items})
    said = previous["about"] if previous else None
    reasons = regressions(rows, changes)
    run = Run(about, results, rows, noisy, baselines, mutations, changes, said, reasons, before)
    out = options.out or Path("data") / "eval" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    write(run, out)
    if options.write_baseline:
        text = json.dumps(baseline_record(run), ensure_ascii=False, separators=(",", ":"))
        options.write_baseline.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    if any(item.split == "test" for item in items):
        _log_test_run(about, rows)
    _show(run, out, options.json)
    return 1 if reasons else 0


def _evaluate_written(options: argparse.Namespace, items: Sequence[GoldItem], knowledge: Knowledge) -> int:
    """Measure what the configured model writes: 0, or 1 where something was shown that may not be."""
    try:
        settings = read_settings()
    except SettingsError as error:
        raise GoldError(str(error)) from error
    model = load_model(settings)
    if model is None:
        raise GoldError("--mode llm needs PLANQA_LLM_BASE_URL and PLANQA_LLM_MODEL")
    try:
        kept = KeptReplies(model, settings.llm_model, options.replies) if options.replies else None
    except RepliesError as error:
        raise GoldError(str(error)) from error
    writer = Writer(kept or model, Breaker(), settings.llm_context_tokens)
    with _bar() as bar:
        done = _task(bar, "questions", len(items) * options.runs)
        written = run_written(knowledge, items, writer, options.runs, options.judge, done)
    about = _about(options, items, knowledge) | {"mode": "llm", "llm": settings.llm_model, "runs": options.runs}
    if kept and kept.reused:
        about["replies_from_file"] = kept.reused
        written = without_times(written)
    out = options.out or Path("data") / "eval" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S-llm")
    llm_run.write(written, about, out)
    if any(item.split == "test" for item in items):
        _log_test_run(about, [])
    if options.json:
        print(
            json.dumps(
                {"about": about, "figures": llm_run.figures(written), "out": str(out)}, ensure_ascii=False, indent=2
            )
        )
    else:
        llm_run.show(written, Console(width=None if sys.stdout.isatty() else 120))
    reasons = llm_run.problems(written)
    for reason in reasons:
        print(f"planqa eval: may not be kept: {reason}", file=sys.stderr)
    return 1 if reasons else 0


def _measure(
    options: argparse.Namespace, items: Sequence[GoldItem], knowledge: Knowledge, embedder: Embedder, bar: Progress
) -> tuple[list[Result], list[Result], dict[str, list[Result]], dict[str, Mutated]]:
    """Everything that was asked for; the first question is asked once before, so that times are warm."""
    run_items(knowledge, items[:1])
    results = run_items(knowledge, items, _task(bar, "questions", len(items)))
    noisy: list[Result] = []
    baselines: dict[str, list[Result]] = {}
    mutations: dict[str, Mutated] = {}
    if options.variants:
        count = sum(len(item.variants) for item in items)
        noisy = run_variants(knowledge, items, done=_task(bar, "variants", count))
    if options.baselines:
        baselines = run_baselines(knowledge, items, _task(bar, "baselines", len(items)))
    if options.mutations:
        n = len(items)
        mutations["M1"] = counterfactual(knowledge, results, embedder, _task(bar, "changed numbers", n))
        mutations["M2"] = ablation(knowledge, results, embedder, _task(bar, "deleted evidence", n))
        other = _other_report(items)
        mutations["M3"] = noise(knowledge, results, other, embedder, _task(bar, "a second report", n))
    return results, noisy, baselines, mutations


@contextmanager
def _bar() -> Iterator[Progress]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar


def _task(bar: Progress, name: str, total: int) -> Done:
    task = bar.add_task(name, total=total)
    return lambda: bar.advance(task)


def _reports(items: Sequence[GoldItem]) -> list[Path]:
    """The files of the reports that the questions were written from."""
    return [report_file(name) for name in sorted({item.report for item in items})]


def _other_report(items: Sequence[GoldItem]) -> Path:
    """A report that no question was written from."""
    used = {item.report for item in items}
    paths = [p for folder in (FICTIONAL, SHIPPED) for p in sorted(folder.iterdir()) if p.stem not in used]
    if not paths:
        raise GoldError("there is no second report for --mutations")
    return paths[0]


def _check(gold: Path, items: Sequence[GoldItem], knowledge: Knowledge) -> None:
    for name in sorted({item.report for item in items}):
        if name not in knowledge.snapshot.corpora:
            raise GoldError(f"{gold}: written from report '{name}', which --report does not name")
        own = [item for item in items if item.report == name]
        first = next(problems(own, knowledge.snapshot.corpora[name].report.text), None)
        if first:
            raise GoldError(f"{gold}: {first}")


def _about(options: argparse.Namespace, items: Sequence[GoldItem], knowledge: Knowledge) -> dict[str, Any]:
    """What was run, on what."""
    weights = files("server.answering").joinpath("weights.json").read_bytes()
    snapshot = knowledge.snapshot
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "gold": options.gold.name,
        "gold_sha256": gold_hash(items),
        "split": "/".join(sorted({item.split for item in items})),
        "reports": {name: corpus.report.sha256[:16] for name, corpus in snapshot.corpora.items()},
        "n": len(items),
        "answerable": sum(item.expected in ("answer", "partial") for item in items),
        "mode": "extractive",
        "model": snapshot.manifest.model,
        "snapshot": snapshot.id,
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "threshold": json.loads(weights).get("threshold"),
        "weights_sha256": sha256(weights).hexdigest()[:16],
    }


def _commit() -> str:
    """The commit, with + where files differ from it; '' outside a repository."""
    try:
        command = ["git", "describe", "--always", "--dirty=+", "--abbrev=10"]
        return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _previous(path: Path | None, gold: str) -> dict[str, Any] | None:
    """The run to compare with: the named one, else the committed one where it has the same questions."""
    chosen = path or BASELINE
    if path is None and not chosen.exists():
        return None
    try:
        record: dict[str, Any] = json.loads(chosen.read_text(encoding="utf-8"))
        same = record["about"]["gold_sha256"] == gold
        record["items"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoldError(f"{chosen}: no baseline to compare with ({error})") from error
    if not same and path:
        print(f"planqa eval: {chosen} has other questions; only those in both are compared", file=sys.stderr)
    return record if same or path else None


def _log_test_run(about: dict[str, Any], rows: Sequence[Row]) -> None:
    """Every look at sealed questions is on record."""
    kept = {key: about[key] for key in ("date", "commit", "gold_sha256", "mode", "model", "weights_sha256", "n")}
    line = json.dumps({**kept, "figures": {row.name: row.value for row in rows}}, ensure_ascii=False)
    with TEST_RUNS.open("a", encoding="utf-8") as log:
        log.write(line + "\n")


def _show(run: Run, out: Path, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures(run) | {"out": str(out)}, ensure_ascii=False, indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(_table(run))
    for name, mutated in run.mutations.items():
        right = sum(r.score.right for r in mutated.results)
        console.print(f"{name}: {right}/{len(mutated.results)} right, {mutated.skipped} could not be changed")
    p50, p95, p99, _ = latency(run.results)["total"]
    console.print(f"milliseconds a question: p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f}")
    for reason in run.regressions:
        console.print(f"[bold red]may not be kept:[/] {reason}")
    console.print(f"report: {out / 'report.html'}")


def _table(run: Run) -> Table:
    about = run.about
    title = f"{about['gold']}, {about['n']} questions ({about['answerable']} answerable), {about['commit']}"
    table = Table("figure", title=title, title_justify="left")
    for name in ("n", "value", "95 %", "goal", "gate", "before", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    changes = {change.name: change for change in run.changes}
    section = ""
    for row in run.rows:
        if section and row.section != section:
            table.add_section()
        section, change = row.section, changes.get(row.name)
        value = "–" if row.value is None else f"{row.value:.3f}"
        interval = "" if row.low is None or row.high is None else f"{row.low:.3f}–{row.high:.3f}"
        style = {"pass": "green", "fail": "red", "open": "yellow", None: "default"}[row.state]
        sign = "≤" if row.lower_is_better else "≥"
        limits = [f"{sign} {limit:g}" if limit is not None else "" for limit in (row.goal, row.gate)]
        limits[1] += f" {row.state}" if row.state else ""
        n = f"{row.right}/{row.n}" if row.right is not None else str(row.n)
        paired = (f"{change.before:.3f}", f"{change.p:.3f}") if change else ("", "")
        table.add_row(row.name, n, f"[{style}]{value}[/]", interval, *limits, *paired)
    return table
