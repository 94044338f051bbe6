"""`python -m eval.several`: the gold questions with several reports loaded, beside each report alone.

Loaded are the report that ships and the fictional one, each with reports made of it by program: the years before and
after, and another place, every longer number another. Each set of questions is asked with its report named, with its
place named where the report is its place's newest, and as it is where the report is the default one. Figures: questions
sent to the right report, citations from a wrong one, and right answers beside those of the report alone.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from eval.cli import DEV, HERE
from eval.facts import says
from eval.gold_set import GoldItem, load_gold
from eval.metrics import score
from eval.mutate import as_source
from eval.open import FICTIONAL, SHIPPED
from eval.run import retrieved
from index.embedder import Embedder, SentenceTransformerEmbedder
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.answering.model import Turn
from server.answering.pipeline import Knowledge, run, to_answer
from server.answering.reports import places_named

SETS = ((SHIPPED / "xicheng-2024.txt", DEV), (FICTIONAL / "qinghe-2025.txt", HERE / "gold" / "other.jsonl"))
"""Each report with the questions written from it."""
FICTITIOUS = "东岭南浦云川北澜"
"""Characters that make the names of other places."""
_ELSEWHERE = ("other_place", "other_year")
"""Refusals that hold only as long as no other report is loaded."""
_NUMBER = re.compile(r"(?<![\d.])(?!(?:19|20)\d{2}(?![\d.]))(?:\d+\.\d+|\d{3,})(?![\d.])")
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_OTHER_DIGIT = str.maketrans("123456789", "234567891")
FORMS = ("named", "place", "plain")


@dataclass(frozen=True, slots=True)
class Change:
    """How a report is made into another one; every offset stays. `years` are added, `names` replaced, numbers changed."""

    years: int = 0
    names: tuple[tuple[str, str], ...] = ()
    is_same: bool = False

    def __call__(self, text: str) -> str:
        """The changed words."""
        if self.is_same:
            return text
        text = _NUMBER.sub(lambda match: match.group().translate(_OTHER_DIGIT), text)
        text = _YEAR.sub(lambda match: str(int(match.group()) + self.years), text)
        for name, other in self.names:
            text = text.replace(name, other)
        return text

    def item(self, item: GoldItem, corpus: Corpus) -> GoldItem | None:
        """The question as it is asked of the changed report; None where its facts do not follow the changed numbers."""
        changed = GoldItem.model_validate(_walk(item.model_dump(by_alias=True), self))
        text = corpus.report.text
        sets = [[s.model_copy(update={"quote": text[s.start : s.end]}) for s in spans] for spans in item.evidence_sets]
        changed = changed.model_copy(
            update={"report": corpus.report.id, "evidence_sets": tuple(tuple(spans) for spans in sets)}
        )
        before, after = (" ".join(s.quote for spans in one.evidence_sets for s in spans) for one in (item, changed))
        follows = all(
            says(before, old) == says(after, new)
            for old, new in zip(item.facts, changed.facts, strict=True)
            if old.required
        )
        return changed if follows else None


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one report asked in one form: counts of questions."""

    report: str
    form: str
    n: int
    routed: int
    wrong_citations: int
    right: int
    right_alone: int
    strict: int
    strict_alone: int
    answerable: int


class _Asked(NamedTuple):
    """Whether the right report was asked, the citations from others, whether the answer is right, and strictly so."""

    is_routed: bool
    wrong: int
    is_right: bool
    is_strict: bool


def _walk(value: object, change: Change) -> object:
    """Every text of a gold item changed, and every number that is a fact."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        kept = ("id", "schema", "split", "group", "type", "kind", "expected", "report", "doc_sha256", "unit")
        return {key: one if key in kept else _walk(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(one, change) for one in value]
    if isinstance(value, float):
        written = change(f"{value:g}")
        return float(written)
    return value


def changes(corpus: Corpus) -> dict[str, Change]:
    """The reports that are made of one, by id; the first is the report itself."""
    report = corpus.report
    short = re.sub(r"[区县市]$", "", report.place)
    other = "".join(FICTITIOUS[(ord(character) + i) % len(FICTITIOUS)] for i, character in enumerate(short[-2:]))
    names = ((short[-2:], other), *(((short[:2], FICTITIOUS[4:6]),) if len(short) > 2 else ()))
    year = report.year_planned or 0
    base = report.id.rpartition("-")[0]
    return {
        report.id: Change(is_same=True),
        f"{base}-{year - 1}": Change(-1),
        f"{base}-{year + 1}": Change(1),
        f"other-{base}-{year}": Change(0, names),
    }


def measure(embedder: Embedder, most: int) -> Iterator[Line]:
    """All figures, report by report; of each set at most `most` questions, evenly drawn."""
    with TemporaryDirectory(prefix="planqa-several-") as name:
        folder = Path(name)
        asked: dict[str, list[GoldItem]] = {}
        for path, gold in SETS:
            corpus = ingest_file(path)
            for made, change in changes(corpus).items():
                file = folder / f"{made}.txt"
                file.write_text(as_source(change(corpus.report.text)), encoding="utf-8")
                other = ingest_file(file)
                assert other.report.text == change(corpus.report.text), f"{made}: the offsets do not hold"
                items = [item for item in load_gold(gold) if item.refusal_kind not in _ELSEWHERE]
                items = items[:: -(-len(items) // most)]
                asked[made] = [new for item in items if (new := change.item(item, other))]
        files = sorted(folder.glob("*.txt"))
        store = SnapshotStore(folder / "store")
        several = _opened(store, embedder, files)
        for path in files:
            alone = _opened(store, embedder, [path])
            yield from _report(several, alone, asked[path.stem])


def _opened(store: SnapshotStore, embedder: Embedder, files: Sequence[Path]) -> Knowledge:
    """The knowledge of these reports; what was opened before stays open, and no row is embedded twice."""
    store.build([ingest_file(path) for path in files], {}, embedder)
    return Knowledge.of(store.open(embedder))


def _report(several: Knowledge, alone: Knowledge, items: Sequence[GoldItem]) -> Iterator[Line]:
    corpus = alone.snapshot.default
    by_itself = [_ask(alone, item, item) for item in items]
    newest = next(c for c in several.snapshot.known if c.report.place == corpus.report.place)
    forms = ["named", *(["place"] if newest.report.id == corpus.report.id else [])]
    if several.snapshot.default.report.id == corpus.report.id:
        forms.append("plain")
    for form in forms:
        given = [_ask(several, item, said(item, form, corpus)) for item in items]
        yield Line(
            report=corpus.report.id,
            form=form,
            n=len(items),
            routed=sum(one.is_routed for one in given),
            wrong_citations=sum(one.wrong for one in given),
            right=sum(one.is_right for one in given),
            right_alone=sum(one.is_right for one in by_itself),
            strict=sum(one.is_strict for one in given),
            strict_alone=sum(one.is_strict for one in by_itself),
            answerable=sum(item.expected in ("answer", "partial") for item in items),
        )


def said(item: GoldItem, form: str, corpus: Corpus) -> GoldItem:
    """The question with its place, or its report, named in its first turn."""
    first = item.history[0].content if item.history else item.question
    opening = {
        "named": f"{corpus.report.place}{corpus.report.year_planned}年的计划报告里，",
        "place": corpus.report.place,
    }
    if form == "plain" or (form == "place" and places_named(first, [corpus])):
        return item
    words = opening[form] + first
    if item.history:
        return item.model_copy(update={"history": (Turn(role="user", content=words), *item.history[1:])})
    return item.model_copy(update={"question": words})


def _ask(knowledge: Knowledge, item: GoldItem, asked: GoldItem) -> _Asked:
    state = run(knowledge, asked.question, asked.history)
    given = to_answer(state)
    found = [evidence.entry for evidence in state.found.evidence] if state.found else []
    scored = score(item, given, knowledge.places, retrieved(knowledge, item, found))
    wrong = sum(place.report != item.report for place in (*given.citations, *given.related))
    is_routed = state.route is None and state.corpus.report.id == item.report
    is_strict = bool(scored.strict) and item.expected in ("answer", "partial")
    return _Asked(is_routed, wrong, scored.right, is_strict)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.several", description=__doc__)
    parser.add_argument(
        "--most",
        type=int,
        default=1000,
        choices=range(1, 100_001),
        metavar="N",
        help="questions of each set (default: all)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    lines = list(measure(SentenceTransformerEmbedder(), options.most))
    if options.json:
        print(json.dumps([asdict(line) for line in lines], indent=2))
        return
    table = Table("report", "asked", "right report", "wrong citations", "right", "alone", "Strict", "alone")
    for line in lines:
        pairs = [(line.routed, line.n), (line.right, line.n), (line.right_alone, line.n)]
        strict = [(line.strict, line.answerable), (line.strict_alone, line.answerable)]
        routed, *others = [f"{part}/{whole}" for part, whole in (*pairs, *strict)]
        table.add_row(line.report, line.form, routed, str(line.wrong_citations), *others)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
