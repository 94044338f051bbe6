"""The plan table as files: CSV and XLSX, each row with the address of its words, the source at the end."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from typing import Literal, get_args

from ingest.model import Report
from server.indicator_views import RowView, TableView

Format = Literal["csv", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STARTS_FORMULA = ("=", "+", "-", "@", "\t")


def export(table: TableView, report: Report, origin: str, snapshot: str, wanted: Format) -> bytes:
    """The rows of `table` as a file; `origin` is the server's address."""
    rows = [_titles(table, report), *(_cells(row, table, origin) for row in table.rows)]
    source = [f"来源：《{report.title}》（{origin}/reports/{report.id}，数据快照 {snapshot}）。各项均为原文。"]
    write: dict[Format, Callable[[Sequence[Sequence[str]], Sequence[str]], bytes]] = {"csv": _csv, "xlsx": _xlsx}
    return write[wanted](rows, source)


def _titles(table: TableView, report: Report) -> list[str]:
    result = [f"正文里的{report.year_reviewed or '上年'}年情况"] if table.has_results else []
    return ["维度", "序号", "指标", "单位", *table.headers, *result, "属性", *table.others, "出处"]


def _cells(row: RowView, table: TableView, origin: str) -> list[str]:
    one = row.indicator
    result = [row.result.quote if row.result else ""] if table.has_results else []
    values = [cell.value.text if cell else "" for cell in row.cells]
    return [
        one.dimension,
        one.number,
        f"{one.group}：{one.name}" if one.group else one.name,
        one.unit,
        *values,
        *result,
        one.attribute,
        *(row.other(title) for title in table.others),
        origin + row.place.url,
    ]


def _csv(rows: Sequence[Sequence[str]], source: Sequence[str]) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerows([[_as_text(cell) for cell in row] for row in (*rows, [], source)])
    return written.getvalue().encode("utf-8-sig")


def _as_text(cell: str) -> str:
    """The cell so that no spreadsheet program takes it for a formula; a number or a dash stays as it is."""
    harmless = len(cell) == 1 or cell[1:].replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(_STARTS_FORMULA) and not harmless else cell


def _xlsx(rows: Sequence[Sequence[str]], source: Sequence[str]) -> bytes:
    from xlsxwriter import Workbook

    written = BytesIO()
    with Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet("计划指标")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, wrapped if number else bold)
        sheet.write_string(len(rows) + 1, 0, source[0])
        sheet.freeze_panes(1, 0)
        sheet.autofit(max_width=400)
    return written.getvalue()
