"""A report in other formats, made by real tools from what a reader found in it. `python tests/report_files.py FOLDER FILE…` prints PDFs."""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from ingest.readers import Document, Paragraph, Table, read


def write_docx(document: Document, path: Path) -> None:
    """A Word file by python-docx; merged cells are merged."""
    word = docx.Document()
    for block in document.blocks:
        if isinstance(block, Paragraph):
            set_as_reports_are = word.add_paragraph(block.text).paragraph_format
            set_as_reports_are.first_line_indent = Pt(22)
            set_as_reports_are.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            set_as_reports_are.space_after = Pt(0)
            continue
        width = max(map(len, block.rows))
        made = word.add_table(len(block.rows), width, style="Table Grid")
        for top, left, bottom, right, text in _boxes(block):
            cell = made.cell(top, left)
            if (top, left) != (bottom, right):
                cell = cell.merge(made.cell(bottom, right))
            cell.text = text
    word.save(str(path))


def write_html(document: Document, path: Path) -> None:
    """A page with a table that spans rows and columns."""
    body = "\n".join(_html_block(block) for block in document.blocks)
    menu = "<nav><a href='/'>首页</a></nav><script>var a = '<p>1</p>';</script>"
    path.write_text(
        f"<!doctype html><meta charset=utf-8><title>报告</title><body>{menu}{body}</body>", encoding="utf-8"
    )


def write_markdown(document: Document, path: Path) -> None:
    """Markdown with its tables in HTML, as converters write those with merged cells."""
    parts = []
    for block in document.blocks:
        escaped = (
            _html_block(block) if isinstance(block, Table) else block.text.replace("<", "&lt;").replace("*", r"\*")
        )
        parts.append(escaped)
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def write_pdf(document: Document, path: Path) -> None:
    """A PDF that LibreOffice prints from the Word file."""
    with tempfile.TemporaryDirectory() as folder:
        word = Path(folder) / f"{path.stem}.docx"
        write_docx(document, word)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(path.parent), str(word)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)


def _boxes(table: Table) -> list[tuple[int, int, int, int, str]]:
    """Top, left, bottom and right of every cell, and its text; the header's name spans the columns rows split it in."""
    width = max(map(len, table.rows))
    boxes: dict[object, tuple[int, int, int, int, str]] = {}
    for row, cells in enumerate(table.rows):
        # In extracted text a row has as many cells as it is split into: the third takes up what is missing.
        wide = [*cells[:3], *[cells[2]] * (width - len(cells)), *cells[3:]] if len(cells) < width else [*cells]
        for column, cell in enumerate(wide):
            top, left, _, _, _ = boxes.get(cell, (row, column, 0, 0, ""))
            right = max(column, boxes[cell][3]) if cell in boxes else column
            boxes[cell] = (top, left, row, right, cell.text)
    return list(boxes.values())


def _html_block(block: Paragraph | Table) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{html.escape(block.text)}</p>"
    rows: list[list[str]] = [[] for _ in block.rows]
    for top, left, bottom, right, text in sorted(_boxes(block), key=lambda box: box[:2]):
        spans = f' rowspan="{bottom - top + 1}" colspan="{right - left + 1}"'
        rows[top].append(f"<td{spans}>{html.escape(text)}</td>")
    return "<table>" + "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows) + "</table>"


if __name__ == "__main__":
    for name in sys.argv[2:]:
        write_pdf(read(Path(name)), Path(sys.argv[1]) / f"{Path(name).stem}.pdf")
