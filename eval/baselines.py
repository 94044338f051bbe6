"""What much simpler answerers, and one that is handed the evidence, reach on the same questions and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from eval.gold_set import GoldItem
from eval.metrics import score
from eval.run import Done, Result, retrieved
from index.entries import Entry
from index.search import Evidence
from ingest.model import Span
from server.answering.model import Answer, AnswerSentence, Citation, Status
from server.answering.pipeline import Knowledge, State, run, to_answer
from server.places import Places, Unit

DEPTH = 10
_Ranking = Callable[[State, Sequence[Evidence]], list[Entry]]


def run_baselines(
    knowledge: Knowledge, items: Iterable[GoldItem], done: Done = lambda: None
) -> dict[str, list[Result]]:
    """Every baseline over every item, scored as the pipeline is.

    The three searchers see the question as the pipeline completed it, quote the best row whole, and never refuse.
    The oracle quotes the gold spans and refuses where there are none: a ceiling for answers that only quote.
    """
    results: dict[str, list[Result]] = {name: [] for name in (*_RANKINGS, "oracle evidence", "always refuse")}
    for item in items:
        state = run(knowledge, item.question, item.history)
        looked = state.found or knowledge.snapshot.search.find(state.resolved)
        state.timings_ms = {}
        for name, ranking in _RANKINGS.items():
            found = ranking(state, [*looked.evidence, *looked.rejected])[:DEPTH]
            places = knowledge.places[found[0].corpus.report.id] if found else None
            answer = _quote(state, places, _units(places, found[0].item.span) if places else [])
            results[name].append(_scored(knowledge, item, answer, found))
        answer = _oracle(state, knowledge.places[item.report], item)
        entries = [e.entry for e in looked.evidence]
        results["oracle evidence"].append(_scored(knowledge, item, answer, entries))
        results["always refuse"].append(_scored(knowledge, item, _quote(state, None, []), entries))
        done()
    return results


def _bm25(state: State, _: Sequence[Evidence]) -> list[Entry]:
    """Plain BM25, without synonyms."""
    search = state.knowledge.snapshot.search
    scores = search.lexical.scores(state.resolved)
    return [search.entries[int(row)] for row in np.argsort(-scores, kind="stable")[:DEPTH]]


def _dense(_: State, looked: Sequence[Evidence]) -> list[Entry]:
    """The embedding alone."""
    ranked = sorted((e for e in looked if "dense" in e.legs), key=lambda e: (-e.legs["dense"], e.row))
    return [evidence.entry for evidence in ranked]


def _hybrid(_: State, looked: Sequence[Evidence]) -> list[Entry]:
    """The fused search."""
    return [evidence.entry for evidence in looked]


_RANKINGS: dict[str, _Ranking] = {"BM25 only": _bm25, "dense only": _dense, "hybrid, first passage": _hybrid}


def _units(places: Places, span: Span) -> list[tuple[Unit, Span]]:
    """The citable units of a row, whole."""
    return [(unit, unit.span) for unit in places.units if unit.span.overlaps(span)]


def _oracle(state: State, places: Places, item: GoldItem) -> Answer:
    if not item.evidence_sets:
        return _quote(state, None, [])
    spans = [Span(s.start, s.end) for s in item.evidence_sets[0]]
    quotes = [(unit, part) for span in spans for unit, part in _parts(places, span)]
    status = Status.ANSWERED_CORRECTION if item.expected == "correct_premise" else Status.ANSWERED
    return _quote(state, places, quotes, status)


def _parts(places: Places, span: Span) -> Iterator[tuple[Unit, Span]]:
    """A span cut at the borders of the units it runs over."""
    for unit in places.units:
        if unit.span.overlaps(span):
            yield unit, Span(max(unit.span.start, span.start), min(unit.span.end, span.end))


def _quote(
    state: State, places: Places | None, quotes: Sequence[tuple[Unit, Span]], status: Status = Status.ANSWERED
) -> Answer:
    """The spans as sentences, each cited; a refusal where there are none."""
    base = to_answer(state).model_dump()
    sentences = []
    citations = []
    for marker, (_, span) in enumerate(quotes, 1):
        assert places is not None
        place = places.place(span)
        sentences.append(AnswerSentence(text=place.quote, markers=(marker,), origin="quoted"))
        citations.append(Citation(marker=marker, **place.model_dump()))
    changed = {
        "status": status if quotes else Status.NOT_IN_REPORT,
        "answer": "".join(sentence.text for sentence in sentences),
        "sentences": tuple(sentences),
        "citations": tuple(citations),
        "related": (),
        "timings_ms": {},
    }
    return Answer.model_validate({**base, **changed})


def _scored(knowledge: Knowledge, item: GoldItem, answer: Answer, found: Sequence[Entry]) -> Result:
    return Result(item, "", answer, score(item, answer, knowledge.places, retrieved(knowledge, item, found[:DEPTH])))
