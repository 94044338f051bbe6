"""The vocabulary as frozen records. Every span counts characters of the report's canonical text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter


class Span(NamedTuple):
    """A half-open range of the canonical text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words of this span."""
        return text[self.start : self.end]

    def contains(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end


class SectionKind(StrEnum):
    """What a node of the outline is."""

    PREAMBLE = "preamble"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CLOSING = "closing"
    ANNEX = "annex"


@dataclass(frozen=True, slots=True)
class Section:
    """A node of the outline; `span` covers all that stands under it, its own title first."""

    id: str
    kind: SectionKind
    level: int
    label: str
    title: str
    parent: str | None
    year: int | None
    heading: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Sentence:
    """A citable unit of running text; `id` hashes its words, so it survives changes elsewhere."""

    id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieval unit: whole sentences of one paragraph, within the token budget."""

    id: str
    section: str
    year: int | None
    span: Span
    sentences: tuple[Sentence, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary entry and every place in the body that uses it."""

    id: str
    number: str
    name: str
    aliases: tuple[str, ...]
    span: Span
    name_span: Span
    definition: Span
    uses: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One value cell: its column's year and role (计划, 完成…), its words, and a number where it is one."""

    header: str
    year: int | None
    role: str
    text: str
    number: float | None
    span: Span


@dataclass(frozen=True, slots=True)
class Indicator:
    """A value row of the plan table; `header` is the row of column titles. Merged cells belong to every row they cover.

    `others` are the cells of the columns that have no meaning of their own here, such as 责任单位, each with its title.
    """

    id: str
    number: str
    name: str
    unit: str
    group: str
    dimension: str
    attribute: str
    values: tuple[IndicatorValue, ...]
    header: Span
    span: Span
    others: tuple[tuple[str, str], ...] = ()

    @property
    def planned(self) -> IndicatorValue:
        """The value of the year planned for: the last planned column, else the last value column."""
        return next((v for v in reversed(self.values) if v.role == "计划"), self.values[-1])


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the parsers could not understand, with the line of the source it stands on."""

    line: int
    message: str


@dataclass(frozen=True)
class Imprint:
    """What a report says of itself: identity, and the two years it speaks of."""

    id: str
    title: str
    place: str
    year_reviewed: int | None
    year_planned: int | None
    source: str


@dataclass(frozen=True)
class Report(Imprint):
    """One source document with its canonical text."""

    text: str

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical text."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Corpus:
    """A report with everything parsed from it."""

    report: Report
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    terms: tuple[Term, ...]
    indicators: tuple[Indicator, ...]
    notices: tuple[Notice, ...]

    def says(self, words: str) -> bool:
        """Whether these words stand in the report's text."""
        return words in self.report.text

    @cached_property
    def section(self) -> dict[str, Section]:
        """Sections by id."""
        return {section.id: section for section in self.sections}

    def path(self, section_id: str) -> tuple[Section, ...]:
        """The section and its ancestors, outermost first."""
        chain: list[Section] = []
        node: str | None = section_id
        while node is not None:
            chain.append(self.section[node])
            node = chain[-1].parent
        return tuple(reversed(chain))

    def save(self, folder: Path) -> None:
        """Write `report.json`, `canonical.txt` and one JSON-lines file a kind into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        about = {k: v for k, v in to_json(self.report).items() if k != "text"}
        (folder / "report.json").write_text(json.dumps(about, ensure_ascii=False, indent=2), encoding="utf-8")
        (folder / "canonical.txt").write_bytes(self.report.text.encode())
        for name in _LISTS:
            lines = (json.dumps(to_json(item), ensure_ascii=False) + "\n" for item in getattr(self, name))
            (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Corpus:
        """Read what `save` wrote."""
        imprint = read_imprint(folder)
        text = (folder / "canonical.txt").read_bytes().decode()
        lists = {name: tuple(_read_lines(folder / f"{name}.jsonl", record)) for name, record in _LISTS.items()}
        return cls(report=Report(**asdict(imprint), text=text), **lists)


def read_imprint(folder: Path) -> Imprint:
    """What a saved report says of itself, without reading the rest."""
    return Imprint(**json.loads((folder / "report.json").read_text(encoding="utf-8")))


_LISTS: dict[str, type] = {
    "sections": Section,
    "passages": Passage,
    "terms": Term,
    "indicators": Indicator,
    "notices": Notice,
}


def content_id(prefix: str, text: str, taken: set[str]) -> str:
    """An id from a hash of `text`, with a counter when equal words came before; adds it to `taken`."""
    base = f"{prefix}-{sha256(text.encode()).hexdigest()[:10]}"
    identifier, count = base, 1
    while identifier in taken:
        count += 1
        identifier = f"{base}-{count}"
    taken.add(identifier)
    return identifier


def to_json(record: Any) -> Any:
    """A record as plain JSON types; spans become `[start, end]`."""
    if isinstance(record, tuple | list):
        return [to_json(item) for item in record]
    if hasattr(record, "__dataclass_fields__"):
        return {field.name: to_json(getattr(record, field.name)) for field in fields(record)}
    return record


def _read_lines(path: Path, record: type) -> Iterable[Any]:
    lines = path.read_bytes().splitlines()
    return _reader(record).validate_json(b"[" + b",".join(lines) + b"]")


@cache
def _reader(record: Any) -> TypeAdapter[tuple[Any, ...]]:
    """Reads what `to_json` made, compiled: a large corpus is read report by report while questions are answered."""
    return TypeAdapter(tuple[record, ...])
