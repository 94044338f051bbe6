"""The gold question set: its schema, reading, and validation against the report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.model import Span
from server.answering.model import Turn

Expected = Literal["answer", "refuse", "correct_premise", "partial"]
FactKind = Literal["number", "term", "phrase", "list_item", "date", "polarity"]


class GoldError(ValueError):
    """A gold file is not what it should be; the message names the line or item."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Record):
    """Something a right answer must (or, as forbidden, must not) say."""

    id: str = ""
    kind: FactKind
    value: float | str | None = None
    unit: str = ""
    qualifier: str | None = None
    period: str | None = None
    aliases: tuple[str, ...] = ()
    required: bool = True
    why: str = ""


class GoldSpan(_Record):
    """A span of the canonical text; `quote` is its words."""

    start: int
    end: int
    quote: str
    why: str = ""


class Variant(_Record):
    """The same question with the noise of a real asker."""

    vid: str
    family: str
    text: str


class GoldItem(_Record):
    """One question with what a right answer is."""

    id: str
    schema_: int = Field(alias="schema")
    split: Literal["dev", "test"]
    group: str
    type: str
    persona: str
    question: str
    history: tuple[Turn, ...]
    answerable: bool
    expected: Expected
    refusal_kind: str | None
    short: tuple[str, ...]
    answer: str
    facts: tuple[Fact, ...]
    forbidden: tuple[Fact, ...]
    evidence_sets: tuple[tuple[GoldSpan, ...], ...]
    also_ok: tuple[GoldSpan, ...]
    distractors: tuple[GoldSpan, ...]
    calc: str | None
    hops: int
    difficulty: int
    variants: tuple[Variant, ...]
    report: str
    doc_sha256: str
    note: str = ""

    @property
    def required(self) -> tuple[Span, ...]:
        """The spans of all evidence sets."""
        return tuple(Span(s.start, s.end) for spans in self.evidence_sets for s in spans)

    @property
    def accepted(self) -> tuple[Span, ...]:
        """Every span that may be cited: the required ones and those that are tolerated."""
        return (*self.required, *(Span(s.start, s.end) for s in self.also_ok))


def load_gold(path: Path) -> tuple[GoldItem, ...]:
    """Read a gold file.

    :raises GoldError: no such file, a line that is no item, or two items with the same id.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise GoldError(f"{path}: {error.strerror}") from error
    items: list[GoldItem] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            items.append(_item(path, number, line))
    ids = [item.id for item in items]
    repeated = {identifier for identifier in ids if ids.count(identifier) > 1}
    if repeated:
        raise GoldError(f"{path}: id {min(repeated)} stands twice")
    return tuple(items)


def gold_hash(items: Iterable[GoldItem]) -> str:
    """A hash of the items, recorded with every run."""
    return sha256("\n".join(item.model_dump_json(by_alias=True) for item in items).encode()).hexdigest()[:16]


def problems(items: Sequence[GoldItem], text: str) -> Iterator[str]:
    """What is wrong with `items` against the canonical `text` they were written from."""
    digest = sha256(text.encode()).hexdigest()
    for item in items:
        if item.doc_sha256 != digest:
            yield f"{item.id}: written from another text"
        required = [span for spans in item.evidence_sets for span in spans]
        for span in (*required, *item.also_ok, *item.distractors):
            if text[span.start : span.end] != span.quote:
                yield f"{item.id}: quote is not the text at {span.start}"
        if item.answerable and not required:
            yield f"{item.id}: answerable without evidence"
        if item.expected == "refuse" and (required or item.answerable):
            yield f"{item.id}: to be refused, but has evidence"
        if item.type == "near_miss" and not item.distractors:
            yield f"{item.id}: near miss without a distractor"
        if any(variant.text == item.question for variant in item.variants):
            yield f"{item.id}: a variant equals the question"


def _item(path: Path, number: int, line: str) -> GoldItem:
    try:
        return GoldItem.model_validate(json.loads(line))
    except (ValueError, ValidationError) as error:
        first = str(error).splitlines()
        raise GoldError(f"{path}:{number}: {' '.join(first[:3])}") from error
