"""What a question takes for granted is held against the whole report, other years and the table included."""

from __future__ import annotations

import pytest

from index.lexical import Tokenizer
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.answering.questions import Rarity, understand
from server.answering.second_look import second_look

_REPORT = """关于柳河县2031年国民经济和社会发展计划执行情况与2032年国民经济和社会发展计划（草案）的报告
——2032年1月8日在柳河县第二十届人民代表大会第一次会议上
柳河县发展和改革局
各位代表：
受县人民政府委托，现将有关情况报告如下，请予审议。
一、2031年国民经济和社会发展计划执行情况
（一）城乡建设
1.交通建设。环湖快速路于9月30日建成通车，全长12公里。柏杨码头建成投用。金沙高速完成路基工程。公路货运量下降6.2%。文化街改造原定6处，只完成4处。望江大桥因图纸变更未能开工，工程顺延至2032年实施。
2.农业农村。与岭南农业大学共建柑橘研究院，育成新品种3个。最大风速出现在石泉乡，达到31.5米每秒。
3.民生保障。城镇新增就业5120人，完成年度目标的112%。
二、2032年国民经济和社会发展计划安排
（一）主要任务
1.交通建设。开工建设云台水厂，年底前完成主体工程。金沙高速完成隧道工程，确保2033年建成通车。
2.民生保障。确保南湖体育馆建成。
以上报告，请予审议。

附件：1.柳河县2032年国民经济和社会发展主要指标计划表
2.名词解释
 附件1
柳河县2032年国民经济和社会发展主要指标计划表
	序号
	指标名称
	计量单位
	2031年
计划目标
	2031年
实际完成
	2032年
预期目标
	属性

	1
	农村自来水普及率
	%
	92
	93.6
	95
	预期性

	2
	亩均税收
	万元
	20
	18.5
	21
	预期性

 附件2
名词解释
1. 共享药箱：在村卫生室设置的常用药品储备柜，由村医负责管理，供村民应急取用。
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    path = tmp_path_factory.mktemp("report") / "liuhe-2032.txt"
    path.write_text(_REPORT, encoding="utf-8")
    return ingest_file(path)


def _denied(question: str, corpus: Corpus) -> str | None:
    texts = [passage.span.of(corpus.report.text) for passage in corpus.passages]
    query = understand(question, corpus.report, Tokenizer([]), Rarity(texts))
    source = second_look(query, corpus)
    return source.text if source else None


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("南湖体育馆去年不就完工了嘛，咋还不开门", "确保南湖体育馆建成"),
        ("云台水厂2031年已经建成，供水多少", "开工建设云台水厂"),
        ("云台水厂都投用了，供水多少", "开工建设云台水厂"),
        ("环湖快速路2032年通车后全长多少", "9月30日建成通车"),
        ("望江大桥去年都建好了，能走货车吗", "顺延至2032年"),
        ("金沙高速去年已经通车了，收多少钱", "确保2033年"),
        ("文化街改造去年都完成了吧", "只完成4处"),
        ("环湖快速路2029年通车后有多长", "9月30日建成通车"),
        ("柑橘研究院是与岭南医学院共建的，育成几个品种", "岭南农业大学"),
        ("听说白沙乡刮了31.5米的大风，房子倒了几间", "石泉乡"),
        ("城镇新增就业去年没完成吧，差多少", "112%"),
        ("农村自来水普及率2031年未达标的原因", "93.6"),
        ("公路货运量增长6.2%，靠的是什么", "下降6.2%"),
        ("共享药箱不就是给老人发手机嘛，在哪领", "常用药品"),
        ("亩均税收2031年超额完成计划的主要做法是什么", "亩均税收"),
    ],
)
def test_what_the_report_says_otherwise_is_found(question: str, words: str, corpus: Corpus) -> None:
    assert words in (_denied(question, corpus) or "")


@pytest.mark.parametrize(
    "question",
    [
        "环湖快速路去年通车了吗",
        "公路货运量下降6.2%，什么原因",
        "公路货运量负增长6.2%，什么原因",
        "水运量增长6.2%，什么原因",
        "环湖快速路2031年9月通车后全长多少",
        "柏杨码头去年已经建成投用，在哪个镇",
        "云台水厂什么时候建成",
        "南湖体育馆今年能建成吗",
        "柑橘研究院是与岭南农业大学共建的，育成几个品种",
        "石泉乡刮了31.5米的大风，房子倒了几间",
        "哪些指标去年没完成",
        "亩均税收2031年未完成计划的原因",
        "望江大桥去年没完成吧，什么原因",
        "共享药箱就是存药的柜子吧，谁管",
        "我在白沙乡住，环湖快速路有多长",
        "物业公司涨价归谁管",
    ],
)
def test_what_is_true_or_asked_or_unknown_is_let_be(question: str, corpus: Corpus) -> None:
    assert _denied(question, corpus) is None
