"""What a sentence puts together, the words it cites put together."""

from __future__ import annotations

import pytest

from index.lexical import Tokenizer
from server.answering.support import Statement, check

TAG = Tokenizer([]).tags
HOMES = "东湖区新建养老驿站12家，西湖区改造养老驿站8家，累计服务老人3.2万人次。"
SHARES = "甲公司向乙公司转让股份，乙公司支持丙学校建设实验室。"
AID = "支持市属企业到东部开发区投资，鼓励外资企业在西部园区设立总部，对科技企业给予补贴。"
BUILDING = "力争年底前开工建设市民中心，完成图书馆主体结构，推进体育馆前期工作。"
SORTING = "除历史街区外，全部小区实现垃圾分类，未发生重大安全事故。"
AIR = "空气质量优良天数增加15天，PM2.5平均浓度30微克/立方米，同比下降6.3%。"
BEDS = "每千人床位数由7.2张提高到7.8张，其中社区床位占三成。"
FUNDS = "2022年至2023年共投入资金5亿元，其中2022年2亿元、2023年3亿元。"
DUTIES = "教育局、卫健委牵头，民政局配合，6月底前出台方案，9月底前全面实施。"
GRANTS = "对连续三年不合格的企业取消资格，对优秀企业给予不超过50万元奖励。"
COMPARED = "居民人均可支配收入高于全市平均水平，财政收入低于预期，物价保持稳定。"
OWNERS = "该项目由市政府投资建设，区政府负责运营，居民免费使用。"
MONEY = "一般公共预算收入完成1012.9亿元，同比增长10.6%，增幅居全市前列；固定资产投资同比增长12.2%。"
LINES = "因资金不足，三号线延期至2025年开工，二号线如期通车。"
TRIALS = "积极争取将老城厢片区列入国家级试点，探索建立跨区协调机制，研究制定补偿办法。"
PARK = "绿心公园二期由城建集团承建，设计单位为甲院，监理单位为乙院。"
PLATES = "“智慧门牌”：指为每个建筑编制的二维码标识，居民扫码可以报修、缴费，民警扫码可以核对住户。"

SCHOOLS = "小学新增学位1200个，中学新增学位800个，普惠性幼儿园覆盖率达到92%。"
FIRMS = "与京西集团签约共建创新园，为海科公司提供贷款3亿元，推动华信公司迁入。"
HEATING = "计划分三年完成供热管网改造60公里，2024年完成20公里。"
RULES = "要求企业年内完成整改，逾期未完成的停业；允许小微企业延期六个月。"


def _holds(sentence: str, words: str, year: int) -> bool:
    return check(sentence, [Statement(words, "", year, year == 2024)], TAG).holds


@pytest.mark.parametrize(
    ("sentence", "words", "year"),
    [
        ("2023年东湖区新建了养老驿站12家。", HOMES, 2023),
        ("东湖区新建12家养老驿站。", HOMES, 2023),
        ("西湖区改造了8家养老驿站。", HOMES, 2023),
        ("累计服务老人3.2万人次。", HOMES, 2023),
        ("西湖区改造养老驿站8家，累计服务老人3.2万人次。", HOMES, 2023),
        ("甲公司向乙公司转让了股份。", SHARES, 2023),
        ("2024年将支持市属企业到东部开发区投资。", AID, 2024),
        ("2024年计划对科技企业给予补贴。", AID, 2024),
        ("2024年将推进体育馆前期工作。", BUILDING, 2024),
        ("2023年未发生重大安全事故。", SORTING, 2023),
        ("PM2.5平均浓度为30微克/立方米，同比下降6.3%。", AIR, 2023),
        ("2024年每千人床位数将由7.2张提高到7.8张。", BEDS, 2024),
        ("2022年至2023年共投入资金5亿元。", FUNDS, 2023),
        ("2024年6月底前出台方案。", DUTIES, 2024),
        ("教育局、卫健委牵头，民政局配合。", DUTIES, 2024),
        ("对优秀企业给予不超过50万元的奖励。", GRANTS, 2024),
        ("2023年财政收入低于预期。", COMPARED, 2023),
        ("该项目由市政府投资建设，由区政府负责运营。", OWNERS, 2023),
        ("2023年一般公共预算收入完成1012.9亿元，同比增长10.6%。", MONEY, 2023),
        ("一般公共预算收入同比增长10.6%，增幅居全市前列。", MONEY, 2023),
        ("一般公共预算收入1012.9亿元，增长10.6%；固定资产投资增长12.2%。", MONEY, 2023),
        ("因资金不足，三号线将延期至2025年开工。", LINES, 2024),
        ("2024年将探索建立跨区协调机制。", TRIALS, 2024),
        ("设计单位为甲院。", PARK, 2023),
        ("“智慧门牌”指为每个建筑编制的二维码标识，居民扫码可以报修、缴费。", PLATES, 2023),
    ],
)
def test_what_one_clause_says_may_be_told_with_the_subject_it_leaves_out(sentence: str, words: str, year: int) -> None:
    assert check(sentence, [Statement(words, "", year, year == 2024)], TAG).problems == ()


@pytest.mark.parametrize(
    ("sentence", "words", "year"),
    [
        ("东湖区累计服务老人3.2万人次。", HOMES, 2023),
        ("养老驿站12家服务老人3.2万人次。", HOMES, 2023),
        ("东湖区新建养老驿站12家，累计服务老人3.2万人次。", HOMES, 2023),
        ("东湖区新建养老驿站12家，改造养老驿站8家。", HOMES, 2023),
        ("西湖区服务老人3.2万人次。", HOMES, 2023),
        ("共有养老驿站12家。", HOMES, 2023),
        ("养老驿站达到12家。", HOMES, 2023),
        ("乙公司向甲公司转让股份。", SHARES, 2023),
        ("丙学校支持乙公司建设实验室。", SHARES, 2023),
        ("甲公司支持丙学校建设实验室。", SHARES, 2023),
        ("甲公司向丙学校转让股份。", SHARES, 2023),
        ("鼓励外资企业在东部开发区设立总部。", AID, 2024),
        ("支持市属企业到西部园区投资。", AID, 2024),
        ("对外资企业给予补贴。", AID, 2024),
        ("市属企业在西部园区设立总部。", AID, 2024),
        ("完成市民中心主体结构。", BUILDING, 2024),
        ("全部小区实现垃圾分类。", SORTING, 2023),
        ("历史街区实现垃圾分类。", SORTING, 2023),
        ("包括历史街区在内的全部小区实现垃圾分类。", SORTING, 2023),
        ("优良天数同比下降6.3%。", AIR, 2023),
        ("每千人社区床位数提高到7.8张。", BEDS, 2024),
        ("床位数提高到7.8张。", BEDS, 2024),
        ("2023年共投入资金5亿元。", FUNDS, 2023),
        ("投入资金2亿元。", FUNDS, 2023),
        ("9月底前出台方案。", DUTIES, 2024),
        ("6月底前全面实施。", DUTIES, 2024),
        ("对优秀企业取消资格。", GRANTS, 2024),
        ("对不合格的企业给予不超过50万元奖励。", GRANTS, 2024),
        ("对连续三年优秀的企业给予不超过50万元奖励。", GRANTS, 2024),
        ("居民人均可支配收入低于全市平均水平。", COMPARED, 2023),
        ("居民人均可支配收入高于预期。", COMPARED, 2023),
        ("财政收入高于预期。", COMPARED, 2023),
        ("财政收入保持稳定。", COMPARED, 2023),
        ("该项目由区政府投资建设。", OWNERS, 2023),
        ("居民投资建设。", OWNERS, 2023),
        ("区政府免费使用。", OWNERS, 2023),
        ("固定资产投资同比增长12.2%，增幅居全市前列。", MONEY, 2023),
        ("三号线如期通车。", LINES, 2023),
        ("三号线2025年通车。", LINES, 2023),
        ("三号线开工。", LINES, 2023),
        ("因资金不足，二号线如期通车。", LINES, 2023),
        ("老城厢片区列入国家级试点。", TRIALS, 2024),
        ("建立跨区协调机制。", TRIALS, 2024),
        ("争取建立跨区协调机制。", TRIALS, 2024),
        ("绿心公园二期设计单位为城建集团。", PARK, 2023),
        ("设计单位为乙院。", PARK, 2023),
        ("居民扫码可以核对住户。", PLATES, 2023),
        ("小学新增学位1200个，覆盖率达到92%。", SCHOOLS, 2023),
        ("小学学位1200个。", SCHOOLS, 2023),
        ("为京西集团提供贷款3亿元。", FIRMS, 2023),
        ("华信公司已迁入。", FIRMS, 2023),
        ("2024年完成供热管网改造60公里。", HEATING, 2024),
        ("允许企业延期六个月。", RULES, 2024),
        ("企业年内完成整改。", RULES, 2024),
    ],
)
def test_words_of_several_clauses_are_not_put_together_anew(sentence: str, words: str, year: int) -> None:
    assert not _holds(sentence, words, year)


def test_a_clause_with_an_exception_before_it_is_no_quotation() -> None:
    assert check(SORTING[:-1], [Statement(SORTING)], TAG).is_quote
    assert not check("全部小区实现垃圾分类。", [Statement(SORTING)], TAG).is_quote


def test_a_quoted_name_is_not_shortened() -> None:
    words = "“风险地图”正式上线，“感动临海卡”发放2万张，智慧门牌投入使用。"
    assert _holds("“风险地图”正式上线。", words, 2023)
    assert not _holds("“地图”正式上线。", words, 2023)
    assert _holds("“智慧门牌”投入使用。", words, 2023)


def test_what_kind_of_target_it_is_must_be_said() -> None:
    words = "食品抽检合格率计划稳定在98.5%以上，属于约束性指标。"
    assert _holds("食品抽检合格率属于约束性指标。", words, 2024)
    assert not _holds("食品抽检合格率属于预期性指标。", words, 2024)


def test_a_year_is_not_read_into_the_word_behind_it() -> None:
    assert _holds("2023年老旧小区改造开工45个、完工38个。", "老旧小区改造开工45个、完工38个，加装电梯200部。", 2023)
