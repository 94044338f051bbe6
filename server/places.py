"""Spans of canonical text → citable units, their titles and addresses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ingest.model import Corpus, Section, SectionKind, Span
from server.answering.model import Kind, Place

_KEPT = 256
"""Reports whose units are kept."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Something with an address of its own on a report's page: a heading, a sentence, a table row, a term."""

    id: str
    kind: Kind
    section: str
    span: Span
    name: str


@dataclass(frozen=True)
class Places:
    """The citable units of one report."""

    corpus: Corpus

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All units in document order; they do not overlap."""
        return tuple(sorted(self._units(), key=lambda unit: unit.span))

    @cached_property
    def _starts(self) -> list[int]:
        return [unit.span.start for unit in self.units]

    def unit_at(self, span: Span) -> Unit:
        """The unit that holds `span`.

        :raises LookupError: the span does not lie within one unit.
        """
        position = bisect_right(self._starts, span.start) - 1
        if position < 0 or not self.units[position].span.contains(span):
            raise LookupError(f"{self.corpus.report.id}: no citable unit holds {span}")
        return self.units[position]

    def place(self, span: Span) -> Place:
        """The place of `span`, ready to be cited.

        :raises LookupError: the span does not lie within one unit.
        """
        unit = self.unit_at(span)
        report = self.corpus.report
        return Place(
            kind=unit.kind,
            report=report.id,
            title=self.title(unit),
            quote=span.of(report.text),
            start=span.start,
            end=span.end,
            url=f"/reports/{report.id}#{unit.id}",
        )

    def title(self, unit: Unit) -> str:
        """Where the unit stands: the headings above it, outermost first."""
        path = [section_name(section) for section in self.corpus.path(unit.section)]
        return " › ".join([*path, unit.name] if unit.name else path)

    def _units(self) -> Iterator[Unit]:
        sections = self.corpus.sections
        for section in sections:
            if section.kind in (SectionKind.HEADING, SectionKind.ANNEX) and section.heading.start < section.heading.end:
                yield Unit(section.id, "passage", section.id, section.heading, "")
        for passage in self.corpus.passages:
            for sentence in passage.sentences:
                yield Unit(sentence.id, "passage", passage.section, sentence.span, "")
        for indicator in self.corpus.indicators:
            yield Unit(indicator.id, "indicator", self._section_at(indicator.span), indicator.span, indicator.name)
        for header in dict.fromkeys(indicator.header for indicator in self.corpus.indicators):
            yield Unit(f"head-{header.start}", "indicator", self._section_at(header), header, "")
        for term in self.corpus.terms:
            yield Unit(term.id, "term", self._section_at(term.span), term.span, f"{term.number} {term.name}")

    def _section_at(self, span: Span) -> str:
        """The innermost section that holds `span`."""
        return max(
            (section for section in self.corpus.sections if section.span.contains(span)), key=lambda s: s.level
        ).id


class PlacesByReport(Mapping[str, Places]):
    """The citable units of every report, worked out when they are asked for; those of the last reports are kept."""

    def __init__(self, corpora: Mapping[str, Corpus]) -> None:
        self._corpora = corpora
        self._of = lru_cache(_KEPT)(lambda name: Places(corpora[name]))

    def __getitem__(self, name: str) -> Places:
        return self._of(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._corpora)

    def __len__(self) -> int:
        return len(self._corpora)


def section_name(section: Section) -> str:
    """A section's label and title as they are read."""
    gap = " " if section.label[-1:].isascii() and section.label else ""
    return f"{section.label}{'　' if section.kind is SectionKind.ANNEX else gap}{section.title}".strip()
