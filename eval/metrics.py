"""One answered item → its figures. Definitions follow ALCE, Trust-Score and GaRAGe, on character spans, without a judge."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eval.facts import says
from eval.gold_set import GoldItem, GoldSpan
from eval.ranks import evidence_recall, first, gold_ranks, ndcg, reciprocal_rank
from index.normalise import fold
from ingest.model import Span
from server.answering.model import Answer, AnswerSentence, Citation, Status
from server.answering.numbers import digit_runs
from server.places import Places

HIT = 0.5
"""A citation hits a gold span where it shares at least this much of the gold span's characters."""
BUDGET = 1000
"""Characters of retrieved text that EvRecall@1000chars reads."""
ELSEWHERE = 10**9
"""Added to the offsets of other reports' texts, so that they take ranks and characters but never cover a gold span."""
_DANGLING = re.compile(
    r"其(?!他|它|余|实)|[该此这]|上述|以上|前述|同时|并且|并(?=[^行])|此外|另外|为此|对此|前者|后者|两者|同比|分别"
)
_YEAR = re.compile(r"(?<!\d)(20\d{2})年?")


class Retrieved(NamedTuple):
    """What retrieval gave: spans in their order, and every span it could have given."""

    spans: Sequence[Span] = ()
    pool: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one item; None where a figure does not apply to it."""

    item: str
    answered: bool
    refusal_right: bool
    right: bool
    key_fact_recall: float | None
    strict: bool | None
    correct_cited: bool | None
    num_exact: bool | None
    cite_recall: float | None
    cite_precision: float | None
    cite_coverage: float | None
    over_cite: float | None
    self_contained: bool | None
    quote_exact: bool
    cite_resolves: bool
    wrong_document: bool
    num_faithful: float | None
    verbosity: float | None
    evidence_recall: dict[int, float] | None
    evidence_recall_chars: float | None
    reciprocal_rank: float | None
    ndcg: float | None
    ranks: tuple[int | None, ...]

    @property
    def cite_f1(self) -> float | None:
        """CiteF1: harmonic mean of CiteRecall and CitePrecision; None where not answered or not scored."""
        if self.cite_recall is None or self.cite_precision is None:
            return None
        total = self.cite_recall + self.cite_precision
        return 2 * self.cite_recall * self.cite_precision / total if total else 0.0


def score(item: GoldItem, answer: Answer, places: Mapping[str, Places], retrieved: Retrieved) -> Score:
    """Score one answer against the reports in `places`."""
    sets = [[Span(s.start, s.end) for s in spans] for spans in item.evidence_sets]
    scored, answered = item.expected != "refuse", is_answered(answer.status)
    strict = is_strict(item, answer) if scored else None
    own = [c for c in answer.citations if c.report == item.report]
    recall = cite_recall(sets, own) if scored else None
    exact = all(_is_exact(c, places) for c in answer.citations)
    found = retrieved.spans
    return Score(
        item=item.id,
        answered=answered,
        refusal_right=refusal_right(item, answer),
        right=bool(strict) if wants_answer(item) else refusal_right(item, answer),
        key_fact_recall=key_fact_recall(item, answer) if scored else None,
        strict=strict,
        correct_cited=bool(strict and recall == 1 and exact) if scored else None,
        num_exact=num_exact(item, answer) if wants_answer(item) else None,
        cite_recall=recall,
        cite_precision=cite_precision(item, answer.citations) if scored and answered else None,
        cite_coverage=cite_coverage(answer) if answered else None,
        over_cite=over_cite(sets, own, len(answer.citations)) if scored and answered else None,
        self_contained=self_contained(answer) if answered else None,
        quote_exact=exact,
        cite_resolves=all(_resolves(c, places) for c in answer.citations),
        wrong_document=len(own) < len(answer.citations),
        num_faithful=num_faithful(answer),
        verbosity=verbosity(item, answer) if scored and answered else None,
        evidence_recall={k: evidence_recall(sets, found[:k]) for k in (1, 3, 5, 10)} if sets else None,
        evidence_recall_chars=evidence_recall(sets, first(found, BUDGET)) if sets else None,
        reciprocal_rank=reciprocal_rank(sets, found) if sets else None,
        ndcg=ndcg(sets, [Span(s.start, s.end) for s in item.also_ok], found, retrieved.pool) if sets else None,
        ranks=gold_ranks(sets, found),
    )


def wants_answer(item: GoldItem) -> bool:
    """Whether the report answers the question as it is asked; a false premise is to be corrected instead."""
    return item.expected in ("answer", "partial")


def is_answered(status: Status) -> bool:
    """Whether a status is an answer from the report; greetings and thanks are none."""
    return status.is_answer and status not in (Status.ANSWERED_GREETING, Status.ANSWERED_THANKS)


def refusal_right(item: GoldItem, answer: Answer) -> bool:
    """Answered where it is answerable; refused, or the premise corrected, where it is not."""
    status = answer.status
    if wants_answer(item):
        return is_answered(status)
    return not is_answered(status) or (item.expected == "correct_premise" and is_corrected(item, answer))


def is_corrected(item: GoldItem, answer: Answer) -> bool:
    """Whether a false premise was corrected with the right figure."""
    return answer.status == Status.ANSWERED_CORRECTION and all(
        says(words(answer), f) for f in item.facts if f.required and f.kind != "polarity"
    )


def key_fact_recall(item: GoldItem, answer: Answer) -> float:
    """KFR: required facts said / required facts; 0 where not answered."""
    facts = [fact for fact in item.facts if fact.required]
    if not is_answered(answer.status):
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
    """CitePrecision: citations that hit a required or tolerated span / citations; 0 where there are none."""
    fine: list[GoldSpan] = [span for spans in item.evidence_sets for span in spans] + list(item.also_ok)
    good = sum(c.report == item.report and any(_touches(c, Span(s.start, s.end)) for s in fine) for c in citations)
    return good / len(citations) if citations else 0.0


def num_faithful(answer: Answer) -> float | None:
    """NumFaithful: numbers shown that stand in the sentence's own quotes / numbers shown; computed results apart."""
    quotes = {citation.marker: _folded(citation.quote) for citation in answer.citations}
    shown = kept = 0
    for sentence in answer.sentences:
        if sentence.origin == "computed":
            continue
        numbers = digit_runs(_folded(sentence.text))
        cited = digit_runs(" ".join(quotes[marker] for marker in sentence.markers))
        shown += len(numbers)
        kept += len(numbers & cited)
    return kept / shown if shown else None


def num_exact(item: GoldItem, answer: Answer) -> bool | None:
    """NumExact: every required number is said, by a clause that names its year or no year; None without such facts.

    It applies to items all of whose required facts are numbers.
    """
    facts = [fact for fact in item.facts if fact.required]
    if not facts or any(fact.kind != "number" for fact in facts):
        return None
    if not is_answered(answer.status):
        return False
    return all(any(says(clause, f) and _year_fits(clause, f.period) for clause in _clauses(answer)) for f in facts)


def _clauses(answer: Answer) -> list[str]:
    """The answer's sentences, and apart the parts between their semicolons."""
    return [part for s in answer.sentences for part in (s.text, *re.split("[；;。]", s.text))]


def _year_fits(clause: str, period: str | None) -> bool:
    named = _YEAR.findall(fold(clause))
    return period is None or not named or period in named


def cite_coverage(answer: Answer) -> float:
    """CiteCoverage: sentences with at least one marker that a citation bears / sentences."""
    markers = {citation.marker for citation in answer.citations}
    cited = sum(bool(markers.intersection(sentence.markers)) for sentence in answer.sentences)
    return cited / len(answer.sentences) if answer.sentences else 0.0


def over_cite(sets: Sequence[Sequence[Span]], own: Sequence[Citation], n: int) -> float | None:
    """OverCite: citations that are not needed / all `n`; needed is one that alone hits a span of the best set."""
    if not n:
        return None
    best = max(sets, key=lambda spans: cite_recall([spans], own), default=[])
    hitting = [[c.marker for c in own if _hits(c, span)] for span in best]
    return 1 - len({markers[0] for markers in hitting if len(markers) == 1}) / n


def self_contained(answer: Answer) -> bool:
    """SelfContained (a heuristic): no sentence opens with a word that points back, unless at the sentence before it.

    The sentence before counts only where the report, too, has it right before this one.
    """
    places = {citation.marker: citation for citation in answer.citations}
    before: Citation | None = None
    for sentence in answer.sentences:
        cited = [places[marker] for marker in sentence.markers if marker in places]
        here = cited[0] if cited else None
        follows = bool(before and here and before.report == here.report and 0 <= here.start - before.end <= 1)
        if _DANGLING.match(_opening(sentence, here)) and not follows:
            return False
        before = here
    return True


def _opening(sentence: AnswerSentence, cited: Citation | None) -> str:
    """The sentence from its quoted words on: what a composer put before them is no part of the report."""
    if cited and sentence.origin == "composed" and fold(cited.quote).rstrip("。") in fold(sentence.text):
        return cited.quote
    return sentence.text


def _folded(text: str) -> str:
    """Folded text in which the cells of a row stay apart, so that no two numbers become one."""
    return fold(text.replace("\t", "；"))


def verbosity(item: GoldItem, answer: Answer) -> float:
    """Characters of the answer / characters of the shortest gold evidence set."""
    shortest = min((sum(len(s.quote) for s in spans) for spans in item.evidence_sets), default=0)
    return len(words(answer)) / shortest if shortest else 0.0


def _is_exact(citation: Citation, places: Mapping[str, Places]) -> bool:
    """QuoteExact: the quote is the report's text at its offsets, character for character."""
    if citation.report not in places:
        return False
    return places[citation.report].corpus.report.text[citation.start : citation.end] == citation.quote


def _resolves(citation: Citation, places: Mapping[str, Places]) -> bool:
    """CiteResolves: the address names a unit of the report's page, and the cited span lies in that unit."""
    if citation.report not in places:
        return False
    path, _, fragment = citation.url.partition("#")
    span = Span(citation.start, citation.end)
    try:
        unit = places[citation.report].unit_at(span)
    except LookupError:
        return False
    return path == f"/reports/{citation.report}" and unit.id == fragment


def _hits(citation: Citation, gold: Span) -> bool:
    shared = min(citation.end, gold.end) - max(citation.start, gold.start)
    return shared >= HIT * (gold.end - gold.start)


def _touches(citation: Citation, gold: Span) -> bool:
    """A citation is good where it hits a gold span or lies for the most part inside one."""
    shared = min(citation.end, gold.end) - max(citation.start, gold.start)
    return shared >= HIT * min(gold.end - gold.start, citation.end - citation.start)
