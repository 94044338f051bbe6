"""A run of clauses → the run that also holds what it leaves out, within its sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.model import Span, Term
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.draft import Source
from server.answering.questions import Query
from server.answering.ranking import Ranked

GAIN = 0.12
"""Share of the question's weight that a wider run must speak of beyond the narrow one."""

SHORT = 100
"""Characters up to which a sentence, or the part of it between two semicolons, is shown whole."""
BESIDE = 0.08
"""Share of what is spoken of the question that may stand beside the words which are shown as the whole answer."""
_ASKS = re.compile("多少|几|多大|多长|哪|什么|啥|怎|[、及和与]")
"""What asks, and what joins two things asked."""
DEFINITION = 160
"""Characters up to which a definition is shown whole, where a part of it answers."""


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
    if query.wants_figure and not best.feature("figure_here"):
        best = next((candidate for candidate in around if candidate.feature("figure_here")), best)
    for candidate in around:
        if candidate.feature("asked_here") >= best.feature("asked_here") + GAIN:
            best = candidate
    return best if _says_all(query, best) else _rounded(best)


def _says_all(query: Query, best: Candidate) -> bool:
    """Whether one figure is asked for, and the candidate alone has it with all that its sentence says of the question."""
    is_one = set(query.asks) <= {Ask.NUMBER, Ask.MONEY} and len(_ASKS.findall(query.text)) <= 1
    beside = best.feature("asked_near") + best.feature("asked_above")
    told_beside = best.feature("told_near") > 0
    return is_one and best.feature("figure_here") > 0 and not told_beside and beside <= BESIDE * best.spoken


def _rounded(best: Candidate) -> Candidate:
    """The candidate with its whole definition, sentence, or the part of it between two semicolons, if that is not long."""
    item = best.evidence.entry.item
    if isinstance(item, Term) and item.definition.end - item.definition.start <= DEFINITION:
        return replace(best, source=Source(best.source.corpus, item.definition))
    text = best.source.corpus.report.text
    start, end = best.source.span
    before = max(text.rfind(mark, best.sentence.start, start) for mark in "；;")
    after = min((at for mark in "；;" if (at := text.find(mark, end - 1, best.sentence.end)) >= 0), default=-1)
    part = Span(max(before + 1, best.sentence.start), after + 1 if after >= 0 else best.sentence.end)
    for whole in (best.sentence, part):
        if whole.end - whole.start <= SHORT:
            return replace(best, source=Source(best.source.corpus, whole))
    return best
