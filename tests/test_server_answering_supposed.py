from __future__ import annotations

import pytest

from ingest.model import Indicator
from server.answering.candidates import Candidate, candidates
from server.answering.pipeline import Knowledge
from server.answering.polarity import opening
from server.answering.questions import Query, understand
from server.answering.supposed import judge
from server.answering.verify import holds


def _row(knowledge: Knowledge, question: str, name: str) -> tuple[Query, Candidate]:
    """The question as it is understood and the candidate of the row of this name."""
    search = knowledge.snapshot.search
    query = understand(question, knowledge.snapshot.default.report, search.lexical.tokenizer, knowledge.rarity)
    for candidate in candidates(query, search.find(f"{question}{name}", query.years)):
        item = candidate.evidence.entry.item
        if isinstance(item, Indicator) and item.name == name:
            return query, candidate
    raise AssertionError(f"no row {name}")


@pytest.mark.parametrize(
    ("question", "name", "first", "words"),
    [
        ("若登记失业率为3.1%，是否达标？", "登记失业率", "是的，", "低0.4个百分点，符合计划"),
        ("要是登记失业率涨到3.4%，目标算没破吗", "登记失业率", "是的，", "低0.1个百分点，符合计划"),
        ("若登记失业率升至3.2%，是否突破年度控制目标？", "登记失业率", "没有，", "低0.3个百分点，符合计划"),
        ("若登记失业率为3.6%，超标了吗", "登记失业率", "是的，", "高0.1个百分点，不符合计划"),
        ("登记失业率若为3.6%，完成与否", "登记失业率", "不是，", "高0.1个百分点，不符合计划"),
        ("如果登记失业率到了4%，算达标吗", "登记失业率", "不是，", "高0.5个百分点，不符合计划"),
        ("假设高质量上市挂牌企业数量只有79家，离计划差几家", "高质量上市挂牌企业数量", "", "少6家，不符合计划"),
        ("要是一百份里头合格九十七份五，药品抽检合格率过关么", "药品抽检合格率", "不是，", "97.5%算"),
        ("要是抽查1000批药里987批合格，够不够药品抽检合格率", "药品抽检合格率", "不是，", "98.7%算"),
        ("假设地区生产总值增速4.9%，达标吗", "地区生产总值增速", "", "低0.1个百分点（"),
    ],
)
def test_a_supposed_figure_is_held_against_the_row(
    knowledge: Knowledge, question: str, name: str, first: str, words: str
) -> None:
    judged = judge(*_row(knowledge, question, name))
    assert judged is not None
    assert judged.opening == first
    assert words in judged.sentence.text
    assert judged.sentence.origin == "computed"
    assert holds(judged.sentence)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("登记失业率2024年是3.1%", "登记失业率"),
        ("若登记失业率有80家，达标吗", "登记失业率"),
        ("要是算1%的失业率，给多少钱", "登记失业率"),
        ("若常住人口规模为100万人，达标吗", "常住人口规模"),
    ],
)
def test_nothing_is_judged_that_is_not_supposed_or_has_no_like_bound(
    knowledge: Knowledge, question: str, name: str
) -> None:
    assert judge(*_row(knowledge, question, name)) is None


@pytest.mark.parametrize(
    ("question", "name", "word"),
    [
        ("登记失业率是不是约束性指标", "登记失业率", "不是，"),
        ("药品抽检合格率是约束性指标吗", "药品抽检合格率", "是的，"),
        ("常住人口规模是否给出具体数值", "常住人口规模", "没有，"),
        ("登记失业率是否给出具体数值", "登记失业率", "有的，"),
        ("登记失业率完成计划了吗", "登记失业率", ""),
        ("登记失业率是多少", "登记失业率", ""),
    ],
)
def test_a_row_is_affirmed_or_denied_only_where_its_cells_decide(
    knowledge: Knowledge, question: str, name: str, word: str
) -> None:
    assert opening(*_row(knowledge, question, name)) == word
