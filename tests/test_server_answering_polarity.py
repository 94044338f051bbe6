from __future__ import annotations

import pytest

from server.answering.pipeline import Knowledge, run
from server.answering.polarity import _MATTERS, decided, forbidden, negated, not_yet, only_a_stage
from server.answering.questions import Query, understand
from server.answering.supposed import is_supposed


def _query(knowledge: Knowledge, question: str) -> Query:
    tokenizer = knowledge.snapshot.search.lexical.tokenizer
    return understand(question, knowledge.snapshot.default.report, tokenizer, knowledge.rarity)


def _so(knowledge: Knowledge, question: str, said: str) -> bool | None:
    matter = next(matter for matter in _MATTERS if matter.asked.search(question))
    return decided(_query(knowledge, question), matter, said)


@pytest.mark.parametrize(
    ("question", "said", "so"),
    [
        ("看门诊要掏钱吗", "社区门诊实行免费诊查。", False),
        ("看门诊免费吗", "社区门诊实行免费诊查。", True),
        ("孩子上晚托要收费吗", "晚托服务按每月200元收取。", True),
        ("我家低保户也要交钱吗", "安装费按每户300元收取，低保户免收。", False),
        ("普通人家要交钱吗", "安装费按每户300元收取，低保户免收。", True),
        ("我七十岁了坐船要掏钱吗", "65周岁以上老人免费乘船。", False),
        ("我六十岁了坐船要掏钱吗", "65周岁以上老人免费乘船。", None),
        ("老菜场是关门了吗", "老菜场原址保留。", False),
        ("老菜场是关门了吗", "老菜场年内关停。", True),
        ("泥石流伤亡了吗", "泥石流处置及时，未造成人员伤亡。", False),
        ("地震死了人没有", "实现零死亡。", False),
        ("地震死了人没有", "转移群众300人。", None),
        ("岛上吃水还要等船拉吗", "供水管道通水，岛上居民告别水船运水。", False),
        ("低保家装电梯的钱要自己出不", "低保家庭分摊费用由区财政承担。", False),
        ("停车要钱吗", "新建停车楼前30分钟免费。", None),
    ],
)
def test_everyday_words_are_decided_by_the_words_of_the_clause_about_those_asked_of(
    knowledge: Knowledge, question: str, said: str, so: bool | None
) -> None:
    assert _so(knowledge, question, said) is so


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("若覆盖率为3.2%，达标吗", True),
        ("假设只有80家，差几家", True),
        ("要是降到5%呢", True),
        ("若干措施有哪些", False),
        ("覆盖率是多少", False),
    ],
)
def test_a_supposition_is_told_from_a_premise(question: str, is_one: bool) -> None:
    assert is_supposed(question) is is_one


@pytest.mark.parametrize(
    ("question", "said", "word"),
    [
        ("柳河至白沙段明年是否开工", "启动柳河至白沙段前期工作，不安排开工。", "不是，"),
        ("学生专线是否对乘客售票", "学生专线是只接送学生的客车，不对社会乘客售票。", "不是，"),
        ("老轧钢馆是否开放", "老钢厂开园；老轧钢馆完成主体加固，因资金未落实没有按期开放。", "不是，"),
        ("老钢厂是否开园", "老钢厂开园；老轧钢馆完成主体加固，因资金未落实没有按期开放。", ""),
    ],
)
def test_a_last_word_negated_near_its_subject_is_a_no(
    knowledge: Knowledge, question: str, said: str, word: str
) -> None:
    query = _query(knowledge, question)
    assert ("不是，" if negated(query, said) else "") == word


@pytest.mark.model
def test_a_name_that_begins_with_naught_denies_nothing(real_knowledge: Knowledge) -> None:
    state = run(real_knowledge, "2023年“零就业家庭”是否保持动态清零")
    assert state.sentences[0].text.startswith("是的，")


@pytest.mark.parametrize(
    ("asked", "said", "is_not_yet"),
    [
        ("港区那个保税区批下来了没", "港区保税区申报材料已上报，尚未获批。", True),
        ("车价去年动过没有", "公交车价未作调整。", True),
        ("新院区现在能住院了吗", "新院区主体封顶。", True),
        ("新院区能住院了吗", "新院区正式投入使用。", False),
        ("三年行动计划收官了吗", "三年行动计划圆满收官。", False),
        ("新院区有多少床位", "新院区尚未启用。", False),
    ],
)
def test_what_has_not_come_about_yet_is_a_no(asked: str, said: str, *, is_not_yet: bool) -> None:
    assert not_yet(asked, said) is is_not_yet


@pytest.mark.parametrize(
    ("question", "said", "is_forbidden"),
    [
        ("那根老烟囱能直接拆了不", "老烟囱一律先评估后处置，不得擅自拆除。", True),
        ("老烟囱可否直接拆除", "老烟囱一律先评估后处置，不得擅自拆除。", True),
        ("那根老烟囱能直接拆了不", "老烟囱全部拆除。", False),
        ("老烟囱有多高", "老烟囱不得擅自拆除。", False),
    ],
)
def test_what_is_forbidden_is_a_no_to_who_asks_if_one_may(question: str, said: str, *, is_forbidden: bool) -> None:
    assert forbidden(question, said) is is_forbidden


@pytest.mark.parametrize(
    ("asked", "said", "is_stage"),
    [
        ("柳河码头清淤是否完成", "柳河码头清淤因便桥受损，进度滞后。", True),
        ("柳河码头清淤是否完成", "柳河码头清淤全年完成55%。", True),
        ("柳河码头清淤是否完成", "柳河码头清淤全面完工，累计完成100%。", False),
        ("白沙大桥是否通车", "白沙大桥完成可行性研究。", True),
        ("白沙泵站2024年建成", "白沙泵站因用地手续滞后，只完成桩基施工。", True),
        ("白沙大桥有多长", "白沙大桥进度滞后。", False),
    ],
)
def test_what_lags_behind_or_is_done_in_part_is_not_finished(asked: str, said: str, is_stage: bool) -> None:
    assert only_a_stage(asked, said) is is_stage
