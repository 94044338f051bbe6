"""Of two years' candidates the two that tell of one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from server.answering.alike import alike, tokens_of
from server.answering.candidates import Candidate
from server.answering.ranking import Ranked

LIKELY = 10
"""Candidates of each year that are looked at."""
ALIKE = 10.0
"""What it adds to two candidates' scores that their words mean the same; of 126 questions for two years 108 are right, 95
where each year's best is taken, and the same from 10 to 30."""

OfYears = tuple[Sequence[int], Sequence[Ranked]]
"""The years that something is asked of, and its candidates, best first."""


def told_of_both(one: OfYears, other: OfYears, least: float = 0) -> Iterator[tuple[Candidate, Candidate]]:
    """The pairs of candidates of two years that are asked for, the likeliest to tell of one thing first.

    :param least: how alike two must be, 0…1.
    """
    if not one[0] or not other[0] or set(one[0]) & set(other[0]):
        return
    firsts, seconds = (list(islice(_of_years(*side), LIKELY)) for side in (one, other))
    near = alike([tokens_of(r.candidate) for r in firsts], [tokens_of(r.candidate) for r in seconds])
    scored = (
        (firsts[i].score + seconds[j].score + ALIKE * near[i, j], i, j)
        for i, j in product(range(len(firsts)), range(len(seconds)))
        if near[i, j] >= least and _are_apart(firsts[i].candidate, seconds[j].candidate)
    )
    for _, i, j in sorted(scored, key=lambda pair: -pair[0]):
        yield firsts[i].candidate, seconds[j].candidate


def _of_years(years: Sequence[int], ranked: Iterable[Ranked]) -> Iterator[Ranked]:
    for r in ranked:
        if r.candidate.form != "entry" and r.candidate.year in years:
            yield r


def _are_apart(one: Candidate, other: Candidate) -> bool:
    """Whether they speak of two years in two places; a table row speaks of both."""
    return one.sentence != other.sentence and (one.year != other.year or one.form == "row")
