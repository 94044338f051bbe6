"""The words found, seen from what a question tells."""

from __future__ import annotations

from dataclasses import dataclass

from server.answering.focus import nearest


@dataclass(frozen=True, slots=True)
class Words:
    """Words found, in plain letters: all of them, the clause `near` what is told, and that with its next one, `wide`.

    `is_plan` is whether they stand in the plan of the year to come, `year` the year they stand under.
    """

    said: str
    near: str
    wide: str
    is_plan: bool
    year: int | None

    @classmethod
    def of(cls, told: str, said: str, is_plan: bool, year: int | None) -> Words:
        """The words found, seen from what is told."""
        return cls(said, *nearest(told, said), is_plan, year)
