from __future__ import annotations

import pytest

from ingest.model import Corpus
from server.answering.parts import MOST, sub_questions
from server.answering.pipeline import Knowledge

Case = tuple[str, list[str]]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("2024年拆除违法建设多少？", []),
        ("去年优良天数为什么比今年的目标低？", []),
        ("登记失业率是多少呢", []),
        ("家庭医生2023年签约数、2024年计划数", ["家庭医生2023年签约数", "家庭医生签约2024年计划数"]),
        ("托育机构建了几家，一共多少托位？", ["托育机构建了几家", "托育机构建，一共多少托位"]),
        ("雨污混流问题的现状与整改时限", ["雨污混流问题的现状", "雨污混流问题整改时限"]),
        (
            "环城快速路未按期通车的原因及新的通车时限",
            ["2023年环城快速路未按期通车的原因", "2024年环城快速路新的通车时限"],
        ),
        ("拆违面积2023年和2024年各多少", ["拆违面积2023年各多少", "拆违面积2024年各多少"]),
        ("充电桩之前装了几个，往后还要装几个", ["2023年充电桩之前装了几个", "2024年充电桩装，往后还要装几个"]),
        ("共享车位去年加了几个，往后还加几个", ["共享车位去年加了几个", "共享车位加，往后还加几个"]),
        ("共享车位去年加了多少、今年加多少", ["共享车位去年加了多少", "共享车位加，今年加多少"]),
        ("绿地占比，前年多少，现在打算多少", ["绿地占比，前年多少", "绿地占比，现在打算多少"]),
        ("道路大修数量，2023年完成与2024年安排？", ["道路大修2023年完成", "道路大修2024年安排"]),
    ],
)
def test_a_question_is_taken_apart_where_it_asks_several_things(
    question: str, expected: list[str], corpus: Corpus, knowledge: Knowledge
) -> None:
    assert sub_questions(question, corpus.report, knowledge.snapshot.search.names) == expected


def test_no_question_is_taken_into_more_parts_than_can_be_searched(corpus: Corpus, knowledge: Knowledge) -> None:
    long = "，".join(f"第{i}项是多少" for i in range(9))
    assert len(sub_questions(long, corpus.report, knowledge.snapshot.search.names)) == MOST
