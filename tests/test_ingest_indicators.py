from __future__ import annotations

from pathlib import Path

import pytest

from ingest.corpus import ingest_file
from ingest.indicators import parse_number
from ingest.model import Corpus

SHIPPED = """\
创新发展	1		全员劳动生产率	万元/人	-	预期性
创新发展	2		地区生产总值增速	%	5左右	预期性
创新发展	3		高质量上市挂牌企业数量	家	85	预期性
创新发展	4		金融科技头部机构总量	个	10	预期性
协调发展	5		金融业增加值增幅	%	6	预期性
协调发展	6		非金融地区重点楼宇税收增速	%	9	预期性
绿色发展	7		细颗粒物（PM2.5）年均浓度	微克/立方米	达到市级要求	约束性
绿色发展	8		非历史文化街区地区公园绿地500米服务半径覆盖率	%	100	约束性
绿色发展	9		优质外向型企业及项目引入数量	个	120	预期性
共享发展	10		居民人均可支配收入增速	%	与经济增长同步	预期性
共享发展	11		登记失业率	%	<3.5	预期性
共享发展	12		人均公共文化服务设施建筑面积	平方米	2.1	预期性
共享发展	13		教育支出占一般公共预算支出比例	%	与一般公共预算支出基本同步	预期性
共享发展	14		千人居家为老服务床位与机构养老床位数	张	7.8	预期性
共享发展	15		物业服务覆盖率	%	100	预期性
安全稳定	16	食品药品安全	食品安全抽检合格率	%	稳定在98.5以上	约束性
安全稳定	16	食品药品安全	药品抽检合格率	%	稳定在99以上	约束性
安全稳定	17		单位地区生产总值生产安全事故死亡率	人/百亿元	达到市级要求	约束性
减量提质	18		万元地区生产总值能耗降幅	%	达到市级要求	约束性
减量提质	19		常住人口规模	万人	达到市级要求	约束性
减量提质	20		生产生活用水总量	亿立方米	1	约束性"""

NUMBERS = [None, 5, 85, 10, 6, 9, None, 100, 120, None, 3.5, 2.1, None, 7.8, 100, 98.5, 99, None, None, None, 1]

OTHER = """\
经济发展	1	地区生产总值增长	%	6.0	5.6	5.5左右	预期性
经济发展	2	规模以上工业增加值增长	%	7.0	7.0	7.0	预期性
经济发展	3	固定资产投资增长	%	5.0	5.0	6.0以上	预期性
经济发展	4	社会消费品零售总额	亿元	４２.５	４３．１	45.2	预期性
经济发展	5	粮食产量	万吨	21.5	21.8	稳定在21.5以上	约束性
民生福祉	6	城镇调查失业率	%	≤5.5	5.1	5.5以内	预期性
民生福祉	7	居民人均可支配收入增长	%	6.5	6.8	与经济增长同步	预期性
民生福祉	9	农村自来水普及率	%	96		96.5	预期性
民生福祉	10	城镇新增就业	人	3,000	3,120	3,000	预期性
生态环境	11	森林覆盖率	%	—	71.3	保持稳定	约束性
生态环境	12	单位地区生产总值能耗降低	%	3.0	－0.4	完成省定任务	约束性
生态环境	13	细颗粒物（PM2.5）	微克/立方米	24	23	24	约束性"""


def _line_of(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return 1 + next(i for i, line in enumerate(lines) if words in line)


def _ingest_table(folder: Path, *rows: str) -> Corpus:
    table = "\n\n".join("\n".join("\t" + cell for cell in row.split("|")) for row in rows)
    path = folder / "r.txt"
    path.write_text(f"北原市2021年计划草案的报告\n附件1\n北原市2021年计划表\n{table}\n", encoding="utf-8")
    return ingest_file(path)


def test_every_row_of_the_shipped_table_is_read_as_written(corpus: Corpus) -> None:
    rows = [
        (i.dimension, i.number, i.group, i.name, i.unit, *(v.text for v in i.values), i.attribute)
        for i in corpus.indicators
    ]
    assert rows == [tuple(line.split("\t")) for line in SHIPPED.splitlines()]
    assert len({i.number for i in corpus.indicators}) == 20


def test_the_shipped_values_are_numbers_where_they_hold_one(corpus: Corpus) -> None:
    assert [v.number for i in corpus.indicators for v in i.values] == NUMBERS


def test_the_shipped_values_are_planned_for_the_year_of_their_column(corpus: Corpus) -> None:
    values = {(v.header, v.year, v.role) for i in corpus.indicators for v in i.values}
    assert values == {("2024年计划", 2024, "计划")}
    assert all(i.planned == i.values[-1] for i in corpus.indicators)


def test_a_row_is_quoted_as_its_cells_in_column_order(corpus: Corpus) -> None:
    quotes = {(i.number, i.name): i.span.of(corpus.report.text) for i in corpus.indicators}
    assert quotes["11", "登记失业率"] == "共享发展\t11\t登记失业率（%）\t<3.5\t预期性"
    assert quotes["16", "药品抽检合格率"] == "安全稳定\t16\t食品药品安全\t药品抽检合格率（%）\t稳定在99以上\t约束性"


def test_every_row_of_a_table_with_other_columns_is_read_as_written(other_corpus: Corpus) -> None:
    rows = [
        (i.dimension, i.number, i.name, i.unit, *(v.text for v in i.values), i.attribute)
        for i in other_corpus.indicators
    ]
    assert rows == [tuple(line.split("\t")) for line in OTHER.splitlines()]
    assert {i.group for i in other_corpus.indicators} == {""}


def test_each_value_column_has_its_own_year_and_role(other_corpus: Corpus) -> None:
    for indicator in other_corpus.indicators:
        assert [(v.header, v.year, v.role) for v in indicator.values] == [
            ("2024年计划", 2024, "计划"),
            ("2024年完成", 2024, "完成"),
            ("2025年目标", 2025, "计划"),
        ]
        assert indicator.planned.year == 2025


def test_equal_neighbouring_cells_are_two_values_at_two_places(other_corpus: Corpus) -> None:
    first, second, third = next(i for i in other_corpus.indicators if i.number == "2").values
    assert first.text == second.text == third.text == "7.0"
    assert first.span.end < second.span.start < second.span.end < third.span.start


def test_an_empty_cell_and_a_dash_are_values_without_a_number(other_corpus: Corpus) -> None:
    by_number = {i.number: i for i in other_corpus.indicators}
    assert [v.number for v in by_number["9"].values] == [96, None, 96.5]
    assert [v.number for v in by_number["11"].values] == [None, 71.3, None]


def test_full_width_and_negative_figures_keep_their_value(other_corpus: Corpus) -> None:
    by_number = {i.number: i for i in other_corpus.indicators}
    assert [v.number for v in by_number["4"].values] == [42.5, 43.1, 45.2]
    assert by_number["12"].values[1].number == -0.4
    assert by_number["10"].values[1].number == 3120


def test_what_was_not_understood_is_told_with_its_source_line(other_corpus: Corpus, data: Path) -> None:
    source = data / "linhai-2025.txt"
    not_a_plan, malformed = other_corpus.notices
    assert not_a_plan.line == _line_of(source, "\t序号")
    assert "序号 | 实事名称 | 牵头部门 | 完成时限" in not_a_plan.message
    assert malformed.line == _line_of(source, "河流断面水质优良比例") - 1
    assert "民生福祉 | 8 | 河流断面水质优良比例 | % | 100" in malformed.message


def test_a_table_behind_an_untitled_annex_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("2021年计划草案的报告\n附表\n\t指标\n\t单位\n\t计划\n\n\t人口\n\t万人\n\t12\n", encoding="utf-8")
    (row,) = ingest_file(path).indicators
    assert (row.name, row.unit, row.number, row.dimension, row.values[0].number) == ("人口", "万人", "", "", 12)


@pytest.mark.parametrize(
    ("header", "year", "role"),
    [
        ("2021年预期目标", 2021, "计划"),
        ("2020年预计完成", 2020, "完成"),
        ("２０２０年实际", 2020, "完成"),
        ("2021年", 2021, "计划"),
        ("计划", 2021, "计划"),
        ("2020年计划执行", 2020, "计划"),
    ],
)
def test_a_column_title_says_year_and_role(header: str, year: int, role: str, tmp_path: Path) -> None:
    (row,) = _ingest_table(tmp_path, f"指标|{header}", "人口（万人）|12").indicators
    assert [(v.year, v.role, v.number) for v in row.values] == [(year, role, 12)]
    assert row.unit == "万人"


@pytest.mark.parametrize("unit", ["-", "—", "/", "无", ""])
def test_a_dash_in_the_column_of_units_is_no_unit(unit: str, tmp_path: Path) -> None:
    (row,) = _ingest_table(tmp_path, "指标|单位|2021年计划", f"用水系数|{unit}|0.58").indicators
    assert row.unit == ""


def test_brackets_at_the_end_of_a_name_are_a_unit_only_where_no_column_says_another(tmp_path: Path) -> None:
    corpus = _ingest_table(
        tmp_path, "指标|单位|2021年计划", "人口（万人）|万人|12", "收入（城镇）|元|9", "车位（个）||5"
    )
    assert [(i.name, i.unit) for i in corpus.indicators] == [("人口", "万人"), ("收入（城镇）", "元"), ("车位", "个")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-", None),
        ("—", None),
        ("", None),
        ("<3.5", 3.5),
        ("≤5.5", 5.5),
        ("5左右", 5),
        ("稳定在98.5以上", 98.5),
        ("达到市级要求", None),
        ("3-5", None),
        ("1,260.5", 1260.5),
        ("１２", 12),
        ("４３．１", 43.1),
        ("-0.4", -0.4),
        ("－0.4", -0.4),
        ("−0.4", -0.4),
        ("100%", 100),
    ],
)
def test_a_cell_is_a_number_where_it_holds_exactly_one(text: str, number: float | None) -> None:
    assert parse_number(text) == number
