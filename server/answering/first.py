"""Which candidate comes first, beside its score: one with the figure, the name, the kind of words asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil

from index.normalise import fold
from ingest.model import Indicator, Term
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.cells import PLAN
from server.answering.doubts import cannot_tell
from server.answering.other_names import is_other_name
from server.answering.questions import Query
from server.answering.ranking import Ranked

_PER_HEAD = re.compile(r"每[百千万]|[人户]均|平均|每(?:个|名|位|人|户)|一(?:个人|人|户)")
NEAR = 2.0
"""How far below the best a candidate with the figure asked for may score and still be preferred."""
BESIDE = 1.5
"""Likewise a row with what was planned, which the sentences on a year carried out seldom tell."""
MOST = 0.6
"""Share of a term's name, from its beginning, by which a question may call it."""
_LEVEL = re.compile(r"(?:国家|地方|自治区|[省市区县州镇乡])级(?P<of>[一-鿿]{3})")
_QUOTED = re.compile(r"“([^”]+)”")
ALIKE = 0.9
"""Likewise for it to be the answer itself, where the best one lacks the kind of words asked for."""


def fitting(query: Query, ranked: Sequence[Ranked]) -> Sequence[Ranked]:
    """The candidates without those of another name, and with one first that has the figure asked for, if one is near."""
    ranked = _without_other_names(query, ranked)
    if not ranked:
        return ranked
    first = ranked[0]
    better = _defining(query, ranked) if Ask.DEFINITION in query.asks else _of_level(query, ranked)
    if first.candidate.feature("named") and not better:
        return ranked
    if lacks_figure(query, first.candidate):
        better = next((r for r in ranked if has_figure(r.candidate) and r.score >= first.score - NEAR), None)
    elif first.candidate.form == "run" and PLAN.search(query.text):
        better = next(
            (r for r in ranked if _has_old_plan(query, r.candidate) and r.score >= first.score - BESIDE), None
        )
    return [better, *(r for r in ranked if r is not better)] if better else ranked


def _of_level(query: Query, ranked: Sequence[Ranked]) -> Ranked | None:
    """A candidate of the level that the question names (区级一般公共预算), where the best tells the same of another only."""
    level, said = _LEVEL.search(fold(query.text)), fold(ranked[0].candidate.source.text)
    if level is None or level[0] in said or f"级{level['of']}" not in said:
        return None
    near = (r for r in ranked if r.score >= ranked[0].score - NEAR)
    return next((r for r in near if level[0] in fold(r.candidate.source.text)), None)


def _defining(query: Query, ranked: Sequence[Ranked]) -> Ranked | None:
    """The first candidate that says what the words put in quotation marks are, or else stands in the term's definition."""
    near = [r for r in ranked if r.score >= ranked[0].score - BESIDE]
    quoted = "|".join(map(re.escape, _QUOTED.findall(query.asking)))
    says = re.compile(rf"“(?:{quoted})”(?:：|——|指|即|是)")
    told = [
        (r.candidate.form != "run", span.start + words.start(), span.end - span.start, i)
        for i, r in enumerate(near)
        if quoted and (span := r.candidate.source.span) and (words := says.search(r.candidate.source.text))
    ]
    if told:
        return near[min(told)[-1]]
    if _is_of_term(query, ranked[0].candidate):
        return None
    return next((r for r in near if _is_of_term(query, r.candidate)), None)


def _is_of_term(query: Query, candidate: Candidate) -> bool:
    """Whether a candidate stands in the definition of a term that the question calls by its name, or by most of it."""
    term, asked = candidate.evidence.entry.item, fold(query.text)
    if not isinstance(term, Term):
        return False
    names = [fold(name) for name in (term.name, *term.aliases)]
    return any(name[: max(4, ceil(MOST * len(name)))] in asked for name in names)


def _has_old_plan(query: Query, candidate: Candidate) -> bool:
    """Whether a candidate is a table row with what was planned for the year looked back on, which the question names."""
    row, year = candidate.evidence.entry.item, candidate.source.corpus.report.year_reviewed
    if year not in query.years or not isinstance(row, Indicator):
        return False
    return any(value.year == year and value.role == "计划" for value in row.values)


def _without_other_names(query: Query, ranked: Sequence[Ranked]) -> Sequence[Ranked]:
    """The candidates that do not speak of an indicator whose name is only like the one asked for."""
    corpora = {r.candidate.source.corpus.report.id: r.candidate.source.corpus for r in ranked}
    others = [
        fold(indicator.name)
        for corpus in corpora.values()
        for indicator in corpus.indicators
        if is_other_name(query.text, indicator.name, corpus.report.text)
    ]
    return [r for r in ranked if not any(_is_only(name, r.candidate) for name in others)]


def _is_only(name: str, candidate: Candidate) -> bool:
    """Whether a candidate speaks of what is called so, and of nothing else whose name ends alike."""
    said = fold(candidate.source.text)
    return name in said and (candidate.form == "row" or name[-2:] not in said.replace(name, ""))


def first_telling(query: Query, ranked: Sequence[Ranked]) -> Sequence[Ranked]:
    """The candidates with one first that holds the kind of words asked for, where the best does not and it is near."""
    if not ranked or not cannot_tell(query, ranked[0].candidate):
        return ranked
    best = ranked[0]
    near = (r for r in ranked[1:] if r.score >= best.score - NEAR and r.candidate.form == "run")
    alike = (r for r in near if r.candidate.spoken >= ALIKE * best.candidate.spoken)
    better = next((r for r in alike if speaks(query, r.candidate) and not cannot_tell(query, r.candidate)), None)
    return [better, *(r for r in ranked if r is not better)] if better else ranked


def not_per_head(query: Query, ranked: Sequence[Ranked]) -> Candidate:
    """The best candidate, or the one of its sentence that has a figure which is not by the head, where none such is asked."""
    first = ranked[0]
    if not query.wants_figure or _PER_HEAD.search(query.text) or not _PER_HEAD.search(first.candidate.source.text):
        return first.candidate
    same = (r for r in ranked if r.candidate.sentence == first.candidate.sentence and r.score >= first.score - NEAR)
    apart = (r.candidate for r in same if r.candidate.feature("figure_here") > 0)
    return next((c for c in apart if not _PER_HEAD.search(c.source.text)), first.candidate)


def speaks(query: Query, candidate: Candidate) -> bool:
    """Whether a candidate speaks of any word of the question at all; what is asked in another script shares none."""
    said = candidate.spoken + candidate.feature("told_here") + candidate.feature("told_near")
    return query.is_foreign or said > 0 or candidate.feature("read") > 0


def lacks_figure(query: Query, candidate: Candidate) -> bool:
    """Whether a number is asked for, and neither the candidate nor its sentence has one; a table row may have none."""
    return query.wants_figure and candidate.form != "row" and not has_figure(candidate)


def has_figure(candidate: Candidate) -> bool:
    return candidate.feature("figure_here") > 0 or candidate.feature("figure_near") > 0
