"""A run's figures → tables for the terminal, and a page with plots that needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from rich.table import Table

STAGES = ("understand", "scope", "retrieve", "compose", "verify", "cite")
SEARCH = (
    "retrieve_embed",
    "retrieve_dense",
    "retrieve_lexical",
    "retrieve_names",
    "retrieve_late",
    "retrieve_fuse",
)
"""What `retrieve` is made of."""
GOALS = {"ratio_p50": 1.25, "ratio_p95": 1.5, "warm_start_s": 4.0, "paced_p95": 300.0, "repeated": 500.0, "pace": 50.0}
"""What is promised: whole over floor, seconds to ready, milliseconds at 50 questions a second, questions a second."""

Figures = dict[str, Any]


def page(measured: Figures) -> str:
    """The page as HTML: the tables and plots, styles and drawings included."""
    environment = Environment(
        loader=PackageLoader("eval", "templates"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("bench.html.j2").render(run=measured, stages=STAGES, search=SEARCH, goals=GOALS)


def tables(measured: Figures) -> Iterator[Table]:
    """The figures for a terminal, ratios first."""
    yield _against_floor(measured["answering"])
    yield _by_stage(measured["answering"])
    yield _serving(measured["serving"], measured["embedder_per_second"])
    yield _starts(measured["serving"])
    yield _building(measured["building"])


def _against_floor(answering: Figures) -> Table:
    title = f"A question in process ({answering['questions']} questions, {answering['in_parts']} in parts, best of {answering['rounds']})"
    table = Table("", "p50", "p95", "p99", title=title, title_justify="left")
    goals = f"goals {GOALS['ratio_p50']} and {GOALS['ratio_p95']}"
    table.add_row(f"whole ÷ floor ({goals})", str(answering["ratio_p50"]), str(answering["ratio_p95"]), "")
    rows = {
        "floor: bare embedding and exact search, ms": "floor",
        "whole question, ms": "whole",
        "the same again, its embedding known, ms": "repeated",
        "all legs of retrieval beyond the embedding, ms": "retrieval_beyond_embedding",
        "exact dense search beyond the embedding, ms": "dense_beyond_embedding",
    }
    for name, key in rows.items():
        table.add_row(name, *_times(answering[key]))
    return table


def _by_stage(answering: Figures) -> Table:
    table = Table("stage", "n", "p50 ms", "p95 ms", "p99 ms", title="By stage", title_justify="left")
    for stage in STAGES:
        for name in (stage, *(SEARCH if stage == "retrieve" else ())):
            if name in answering["stages"]:
                times = answering["stages"][name]
                table.add_row(f"  {name}" if name in SEARCH else name, str(times["n"]), *_times(times))
    return table


def _serving(serving: Figures, ceiling: float) -> Table:
    title = f"Over HTTP (the bare embedder on all cores: {ceiling} questions a second)"
    columns = ("clients", "÷ ceiling", "per second", "p50 ms", "p95 ms", "p99 ms", "event loop p95 ms", "statuses")
    table = Table(*columns, title=title, title_justify="left")
    loads = [(f"{load['clients']}", load) for load in serving["anew"]]
    loads.append((f"{serving['paced']['clients']}, sending {serving['paced']['paced']:g}/s", serving["paced"]))
    loads.append((f"{serving['repeated']['clients']}, repeated questions", serving["repeated"]))
    for name, load in loads:
        statuses = " ".join(f"{status}×{count}" for status, count in load["statuses"].items())
        share = f"{load['per_second'] / ceiling:.2f}"
        table.add_row(name, share, str(load["per_second"]), *_times(load["times"]), str(load["loop"]["p95"]), statuses)
    return table


def _starts(serving: Figures) -> Table:
    table = Table("", "seconds", title="Starts and memory", title_justify="left")
    table.add_row("cold start: nothing built", str(serving["cold_start_s"]))
    table.add_row(f"warm start (median; goal {GOALS['warm_start_s']:g})", str(serving["warm_start_s"]))
    table.add_row("planqa define", str(serving["look_up_s"]))
    for name, key in (("at the start", "memory_at_start"), ("after the load", "memory_at_end")):
        table.add_row(f"memory {name}", _memory(serving[key]))
    for number, said in enumerate(serving["memory_of_two"], 1):
        table.add_row(f"memory of server {number} of two on one snapshot", _memory(said))
    return table


def _building(building: Figures) -> Table:
    table = Table("", "seconds", "rows embedded", title=f"Building ({building['rows']} rows)", title_justify="left")
    for stage, seconds in building["stages_s"].items():
        table.add_row(f"stage: {stage}", str(seconds), "")
    for build, seconds in building["builds_s"].items():
        table.add_row(f"build: {build}", str(seconds), str(building["embedded"][build]))
    return table


def _times(times: Figures) -> tuple[str, str, str]:
    return str(times["p50"]), str(times["p95"]), str(times["p99"])


def _memory(said: Figures) -> str:
    return ", ".join(f"{name} {mebibytes:g} MiB" for name, mebibytes in said.items()) or "not known on this system"
