from __future__ import annotations

from dataclasses import replace

import pytest

from index.years import years_in
from ingest.model import Corpus


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("2024年地区生产总值目标", (2024,)),
        ("2023 年完成了什么", (2023,)),
        ("2024", (2024,)),
        ("2023到2024", (2023, 2024)),
        ("今年要做什么", (2024,)),
        ("本年度安排", (2024,)),
        ("去年做了什么", (2023,)),
        ("上年完成多少", (2023,)),
        ("去年和今年比", (2023, 2024)),
        ("明年呢", (2025,)),
        ("前年呢", (2022,)),
        ("23年GDP", (2023,)),
        ("24年和23年", (2023, 2024)),
        ("二〇二三年", (2023,)),
        ("二零二四年", (2024,)),
        ("二○二四年", (2024,)),
        ("全年工作", ()),
        ("每年投入多少", ()),
        ("一年来的工作", ()),
        ("学年", ()),
        ("5年以上", ()),
        ("10年来", ()),
        ("15年内", ()),
        ("75周年", ()),
        ("12345热线", ()),
        ("“2-1-1-5-2”框架体系", ()),
        ("12024人", ()),
        ("20241", ()),
        ("3.5%以内", ()),
        ("", ()),
        ("投资2000万元", ()),
        ("投资 2000 万元", ()),
        ("安装2012部设备", ()),
        ("安装 2012 部设备", ()),
        ("成立70年", ()),
        ("成立了20年", ()),
        ("第20年", ()),
        ("连续16年", ()),
        ("41年", ()),
        ("新华1949停车楼", ()),
        ("新华1949", ()),
        ("1949", ()),
        ("1949年", (1949,)),
        ("今明两年", (2024, 2025)),
        ("去今两年", (2023, 2024)),
        ("近两年", (2023, 2024)),
        ("2023和2024", (2023, 2024)),
        ("2023和2024哪个高", (2023, 2024)),
        ("2023、2024年", (2023, 2024)),
        ("2023-2027年", (2023, 2027)),
        ("2023年和2024", (2023, 2024)),
        ("2000-2050万元", ()),
        ("2010、2011部", ()),
        ("2024？", (2024,)),
        ("（2024）目标", (2024,)),
        ("2024计划", (2024,)),
        ("2024 目标", (2024,)),
        ("2024.5亿元", ()),
        ("2024,000元", ()),
        ("２０２４年", (2024,)),
        ("60岁以上年龄的老人", ()),
        ("上年纪的老人", ()),
        ("说明年份", ()),
        ("目前年均多少", ()),
        ("What is the target for 2024?", (2024,)),
        ("GDP This Year and last year", (2023, 2024)),
        ("请问next year的目标", (2025,)),
    ],
)
def test_the_years_a_question_names_are_read_against_the_report(
    question: str, years: tuple[int, ...], corpus: Corpus
) -> None:
    assert years_in(question, corpus.report) == years


def test_this_and_last_year_are_those_of_the_report_asked(other_corpus: Corpus) -> None:
    assert years_in("今年和去年", other_corpus.report) == (2024, 2025)


def test_this_year_is_no_year_where_the_report_does_not_say_its_own(corpus: Corpus) -> None:
    report = replace(corpus.report, year_planned=None, year_reviewed=None)
    assert years_in("今年、近两年和2020年", report) == (2020,)
