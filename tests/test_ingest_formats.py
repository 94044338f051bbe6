"""The same report as Word, PDF, HTML and Markdown is the same report; what is no report is refused with the remedy."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_files import write_docx, write_html, write_markdown

from ingest.canonical import canonicalise
from ingest.corpus import ingest_file, ingest_folder
from ingest.model import Corpus
from ingest.readers import Cell, Document, Paragraph, Table, UnreadableFile, read, suffixes
from ingest.readers.html import read_html
from ingest.readers.markdown import read_markdown
from ingest.readers.pdf import read_pdf
from ingest.readers.word import read_word

WRITERS = {".docx": write_docx, ".html": write_html, ".md": write_markdown}
FORMATS = (".docx", ".pdf", ".html", ".md")


@pytest.fixture(scope="session")
def in_format(tmp_path_factory: pytest.TempPathFactory, data: Path, report_path: Path) -> object:
    """Both reports in a format: written from what the text reader finds; the PDFs, printed by LibreOffice, are kept."""
    folder = tmp_path_factory.mktemp("formats")

    def path_of(stem: str, suffix: str) -> Path:
        source = report_path if stem == report_path.stem else data / f"{stem}.txt"
        path = folder / f"{stem}{suffix}"
        if suffix == ".pdf":
            return data / "pdf" / path.name
        WRITERS[suffix](read(source), path)
        return path

    return path_of


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", ["corpus", "other_corpus"])
def test_a_report_in_another_format_has_the_same_words_outline_terms_and_indicators(
    suffix: str, name: str, in_format: object, request: pytest.FixtureRequest
) -> None:
    assert callable(in_format)
    expected: Corpus = request.getfixturevalue(name)
    found = ingest_file(in_format(expected.report.id, suffix))
    assert found.report.text == expected.report.text
    assert found.sections == expected.sections
    assert found.terms == expected.terms
    assert found.indicators == expected.indicators
    assert found.passages == expected.passages
    assert found.report.title == expected.report.title


def _two_row_header(body: tuple[tuple[str, ...], ...]) -> Table:
    name, unit, last, this = (Cell(text, 1) for text in ("指标", "单位", "2023年", "2024年"))
    second = (name, unit, Cell("计划", 2), Cell("完成", 2), Cell("计划", 2))
    return Table(((name, unit, last, last, this), second, *(tuple(Cell(t, 3) for t in row) for row in body)), 1)


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_header_of_several_rows_gives_every_column_its_year_and_role(suffix: str, tmp_path: Path) -> None:
    blocks = (
        Paragraph("北原市2023年计划执行情况与2024年计划草案的报告", 1),
        Paragraph("一、主要目标", 1),
        Paragraph("附件1", 1),
        Paragraph("北原市2024年计划表", 1),
        _two_row_header((("粮食产量", "万吨", "5.0", "5.0", "5.2"), ("用水总量", "亿立方米", "1.1", "1.0", "1"))),
    )
    path = tmp_path / f"beiyuan{suffix}"
    WRITERS[suffix](Document("r", blocks), path)
    corpus = ingest_file(path)
    assert [(i.name, i.unit, *((v.year, v.role, v.text) for v in i.values)) for i in corpus.indicators] == [
        ("粮食产量", "万吨", (2023, "计划", "5.0"), (2023, "完成", "5.0"), (2024, "计划", "5.2")),
        ("用水总量", "亿立方米", (2023, "计划", "1.1"), (2023, "完成", "1.0"), (2024, "计划", "1")),
    ]
    header = corpus.indicators[0].header.of(corpus.report.text)
    assert header == "指标\t单位\t2023年计划\t2023年完成\t2024年计划"


def test_a_header_of_several_rows_in_extracted_text_is_not_guessed_at(tmp_path: Path) -> None:
    rows = ["指标|2023年|2024年", "|计划|完成|计划", "粮食产量|5.0|5.1|5.2"]
    table = "\n\n".join("\n".join("\t" + cell for cell in row.split("|")) for row in rows)
    path = tmp_path / "r.txt"
    path.write_text(f"北原市2024年计划草案的报告\n一、目标\n附件1\n计划表\n{table}\n", encoding="utf-8")
    corpus = ingest_file(path)
    assert corpus.indicators == ()
    assert any("header rows" in notice.message for notice in corpus.notices)


@pytest.mark.parametrize(
    "header",
    [
        "序号|项目名称|建设地点|2024年计划投资（万元）",
        "序号|项目|责任单位|2024年目标",
        "项目|总投资|2024年计划|进度",
        "项 目|金 额|2023年完成",
    ],
)
def test_a_list_of_projects_with_amounts_gives_no_indicators(header: str, tmp_path: Path) -> None:
    row = [["1", "东街改造", "东街", "1200"][i] for i in range(header.count("|") + 1)]
    table = Table((tuple(Cell(t, 1) for t in header.split("|")), tuple(Cell(t, 2) for t in row)), 1)
    path = tmp_path / "r.docx"
    write_docx(Document("r", (Paragraph("北原市2024年计划草案的报告", 1), Paragraph("一、项目", 1), table)), path)
    path_of_text = ingest_file(path)
    assert path_of_text.indicators == ()
    assert any("not a plan table" in notice.message for notice in path_of_text.notices)


def test_a_row_whose_cells_do_not_stand_under_the_titles_is_not_understood(tmp_path: Path) -> None:
    wide = Cell("5.0", 2)
    rows = (
        tuple(Cell(t, 1) for t in ("指标", "单位", "2023年完成", "2024年计划")),
        (Cell("粮食产量", 2), Cell("万吨", 2), wide, wide),
        tuple(Cell(t, 3) for t in ("用水总量", "亿立方米", "1.1", "1")),
    )
    path = tmp_path / "r.docx"
    write_docx(
        Document("r", (Paragraph("北原市2024年计划草案的报告", 1), Paragraph("一、目标", 1), Table(rows, 1))), path
    )
    corpus = ingest_file(path)
    assert [i.name for i in corpus.indicators] == ["用水总量"]
    assert any("粮食产量" in notice.message for notice in corpus.notices)


def _word(path: Path, *texts: str) -> docx.document.Document:
    word = docx.Document()
    for text in texts:
        word.add_paragraph(text)
    word.save(str(path))
    return word


def test_equal_neighbours_in_a_word_table_do_not_merge(tmp_path: Path) -> None:
    word = docx.Document()
    table = word.add_table(2, 4)
    for cell, text in zip(table._cells, ["指标", "2023年", "2024年", "单位", "甲", "5.0", "5.0", "%"], strict=True):
        cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2)).text = "两年"
    word.save(str(tmp_path / "r.docx"))
    (found,) = read(tmp_path / "r.docx").blocks
    assert isinstance(found, Table)
    assert found.rows[0][1] is found.rows[0][2]
    assert found.rows[1][1] is not found.rows[1][2]
    assert [c.text for c in found.rows[1]] == ["甲", "5.0", "5.0", "%"]


def test_word_numbers_paragraphs_by_itself_and_the_reader_writes_what_it_shows(tmp_path: Path) -> None:
    word = docx.Document()
    numbering = word.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "90")
    for depth, (style, text) in enumerate([("chineseCounting", "%1、"), ("decimal", "%1.%2."), ("bullet", "·")]):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(depth))
        for tag, value in (("w:start", "1"), ("w:numFmt", style), ("w:lvlText", text)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            level.append(child)
        abstract.append(level)
    numbering.insert(0, abstract)
    num = OxmlElement("w:num")
    num.set(qn("w:numId"), "91")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "90")
    num.append(reference)
    numbering.append(num)
    for depth, text in [(0, "目标"), (1, "速度"), (1, "2024年"), (2, "点"), (0, "措施"), (1, "头")]:
        properties = word.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = depth
        properties.get_or_add_numId().val = 91
    word.save(str(tmp_path / "r.docx"))
    texts = [block.text for block in read(tmp_path / "r.docx").blocks if isinstance(block, Paragraph)]
    assert texts == ["一、目标", "一.1. 速度", "一.2. 2024年", "点", "二、措施", "二.1. 头"]


def test_words_deleted_under_review_are_left_out_and_inserted_ones_are_there(tmp_path: Path) -> None:
    word = _word(tmp_path / "r.docx", "增长", "尾")
    paragraph = word.paragraphs[0]._p
    for tag, text_tag, text in (("w:ins", "w:t", "6%"), ("w:del", "w:delText", "5%")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph.append(change)
    word.save(str(tmp_path / "r.docx"))
    assert [b.text for b in read(tmp_path / "r.docx").blocks if isinstance(b, Paragraph)] == ["增长6%", "尾"]


def test_a_table_of_one_cell_is_a_box_around_text(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_table(1, 1).cell(0, 0).text = "各位代表："
    word.save(str(tmp_path / "r.docx"))
    assert [type(block) for block in read(tmp_path / "r.docx").blocks] == [Paragraph]
    page = "<table><tr><td><p>第一段</p><table><tr><td>甲<td>乙<tr><td>丙<td>丁</table></table>"
    assert [type(block) for block in read_html("r", page.encode()).blocks] == [Paragraph, Table]


def test_html_keeps_what_is_read_and_leaves_out_what_is_not() -> None:
    page = """<html><head><title>头</title><style>p{}</style></head><body><nav>菜单</nav><p>第一
    行<b>粗</b>&nbsp;字<br>第二行</p><!-- 注 --><div style="display: none">藏</div><ol start="3"><li>甲<li>乙</ol>
    <p hidden>藏</p>尾<script>1</script></body>"""
    texts = [block.text for block in read_html("r", page.encode()).blocks if isinstance(block, Paragraph)]
    assert texts == ["第一行粗\xa0字", "第二行", "3. 甲", "4. 乙", "尾"]


def test_html_in_gbk_is_read_by_its_declaration() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>国民经济</p>'
    assert [b.text for b in read_html("r", page.encode("gb18030")).blocks if isinstance(b, Paragraph)] == ["国民经济"]


def test_a_pipe_table_in_markdown_is_a_table_and_a_smaller_sign_stays() -> None:
    text = "# 一、目标\n\n第**一**段\n还是第一段\n\n| 指标 | 2024年 |\n|---|---|\n| 失业率 | <3.5 |\n| 增速 | 5 |\n\n1. 甲：乙\n2. 丙：丁\n"
    *paragraphs, table, first, second = read_markdown("r", text.encode()).blocks
    assert isinstance(table, Table)
    assert [b.text for b in (*paragraphs, first, second) if isinstance(b, Paragraph)] == [
        "一、目标", "第一段还是第一段", "1. 甲：乙", "2. 丙：丁",
    ]  # fmt: skip
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["指标", "2024年"],
        ["失业率", "<3.5"],
        ["增速", "5"],
    ]


@pytest.mark.parametrize("suffix", [".doc", ".wps", ".rtf", ".odt", ".ofd"])
def test_a_document_of_another_kind_is_refused_with_what_to_do_alone_and_in_a_folder(
    suffix: str, data: Path, tmp_path: Path
) -> None:
    shutil.copy(data / "fengxi-2023.txt", tmp_path)
    (tmp_path / f"old{suffix}").write_bytes(b"\xd0\xcf\x11\xe0old")
    with pytest.raises(UnreadableFile, match=rf"old\{suffix}.*\.docx"):
        ingest_folder(tmp_path)


def test_an_old_word_file_named_docx_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "r.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(UnreadableFile, match=r"old or password-protected.*\.docx"):
        read(tmp_path / "r.docx")


def test_a_scanned_pdf_is_refused_with_what_to_do(data: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"scanned.*OCR"):
        read(data / "pdf" / "scanned.pdf")


def _zip(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def _docx_with(body: str, tmp_path: Path, prolog: str = "") -> bytes:
    _word(tmp_path / "base.docx", "甲")
    packed = io.BytesIO()
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(tmp_path / "base.docx") as base, zipfile.ZipFile(packed, "w") as made:
        for item in base.infolist():
            content = base.read(item)
            if item.filename == "word/document.xml":
                content = f"{prolog}<w:document {space}><w:body>{body}</w:body></w:document>".encode()
            made.writestr(item.filename, content)
    return packed.getvalue()


def test_an_archive_that_unpacks_to_too_much_is_refused_unread() -> None:
    bomb = _zip(word__document_xml=b"0" * (600 * 1024 * 1024))
    assert len(bomb) < 1_000_000
    with pytest.raises(UnreadableFile, match="unpacks to more"):
        read_word("r", bomb)


def test_entities_are_not_expanded_and_no_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("秘密", encoding="utf-8")
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    prolog = f'<!DOCTYPE d [<!ENTITY e0 "哈哈"><!ENTITY f SYSTEM "file://{tmp_path}/secret">{levels}]>'
    data = _docx_with("<w:p><w:r><w:t>头&e9;&f;</w:t></w:r></w:p>", tmp_path, prolog)
    try:
        text = "".join(b.text for b in read_word("r", data).blocks if isinstance(b, Paragraph))
    except UnreadableFile:
        return
    assert "秘密" not in text
    assert len(text) < 100


@pytest.mark.parametrize(
    "body",
    [
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='999999999'/></w:tcPr></w:tc></w:tr></w:tbl>",
        "<w:tbl>" + "<w:tr><w:tc><w:tcPr><w:gridSpan w:val='150'/></w:tcPr></w:tc></w:tr>" * 2000 + "</w:tbl>",
        "<w:tbl><w:tr><w:tc><w:p/></w:tc>" * 120,
        "<w:sdt><w:sdtContent>" * 200 + "<w:p/>" + "</w:sdtContent></w:sdt>" * 200,
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='x'/></w:tcPr></w:tc></w:tr></w:tbl>",
    ],
    ids=["wide", "large", "unclosed", "deep", "no number"],
)
def test_a_word_file_made_to_do_harm_is_refused(body: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_word("r", _docx_with(body, tmp_path))


def test_html_that_spans_beyond_all_measure_is_refused_or_cut() -> None:
    with pytest.raises(UnreadableFile, match="table"):
        read_html("r", b"<table>" + b"<tr><td colspan=9999>1<td>2</tr>" * 3 + b"</table>")
    page = b"<table><tr><td rowspan=9999>1<td>2<tr><td>3</table>"
    (table,) = read_html("r", page).blocks
    assert isinstance(table, Table)
    assert len(table.rows) == 2


def test_markup_nested_beyond_all_measure_does_not_end_the_process() -> None:
    for page in (b"<div>" * 50_000 + b"1", b"<table><tr><td>" * 5_000 + b"1", b"<b>" * 100_000 + b"1"):
        try:
            assert read_html("r", page).blocks
        except UnreadableFile:
            continue
    assert read_markdown("r", b"> " * 20_000 + b"1\n\n" + b"[" * 20_000).blocks


@pytest.mark.parametrize(
    ("reader", "start"),
    [(read_word, b"PK\x03\x04"), (read_pdf, b"%PDF-1.7\n"), (read_html, b"<p>"), (read_markdown, b"# ")],
    ids=["docx", "pdf", "html", "md"],
)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=400))
def test_random_bytes_are_read_or_refused_and_nothing_else_happens(
    reader: object, start: bytes, content: bytes
) -> None:
    assert callable(reader)
    for given_bytes in (content, start + content):
        try:
            assert reader("r", given_bytes).blocks
        except UnreadableFile:
            continue


@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1), fresh=st.binary(min_size=1, max_size=30), cut=st.booleans())
def test_a_file_with_bytes_changed_or_cut_off_is_read_or_refused(
    suffix: str, in_format: object, place: float, fresh: bytes, cut: bool
) -> None:
    assert callable(in_format)
    path = in_format("linhai-2025", suffix)
    content = path.read_bytes()
    at = int(place * len(content))
    broken = content[:at] + fresh + (b"" if cut else content[at + len(fresh) :])
    try:
        canonicalise((read_word if suffix == ".docx" else read_pdf)("r", broken))
    except UnreadableFile:
        return


def test_every_format_is_named_where_none_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        ingest_folder(tmp_path)
    assert all(suffix in str(refused.value) for suffix in suffixes())
