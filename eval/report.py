"""A run → `results.json`, `items.jsonl` and `report.html`, one page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from eval import breakdown
from eval.breakdown import Count
from eval.metrics import wants_answer
from eval.mutate import Mutated
from eval.run import Result
from eval.scorecard import Change, ItemValues, Row, item_values, scorecard
from eval.stats import mcnemar, wilson

TEMPLATES = Path(__file__).parent / "templates"
COLUMNS = ("CorrectCited", "Strict", "NumExact", "CiteF1 (all answerable)", "EvRecall@5", "MRR@10", "nDCG@10", "F1_RG")
"""The figures by which baselines are compared."""


@dataclass(frozen=True)
class Run:
    """All that one evaluation found; `about` says what was run, `previous` what the run compared with was."""

    about: dict[str, Any]
    results: Sequence[Result]
    rows: Sequence[Row]
    noisy: Sequence[Result] = ()
    baselines: Mapping[str, Sequence[Result]] = field(default_factory=dict)
    mutations: Mapping[str, Mutated] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    previous: dict[str, Any] | None = None
    regressions: Sequence[str] = ()
    before: ItemValues = field(default_factory=dict)


def write(run: Run, folder: Path) -> None:
    """Write the three files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    data = figures(run)
    (folder / "results.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    lines = (json.dumps(item_record(r), ensure_ascii=False) + "\n" for r in (*run.results, *run.noisy))
    (folder / "items.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "report.html").write_text(html(run, data), encoding="utf-8")


def figures(run: Run) -> dict[str, Any]:
    """The figures as plain JSON types."""
    curve = breakdown.risk(run.results)
    return {
        "about": run.about,
        "previous": run.previous,
        "scorecard": [asdict(row) for row in run.rows],
        "changes": [asdict(change) for change in run.changes],
        "regressions": list(run.regressions),
        "baselines": baseline_table(run),
        "budget": breakdown.budget(run.results),
        "counts": {name: [asdict(row) for row in rows] for name, rows in groups(run.results).items()},
        "refusal": breakdown.refusal_matrix(run.results),
        "risk": asdict(curve) if curve else None,
        "robustness": _robustness(run),
        "mutations": {name: mutation(name, mutated) for name, mutated in run.mutations.items()},
        "latency_ms": breakdown.latency(run.results),
    }


def groups(results: Sequence[Result]) -> dict[str, list[Count]]:
    """Right items by what was asked, by whom, and how hard it is."""
    return {
        "type": breakdown.counts(results, lambda r: r.item.type),
        "persona": breakdown.counts(results, lambda r: r.item.persona),
        "difficulty": breakdown.counts(results, lambda r: str(r.item.difficulty)),
        "hops": breakdown.counts(results, lambda r: str(r.item.hops)),
        "refusal kind": breakdown.counts(
            [r for r in results if not wants_answer(r.item)], lambda r: r.item.refusal_kind or r.item.type
        ),
    }


def baseline_table(run: Run) -> list[dict[str, Any]]:
    """One line an answerer: its figures, and whether ours is right more often (paired, on the headline)."""
    ours = {r.item.id: bool(r.score.correct_cited) for r in run.results if wants_answer(r.item)}
    lines = []
    for name, results in {"PlanQA": run.results, **run.baselines}.items():
        rows = run.rows if name == "PlanQA" else scorecard(results, COLUMNS)
        theirs = {r.item.id: bool(r.score.correct_cited) for r in results if wants_answer(r.item)}
        p = mcnemar([theirs[i] for i in ours], list(ours.values())) if name != "PlanQA" else None
        lines.append({"name": name, "p": p, **{row.name: row.value for row in rows if row.name in COLUMNS}})
    return lines if run.baselines else []


def mutation(name: str, mutated: Mutated) -> dict[str, Any]:
    """Right items on the changed report beside the same items on the report as it is."""
    now, was = [r.score.right for r in mutated.results], [r.score.right for r in mutated.clean]
    n = len(now)
    return {
        "name": name,
        "n": n,
        "skipped": mutated.skipped,
        "right": sum(now),
        "clean": sum(was),
        "interval": wilson(sum(now), n),
        "p": None if name == "M2" else mcnemar(was, now),
        "restated": list(mutated.restated),
        "wrong_document": sum(r.score.wrong_document for r in mutated.results),
        "lost": [
            r.item.id for r, w in zip(mutated.results, was, strict=True) if not r.score.right and (w or name == "M2")
        ],
    }


def item_record(result: Result) -> dict[str, Any]:
    """One line of `items.jsonl`."""
    item, answer = result.item, result.answer
    return {
        "id": item.id,
        "variant": result.variant,
        "type": item.type,
        "question": answer.question,
        "status": answer.status,
        "answer": answer.answer,
        "citations": [[c.report, c.start, c.end, c.quote] for c in answer.citations],
        "failure": breakdown.failure(result),
        "trust": result.trust,
        "score": asdict(result.score) | {"cite_f1": result.score.cite_f1},
        "timings_ms": answer.timings_ms,
    }


def html(run: Run, data: Mapping[str, Any]) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cells = breakdown.robustness(run.results, run.noisy)
    return environment.get_template("report.html.j2").render(
        **data,
        headline=[row for row in run.rows if row.name in _HEADLINE],
        by_change={change.name: change for change in run.changes},
        columns=COLUMNS,
        groups=groups(run.results),
        metrics=list(dict.fromkeys(cell.metric for cell in cells)),
        families=_families(cells),
        most_drop=breakdown.MOST_DROP,
        failures=_failures(run),
        fixed=_fixed(run),
    )


_HEADLINE = ("CorrectCited", "Strict", "Truthfulness", "F1_RG", "CiteF1", "NumFaithful", "QuoteExact")


def _families(cells: Sequence[breakdown.Cell]) -> dict[str, dict[str, breakdown.Cell]]:
    """Cells by family and figure, the worst family first."""
    table: dict[str, dict[str, breakdown.Cell]] = {}
    for cell in cells:
        table.setdefault(cell.family, {})[cell.metric] = cell
    return dict(sorted(table.items(), key=lambda pair: -pair[1]["right"].drop))


def _robustness(run: Run) -> dict[str, Any] | None:
    if not run.noisy:
        return None
    cells = breakdown.robustness(run.results, run.noisy)
    return {
        "robust_accuracy": asdict(breakdown.robust_accuracy(run.results, run.noisy)),
        "consistency": breakdown.consistency(run.results, run.noisy),
        "cells": [asdict(cell) | {"drop": cell.drop} for cell in cells],
    }


def _failures(run: Run) -> list[dict[str, Any]]:
    """Every failure, those that were none in the run before first."""
    found = [_failure(run, result) for result in run.results if breakdown.failure(result)]
    return sorted(found, key=lambda one: (not one["new"], breakdown.FAILURES.index(one["label"]), one["item"].id))


def _failure(run: Run, result: Result) -> dict[str, Any]:
    gold = [[span.quote for span in spans] for spans in result.item.evidence_sets]
    return {
        "item": result.item,
        "result": result,
        "label": breakdown.failure(result),
        "new": _was_right(run, result),
        "gold": gold[0] if gold else [],
        "ranks": ["–" if rank is None else str(rank) for rank in result.score.ranks],
    }


def _fixed(run: Run) -> list[str]:
    """Items that failed in the run before and no longer do."""
    failed = {r.item.id for r in run.results if r.item.id in run.before and not _was_right(run, r)}
    return [r.item.id for r in run.results if r.item.id in failed and not breakdown.failure(r)]


def _was_right(run: Run, result: Result) -> bool:
    values = run.before.get(result.item.id, {})
    return bool(values.get("CorrectCited" if wants_answer(result.item) else "RefusalRight", False))


def baseline_record(run: Run) -> dict[str, Any]:
    """What a later run is compared with: what was run, the figures, and every item's part in them."""
    return {
        "about": run.about,
        "figures": {row.name: row.value for row in run.rows},
        "groups": {result.item.id: result.item.group for result in run.results},
        "items": item_values(run.results),
    }
