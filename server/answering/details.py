"""What an answer came from: kept with it and counted, never shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.search import Evidence


@dataclass(frozen=True, slots=True)
class Weighed:
    """One piece of evidence: where it stands, its fused score and what each leg of the search gave it, higher is better."""

    report: str
    kind: str
    start: int
    end: int
    score: float
    legs: dict[str, float]

    @classmethod
    def of(cls, found: Evidence) -> Weighed:
        """What is kept of a row that was found."""
        entry, span = found.entry, found.entry.item.span
        legs = {name: round(score, 4) for name, score in found.legs.items()}
        return cls(entry.corpus.report.id, entry.kind, span.start, span.end, round(found.score, 4), legs)


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence of a model: its words, the sources it named, the problems for which it was not shown, and its fate.

    `fate` is `shown`, `quoted` (nothing but the report's words), `replaced` (by the report's words) or `dropped`.
    """

    text: str
    sources: tuple[int, ...]
    problems: tuple[str, ...]
    fate: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model was asked for and gave: every sentence with its verdict, why it failed ('' where it did not), its cost."""

    sentences: tuple[Judged, ...]
    failure: str
    prompt_tokens: int
    reply_tokens: int
    first_ms: float | None

    @property
    def fates(self) -> Counter[str]:
        """How many sentences met each fate."""
        return Counter(sentence.fate for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Details:
    """The evidence, best first; how far the best candidate was trusted, 0…1; the model's reply where one was asked."""

    evidence: tuple[Weighed, ...] = ()
    trust: float | None = None
    reply: Reply | None = None

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON holds it."""
        return asdict(self)
