"""A run of clauses → the run that also holds what it leaves out, within its sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from index.normalise import fold
from ingest.clauses import split_clauses
from ingest.model import Span, Term
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.draft import Source
from server.answering.focus import PAIR, likeness
from server.answering.matching import coverage
from server.answering.plain import bigrams, plain
from server.answering.questions import Query
from server.answering.ranking import Ranked
from server.answering.wants import has_figure, wanted_unit

GAIN = 0.12
"""Share of the question's weight that a wider run must speak of beyond the narrow one."""

SHORT = 100
"""Characters up to which a sentence, or the part of it between two semicolons, is shown whole."""
UNSAID = 0.02
"""Share of the question's weight that a clause may say of it and still be left out."""
BESIDE = 0.08
"""Share of what is spoken of the question that may stand beside the words which are shown as the whole answer."""
_ASKS, _JOINS = (
    re.compile("多少|几|多[大长久远]|哪|谁|什么|啥|怎|咋|有没有|最[多高少低]|封顶"),
    re.compile("[、及和与]"),
)
_DOING = re.compile("(?:完成|实现|达到|年度)[数值额]?|数量")
"""Words that any clause with a figure may have."""
_LISTED = re.compile(r"、|(?<=\D)[及和](?=\D{2,}\d)")
_PART = re.compile(r"其中[，,]?(?P<part>[^，。；\d]*)")
DEFINITION = 160
"""Characters up to which a definition is shown whole, where a part of it answers."""


def widened(query: Query, best: Candidate, ranked: Sequence[Ranked], alone: bool = True) -> Candidate:
    """`best`, or the shortest run around it that has the figure asked for or speaks clearly more of the question.

    Where it answers the question alone, one item of a list of figures may do.
    """
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
    best = _with_condition(_with_whole(query, best))
    if _says_all(query, best):
        return _item(query, best) if alone else best
    whole = _rounded(query, best)
    return narrowed(query, whole) if alone else whole


def narrowed(query: Query, whole: Candidate) -> Candidate:
    """The candidate, cut to the clauses or the one item of a list that hold the one figure asked for."""
    if whole.form != "run" or not _asks_one_figure(query):
        return whole
    return _item(query, _trimmed(query, whole))


def to_figure(query: Query, whole: Candidate) -> Candidate:
    """The candidate, cut to the clause with a figure that is clearly most like the question, if there is one."""
    if whole.form != "run":
        return whole
    text = whole.source.corpus.report.text
    spans = split_clauses(text, whole.source.span)
    clauses = [
        span
        for span in spans
        if has_figure(fold(span.of(text)), None)
        and not _is_part_not_asked(query, span.of(text), text[whole.sentence.start : span.start])
    ]
    alike = [likeness(query.text, plain(span.of(text))) for span in clauses]
    first, second = sorted([*alike, 0, 0], reverse=True)[:2]
    if not clauses or (len(clauses) > 1 and first < second + PAIR):
        return whole
    return _item(query, replace(whole, source=Source(whole.source.corpus, clauses[alike.index(first)])))


def _trimmed(query: Query, whole: Candidate) -> Candidate:
    """The candidate without the clauses at its ends that say nothing more of the question; none of them, if it has one."""
    text, unit = whole.source.corpus.report.text, wanted_unit(query.text)
    clauses = list(split_clauses(text, whole.source.span))
    focus = [word for word in query.focus if not _DOING.fullmatch(word.word)]
    said = coverage(focus, fold(whole.source.text))
    for length in range(1, len(clauses)):
        for first in range(len(clauses) - length + 1):
            span = Span(clauses[first].start, clauses[first + length - 1].end)
            words = span.of(text)
            if _is_part_not_asked(query, words, text[whole.sentence.start : span.start]):
                continue
            if has_figure(fold(words), unit) and coverage(focus, fold(words)) >= said - UNSAID:
                return replace(whole, source=Source(whole.source.corpus, span))
    return whole


def _item(query: Query, best: Candidate) -> Candidate:
    """The candidate, cut to the one item of a list of figures (甲80条、乙370条) that is asked for."""
    start, text = best.source.span.start, best.source.text
    bounds = [0, *(mark.end() for mark in _LISTED.finditer(text)), len(text)]
    items = [(a, b, fold(text[a:b])) for a, b in pairwise(bounds)]
    if len(items) < 2 or not all(re.search(r"\d", item) for _, _, item in items) or re.search("[，；]", text[:-1]):
        return best
    said = [coverage(query.asked, item) for _, _, item in items]
    first, second = sorted(said, reverse=True)[:2]
    if first - second < GAIN:
        return best
    begin, end, item = items[said.index(first)]
    if _head(item) not in fold(query.text) and _head(item)[-1:] not in query.asking:
        return best
    span = Span(start + begin, start + end - (1 if text[end - 1] in "、及和" else 0))
    return replace(best, source=Source(best.source.corpus, span))


def _head(item: str) -> str:
    """The last two characters of what an item counts: 街巷 of 精品街巷80条 and of 80条精品街巷."""
    counted = re.split(r"[余多]?\d", item)[0] or item.rstrip("、及和")
    return counted[-2:]


def _asked_at_once(query: Query) -> int:
    """How many things the question asks, by its words."""
    return max(len(_ASKS.findall(query.text)), 1) + len(_JOINS.findall(query.text))


def _with_whole(query: Query, best: Candidate) -> Candidate:
    """The candidate, with the clause before it where it tells only of a part (其中…) that is not asked for."""
    part, start, text = _PART.match(best.source.text), best.source.span.start, best.source.corpus.report.text
    if not part or start == best.sentence.start:
        return best
    clauses = [c for c in split_clauses(text, best.sentence) if c.start < start]
    if not _is_part_not_asked(query, best.source.text, clauses[-1].of(text) if clauses else ""):
        return best
    whole = Span(clauses[-1].start if clauses else best.sentence.start, best.source.span.end)
    return replace(best, source=Source(best.source.corpus, whole))


def _is_part_not_asked(query: Query, words: str, before: str) -> bool:
    """Whether words tell only of a part (其中…) of what stands before them, and that part is not asked for."""
    part = _PART.match(words)
    if not part:
        return False
    own = bigrams(part["part"]) - bigrams(before)
    return part["part"][:2] not in query.text or not own & bigrams(query.text)


def _asks_one_figure(query: Query) -> bool:
    """Whether one figure is asked for, and nothing else."""
    asks = set(query.asks) - {Ask.YES_NO}
    return bool(asks) and asks <= {Ask.NUMBER, Ask.MONEY} and _asked_at_once(query) == 1


def _with_condition(best: Candidate) -> Candidate:
    """The candidate, with the clauses before it that say for whom or when it holds (…的，)."""
    start, text = best.source.span.start, best.source.corpus.report.text
    clauses = [clause for clause in split_clauses(text, best.sentence) if clause.start < start]
    while clauses and clauses[-1].of(text).endswith("的，"):
        start = clauses.pop().start
    return replace(best, source=Source(best.source.corpus, Span(start, best.source.span.end)))


def _says_all(query: Query, best: Candidate) -> bool:
    """Whether one figure is asked for, and the candidate alone has it with all that its sentence says of the question."""
    beside = best.feature("asked_near") + best.feature("asked_above")
    told_beside = best.feature("told_near") > 0
    return (
        _asks_one_figure(query)
        and best.feature("figure_here") > 0
        and not told_beside
        and beside <= BESIDE * best.spoken
    )


def _rounded(query: Query, best: Candidate) -> Candidate:
    """The candidate with its whole definition, sentence, or the part of it between two semicolons, if that is not long.

    Where several things are asked, it goes on for as many clauses as are not long.
    """
    item = best.evidence.entry.item
    if isinstance(item, Term) and item.definition.end - item.definition.start <= DEFINITION:
        return replace(best, source=Source(best.source.corpus, item.definition))
    text = best.source.corpus.report.text
    start, end = best.source.span
    before = max(text.rfind(mark, best.sentence.start, start) for mark in "；;")
    after = min((at for mark in "；;" if (at := text.find(mark, end - 1, best.sentence.end)) >= 0), default=-1)
    part = Span(max(before + 1, best.sentence.start), after + 1 if after >= 0 else best.sentence.end)
    said = [coverage(query.focus, fold(span.of(text))) for span in (best.sentence, part)]
    is_all = query.wants_figure and _asked_at_once(query) == 1 and said[1] >= said[0] - UNSAID
    for whole in (part, best.sentence) if is_all else (best.sentence, part):
        if whole.end - whole.start <= SHORT:
            return replace(best, source=Source(best.source.corpus, whole))
    if _asked_at_once(query) > 1:
        ends = [c.end for c in split_clauses(text, part) if c.end > end and c.end - start <= SHORT]
        return replace(best, source=Source(best.source.corpus, Span(start, max(ends, default=end))))
    return best


def together(one: Candidate, other: Candidate) -> Candidate:
    """Two runs that overlap as one."""
    first, second = one.source.span, other.source.span
    span = Span(min(first.start, second.start), max(first.end, second.end))
    return replace(one, source=Source(one.source.corpus, span))
