"""Whether the words found deny what a question tells."""

from __future__ import annotations

from server.answering.measured import other_figure, other_ordinal, other_time, other_unit
from server.answering.plain import plain
from server.answering.states import TESTS, Words
from server.answering.told import told


def denies(question: str, said: str, *, is_plan: bool = False, year: int | None = None, beside: str = "") -> bool:
    """Whether `said` denies what `question` tells: a figure, a time, what became of something, how far it goes.

    `is_plan` says that `said` stands in the plan of the year to come, `year` under which year it stands; a figure of
    `beside`, what else speaks of the question, is true of something else.
    """
    clauses = told(question)
    if not clauses:
        return False
    whole, found = "，".join(clauses), plain(said)
    if other_figure(whole, found, plain(beside)) or any(
        test(whole, found) for test in (other_ordinal, other_unit, other_time)
    ):
        return True
    words = Words.of(whole, found, is_plan, year, plain(question))
    return any(test(clause, words) for test in TESTS for clause in clauses)
