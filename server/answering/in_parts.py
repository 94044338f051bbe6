"""The answer to a question that asks several things: what answers each of them, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from index.search import Found
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.choose import of_part
from server.answering.compose import correction, opened, ranked_of, sentence_of, worked_out
from server.answering.compute import more_or_less, turned
from server.answering.dated import with_years
from server.answering.doubts import cannot_tell
from server.answering.draft import Draft
from server.answering.model import Status
from server.answering.questions import Query
from server.answering.ranking import Ranked
from server.answering.two_years import told_of_both
from server.answering.widen import narrowed, together, widened

LEAST_ANSWERED = 2
"""Parts that must be answered; with fewer, the question is answered as a whole."""
PART_TRUST = 0.08
"""Least trust in the answer to a part of a question, which says less of itself than a whole one."""


class _Answered(NamedTuple):
    """A part of a question with its candidates and the one that answers it."""

    part: Query
    ranked: Sequence[Ranked]
    best: Candidate


def compose_parts(query: Query, parts: Iterable[tuple[Query, Found]], count: int, whole: Draft) -> Draft | None:
    """The answers to the parts of a question side by side; None where `whole`, its answer as one question, says as much.

    Of `parts`, of which there are `count`, no more are taken once too few can be answered.
    """
    answered: list[_Answered] = []
    trusts = []
    for left, (part, found) in zip(range(count - 1, -1, -1), parts, strict=True):
        part = _of_whole(part, query)
        ranked, trusted = ranked_of(part, found)
        best = of_part(part, ranked) if ranked else None
        if best and trusted >= PART_TRUST and not cannot_tell(part, best):
            trusts.append(trusted)
            answered.append(_Answered(part, ranked, best))
        elif len(trusts) + left < LEAST_ANSWERED:
            return None
    chosen: list[tuple[Query, Candidate]] = []
    for part, ranked, best in _of_one_thing(answered):
        _add(chosen, query, part, widened(part, best, ranked, alone=False))
    if not _says_more(chosen, trusts, count, whole):
        return None
    if len(chosen) == len(trusts):
        chosen = [(part, narrowed(part, candidate)) for part, candidate in chosen]
    sentences = with_years([(candidate, sentence_of(part, candidate)) for part, candidate in chosen])
    sentences, result = worked_out(query, [candidate for _, candidate in chosen], sentences)
    if turned(query.text, sentences):
        return replace(correction([*sentences, *([result] if result else [])]), trust=min(trusts))
    missing = "问题的其他部分，报告里没有找到。" if len(trusts) < count else None
    status = Status.ANSWERED_PARTLY if missing else Status.ANSWERED
    sentences += [result] if result else []
    return Draft(status, opened(more_or_less(query.text, sentences), sentences), notice=missing, trust=min(trusts))


def _of_one_thing(answered: list[_Answered]) -> list[_Answered]:
    """The parts; two that ask for two years of something are answered by what is told of one thing, where both are told."""
    if len(answered) != LEAST_ANSWERED or any(one.best.form == "entry" for one in answered):
        return answered
    one, other = answered
    is_row = one.best.form == "row" and one.best.sentence == other.best.sentence
    if is_row or Ask.REASON in (*one.part.asks, *other.part.asks):
        return answered
    for first, second in told_of_both((one.part.years, one.ranked), (other.part.years, other.ranked)):
        if not cannot_tell(one.part, first) and not cannot_tell(other.part, second):
            return [one._replace(best=first), other._replace(best=second)]
    return answered


def _of_whole(part: Query, query: Query) -> Query:
    """The part, which asks for a figure where the whole question does and it says nothing of its own."""
    return replace(part, asks=(Ask.NUMBER,)) if query.wants_figure and part.asks == (Ask.FACT,) else part


def _add(chosen: list[tuple[Query, Candidate]], query: Query, part: Query, best: Candidate) -> None:
    """Put the answer to a part beside those chosen, as one with the one that it overlaps."""
    met = next((i for i, (_, other) in enumerate(chosen) if other.source.span.overlaps(best.source.span)), None)
    if met is None:
        chosen.append((part, best))
    elif best.form == "row":
        chosen[met] = (query, chosen[met][1])
    else:
        chosen[met] = (chosen[met][0], together(chosen[met][1], best))


def _says_more(chosen: Sequence[tuple[Query, Candidate]], trusts: Sequence[float], parts: int, whole: Draft) -> bool:
    """Whether the parts answer more than the question does as a whole."""
    if len(trusts) < LEAST_ANSWERED:
        return False
    are_alike = len(chosen) < 2 and len(trusts) == parts and chosen[0][1].form != "row" and whole.status.is_answer
    return not are_alike
