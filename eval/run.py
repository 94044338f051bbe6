"""Gold items → answers and scores, in process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from eval.gold_set import GoldItem
from eval.metrics import ELSEWHERE, Retrieved, Score, score
from index.entries import Entry
from ingest.model import Span
from server.answering.model import Answer
from server.answering.pipeline import Knowledge, State, run, to_answer


@dataclass(frozen=True, slots=True)
class Result:
    """One item with its answer and figures.

    `variant` is the noise family, '' for the question itself; `trust` is what the answer was given or refused by,
    None where the pipeline does not say; `searched` is whether the question got as far as the search.
    """

    item: GoldItem
    variant: str
    answer: Answer
    score: Score
    trust: float | None = None
    searched: bool = True


Done = Callable[[], None]
"""Called after every question."""


def run_items(knowledge: Knowledge, items: Iterable[GoldItem], done: Done = lambda: None) -> list[Result]:
    """Answer and score every question as it was written."""
    results = []
    for item in items:
        results.append(run_one(knowledge, item))
        done()
    return results


def run_variants(
    knowledge: Knowledge,
    items: Iterable[GoldItem],
    families: Sequence[str] = (),
    done: Done = lambda: None,
) -> list[Result]:
    """Answer and score every stored variant, of `families` only where they are named."""
    results = []
    for item in items:
        for variant in item.variants:
            if not families or variant.family in families:
                results.append(run_one(knowledge, item, variant.family, variant.text))
                done()
    return results


def run_one(knowledge: Knowledge, item: GoldItem, variant: str = "", question: str | None = None) -> Result:
    """Answer and score one question, the item's own where no other is given."""
    state = run(knowledge, item.question if question is None else question, item.history)
    answer = to_answer(state)
    found = [evidence.entry for evidence in state.found.evidence] if state.found else []
    scored = score(item, answer, knowledge.places, retrieved(knowledge, item, found))
    return Result(item, variant, answer, scored, getattr(state, "trust", None), _is_searched(state))


def retrieved(knowledge: Knowledge, item: GoldItem, found: Iterable[Entry]) -> Retrieved:
    """Entries as spans of the item's report, those of other reports out of its reach."""
    pool = _spans(item, knowledge.snapshot.search.entries)
    return Retrieved(tuple(_spans(item, found)), tuple(pool))


def _spans(item: GoldItem, entries: Iterable[Entry]) -> Iterator[Span]:
    for entry in entries:
        shift = 0 if entry.corpus.report.id == item.report else ELSEWHERE
        yield Span(entry.item.span.start + shift, entry.item.span.end + shift)


def _is_searched(state: State) -> bool:
    return state.found is not None
