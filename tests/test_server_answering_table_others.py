"""Columns of a table that have no meaning of their own, premises about its rows, and two rows held against each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.answering.compose import ranked_of
from server.answering.dated import with_years
from server.answering.draft import quoted
from server.answering.model import Status
from server.answering.other_names import is_other_name
from server.answering.pipeline import Knowledge
from server.answering.questions import understand
from server.answering.table import answer_row, answer_table
from server.answering.table_blank import blank_rows

_REPORT = """关于石桥县2031年国民经济和社会发展计划执行情况与2032年国民经济和社会发展计划（草案）的报告
石桥县发展和改革局
各位代表：
受县人民政府委托，现将有关情况报告如下，请予审议。
一、2031年国民经济和社会发展计划执行情况
水路货运量增长3%。
二、2032年国民经济和社会发展计划安排
继续推进各项工作。
附件1
石桥县2032年主要指标计划表
序号\t指标\t单位\t2031年计划\t2031年完成\t2032年计划\t属性\t责任单位
1\t公路货运量\t万吨\t350\t362.5\t370\t预期性\t县交通运输局
2\t居民收入增速\t%\t6\t5.2\t5.5\t预期性\t县统计局
3\t经济总量增速\t%\t6\t4.8\t5\t预期性\t县统计局
4\t新增公租房\t套\t300\t280\t320\t约束性\t县住房城乡建设局
5\t污水集中收集率\t%\t-\t-\t82\t约束性\t县水务局
6\t单位能耗降低率\t%\t3\t3.2\t完成市级下达任务\t约束性\t县发展改革局
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    path: Path = tmp_path_factory.mktemp("report") / "shiqiao-2032.txt"
    path.write_text(_REPORT, encoding="utf-8")
    return ingest_file(path)


def _said(question: str, corpus: Corpus) -> str:
    draft = answer_table(question, corpus)
    return "".join(sentence.text for sentence in draft.sentences) if draft else ""


def test_a_column_without_a_meaning_of_its_own_is_kept_with_its_title(corpus: Corpus) -> None:
    assert corpus.indicators[0].others == (("责任单位", "县交通运输局"),)


@pytest.mark.parametrize("question", ["公路货运量的责任单位", "公路货运量归谁管", "公路货运量这个指标是哪个局负责的"])
def test_who_is_responsible_is_said_and_nothing_else(question: str, corpus: Corpus) -> None:
    assert _said(question, corpus) == "公路货运量：责任单位为县交通运输局。"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "公路货运量：2031年完成值、2032年计划值、责任单位",
            "公路货运量：2031年完成362.5万吨，2032年计划370万吨，责任单位为县交通运输局。",
        ),
        ("新增公租房今年要建多少套，哪个局负责", "新增公租房：2032年计划320套，责任单位为县住房城乡建设局。"),
    ],
)
def test_who_is_responsible_is_said_beside_the_value_that_is_asked_too(
    question: str, said: str, corpus: Corpus
) -> None:
    assert _said(question, corpus) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("指标表中2031年完成栏为空（“-”）的指标", "共1项：5 污水集中收集率（2031年完成“-”）。"),
        ("表里哪几项没有填数", "共1项：5 污水集中收集率"),
        (
            "最后那张表，今年的计划没写具体数字、光写句话的有哪几样",
            "共1项：6 单位能耗降低率（2032年计划“完成市级下达任务”）。",
        ),
    ],
)
def test_rows_without_a_number_are_listed(question: str, said: str, corpus: Corpus) -> None:
    assert _said(question, corpus).startswith(said)


def test_no_row_is_listed_for_blanks_where_none_are_asked_or_there(corpus: Corpus) -> None:
    assert (
        blank_rows("污水集中收集率今年计划多少", corpus) == blank_rows("2032年计划一栏空着的指标有哪些", corpus) == ()
    )


def test_the_rows_of_one_body_are_listed(corpus: Corpus) -> None:
    assert "共2项：2 居民收入增速；3 经济总量增速" in _said("由县统计局负责的指标", corpus)


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("2031年居民收入增速是否快于经济总量增速", "是的，"),
        ("2031年居民收入增速是不是低于经济总量增速", "不是，"),
    ],
)
def test_whether_one_row_is_more_than_another_is_answered(question: str, opening: str, corpus: Corpus) -> None:
    assert _said(question, corpus).startswith(opening)


def test_what_was_only_planned_is_no_result(corpus: Corpus) -> None:
    draft = answer_table("2031年新增公租房300套都分给谁了", corpus)
    assert draft is not None
    assert draft.status is Status.ANSWERED_CORRECTION
    assert answer_table("2031年新增公租房计划300套，完成多少", corpus) is None


@pytest.mark.parametrize(
    ("question", "name", "said", "is_other"),
    [
        ("水路货运量是多少", "公路货运量", "水路货运量增长3%", True),
        ("铁路货运量是多少", "公路货运量", "水路货运量增长3%", False),
        ("公路货运量是多少", "公路货运量", "水路货运量增长3%", False),
        ("累计公租房有多少套", "新增公租房", "", True),
        ("今年新添公租房多少套", "新增公租房", "", False),
        ("2032年固定资产投资增速计划值", "经济总量增速", "固定资产投资有所回落", True),
        ("2032年固定资产投资增速计划值", "固定资产投资增速", "固定资产投资有所回落", False),
        ("老百姓口袋里收入增速", "居民收入增速", "老百姓口袋鼓起来", False),
    ],
)
def test_a_measure_of_another_thing_is_another_one(question: str, name: str, said: str, is_other: bool) -> None:
    assert is_other_name(question, name, said) is is_other


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("居民收入增速系约束性指标，请核对", "预期性"),
        ("帮核一行：新增公租房，预期性，2032年计划（）套", "约束性"),
        ("居民收入增速责任单位为县农业农村局，是否属实", "责任单位为县统计局"),
        ("公路货运量由县水务局牵头，对吧", "公路货运量"),
    ],
)
def test_a_cell_told_wrongly_is_corrected(question: str, said: str, corpus: Corpus) -> None:
    draft = answer_table(question, corpus)
    assert draft is not None
    assert draft.status is Status.ANSWERED_CORRECTION
    assert said in draft.sentences[0].text


@pytest.mark.parametrize(
    "question",
    [
        "居民收入增速是预期性指标还是约束性指标",
        "居民收入增速责任单位为县统计局，是否属实",
        "公路货运量由哪个局牵头",
        "公路货运量是约束性指标吗",
    ],
)
def test_a_cell_told_rightly_or_asked_for_is_not_corrected(question: str, corpus: Corpus) -> None:
    draft = answer_table(question, corpus)
    assert draft is None or draft.status is Status.ANSWERED


@pytest.mark.parametrize("question", ["表里跟老百姓有关的那类有几个指标", "表里去年是负数的指标有几个"])
def test_a_limit_that_is_not_understood_brings_no_list_of_all_rows(question: str, corpus: Corpus) -> None:
    assert answer_table(question, corpus) is None


def test_a_column_named_as_the_one_not_meant_is_left_out(corpus: Corpus) -> None:
    row = corpus.indicators[0]
    assert answer_row("公路货运量2031年计划值（非完成值）", corpus, row, (2031,)).text.startswith(
        "公路货运量：2031年计划350万吨，"
    )


@pytest.mark.parametrize(
    "question",
    [
        "发改局头上挂了几个指标？都数给我听听",
        "发改局负责哪些指标",
        "发展改革局牵头指标：项数＋清单",
        "那张大表里，轮到发改那个局管的是哪几样",
    ],
)
def test_a_body_may_be_called_by_its_short_form(question: str, corpus: Corpus) -> None:
    assert _said(question, corpus) == "共1项：6 单位能耗降低率。"


def test_all_rows_are_not_those_of_a_body_that_has_none(corpus: Corpus) -> None:
    assert not _said("园林局头上挂了几个指标", corpus)


def test_an_attribute_told_wrongly_is_set_right_beside_who_is_responsible(corpus: Corpus) -> None:
    said = _said("新增公租房列为预期性指标，由哪个单位负责", corpus)
    assert said == "报告里不是这样说的：新增公租房：责任单位为县住房城乡建设局，属于约束性指标。"


def test_rows_of_an_attribute_are_counted_however_the_table_is_called(corpus: Corpus) -> None:
    assert _said("表内属性为“约束性”的一共几项？列名", corpus).startswith("共3项：")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("新增公租房一开始打算多少套", "新增公租房：2031年计划300套，属于约束性指标。"),
        (
            "新增公租房到底打算建多少套，不是问最后凑出来多少",
            "新增公租房：2031年计划300套，2032年计划320套，属于约束性指标。",
        ),
    ],
)
def test_what_was_meant_at_first_is_the_plan_of_the_year_carried_out(question: str, said: str, corpus: Corpus) -> None:
    row = next(row for row in corpus.indicators if row.name == "新增公租房")
    assert answer_row(question, corpus, row, ()).text == said


def test_a_rows_columns_say_their_years_themselves(corpus: Corpus, tmp_path: Path) -> None:
    store, embedder = SnapshotStore(tmp_path), HashEmbedder()
    store.build([corpus], {}, embedder)
    knowledge = Knowledge.of(store.open(embedder))
    search = knowledge.snapshot.search
    question = "公路货运量和水路货运量"
    query = understand(question, corpus.report, search.lexical.tokenizer, knowledge.rarity)
    found = [one.candidate for one in ranked_of(query, search.find(question))[0]]
    row = next(candidate for candidate in found if candidate.form == "row")
    run = next(candidate for candidate in found if candidate.form == "run" and candidate.year != row.year)
    told = with_years(
        [(run, quoted(run.source)), (row, answer_row("公路货运量完成多少", corpus, corpus.indicators[0], ()))]
    )
    assert told[0].text.startswith(f"{run.year}年：")
    assert told[1].text.startswith("公路货运量：2031年完成")


def test_a_row_without_an_attribute_is_given_none(corpus: Corpus) -> None:
    row = replace(corpus.indicators[0], attribute="")
    assert answer_row("公路货运量的属性和责任单位", corpus, row, ()).text == "公路货运量：责任单位为县交通运输局。"
