"""Which candidates are shown: the best one and those that must stand beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.normalise import fold
from ingest.clauses import split_clauses
from ingest.model import Indicator, Passage, Span
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.doubts import cannot_tell
from server.answering.draft import Source
from server.answering.first import lacks_figure, not_per_head
from server.answering.matching import match
from server.answering.parts import means_both_years, meant_year
from server.answering.questions import Query
from server.answering.ranking import Ranked
from server.answering.table import others_asked
from server.answering.two_years import told_of_both
from server.answering.wants import has_figure
from server.answering.widen import widened

AS_GOOD = 2.5
"""How far below the best a candidate of another year may score and still be shown beside it."""
LIKE = 0.15
"""How far another candidate may be from the question's meaning, beyond the best one, and still be on its topic."""
UNDECIDED = 1.2
"""How far below the best a candidate of another sentence may score and still be shown beside it."""
READ_AS_ANSWER = -0.25
"""The least that the reader must say of such a candidate."""
OF_ONE_THING = 0.78
"""How alike the words of two years must be to be taken for one thing's, where no part of the question tells them apart."""
LEFT_OVER = 0.3
"""Share of the question's weight that the best candidate may leave unspoken before another one is looked for."""
_FIGURE = re.compile(r"\d|[一二三四五六七八九两][百千万亿]|百分之")
_ENUMERATED = re.compile(r"^(?:其?中?[，,]?)?[一二三四五六七八九十]+是")
_ASKS_ASPECTS = re.compile(
    r"(?:哪[几些两三四五六七八九十]|几|什么|啥|主要|[两二三四五六七八九十\\d])(?:个|项|条|点|种)?(?:大|重点|主要)?"
    r"(?:方面|问题|困难|短板|不足|挑战|举措|措施|工作|任务|抓手|考虑|原因|因素|安排|做法|特点|亮点|要点)"
)


def choose(query: Query, ranked: Sequence[Ranked]) -> list[Candidate]:
    """The best candidate and those that must stand beside it."""
    best = not_per_head(query, ranked)
    several = _aspects(query, best) or _named_rows(ranked)
    if several:
        return several
    if both := _of_both_years(query, ranked):
        return both
    chosen = [widened(query, best, ranked)]
    other_year = _other_year(query, ranked)
    if other_year:
        chosen.append(widened(query, other_year, ranked))
        meant = meant_year(query.text, best.source.corpus.report)
        chosen = [candidate for candidate in chosen if candidate.year == meant] or chosen
    elif meant_one := _in_year_meant(query, best):
        chosen = [meant_one]
    elif best.form != "entry" and not asks_who(query, best):
        beside = _rest(query, ranked) or _as_near(query, ranked)
        if beside and not beside.source.span.overlaps(chosen[0].source.span):
            chosen.append(beside)
    return sorted(chosen, key=lambda c: (c.year or 0, c.source.span))


def _of_both_years(query: Query, ranked: Sequence[Ranked]) -> list[Candidate]:
    """What was and what is to be of one thing, where the question means both; [] where it does not, or they are too unlike."""
    best = ranked[0]
    report = best.candidate.source.corpus.report
    reviewed, planned = report.year_reviewed, report.year_planned
    if reviewed is None or planned is None or query.before or not means_both_years(query.text, report):
        return []
    if best.candidate.year not in (reviewed, planned):
        return []
    one, other = (((year,), [best] if year == best.candidate.year else ranked) for year in (reviewed, planned))
    pair = next(told_of_both(one, other, OF_ONE_THING), None)
    return [widened(query, candidate, ranked) for candidate in pair] if pair else []


def asks_who(query: Query, best: Candidate) -> bool:
    """Whether a table row is asked who is responsible for it, which nothing else tells."""
    row = best.evidence.entry.item
    return isinstance(row, Indicator) and bool(others_asked(query.text, row))


def of_part(part: Query, ranked: Sequence[Ranked]) -> Candidate:
    """The candidate for one part of a question: of the year that it means, and for a reason not a table row."""
    best = ranked[0].candidate
    if Ask.REASON in part.asks and best.form == "row":
        best = next(
            (r.candidate for r in ranked if r.candidate.form == "run" and not cannot_tell(part, r.candidate)), best
        )
    return _in_year_meant(part, best) or best


def _in_year_meant(query: Query, best: Candidate) -> Candidate | None:
    """The words of the year that the question means without naming it, on the term of which the best candidate speaks."""
    corpus = best.source.corpus
    meant = meant_year(query.text, corpus.report)
    if meant is None or best.year in (None, meant) or best.form == "row":
        return None
    said, text = fold(best.words), corpus.report.text
    names = [name for term in corpus.terms for name in (term.name, *term.aliases) if fold(name) in said]
    for sentence in (s.span for passage in corpus.passages if passage.year == meant for s in passage.sentences):
        for clause in split_clauses(text, sentence):
            words = fold(clause.of(text))
            if any(fold(name) in words for name in names) and (not query.wants_figure or has_figure(words, None)):
                return replace(best, form="run", source=Source(corpus, clause), sentence=sentence, year=meant)
    return None


def _aspects(query: Query, best: Candidate) -> list[Candidate]:
    """All points of an enumeration (一是…二是…), where the question asks for several and the best stands in one."""
    text = best.source.corpus.report.text
    if not (_ASKS_ASPECTS.search(query.text) and isinstance(best.evidence.entry.item, Passage)):
        return []
    section = best.evidence.entry.item.section
    sentences = [s.span for p in best.source.corpus.passages if p.section == section for s in p.sentences]
    points = [span for span in sentences if _ENUMERATED.match(span.of(text).split("：")[-1])]
    if len(points) < 2 or best.sentence not in sentences:
        return []
    return [_at(best, span) for span in points]


def _named_rows(ranked: Sequence[Ranked]) -> list[Candidate]:
    """The table rows, where it calls two or more by their names."""
    rows = [r.candidate for r in ranked if r.candidate.form == "row" and r.candidate.feature("named")]
    return rows if len(rows) > 1 and ranked[0].candidate.form == "row" else []


def _at(candidate: Candidate, sentence: Span) -> Candidate:
    """The candidate moved to another sentence of its paragraph, from behind its colon on."""
    text = candidate.source.corpus.report.text
    start = max(sentence.start, sentence.start + sentence.of(text).find("：") + 1)
    return replace(candidate, source=Source(candidate.source.corpus, Span(start, sentence.end)), sentence=sentence)


def _other_year(query: Query, ranked: Sequence[Ranked]) -> Candidate | None:
    """The best of another year, where the question names two years, or leaves open which of two figures it means."""
    best = ranked[0]
    wanted = set(query.years) - _years_of(best.candidate)
    if len(query.years) > 1 and not wanted:
        return None
    is_open = not query.years and (Ask.NUMBER in query.asks or bool(_FIGURE.search(query.text)))
    for other in ranked[1:]:
        year = other.candidate.year
        if year is None or year == best.candidate.year or other.candidate.form == "entry":
            continue
        if (len(query.years) > 1 and year in wanted and _same_topic(best, other)) or (
            is_open and _is_twin(best, other)
        ):
            return other.candidate
    return None


def _years_of(candidate: Candidate) -> set[int | None]:
    """Every year that a candidate speaks of."""
    item = candidate.evidence.entry.item
    if isinstance(item, Indicator):
        return {value.year for value in item.values}
    return {candidate.year}


def _is_twin(best: Ranked, other: Ranked) -> bool:
    """Whether another year's candidate speaks as well of what is asked."""
    is_figure = other.candidate.feature("figure_here") > 0
    return is_figure and other.score >= best.score - AS_GOOD and _same_topic(best, other, 0.85)


def _same_topic(best: Ranked, other: Ranked, share: float = 0.5) -> bool:
    """Whether another candidate speaks of at least this share of what the best one speaks of."""
    said, named = (fold(ranked.candidate.evidence.entry.text) for ranked in (other, best))
    if any(name in named and name not in said for name in best.candidate.names):
        return False
    if other.candidate.spoken >= share * best.candidate.spoken:
        return True
    return other.candidate.meaning >= best.candidate.meaning - LIKE


def _rest(query: Query, ranked: Sequence[Ranked]) -> Candidate | None:
    """A candidate that speaks of what the best one leaves out."""
    best = ranked[0].candidate
    said = fold(best.words)
    left = [word for word in query.asked if match(word.word, said) < 0.5]
    total = sum(word.weight for word in query.asked)
    weight = sum(word.weight for word in left)
    if not total or weight < LEFT_OVER * total or len(left) < 2:
        return None
    for other in ranked[1:]:
        is_near = other.candidate.sentence != best.sentence and other.score >= ranked[0].score - 5
        if not is_near or lacks_figure(query, other.candidate):
            continue
        words = fold(other.candidate.source.text)
        if sum(word.weight * match(word.word, words) for word in left) >= 0.6 * weight:
            return other.candidate
    return None


def _as_near(query: Query, ranked: Sequence[Ranked]) -> Candidate | None:
    """The next candidate of another sentence, where it could as well be what is asked for."""
    best = ranked[0]
    if best.candidate.form != "run":
        return None
    others = (r for r in ranked[1:] if r.candidate.form == "run" and r.candidate.sentence != best.candidate.sentence)
    other = next(others, None)
    if other is None or other.score < best.score - UNDECIDED or other.candidate.feature("read") < READ_AS_ANSWER:
        return None
    return widened(query, other.candidate, ranked)
