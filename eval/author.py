"""Drafts of gold items → gold items: offsets looked up, noise variants added.

A draft names its evidence by quote (and by `line`, counted from 0, where the words stand more than once). Run
`python -m eval.author DRAFT.jsonl... --split dev --report FILE --out eval/gold/dev.jsonl`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from eval.gold_set import GoldError
from eval.noise import variants
from ingest.corpus import ingest_file

SCHEMA = 2


def finish(draft: dict[str, Any], text: str, split: str, report: str) -> dict[str, Any]:
    """The gold item of one draft.

    :raises GoldError: a quote does not stand in the report, or in several lines without saying which.
    """
    lines = text.split("\n")
    sets = [[_span(draft["id"], quote, lines) for quote in quotes] for quotes in draft["evidence_sets"]]
    nearest = sets[0][0]["start"] if sets else _first_start(draft, lines)
    written = [v for v in draft["variants"] if v["text"] != draft["question"]]
    noise = variants(draft["question"], seed=draft["id"])
    return {
        "id": draft["id"],
        "schema": SCHEMA,
        "split": split,
        "group": f"line:{text.count(chr(10), 0, nearest)}" if nearest is not None else f"item:{draft['id']}",
        **{
            key: draft.get(key)
            for key in ("type", "persona", "question", "history", "answerable", "expected", "refusal_kind")
        },
        "short": draft["short"],
        "answer": draft["answer"],
        "facts": [_fact(fact) for fact in draft["facts"]],
        "forbidden": [_fact(fact) for fact in draft["forbidden"]],
        "evidence_sets": sets,
        "also_ok": [_span(draft["id"], quote, lines) for quote in draft["also_ok"]],
        "distractors": [_span(draft["id"], quote, lines) for quote in draft["distractors"]],
        "calc": draft.get("calc"),
        "hops": draft["hops"],
        "difficulty": draft["difficulty"],
        "variants": [
            {"vid": f"{draft['id']}.{v['family']}{i}", "family": v["family"], "text": v["text"]}
            for i, v in enumerate([*written, *noise], 1)
        ],
        "report": report,
        "doc_sha256": sha256(text.encode()).hexdigest(),
        "note": draft.get("note") or "",
    }


def _fact(fact: dict[str, Any]) -> dict[str, Any]:
    known = ("id", "kind", "value", "unit", "qualifier", "period", "aliases", "required", "why")
    return {key: fact[key] for key in known if fact.get(key) is not None}


def _first_start(draft: dict[str, Any], lines: Sequence[str]) -> int | None:
    near = [*draft["distractors"], *draft["also_ok"]]
    return int(_span(draft["id"], near[0], lines)["start"]) if near else None


def _span(item: str, quote: dict[str, Any], lines: Sequence[str]) -> dict[str, Any]:
    words = quote["quote"]
    places = [i for i, line in enumerate(lines) if words in line]
    line = quote.get("line", places[0] if places else -1)
    if line not in places:
        raise GoldError(f"{item}: not in the report: {words[:40]}")
    start = sum(len(above) + 1 for above in lines[:line]) + lines[line].index(words)
    return {"start": start, "end": start + len(words), "quote": words, "why": quote.get("why", "")}


def _drafts(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def main() -> None:
    """Read drafts, write gold items."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drafts", nargs="+", type=Path)
    parser.add_argument("--split", choices=("dev", "test"), required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    report = ingest_file(options.report).report
    items = [finish(draft, report.text, options.split, report.id) for draft in _drafts(options.drafts)]
    lines = (json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    options.out.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
