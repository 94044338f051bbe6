"""Canonical lines → outline: parts, chapters, paragraphs, preamble, closing, annexes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.canonical import CanonicalText, Line, PlacedTable
from ingest.model import Notice, Section, SectionKind, Span, content_id
from ingest.sentences import split_sentences
from ingest.years import YEAR

_NUMERAL = "一二三四五六七八九十百"
_STYLES: dict[str, re.Pattern[str]] = {
    "part": re.compile(rf"第[{_NUMERAL}\d]+(?:部分|篇|编)\s*"),
    "chapter": re.compile(rf"第[{_NUMERAL}\d]+章\s*"),
    "article": re.compile(rf"第[{_NUMERAL}\d]+[节条]\s*"),
    "一、": re.compile(rf"[{_NUMERAL}]+\s*[、．.]\s*"),
    "（一）": re.compile(rf"[（(]\s*[{_NUMERAL}]+\s*[）)]\s*[、．.]?\s*"),
    "（1）": re.compile(r"[（(]\s*\d{1,2}\s*[）)]\s*[、．.]?\s*"),
    "1.": re.compile(r"\d{1,2}\s*(?:[、．]|\.(?!\d))\s*"),
}
_ANNEX = re.compile(rf"附(?:件|表|录)\s*(?:[{_NUMERAL}\d]+)?\s*(?:[:：]\s*)?(?!\s*[:：]?\s*\d\s*[、．.])")
_ANNEX_LIST = re.compile(rf"附(?:件|表|录)\s*[:：]\s*(?:[{_NUMERAL}\d]+\s*[、．.]|[^\d\s])")
_CLOSING = re.compile(r"(?:以上报告|请予审议|各位代表[，,！!：:].{20,}$)")
_YEAR = re.compile(rf"{YEAR}\s*年")
_REVIEW = re.compile(r"执行情况|完成情况|工作回顾|主要成效|取得.{0,4}成效|回顾")
_PLAN = re.compile(r"目标任务|主要目标|主要举措|重点任务|主要任务|工作安排|重点工作|计划安排|总体要求")
_HEADING_LIMIT = 60
_TITLE_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Outline:
    """The sections in document order, the paragraphs' lines by section id, the tables by annex or section id."""

    sections: tuple[Section, ...]
    lines: dict[str, tuple[Line, ...]]
    tables: dict[str, tuple[PlacedTable, ...]]
    notices: tuple[Notice, ...]


def parse_outline(canonical: CanonicalText, years: tuple[int | None, int | None]) -> Outline:
    """Build the outline; `years` are the year looked back on and the year planned for.

    Numbering styles are not fixed to levels: a style seen for the first time opens a level below the current one, and
    one seen before returns to its own, as in docutils' section titles.
    """
    builder = _Builder(canonical.text, years)
    for position, block in enumerate(canonical.blocks):
        if isinstance(block, PlacedTable):
            builder.table(block)
        else:
            builder.line(block, canonical.blocks[position + 1 :])
    return builder.finish()


def heading_style(text: str) -> tuple[str, str] | None:
    """The numbering style and the label of a line that starts with a number, else None."""
    for style, pattern in _STYLES.items():
        match = pattern.match(text)
        if match:
            return style, match.group().strip()
    return None


def is_heading(text: str) -> bool:
    """Whether a numbered line is a heading by itself: short, and not a sentence."""
    return len(text) <= _HEADING_LIMIT and text[-1] not in "。；;！？" and "。" not in text


class _Builder:
    """Keeps the path of open sections while the lines go by."""

    def __init__(self, text: str, years: tuple[int | None, int | None]) -> None:
        self._text = text
        self._years = years
        self._sections: list[Section] = []
        self._open: list[Section] = []
        self._styles: list[str] = []
        self._lines: dict[str, list[Line]] = {}
        self._tables: dict[str, list[PlacedTable]] = {}
        self._notices: list[Notice] = []
        self._ids: set[str] = set()
        self._in_annex = False
        self._annex_untitled = False
        self._after_titled = False
        self._in_tail = False

    def line(self, line: Line, rest: Sequence[Line | PlacedTable]) -> None:
        annex = _ANNEX.match(line.text)
        if _ANNEX_LIST.match(line.text) and not self._in_annex and not _opens_annex(line, rest):
            self._leaf(SectionKind.CLOSING, line)
        elif annex and len(line.text) <= _HEADING_LIMIT and line.text[-1] not in "。，；":
            self._annex(line, annex)
        elif self._annex_untitled and len(line.text) <= _HEADING_LIMIT:
            self._title_annex(line)
        elif self._in_annex:
            self._annex_untitled = False
            self._lines.setdefault(self._open[-1].id, []).append(line)
            self._stretch(line.span.end)
        elif self._sections and self._sections[-1].kind is SectionKind.CLOSING:
            self._leaf(SectionKind.CLOSING, line)
        else:
            self._body(line)

    def table(self, table: PlacedTable) -> None:
        self._annex_untitled = False
        if not self._open:
            kind = SectionKind.ANNEX if self._has_headings else SectionKind.PREAMBLE
            self._push(kind, "", "", Span(table.span.start, table.span.start), 1)
        self._tables.setdefault(self._open[-1].id, []).append(table)
        self._stretch(table.span.end)
        if self._open[-1].kind is SectionKind.PREAMBLE:
            self._open.pop()

    def finish(self) -> Outline:
        if not self._has_headings:
            self._notices.append(Notice(1, "no numbered headings found; the report is one flat list of paragraphs"))
        return Outline(
            tuple(self._sections),
            {key: tuple(lines) for key, lines in self._lines.items()},
            {key: tuple(tables) for key, tables in self._tables.items()},
            tuple(self._notices),
        )

    def _body(self, line: Line) -> None:
        found = heading_style(line.text)
        if found and is_heading(line.text):
            self._heading(line, *found)
        elif not self._has_headings:
            self._leaf(SectionKind.PREAMBLE, line)
        elif _CLOSING.match(line.text):
            self._styles.clear()
            self._open.clear()
            self._leaf(SectionKind.CLOSING, line)
        else:
            self._leaf(SectionKind.PARAGRAPH, line)

    def _heading(self, line: Line, style: str, label: str) -> None:
        if style in self._styles:
            depth = self._styles.index(style)
            del self._styles[depth + 1 :]
        else:
            depth = len(self._styles)
            self._styles.append(style)
        del self._open[depth:]
        title = _STYLES[style].sub("", line.text, count=1)
        self._push(SectionKind.HEADING, label, title, line.span, depth + 1)

    def _annex(self, line: Line, mark: re.Match[str]) -> None:
        self._open.clear()
        self._styles.clear()
        self._in_annex = True
        label, title = mark.group().strip(" :：　"), line.text[mark.end() :].strip()
        self._push(SectionKind.ANNEX, label, title, line.span, 1)
        self._annex_untitled = not title

    def _title_annex(self, line: Line) -> None:
        annex = self._open.pop()
        span = Span(annex.span.start, line.span.end)
        titled = replace(annex, title=line.text, year=self._year_of(line.text, None), heading=span, span=span)
        self._sections[self._sections.index(annex)] = titled
        self._open.append(titled)
        self._annex_untitled = False

    def _leaf(self, kind: SectionKind, line: Line) -> None:
        label, title, led = _paragraph_title(line.text)
        if kind is SectionKind.PARAGRAPH and not led and not label and self._after_titled:
            self._in_tail = True
        self._after_titled = led and kind is SectionKind.PARAGRAPH
        section = self._new(kind, label, title, line.span, len(self._path) + 1)
        self._lines[section.id] = [line]
        self._stretch(line.span.end)

    @property
    def _has_headings(self) -> bool:
        return any(section.kind is SectionKind.HEADING for section in self._sections)

    @property
    def _path(self) -> list[Section]:
        """The sections a new one stands in: the open ones, in a part's tail (untitled, behind its chapters) the part."""
        return self._open[:1] if self._in_tail else self._open

    def _push(self, kind: SectionKind, label: str, title: str, span: Span, level: int) -> None:
        self._after_titled = self._in_tail = False
        section = self._new(kind, label, title, span, level)
        self._stretch(span.end)
        self._open.append(section)

    def _new(self, kind: SectionKind, label: str, title: str, span: Span, level: int) -> Section:
        parent = self._path[-1] if self._path else None
        year = self._year_of(title, parent) if kind is not SectionKind.PARAGRAPH else (parent.year if parent else None)
        section = Section(
            id=content_id("sec", span.of(self._text), self._ids),
            kind=kind,
            level=level,
            label=label,
            title=title,
            parent=parent.id if parent else None,
            year=year,
            heading=span,
            span=span,
        )
        self._sections.append(section)
        return section

    def _year_of(self, title: str, parent: Section | None) -> int | None:
        """The one year a title names, or what its words say of review and plan, or its parent's year."""
        reviewed, planned = self._years
        named = {int(year) for year in _YEAR.findall(title)} & {y for y in self._years if y}
        if len(named) == 1:
            return named.pop()
        if parent is not None and parent.year is not None:
            return parent.year
        if not named and bool(_REVIEW.search(title)) != bool(_PLAN.search(title)):
            return reviewed if _REVIEW.search(title) else planned
        return None

    def _stretch(self, end: int) -> None:
        """Let the sections of the path reach to `end`."""
        for depth, section in enumerate(self._path):
            longer = replace(section, span=Span(section.span.start, end))
            self._sections[self._sections.index(section)] = longer
            self._open[depth] = longer


def _opens_annex(line: Line, rest: Sequence[Line | PlacedTable]) -> bool:
    """Whether '附件：title' heads an annex here, rather than listing the annexes that follow."""
    following = rest[0] if rest else None
    listed = re.match(r"附(?:件|表|录)\s*[:：]\s*(\d)", line.text)
    if listed or following is None:
        return False
    return isinstance(following, PlacedTable) or not _ANNEX.match(following.text)


def _paragraph_title(text: str) -> tuple[str, str, bool]:
    """A paragraph's number, if any, its title, and whether that is its whole lead sentence.

    Where the lead sentence is long or the only one, its first clause serves.
    """
    found = heading_style(text)
    label = found[1] if found else ""
    body = _STYLES[found[0]].sub("", text, count=1) if found else text
    sentences = list(split_sentences(body, Span(0, len(body))))
    lead = sentences[0].of(body) if sentences else body
    led = len(sentences) > 1 and len(lead) <= _TITLE_LIMIT
    if not led:
        lead = re.split(r"[，。：；！？]", lead, maxsplit=1)[0]
    lead = lead.rstrip("。！？；：，")
    return label, lead if len(lead) <= _TITLE_LIMIT else lead[: _TITLE_LIMIT - 1] + "…", led
