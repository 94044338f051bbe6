"""The answers of several reports to one question, side by side, each under the name of its report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from index.normalise import fold
from index.years import years_in
from ingest.model import Corpus, Indicator, Span
from server.answering.compute import computed
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.model import Origin, Status
from server.answering.table import answer_row

SAME_NAME = 80.0
"""Least likeness, in percent, of the names of one indicator in two reports."""


class Given(NamedTuple):
    """What one report answers to the question that was put to it."""

    corpus: Corpus
    question: str
    draft: Draft


def label(corpus: Corpus) -> str:
    """How a report is called beside others: its place and the year it plans for."""
    report = corpus.report
    return f"{report.place}{report.year_planned}年计划报告" if report.place and report.year_planned else ""


def label_source(corpus: Corpus) -> Source | None:
    """The first sentence of the report that names its place and the year it plans for."""
    report = corpus.report
    wanted = (report.place, f"{report.year_planned}年")
    sentences = (sentence.span for passage in corpus.passages for sentence in passage.sentences)
    found = next((span for span in sentences if all(words in span.of(report.text) for words in wanted)), None)
    heading = (s.heading for s in corpus.sections if all(words in s.heading.of(report.text) for words in wanted))
    span: Span | None = found or next(heading, None)
    return Source(corpus, span) if span else None


def side_by_side(question: str, given: Sequence[Given], missing: Sequence[str] = ()) -> Draft:
    """The answers as one; which report has none is said, and what was `missing` among the reports."""
    given = _of_one_indicator(given)
    answered = [one for one in given if one.draft.status.is_answer and one.draft.sentences]
    if not answered:
        return given[0].draft
    sentences = [_labelled(one.corpus, sentence) for one in answered for sentence in one.draft.sentences]
    result = computed(question, sentences) if len(answered) == len(sentences) == 2 else None
    silent = [label(one.corpus) or f"《{one.corpus.report.title}》" for one in given if one not in answered]
    notices = [f"{'、'.join(dict.fromkeys(silent))}里没有找到。"] if silent else []
    notices += [f"没有载入讲{'、'.join(missing)}的报告。"] if missing else []
    places = {one.corpus.report.place for one in answered}
    if len(places) > 1 and len({one.corpus.report.year_planned for one in answered}) > 1:
        notices.append("这几份报告的年份不同，比较时请留意。")
    trusts = [one.draft.trust for one in answered if one.draft.trust is not None]
    return Draft(
        Status.ANSWERED_PARTLY if silent or missing else Status.ANSWERED,
        (*sentences, *([result] if result else [])),
        notice="".join(notices) or None,
        trust=min(trusts, default=None),
    )


def _of_one_indicator(given: Sequence[Given]) -> list[Given]:
    """The answers, where one of them is a row of the table each with the row of the same name, if it has that year."""
    rows = [(one, row) for one in given if (row := _row(one)) is not None]
    if not rows:
        return list(given)
    # What can be compared are figures; of several such rows the one that is trusted most is taken for all.
    anchor = max(rows, key=lambda pair: (pair[1].planned.number is not None, pair[0].draft.trust or 0.0))[1]
    return [_with_row(one, anchor) for one in given]


def _row(one: Given) -> Indicator | None:
    """The table row that an answer is, if it is one and nothing else."""
    if not one.draft.status.is_answer or len(one.draft.sentences) != 1:
        return None
    span = one.draft.sentences[0].sources[0].span
    return next((row for row in one.corpus.indicators if row.span == span), None)


def _with_row(one: Given, anchor: Indicator) -> Given:
    named = max(one.corpus.indicators, key=lambda row: _likeness(row, anchor), default=None)
    if named is None or _likeness(named, anchor) < SAME_NAME or named == _row(one):
        return one
    years = years_in(one.question, one.corpus.report)
    if years and not any(value.year in years for value in named.values):
        return one
    sentence = answer_row(one.question, one.corpus, named, years)
    return one._replace(draft=Draft(Status.ANSWERED, (sentence,), trust=one.draft.trust))


def _likeness(row: Indicator, other: Indicator) -> float:
    return fuzz.ratio(fold(row.name), fold(other.name)) if fold(row.unit) == fold(other.unit) else 0.0


def _labelled(corpus: Corpus, sentence: DraftSentence) -> DraftSentence:
    """The sentence under the name of its report, where the report says that name."""
    source = label_source(corpus)
    if source is None or not label(corpus):
        return sentence
    origin: Origin = "computed" if sentence.origin == "computed" else "composed"
    return DraftSentence(f"{label(corpus)}：{sentence.text}", (*sentence.sources, source), origin, sentence.results)
