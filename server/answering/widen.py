"""A run of clauses → the run that also holds what it leaves out, within its sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalise import fold
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.matching import coverage
from server.answering.questions import Query
from server.answering.ranking import Ranked
from server.answering.wants import figures_wanted, wanted_unit

GAIN = 0.12
"""Share of the question's weight that a wider run must speak of beyond the narrow one."""


def widened(query: Query, best: Candidate, ranked: Sequence[Ranked]) -> Candidate:
    """`best`, or the shortest run around it that has the figure asked for or speaks clearly more of the question."""
    if best.form != "run":
        return best
    around = [
        r.candidate
        for r in ranked
        if r.candidate.form == "run"
        and r.candidate.sentence == best.sentence
        and r.candidate.source.span.contains(best.source.span)
    ]
    around.sort(key=lambda candidate: candidate.source.span.end - candidate.source.span.start)
    unit = wanted_unit(query.asking)
    if (Ask.NUMBER in query.asks or Ask.MONEY in query.asks) and not _figure(best, unit):
        best = next((candidate for candidate in around if _figure(candidate, unit)), best)
    spoken = coverage(query.asked, fold(best.source.text))
    for candidate in around:
        if coverage(query.asked, fold(candidate.source.text)) >= spoken + GAIN:
            best = candidate
            spoken = coverage(query.asked, fold(candidate.source.text))
    return best


def _figure(candidate: Candidate, unit: re.Pattern[str] | None) -> bool:
    return bool(figures_wanted(fold(candidate.source.text), unit))
