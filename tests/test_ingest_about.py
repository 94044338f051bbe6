from __future__ import annotations

import pytest

from ingest.about import About, read_about
from ingest.model import Corpus

PLAN = "国民经济和社会发展计划"


def test_the_shipped_report_says_its_title_place_and_years(corpus: Corpus) -> None:
    assert corpus.report.id == "xicheng-2024"
    assert corpus.report.source == "xicheng-2024.txt"
    assert corpus.report.title == f"西城区2023年{PLAN}执行情况与2024年{PLAN}草案的报告"
    assert corpus.report.place == "西城区"
    assert (corpus.report.year_reviewed, corpus.report.year_planned) == (2023, 2024)


def test_a_report_with_a_title_line_says_its_title_place_and_years(other_corpus: Corpus) -> None:
    assert other_corpus.report.title == f"林海县2024年{PLAN}执行情况与2025年{PLAN}草案的报告"
    assert other_corpus.report.place == "林海县"
    assert (other_corpus.report.year_reviewed, other_corpus.report.year_planned) == (2024, 2025)


def test_a_title_over_two_lines_is_read_whole(tiny_corpus: Corpus) -> None:
    assert tiny_corpus.report.title == f"丰溪市2022年{PLAN}执行情况与2023年{PLAN}草案的报告"
    assert tiny_corpus.report.place == "丰溪市"
    assert (tiny_corpus.report.year_reviewed, tiny_corpus.report.year_planned) == (2022, 2023)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            [f"北原市东湖区2020年{PLAN}执行情况与2021年{PLAN}草案的报告（书面）", "一、2020年工作"],
            About(f"北原市东湖区2020年{PLAN}执行情况与2021年{PLAN}草案的报告", "北原市东湖区", 2020, 2021),
        ),
        (
            [f"云岭县２０２０年{PLAN}执行情况与２０２１年{PLAN}草案的报告"],
            About(f"云岭县２０２０年{PLAN}执行情况与２０２１年{PLAN}草案的报告", "云岭县", 2020, 2021),
        ),
        (
            ["关于青河旗2019年国民经济和社会", "发展计划执行情况的报告"],
            About(f"青河旗2019年{PLAN}执行情况的报告", "青河旗", 2019, 2020),
        ),
        (["各位代表：", "受南山省人民政府委托，报告如下。", "一、2021年主要目标"], About("file", "南山省", 2020, 2021)),
        (["一、二〇二一年的事", "今年要办好实事。"], About("file", "", None, None)),
        (["一些话说到2018年，又说到2019年，再说2019年。"], About("file", "", 2018, 2019)),
        (["只说到2019年。"], About("file", "", 2018, 2019)),
    ],
)
def test_title_place_and_years_are_read_from_reports_of_other_shapes(lines: list[str], expected: About) -> None:
    assert read_about(lines, "file") == expected


@pytest.mark.parametrize("commissioner", ["县", "市", "全县", "自治县"])
def test_a_government_that_leaves_its_place_unsaid_is_no_place(commissioner: str) -> None:
    assert read_about([f"受{commissioner}人民政府委托，现将2024年计划执行情况报告如下。"], "file").place == ""
