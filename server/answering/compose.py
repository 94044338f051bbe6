"""Evidence → draft, by the kind of question, in the report's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.normalise import fold
from index.search import Evidence, Found
from ingest.model import Corpus, Indicator, Passage, Span, Term
from server.answering import table
from server.answering.asks import Ask
from server.answering.candidates import Candidate, candidates
from server.answering.choose import asks_who, choose
from server.answering.compute import computed, falls_short, is_to_work_out, misjudges, more_or_less, turned
from server.answering.dated import with_years
from server.answering.definition import define
from server.answering.denial import denies, misstates, told_share
from server.answering.doubts import cannot_tell, several_rows
from server.answering.draft import Draft, DraftSentence, Source, quoted
from server.answering.first import first_telling, fitting, speaks
from server.answering.going_on import going_on
from server.answering.model import Status
from server.answering.overview import outline_field
from server.answering.polarity import opening
from server.answering.questions import Query
from server.answering.ranking import Ranked, fitted, rank, trust
from server.answering.second_look import second_look
from server.answering.states import opposite
from server.answering.supposed import is_supposed, judge
from server.answering.swapped import swapped
from server.answering.table_premise import NOT_SO, taken_for_granted
from server.answering.wants import has_figure, wanted_unit
from server.answering.widen import to_figure, widened

RELATED = 3
NEXT = 12
"""Candidates among which the opposite of a premise is looked for."""
BARELY = 0.02
"""Least trust in an answer whose words deny what the question tells, where they speak of enough of it."""
STILL = 0.4
"""Least trust in what is shown beside such words."""
TOLD = 0.4
"""Share of what is told that they must speak of."""
UNSURE = 0.2
"""Trust below which an answer is shown with a word of doubt: one in twenty right answers, and half of those made of what is merely near."""
FOREIGN = 0.2
"""Least trust in the answer to a question without Chinese characters, which no word of the report can confirm."""
_CONFIRMS = re.compile(r"属实|对[吧吗不]|没错|没[记搞弄]错|是吧|正确|准确|确认|核[实对]")
"""Asks to confirm what is told, which is corrected where it is not so."""
_NO = re.compile("不|没")
_CAUSE = re.compile(r"因(?![此素])|由于|受[^，。；]{2,24}影响|主要是|得益于|导致")
ABOUT_HALF = 0.4
"""Share of the question that a table row must speak of to be asked for who is responsible for it; the asking words it has not."""
ABOUT = 0.6
"""Share of what the best candidate speaks of that another one must speak of for its figures to be meant."""


def compose(query: Query, found: Found, corpus: Corpus) -> Draft:
    """The draft answer, or a refusal with what is nearest."""
    listed = table.answer_table(query.text, corpus)
    if listed:
        return listed
    direct = define(query, found) or outline_field(query, found)
    if direct:
        return direct
    choice = several_rows(query, corpus, [hit.name for hit in found.names if hit.how == "exact"])
    if choice:
        return choice
    ranked, trusted = ranked_of(query, found)
    telling = first_telling(query, ranked)
    if telling is not ranked:
        ranked, trusted = telling, trust(query, telling, fitted())
    denial = _denial(query, ranked, trusted)
    if not denial and (source := second_look(query, corpus)):
        denial = [_said(query, source), *_still_told(query, ranked, trusted, source)]
    if denial:
        return replace(correction(denial), trust=trusted)
    if trusted < _least_trust(query):
        return replace(refuse(Status.NOT_IN_REPORT, found), trust=trusted)
    draft = _assemble(query, ranked)
    if draft.status is not Status.ANSWERED_CORRECTION and cannot_tell(query, ranked[0].candidate):
        draft = refuse(Status.NOT_IN_REPORT, found)
    if draft.status is Status.ANSWERED and trusted < UNSURE:
        draft = replace(draft, notice="这段原文不一定直接回答了您的问题，请对照全文核实。")
    return replace(draft, trust=trusted)


def ranked_of(query: Query, found: Found) -> tuple[Sequence[Ranked], float]:
    """The candidates, best first, and how far the first is trusted; 0 where none speaks of the question."""
    weights = fitted()
    ranked = fitting(query, going_on(query, rank(candidates(query, found), weights)))
    if not ranked or not speaks(query, ranked[0].candidate):
        return ranked, 0.0
    best = ranked[0].candidate
    least = UNSURE if best.spoken >= ABOUT_HALF and asks_who(query, best) else 0.0
    return ranked, max(trust(query, ranked, weights), least)


def _least_trust(query: Query) -> float:
    return FOREIGN if query.is_foreign else fitted().threshold


def _assemble(query: Query, ranked: Sequence[Ranked]) -> Draft:
    """The answer from the best candidate and those that must stand beside it."""
    if source := swapped(query, ranked[0].candidate):
        return correction([quoted(source)])
    chosen = choose(query, ranked)
    item = chosen[0].evidence.entry.item
    if isinstance(item, Indicator) and taken_for_granted(query.text, chosen[0].source.corpus, item):
        return correction([table.whole_year(query.text, chosen[0].source.corpus, item)])
    judged = judge(query, chosen[0])
    if judged:
        return Draft(Status.ANSWERED, opened(judged.opening, [sentence_of(query, chosen[0]), judged.sentence]))
    for shown in () if is_supposed(query.text) else (chosen, [_whole(candidate) for candidate in chosen]):
        sentences = with_years([(c, sentence_of(query, c)) for c in shown])
        if misstates(query.text, "".join(sentence.text for sentence in sentences), _beside(query, ranked)):
            return correction(sentences)
    denied = None if is_supposed(query.text) else _denied_premise(query, ranked)
    if denied:
        return correction([sentence_of(query, denied)])
    if Ask.REASON in query.asks and chosen[0].form == "row":
        return _reason(query, ranked)
    verdict = opening(query, chosen[0])
    sentences = with_years([(c, sentence_of(query, c)) for c in chosen])
    if _NO.match(verdict) and _CONFIRMS.search(query.text):
        return correction(sentences)
    if not verdict and (decided := _decided_by_another(query, chosen, ranked[0].candidate)):
        return decided
    return _with_result(query, chosen, sentences, verdict)


def _decided_by_another(query: Query, chosen: Sequence[Candidate], best: Candidate) -> Draft | None:
    """The best candidate alone with its word for yes or no, where it has one and does not stand first."""
    other = next((c for c in chosen[1:] if c.sentence == best.sentence), None)
    verdict = opening(query, other) if other else ""
    return Draft(Status.ANSWERED, opened(verdict, [sentence_of(query, other)])) if other and verdict else None


def _with_result(query: Query, chosen: Sequence[Candidate], sentences: list[DraftSentence], verdict: str) -> Draft:
    """The sentences with what is worked out of them, or a correction where that goes the other way than is told."""
    result = None
    if len(chosen) == 1 or len({candidate.year for candidate in chosen}) > 1:
        sentences, result = worked_out(query, chosen, sentences)
    told = [*sentences, *([result] if result else [])]
    if turned(query.text, sentences) or misjudges(query.text, told) or (result and falls_short(query.text, result)):
        return correction(told)
    return Draft(Status.ANSWERED, opened(more_or_less(query.text, told) or verdict, told))


def worked_out(
    query: Query, chosen: Sequence[Candidate], sentences: list[DraftSentence]
) -> tuple[list[DraftSentence], DraftSentence | None]:
    """The sentences, cut to the figures that are to be compared where there are others beside, and what they come to."""
    result = _gap_of(query, chosen) or computed(query.text, sentences)
    if result or len(chosen) < 2 or not is_to_work_out(query.text):
        return sentences, result
    cut = with_years([(c, sentence_of(query, to_figure(query, c))) for c in chosen])
    result = computed(query.text, cut)
    return (cut, result) if result or more_or_less(query.text, cut) else (sentences, None)


def _denial(query: Query, ranked: Sequence[Ranked], trusted: float) -> list[DraftSentence]:
    """The best candidate's words, its whole sentence if it takes that, where they deny what the question tells.

    What is told may stand there though what is asked then does not. Those of another year that may be meant stand beside.
    """
    if not ranked or ranked[0].candidate.form != "run" or is_supposed(query.text):
        return []
    best = ranked[0].candidate
    if trusted < _least_trust(query) and (trusted < BARELY or told_share(query.text, _whole(best).source.text) < TOLD):
        return []
    is_plan = best.year is not None and best.year == best.source.corpus.report.year_planned
    beside = _beside(query, ranked)

    def is_denied(said: str) -> bool:
        return denies(query.text, said, is_plan=is_plan, year=best.year, beside=beside)

    if not is_denied(_whole(best).source.text):
        return []
    chosen = [c for c in choose(query, ranked) if c.sentence == best.sentence or c.year != best.year]
    if not is_denied("".join(c.source.text for c in chosen if c.sentence == best.sentence)):
        chosen = [_whole(candidate) for candidate in chosen]
    return with_years([(c, sentence_of(query, c)) for c in chosen])


def _still_told(query: Query, ranked: Sequence[Ranked], trusted: float, denial: Source) -> list[DraftSentence]:
    """The figure asked for, beside words without one that deny what the question takes for granted."""
    has_it = not query.wants_figure or has_figure(fold(denial.text), wanted_unit(query.text))
    if has_it or trusted < STILL or cannot_tell(query, ranked[0].candidate):
        return []
    draft = _assemble(query, ranked)
    return list(draft.sentences) if draft.status is Status.ANSWERED else []


def _beside(query: Query, ranked: Sequence[Ranked]) -> str:
    """The sentences that speak about as well of the question as the best one; '' where they may be of another year."""
    if len(query.years) > 1:
        return ""
    least = ABOUT * ranked[0].candidate.spoken
    near = [r.candidate for r in ranked if r.candidate.spoken >= least]
    return "。".join(dict.fromkeys(c.sentence.of(c.source.corpus.report.text) for c in near))


def _said(query: Query, source: Source) -> DraftSentence:
    """The source's words, those of a table row with what its cells mean."""
    row = next((row for row in source.corpus.indicators if row.span == source.span), None)
    return table.whole_year(query.text, source.corpus, row) if row else quoted(source)


def correction(sentences: Sequence[DraftSentence]) -> Draft:
    """The words that say otherwise than the question tells."""
    return Draft(Status.ANSWERED_CORRECTION, opened(NOT_SO, sentences))


def _denied_premise(query: Query, ranked: Sequence[Ranked]) -> Candidate | None:
    """A candidate of the best one's name that says the opposite of what the question takes for granted."""
    best = ranked[0].candidate
    if not best.names:
        return None
    for other in ranked[1:NEXT]:
        said = fold(other.candidate.source.text)
        if (
            other.candidate.form == "run"
            and any(name in said for name in best.names)
            and opposite(fold(query.text), said)
        ):
            return widened(query, other.candidate, ranked)
    return None


def _reason(query: Query, ranked: Sequence[Ranked]) -> Draft:
    """A reason is never in a table row: the best words beside the table, or the row with a word that it says no reason."""
    weights = fitted()
    others = [r for r in ranked if r.candidate.form == "run"]
    others = [
        r for r in others if _CAUSE.search(r.candidate.sentence.of(r.candidate.source.corpus.report.text))
    ] or others
    if others and trust(query, others, weights) >= weights.threshold:
        return Draft(Status.ANSWERED, (sentence_of(query, widened(query, others[0].candidate, ranked)),))
    row = sentence_of(query, ranked[0].candidate)
    return Draft(Status.ANSWERED_PARTLY, (row,), notice="报告没有说明原因，只列出了这项指标。")


def refuse(status: Status, found: Found) -> Draft:
    """No answer, and the passages nearest to the question."""
    return Draft(status, related=tuple(_nearest(evidence) for evidence in found.evidence[:RELATED]))


def _whole(candidate: Candidate) -> Candidate:
    """The candidate with its whole sentence, whose other clauses may say more of what was taken for granted."""
    if candidate.form != "run":
        return candidate
    return replace(candidate, source=Source(candidate.source.corpus, candidate.sentence))


def sentence_of(query: Query, candidate: Candidate) -> DraftSentence:
    """The candidate's words as they are shown: a table row with what its cells mean, a definition with its name."""
    item = candidate.evidence.entry.item
    if candidate.form == "row" and isinstance(item, Indicator):
        return table.answer_row(query.text, candidate.source.corpus, item, query.years)
    if isinstance(item, Term) and not any(fold(name) in fold(query.text) for name in (item.name, *item.aliases)):
        return _with_name(candidate.source, item)
    return quoted(candidate.source)


def _with_name(source: Source, term: Term) -> DraftSentence:
    """Words of a definition with the name of the term before them, which the question describes but does not call."""
    if source.span.start <= term.definition.start:
        return quoted(Source(source.corpus, Span(term.name_span.start, source.span.end)))
    name = Source(source.corpus, term.name_span)
    return DraftSentence(f"{name.text}：{source.text}", (name, source), "composed")


def _gap_of(query: Query, chosen: Sequence[Candidate]) -> DraftSentence | None:
    """How far apart the two values of the one row chosen are."""
    item = chosen[0].evidence.entry.item
    if len(chosen) > 1 or not isinstance(item, Indicator):
        return None
    return table.gap_of_row(query.text, chosen[0].source.corpus, item)


def opened(opening: str, sentences: Sequence[DraftSentence]) -> tuple[DraftSentence, ...]:
    """The sentences with `opening` before the first."""
    if not opening or not sentences:
        return tuple(sentences)
    first = sentences[0]
    return (DraftSentence(opening + first.text, first.sources, "composed", first.results), *sentences[1:])


def _nearest(evidence: Evidence) -> Source:
    item = evidence.entry.item
    if isinstance(item, Passage):
        return Source(evidence.entry.corpus, item.sentences[0].span)
    start = item.name_span.start if isinstance(item, Term) else item.span.start
    return Source(evidence.entry.corpus, Span(start, item.span.end))
