"""Gold items → answers and scores, in process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eval.gold_set import GoldItem
from eval.metrics import Score, score
from ingest.model import Span
from server.answering.model import Answer
from server.answering.pipeline import Knowledge, State, run, to_answer


@dataclass(frozen=True, slots=True)
class Result:
    """One item with its answer and figures; `variant` is the noise family, '' for the question itself."""

    item: GoldItem
    variant: str
    answer: Answer
    score: Score


def run_items(knowledge: Knowledge, items: Iterable[GoldItem], done: Callable[[], None] = lambda: None) -> list[Result]:
    """Answer and score every question as it was written."""
    results = []
    for item in items:
        results.append(_run(knowledge, item, "", item.question))
        done()
    return results


def run_variants(
    knowledge: Knowledge,
    items: Iterable[GoldItem],
    families: Sequence[str] = (),
    done: Callable[[], None] = lambda: None,
) -> list[Result]:
    """Answer and score every stored variant, of `families` only where they are named."""
    results = []
    for item in items:
        for variant in item.variants:
            if not families or variant.family in families:
                results.append(_run(knowledge, item, variant.family, variant.text))
                done()
    return results


def _run(knowledge: Knowledge, item: GoldItem, variant: str, question: str) -> Result:
    state = run(knowledge, question, item.history)
    answer = to_answer(state)
    places = knowledge.places[item.report]
    addresses = frozenset(unit.id for unit in places.units)
    return Result(item, variant, answer, score(item, answer, places.corpus.report.text, addresses, _retrieved(state)))


def _retrieved(state: State) -> list[Span]:
    return [e.entry.item.span for e in state.found.evidence] if state.found else []
