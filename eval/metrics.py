"""One answered item → its figures. Definitions follow ALCE, Trust-Score and GaRAGe, on character spans, without a judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.facts import says
from eval.gold_set import GoldItem, GoldSpan
from index.normalise import fold
from ingest.model import Span
from server.answering.model import Answer, Citation, Status
from server.answering.numbers import digit_runs

HIT = 0.5
"""A citation hits a gold span where it shares at least this much of the gold span's characters."""
COVER = 0.8
"""A retrieved text covers a gold span where it holds at least this much of its characters."""


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one item; None where a figure does not apply to it."""

    item: str
    answered: bool
    refusal_right: bool
    key_fact_recall: float | None
    strict: bool | None
    correct_cited: bool | None
    cite_recall: float | None
    cite_precision: float | None
    quote_exact: bool
    cite_resolves: bool
    num_faithful: float | None
    verbosity: float | None
    evidence_recall: dict[int, float] | None
    reciprocal_rank: float | None


def score(item: GoldItem, answer: Answer, text: str, units: frozenset[str], retrieved: Sequence[Span]) -> Score:
    """Score one answer; `units` are the addresses of the report's page, `retrieved` the evidence in its order."""
    status = Status(answer.status)
    sets = [[Span(s.start, s.end) for s in spans] for spans in item.evidence_sets]
    scored = item.expected != "refuse"
    strict = is_strict(item, answer) if scored else None
    recall = cite_recall(sets, answer.citations) if scored else None
    exact = all(text[c.start : c.end] == c.quote for c in answer.citations)
    return Score(
        item=item.id,
        answered=is_answered(status),
        refusal_right=refusal_right(item, answer),
        key_fact_recall=key_fact_recall(item, answer) if scored else None,
        strict=strict,
        correct_cited=bool(strict and recall == 1 and exact) if scored else None,
        cite_recall=recall,
        cite_precision=cite_precision(item, answer.citations) if scored and is_answered(status) else None,
        quote_exact=exact,
        cite_resolves=all(c.url.partition("#")[2] in units for c in answer.citations),
        num_faithful=num_faithful(answer),
        verbosity=verbosity(item, answer) if scored and is_answered(status) else None,
        evidence_recall={k: evidence_recall(sets, retrieved[:k]) for k in (1, 3, 5, 10)} if sets else None,
        reciprocal_rank=reciprocal_rank(sets, retrieved) if sets else None,
    )


def is_answered(status: Status) -> bool:
    """Whether a status is an answer from the report; greetings and thanks are none."""
    return status.is_answer and status not in (Status.ANSWERED_GREETING, Status.ANSWERED_THANKS)


def refusal_right(item: GoldItem, answer: Answer) -> bool:
    """Answered where it is answerable; refused, or the premise corrected, where it is not."""
    status = Status(answer.status)
    if item.answerable:
        return is_answered(status)
    return not is_answered(status) or (item.expected == "correct_premise" and is_corrected(item, answer))


def is_corrected(item: GoldItem, answer: Answer) -> bool:
    """Whether a false premise was corrected with the right figure."""
    return answer.status == Status.ANSWERED_CORRECTION and all(
        says(answer.answer, f) for f in item.facts if f.required and f.kind != "polarity"
    )


def key_fact_recall(item: GoldItem, answer: Answer) -> float:
    """KFR: required facts said / required facts; 0 where not answered."""
    facts = [fact for fact in item.facts if fact.required]
    if not is_answered(Status(answer.status)):
        return 0.0
    return sum(says(words(answer), fact) for fact in facts) / len(facts) if facts else 1.0


def is_strict(item: GoldItem, answer: Answer) -> bool:
    """Answered, every required fact said, no forbidden one."""
    if item.expected == "correct_premise":
        return is_corrected(item, answer)
    forbidden = any(says(words(answer), fact) for fact in item.forbidden if fact.aliases or fact.value is not None)
    return key_fact_recall(item, answer) == 1.0 and not forbidden


def words(answer: Answer) -> str:
    """The answer without its markers."""
    return "".join(sentence.text for sentence in answer.sentences)


def cite_recall(sets: Sequence[Sequence[Span]], citations: Sequence[Citation]) -> float:
    """CiteRecall: the best evidence set's share of spans that a citation hits."""
    return max(
        (sum(any(_hits(c, span) for c in citations) for span in spans) / len(spans) for spans in sets), default=0.0
    )


def cite_precision(item: GoldItem, citations: Sequence[Citation]) -> float:
    """CitePrecision: citations that hit a required or tolerated span / citations."""
    fine: list[GoldSpan] = [span for spans in item.evidence_sets for span in spans] + list(item.also_ok)
    good = sum(any(_touches(c, Span(s.start, s.end)) for s in fine) for c in citations)
    return good / len(citations) if citations else 0.0


def num_faithful(answer: Answer) -> float | None:
    """NumFaithful: numbers shown that stand in the sentence's own quotes / numbers shown; computed results apart."""
    quotes = {citation.marker: fold(citation.quote) for citation in answer.citations}
    shown = kept = 0
    for sentence in answer.sentences:
        if sentence.origin == "computed":
            continue
        numbers = digit_runs(fold(sentence.text))
        cited = digit_runs(" ".join(quotes[marker] for marker in sentence.markers))
        shown += len(numbers)
        kept += len(numbers & cited)
    return kept / shown if shown else None


def verbosity(item: GoldItem, answer: Answer) -> float:
    """Characters of the answer / characters of the shortest gold evidence set."""
    shortest = min((sum(len(s.quote) for s in spans) for spans in item.evidence_sets), default=0)
    return len(words(answer)) / shortest if shortest else 0.0


def evidence_recall(sets: Sequence[Sequence[Span]], retrieved: Sequence[Span]) -> float:
    """EvRecall: the best evidence set's share of spans that the retrieved texts together cover."""
    return max((sum(_covered(span, retrieved) for span in spans) / len(spans) for spans in sets), default=0.0)


def reciprocal_rank(sets: Sequence[Sequence[Span]], retrieved: Sequence[Span]) -> float:
    """MRR@10's term: 1 / rank of the first text that covers a required span, 0 where none of ten does."""
    for rank, text in enumerate(retrieved[:10], 1):
        if any(_covered(span, [text]) for spans in sets for span in spans):
            return 1 / rank
    return 0.0


def _hits(citation: Citation, gold: Span) -> bool:
    shared = min(citation.end, gold.end) - max(citation.start, gold.start)
    return shared >= HIT * (gold.end - gold.start)


def _touches(citation: Citation, gold: Span) -> bool:
    """A citation is good where it hits a gold span or lies for the most part inside one."""
    shared = min(citation.end, gold.end) - max(citation.start, gold.start)
    return shared >= HIT * min(gold.end - gold.start, citation.end - citation.start)


def _covered(gold: Span, texts: Sequence[Span]) -> bool:
    shared = sum(max(0, min(t.end, gold.end) - max(t.start, gold.start)) for t in texts)
    return shared >= COVER * (gold.end - gold.start)
