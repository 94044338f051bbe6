"""Plan table → indicators."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.canonical import PlacedCell, PlacedTable
from ingest.model import Indicator, IndicatorValue, Notice, Span, content_id
from ingest.outline import Outline
from ingest.years import YEAR

_COLUMNS: dict[str, re.Pattern[str]] = {
    "number": re.compile(r"^(?:序\s*号|编\s*号|No\.?)$", re.IGNORECASE),
    "unit": re.compile(r"^(?:计量)?单\s*位$"),
    "attribute": re.compile(r"属性|性质|指标类型"),
    "dimension": re.compile(r"维度|类别|领域|分类|^类型$|方面$"),
    "name": re.compile(r"指\s*标|项\s*目"),
}
_INDICATOR = re.compile(r"指\s*标")
_PROJECT = re.compile(
    r"投\s*资|金\s*额|资\s*金|预\s*算|造\s*价|建\s*设|地\s*[点址]|规\s*模|责\s*任|牵\s*头|主\s*管|实\s*施|起\s*止|工\s*期|时\s*限|进\s*度"
)
"""What a list of projects says of each; a column of 项目 beside one of these names projects, not indicators."""
_YEAR = re.compile(YEAR)
_VALUE_WORDS = re.compile(r"计\s*划|目\s*标|预\s*期|完\s*成|实\s*际|实\s*绩|预\s*计|执\s*行|数\s*值|增\s*[速长]|规划")
_DONE = re.compile(r"完\s*成|实\s*际|实\s*绩|执\s*行|预计")
_PLANNED = re.compile(r"计\s*划|目\s*标|预\s*期|安排")
_UNIT_IN_NAME = re.compile(r"[（(]([^（()）]*)[）)]\s*$")
_NO_UNIT = re.compile(r"[-—–－/／无]*")
"""A cell of units that names none."""
_NUMBER = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Row:
    """A table row with its cells sorted under the header's columns."""

    cells: dict[int, tuple[PlacedCell, ...]]
    span: Span

    def text(self, column: int | None) -> str:
        """The words in a column, '' where the table has no such column."""
        if column is None:
            return ""
        return "".join(placed.cell.text for placed in self.cells.get(column, ()))


@dataclass(frozen=True, slots=True)
class _Columns:
    """A table's header: which column plays which role, which hold values, and the year of the section it stands in."""

    header: Span
    titles: tuple[str, ...]
    roles: dict[str, int]
    values: tuple[int, ...]
    year: int | None

    @property
    def others(self) -> tuple[int, ...]:
        """The columns that play no role and hold no values."""
        taken = {*self.roles.values(), *self.values}
        return tuple(i for i in range(len(self.titles)) if i not in taken)


def parse_indicators(text: str, outline: Outline) -> tuple[tuple[Indicator, ...], tuple[Notice, ...]]:
    """The value rows of every table that has a column of indicator names and at least one column of values."""
    indicators: list[Indicator] = []
    notices: list[Notice] = []
    ids: set[str] = set()
    for section in outline.sections:
        for table in outline.tables.get(section.id, ()):
            found, problems = _parse_table(text, table, section.year, ids)
            indicators += found
            notices += problems
    return tuple(indicators), tuple(notices)


def _parse_table(
    text: str, table: PlacedTable, year: int | None, ids: set[str]
) -> tuple[list[Indicator], list[Notice]]:
    rows = table.rows[next((i for i, row in enumerate(table.rows) if len(row) > 1), 0) :]
    columns = _read_header(rows[0], year)
    if not _is_plan(columns):
        return [], [Notice(table.source_line, f"table is not a plan table; columns: {' | '.join(columns.titles)}")]
    title = rows[0][columns.roles["name"]].cell
    if any(placed.cell is title for row in rows[1:] for placed in row):
        return [], [Notice(table.source_line, "header rows of a plan table not understood; use the Word file, if any")]
    indicators: list[Indicator] = []
    notices: list[Notice] = []
    for above, placed in pairwise(rows):
        row = _sort_cells(placed, rows[0], columns.roles["name"])
        if row is None or not row.text(columns.roles["name"]):
            line = _own_line(placed, above)
            notices.append(Notice(line, f"table row not understood: {' | '.join(p.cell.text for p in placed)}"))
            continue
        indicators.append(_indicator(text, row, columns, ids))
    return indicators, notices


def _own_line(placed: tuple[PlacedCell, ...], above: tuple[PlacedCell, ...]) -> int:
    """The source line of a row's first cell that is not merged with the row above."""
    merged = [cell.cell for cell in above]
    return next((cell.cell.line for cell in placed if cell.cell not in merged), placed[-1].cell.line)


def _roles(titles: Sequence[str]) -> dict[str, int]:
    """Which column plays which role, the first that fits; a column plays one role."""
    roles: dict[str, int] = {}
    for role, pattern in _COLUMNS.items():
        for position, title in enumerate(titles):
            is_free = position not in roles.values() and not _YEAR.search(title)
            if is_free and pattern.search(title):
                roles[role] = position
                break
    return roles


def _is_value(title: str) -> bool:
    return bool(_YEAR.search(title) or _VALUE_WORDS.search(title))


def _is_plan(columns: _Columns) -> bool:
    """Whether a table has a column of indicator names and one of values, rather than projects with what they cost."""
    if "name" not in columns.roles or not columns.values:
        return False
    name = columns.titles[columns.roles["name"]]
    others = [title for title in columns.titles if title != name]
    return bool(_INDICATOR.search(name)) or not any(_PROJECT.search(title) for title in others)


def _sort_cells(placed: tuple[PlacedCell, ...], header: tuple[PlacedCell, ...], name_column: int) -> _Row | None:
    """Cells by header column, None where they do not fit. Only the name may be split over several cells.

    Where the grid is as wide as the header's, cells stand under the title they stand under; a row of extracted text
    has as many cells as it is split into, and those it has more than the header belong to the name.
    """
    cells = _by_grid(placed, header) if _width(placed) == _width(header) else _by_count(placed, header, name_column)
    fits = all(len(cells.get(i, ())) == 1 or (i == name_column and cells.get(i)) for i in range(len(header)))
    return _Row(cells, Span(placed[0].span.start, placed[-1].span.end)) if fits else None


def _width(row: tuple[PlacedCell, ...]) -> int:
    return row[-1].column + row[-1].width


def _by_grid(placed: tuple[PlacedCell, ...], header: tuple[PlacedCell, ...]) -> dict[int, tuple[PlacedCell, ...]]:
    cells: dict[int, tuple[PlacedCell, ...]] = {}
    for cell in placed:
        for i, title in enumerate(header):
            if title.column <= cell.column and cell.column + cell.width <= title.column + title.width:
                cells[i] = (*cells.get(i, ()), cell)
    return cells


def _by_count(
    placed: tuple[PlacedCell, ...], header: tuple[PlacedCell, ...], name_column: int
) -> dict[int, tuple[PlacedCell, ...]]:
    extra = len(placed) - len(header)
    if extra < 0:
        return {}
    taken = [1 + (extra if column == name_column else 0) for column in range(len(header))]
    starts = [sum(taken[:column]) for column in range(len(header))]
    return {i: placed[start : start + count] for i, (start, count) in enumerate(zip(starts, taken, strict=True))}


def _read_header(header: tuple[PlacedCell, ...], year: int | None) -> _Columns:
    titles = tuple(re.sub(r"\s+", "", placed.cell.text) for placed in header)
    roles = _roles(titles)
    values = tuple(i for i, title in enumerate(titles) if i not in roles.values() and _is_value(title))
    return _Columns(Span(header[0].span.start, header[-1].span.end), titles, roles, values, year)


def _indicator(text: str, row: _Row, columns: _Columns, ids: set[str]) -> Indicator:
    name_cells = row.cells[columns.roles["name"]]
    unit = row.text(columns.roles.get("unit"))
    unit = "" if _NO_UNIT.fullmatch(unit) else unit
    name, bracketed = _split_unit(name_cells[-1].cell.text)
    if unit and bracketed != unit:
        name = name_cells[-1].cell.text
    return Indicator(
        id=content_id("row", row.span.of(text), ids),
        number=row.text(columns.roles.get("number")),
        name=name,
        unit=unit or bracketed,
        group="".join(placed.cell.text for placed in name_cells[:-1]),
        dimension=row.text(columns.roles.get("dimension")),
        attribute=row.text(columns.roles.get("attribute")),
        values=tuple(_value(columns.titles[i], row.cells[i][0], columns.year) for i in columns.values),
        header=columns.header,
        span=row.span,
        others=tuple((columns.titles[i], text) for i in columns.others if (text := row.text(i))),
    )


def _split_unit(name: str) -> tuple[str, str]:
    """'登记失业率（%）' → name and unit; brackets that are not last belong to the name."""
    found = _UNIT_IN_NAME.search(name)
    return (name[: found.start()].strip(), found[1].strip()) if found else (name, "")


def _value(title: str, placed: PlacedCell, year: int | None) -> IndicatorValue:
    named = _YEAR.search(title)
    role = "完成" if _DONE.search(title) and not _PLANNED.search(title) else "计划"
    return IndicatorValue(
        header=title,
        year=int(named[1]) if named else year,
        role=role,
        text=placed.cell.text,
        number=parse_number(placed.cell.text),
        span=placed.span,
    )


def parse_number(text: str) -> float | None:
    """The one number in a value cell, whatever words and operators stand beside it; None where there is none."""
    found = _NUMBER.findall(unicodedata.normalize("NFKC", text).replace("−", "-"))
    return float(found[0].replace(",", "")) if len(found) == 1 else None
