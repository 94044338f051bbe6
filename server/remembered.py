"""Answers given before: the same question put to the same snapshot has the same answer."""

from __future__ import annotations

from collections import OrderedDict
from time import perf_counter
from uuid import uuid4

from server.answering.model import Answer

REMEMBERED = 1024
"""Answers kept in memory; each takes some 10 kB."""


class Remembered:
    """The answers given last to questions that stand alone, by snapshot, report asked for and cleaned question. For one thread.

    Questions within a conversation are not kept: what was said before would have to be kept with them.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        """Keep the last `size` answers."""
        self._size = size
        self._answers: OrderedDict[tuple[str, str, str], Answer] = OrderedDict()

    def find(self, snapshot: str, report: str, question: str) -> Answer | None:
        """The answer under an id of its own, which says how long finding it took; None where it is not known."""
        begun = perf_counter()
        known = self._answers.get((snapshot, report, question))
        if known is None:
            return None
        self._answers.move_to_end((snapshot, report, question))
        milliseconds = round((perf_counter() - begun) * 1000, 3)
        return known.model_copy(update={"id": uuid4().hex, "timings_ms": {"remembered": milliseconds}})

    def keep(self, snapshot: str, report: str, question: str, given: Answer) -> None:
        """Remember an answer, and forget the one not asked for the longest where there are too many."""
        self._answers[snapshot, report, question] = given
        if len(self._answers) > self._size:
            self._answers.popitem(last=False)
