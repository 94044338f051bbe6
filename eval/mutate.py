"""The report itself changed: a right answer must follow (M1), fall silent (M2), or stay as it was (M3).

M1 and M2 write the changed text to a file and take it through reading, parsing and indexing, so that what reads the
report past the search (the table, the outline) is changed as well; leaving rows out at retrieval would not do that.
The embedding cache is kept between items: only the rows that changed, one to five an item, go through the model.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from eval.gold_set import Fact, GoldItem, GoldSpan
from eval.metrics import key_fact_recall, wants_answer
from eval.run import Done, Result, run_one
from index.embedder import Embedder
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.answering.pipeline import Knowledge

_YEAR = re.compile(r"20\d{2}")


@dataclass(frozen=True, slots=True)
class Mutated:
    """The results on changed reports, the same items on the report as it is, and how many could not be changed.

    `restated` are items of M2 whose facts were said all the same: the report says them in words that the gold does
    not know of, so they are no mistake of the answerer for certain.
    """

    results: tuple[Result, ...]
    clean: tuple[Result, ...]
    skipped: int
    restated: tuple[str, ...] = ()


class Workshop:
    """A folder in which changed reports are indexed; every embedding made is kept until it closes."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder

    def knowledge(self, corpus: Corpus, text: str, *others: Path) -> Knowledge:
        """The knowledge of `corpus`'s report with `text` in place of its own, and of other report files."""
        source = self._folder / f"{corpus.report.id}.txt"
        source.write_text(as_source(text), encoding="utf-8")
        shutil.rmtree(self._folder / "store" / "snapshots", ignore_errors=True)
        store = SnapshotStore(self._folder / "store")
        store.build([ingest_file(path) for path in (source, *others)], {}, self._embedder)
        return Knowledge.of(store.open(self._embedder))


def counterfactual(
    knowledge: Knowledge, clean: Sequence[Result], embedder: Embedder, done: Done = lambda: None
) -> Mutated:
    """M1: every required number of an item is changed in the report; the answer is to say the new one."""

    def change(item: GoldItem, corpus: Corpus) -> tuple[GoldItem, str] | None:
        return with_other_numbers(item, corpus.report.text)

    return _each(knowledge, clean, embedder, change, done)


def ablation(knowledge: Knowledge, clean: Sequence[Result], embedder: Embedder, done: Done = lambda: None) -> Mutated:
    """M2: every sentence, row and term of an item's evidence is deleted; the question is to be refused."""

    def change(item: GoldItem, corpus: Corpus) -> tuple[GoldItem, str] | None:
        return without_evidence(item, knowledge, corpus)

    mutated = _each(knowledge, clean, embedder, change, done)
    facts = {result.item.id: result.item for result in clean}
    said = [r for r in mutated.results if r.score.answered and key_fact_recall(facts[r.item.id], r.answer) == 1]
    restated = tuple(r.item.id for r in said if facts[r.item.id].facts)
    return Mutated(mutated.results, mutated.clean, mutated.skipped, restated)


def noise(
    knowledge: Knowledge, clean: Sequence[Result], other: Path, embedder: Embedder, done: Done = lambda: None
) -> Mutated:
    """M3: a report of another place is added, its years set back so that it is not the newest; nothing is to change."""
    with TemporaryDirectory(prefix="planqa-noise-") as name:
        corpus = _corpus(knowledge, clean)
        older = Path(name) / f"{other.stem}-older.txt"
        older.write_text(as_source(set_back(ingest_file(other).report.text, corpus)), encoding="utf-8")
        mixed = Workshop(Path(name), embedder).knowledge(corpus, corpus.report.text, older)
        results = []
        for result in clean:
            results.append(run_one(mixed, result.item))
            done()
    return Mutated(tuple(results), tuple(clean), 0)


def as_source(text: str) -> str:
    """Canonical text as a text file whose reader gives the same text back: a table's rows end with an empty line."""
    lines = (f"\t{line}\n" if "\t" in line else line for line in text.split("\n"))
    return "\n".join(lines)


def with_other_numbers(item: GoldItem, text: str) -> tuple[GoldItem, str] | None:
    """The item and the text with other numbers of the same length, so that every offset stays.

    A number is changed in the item's spans, and wherever else it stands before the same unit. None where it cannot
    be done: a fact that is no number, is worked out, stands in the question, is a year, or is not in the spans as
    digits.
    """
    facts = [fact for fact in item.facts if fact.required]
    if not facts or item.calc or item.history or any(fact.kind != "number" for fact in facts):
        return None
    renamed: dict[str, str] = {}
    for fact in facts:
        old = f"{fact.value:g}" if isinstance(fact.value, int | float) else ""
        spans = [s for spans in item.evidence_sets for s in spans if _token(old).search(s.quote)]
        if not old or not spans or _YEAR.fullmatch(old) or _token(old).search(item.question):
            return None
        renamed[old] = _other_number(old, text + "".join(renamed.values()), item.id)
        text = _renumber(text, old, renamed[old], fact.unit[:1] or " ", [*spans, *item.also_ok])
    return _following(item, renamed, text), text


def without_evidence(item: GoldItem, knowledge: Knowledge, corpus: Corpus) -> tuple[GoldItem, str] | None:
    """The item as one to be refused, and the text without the units its evidence stands in; None where only a heading says it."""
    if not item.evidence_sets or item.history:
        return None
    spans = item.accepted
    headings = {section.heading for section in corpus.sections}
    units = [
        unit.span
        for unit in knowledge.places[corpus.report.id].units
        if any(unit.span.overlaps(span) for span in spans)
    ]
    doomed = [span for span in units if span not in headings]
    required = item.required
    if any(not any(unit.overlaps(span) for unit in doomed) for span in required):
        return None
    text = corpus.report.text
    for span in sorted(doomed, reverse=True):
        text = text[: span.start] + text[span.end :]
    text = re.sub(r"\n{2,}", "\n", text)
    changed = {"answerable": False, "expected": "refuse", "evidence_sets": (), "also_ok": (), "facts": ()}
    return item.model_copy(update=changed), text


def set_back(text: str, before: Corpus) -> str:
    """`text` with all its years moved so that the latest lies two years before the year `before` plans for."""
    years = [int(year) for year in _YEAR.findall(text)]
    wanted = before.report.year_planned
    if not years or not wanted:
        return text
    shift = max(years) - (wanted - 2)
    return _YEAR.sub(lambda match: str(int(match.group()) - shift), text) if shift > 0 else text


def _each(
    knowledge: Knowledge,
    clean: Sequence[Result],
    embedder: Embedder,
    change: Callable[[GoldItem, Corpus], tuple[GoldItem, str] | None],
    done: Done,
) -> Mutated:
    """Change the report for one answerable item after the other, and ask."""
    results, kept, skipped = [], [], 0
    with TemporaryDirectory(prefix="planqa-mutate-") as name:
        workshop = Workshop(Path(name), embedder)
        for result in clean:
            corpus = knowledge.snapshot.corpora[result.item.report]
            changed = change(result.item, corpus) if wants_answer(result.item) else None
            skipped += changed is None and wants_answer(result.item)
            if changed:
                item, text = changed
                results.append(run_one(workshop.knowledge(corpus, text), item))
                kept.append(result)
            done()
    return Mutated(tuple(results), tuple(kept), skipped)


def _token(number: str) -> re.Pattern[str]:
    """The number as a whole, with or without thousands separators."""
    whole, dot, rest = number.partition(".")
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",?", whole)
    return re.compile(rf"(?<![\d.,]){grouped}{re.escape(dot + rest)}(?![\d%]*\.\d|\d)")


def _other_number(old: str, taken: str, seed: str) -> str:
    """Another number of the same shape that `taken` does not hold, drawn from a generator seeded by the item."""
    rng = Random(sha256(f"{seed}/{old}".encode()).digest())
    while True:
        digits = [rng.choice("123456789") if c.isdigit() else c for c in old]
        number = "".join(digits)
        if number != old and (len(old) < 3 or not _token(number).search(taken)):
            return number


def _renumber(text: str, old: str, new: str, unit: str, spans: Sequence[GoldSpan]) -> str:
    """`old` as `new` in the spans (in a table row the last such cell only) and before its unit everywhere."""
    places = {match.start() for match in _token(old).finditer(text) if text[match.end() : match.end() + 1] == unit}
    for span in spans:
        inside = [m.start() for m in _token(old).finditer(text) if span.start <= m.start() < span.end]
        places.update(inside[-1:] if "\t" in span.quote else inside)
    return _token(old).sub(lambda m: _shaped(m.group(), new) if m.start() in places else m.group(), text)


def _shaped(written: str, new: str) -> str:
    """`new` with the thousands separators of `written`."""
    digits: Iterator[str] = iter(new)
    return "".join("," if character == "," else next(digits) for character in written)


def _following(item: GoldItem, renamed: dict[str, str], text: str) -> GoldItem:
    """The gold item that expects the new numbers; nothing it forbids stays, as the new numbers may be among it."""

    def span(old: GoldSpan) -> GoldSpan:
        return old.model_copy(update={"quote": text[old.start : old.end]})

    def fact(old: Fact) -> Fact:
        new = renamed.get(f"{old.value:g}") if isinstance(old.value, int | float) else None
        return old.model_copy(update={"value": float(new), "aliases": ()}) if new else old

    changed = {
        "facts": tuple(map(fact, item.facts)),
        "forbidden": (),
        "evidence_sets": tuple(tuple(map(span, spans)) for spans in item.evidence_sets),
        "also_ok": tuple(map(span, item.also_ok)),
    }
    return item.model_copy(update=changed)


def _corpus(knowledge: Knowledge, clean: Sequence[Result]) -> Corpus:
    return knowledge.snapshot.corpora[clean[0].item.report]
