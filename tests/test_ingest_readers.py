from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.corpus import ingest_file, ingest_folder
from ingest.model import Corpus
from ingest.readers import Paragraph, Table, UnreadableFile, read, suffixes
from ingest.readers.word_text import read_text


def test_layout_marks_and_invisible_characters_are_removed_and_words_kept() -> None:
    data = "[bookmark: _Hlk1]一、[bookmark: _Hlk2]目\u200b标\n　　［注］全年\ufeff增长5%\u00ad。[image: a.png]\n[comment: x]\n"
    blocks = read_text("r.txt", data.encode()).blocks
    assert blocks == (Paragraph("一、目标", 1), Paragraph("［注］全年增长5%。", 2))


def test_a_table_is_read_with_merged_cells_by_position_and_broken_cells_joined() -> None:
    rows = ["\t类别\n\t指标\n\t2024年\n计划", "\t经济\n\tGDP\ngrowth\n\t5.0", "\t\n\t投资\n\t5.0"]
    document = read_text("r.txt", ("前\n" + "\n\n".join(rows) + "\n\n后\n").encode())
    before, table, after = document.blocks
    assert (before, after) == (Paragraph("前", 1), Paragraph("后", 16))
    assert isinstance(table, Table)
    assert table.line == 2
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["类别", "指标", "2024年计划"],
        ["经济", "GDP growth", "5.0"],
        ["经济", "投资", "5.0"],
    ]
    assert table.rows[2][0] is table.rows[1][0]
    assert table.rows[2][2] is not table.rows[1][2]
    assert [cell.line for cell in table.rows[2]] == [7, 13, 14]


def test_a_table_pasted_line_by_line_is_read_and_its_empty_cells_are_kept() -> None:
    data = "表\n类别\t指标\t计划\n经济\tGDP\t5\n\t投资\t-\n\n2024年\t见下\n后\n"
    before, table, *after = read_text("r.txt", data.encode()).blocks
    assert (before, *after) == (Paragraph("表", 1), Paragraph("2024年 见下", 6), Paragraph("后", 7))
    assert isinstance(table, Table)
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["类别", "指标", "计划"],
        ["经济", "GDP", "5"],
        ["经济", "投资", "-"],
    ]
    assert [cell.line for cell in table.rows[1]] == [3, 3, 3]


def _with_bookmarks(text: str) -> str:
    return "\n".join(
        f"[bookmark: _Hlk{i}]{line}" if line[:1].strip() else line for i, line in enumerate(text.split("\n"))
    )


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("gb18030"),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\n").encode("gb18030"),
        lambda text: _with_bookmarks(text).encode(),
    ],
    ids=["bom", "gb18030", "utf-16", "crlf", "bom-crlf", "gb18030-crlf", "bookmarks"],
)
@pytest.mark.parametrize("report", ["linhai-2025.txt", "fengxi-2023.txt"])
def test_encoding_line_ends_and_bookmarks_change_nothing_in_the_corpus(
    encode: object, report: str, data: Path, tmp_path: Path
) -> None:
    assert callable(encode)
    path = tmp_path / report
    path.write_bytes(encode((data / report).read_text(encoding="utf-8")))
    assert ingest_file(path) == ingest_file(data / report)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\x89PNG\r\n\x00\x01", "binary"),
        (b"PK\x03\x04\x00\x00", "binary"),
        (b"\xff\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", "neither UTF-8 nor GB18030"),
        ("\ufeff\n　\n[bookmark: a]\n".encode(), "no text"),
        ("一、只有标题\n二、还是标题\n".encode(), "no running text"),
    ],
)
def test_a_file_without_readable_text_is_refused_with_its_name_and_the_reason(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=reason) as caught:
        ingest_file(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_a_folder_and_an_unknown_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    for path in (tmp_path / "none.txt", tmp_path / "folder.txt", tmp_path / "report.xyz", tmp_path / "report"):
        with pytest.raises(UnreadableFile, match=path.name):
            read(path)


def test_a_folder_is_ingested_in_name_order_and_other_files_are_passed_over(data: Path, tmp_path: Path) -> None:
    for name in ("b.txt", "a.TXT"):
        (tmp_path / name).write_bytes((data / "fengxi-2023.txt").read_bytes())
    (tmp_path / "notes.xyz").write_text("x", encoding="utf-8")
    assert [corpus.report.id for corpus in ingest_folder(tmp_path)] == ["a", "b"]


def test_a_folder_that_is_missing_or_empty_or_has_one_id_twice_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such folder"):
        ingest_folder(tmp_path / "none")
    with pytest.raises(UnreadableFile, match="no report in it"):
        ingest_folder(tmp_path)
    for name in ("a.txt", "a.TXT"):
        (tmp_path / name).write_bytes((data / "fengxi-2023.txt").read_bytes())
    with pytest.raises(UnreadableFile, match="same name"):
        ingest_folder(tmp_path)
    assert ".txt" in suffixes()


def test_no_layout_mark_is_left_in_the_shipped_report(corpus: Corpus) -> None:
    assert "bookmark" not in corpus.report.text
    assert "[" not in corpus.report.text


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.binary(max_size=80), st.text(max_size=40).map(str.encode), st.binary(max_size=40).map(b"\xff\xfe".__add__)
    )
)
def test_random_bytes_are_read_or_refused_and_nothing_else_happens(content: bytes) -> None:
    try:
        blocks = read_text("r.txt", content).blocks
    except UnreadableFile:
        return
    assert blocks
