"""Tables of a PDF over page breaks: joined where the borders agree, and never guessed at."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.readers import Cell
from ingest.readers.pdf import _goes_on, _join_tables, _Ruled

EDGES = (50.0, 100.0, 150.0, 300.0, 400.0)
HEADER = ("类别", "序号", "指标", "2024年")


def _part(page: int, *rows: Sequence[str], edges: tuple[float, ...] = EDGES) -> _Ruled:
    return _Ruled(edges, tuple(tuple(Cell(text, page) for text in row) for row in rows), 60.0, page)


def _texts(*parts: _Ruled) -> list[list[str]]:
    return [[cell.text for cell in row] for row in _join_tables(parts).rows]


def test_a_repeated_header_is_dropped_and_a_merged_first_cell_goes_on() -> None:
    first = _part(1, HEADER, ("经济", "1", "增速", "5"))
    second = _part(2, HEADER, ("", "2", "投资", "6"), ("民生", "3", "就业", "7"))
    assert _texts(first, second) == [
        list(HEADER),
        ["经济", "1", "增速", "5"],
        ["经济", "2", "投资", "6"],
        ["民生", "3", "就业", "7"],
    ]
    joined = _join_tables([first, second]).rows
    assert joined[2][0] is joined[1][0]
    assert joined[2][3] is not joined[1][3]


def test_one_lone_cell_after_the_break_is_the_rest_of_the_cell_before_it() -> None:
    first, second = (
        _part(1, HEADER, ("经济", "1", "很长的指", "5")),
        _part(2, ("", "", "标名称", ""), ("经济", "2", "投资", "6")),
    )
    assert _texts(first, second)[1:] == [["经济", "1", "很长的指标名称", "5"], ["经济", "2", "投资", "6"]]


def test_a_rest_that_could_be_a_row_of_its_own_becomes_no_row() -> None:
    first, second = (
        _part(1, HEADER, ("经济", "1", "很长的指", "达到")),
        _part(2, ("", "", "标名称", "要求"), ("经济", "2", "投资", "6")),
    )
    rows = _join_tables([first, second]).rows
    assert len({*rows[1]}) == 1
    assert rows[1][0].text == "经济 1 很长的指 达到 标名称 要求"
    assert [cell.text for cell in rows[2]] == ["经济", "2", "投资", "6"]


def test_a_column_that_only_one_page_splits_is_there_on_both() -> None:
    wide = (50.0, 100.0, 300.0, 400.0)
    first = _part(1, ("序号", "指标", "2024年"), ("1", "增速", "5"), edges=wide)
    second = _part(2, ("2", "安全", "抽检", "98"), edges=EDGES)
    rows = _join_tables([first, second]).rows
    assert rows[0][1] is rows[0][2]
    assert [cell.text for cell in rows[1]] == ["1", "增速", "增速", "5"]
    assert [cell.text for cell in rows[2]] == ["2", "安全", "抽检", "98"]


def test_only_a_table_of_the_same_borders_on_the_next_page_goes_on() -> None:
    first = _part(1, HEADER)
    assert _goes_on(first, _part(2, HEADER))
    assert _goes_on(first, _part(2, HEADER, edges=tuple(edge + 3 for edge in EDGES)))
    assert not _goes_on(first, _part(3, HEADER))
    assert not _goes_on(first, _part(1, HEADER))
    assert not _goes_on(first, _part(2, HEADER, edges=(50.0, 120.0, 150.0, 300.0, 400.0)))
    assert not _goes_on(first, _part(2, HEADER, edges=(50.0, 100.0, 150.0, 300.0, 450.0)))
