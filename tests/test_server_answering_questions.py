from __future__ import annotations

from collections.abc import Callable

import pytest

from server.answering.pipeline import Knowledge
from server.answering.questions import Query, Rarity, understand

Read = Callable[[str], Query]


@pytest.fixture(scope="module")
def read(knowledge: Knowledge) -> Read:
    tokenizer, report = knowledge.snapshot.search.lexical.tokenizer, knowledge.snapshot.default.report
    return lambda question: understand(question, report, tokenizer, knowledge.rarity)


def _words(query: Query) -> list[str]:
    return [item.word for item in query.asked]


@pytest.mark.parametrize(
    ("question", "there", "absent"),
    [
        ("请问2024年西城区的登记失业率是多少？", "登记失业率", ("西城", "西城区", "2024", "2024年", "多少", "请问")),
        ("“一键呼”是什么意思", "一键呼", ("什么", "意思")),
        ("今年普惠性幼儿园覆盖率目标是多少", "覆盖率", ("今年", "目标", "多少")),
    ],
)
def test_the_focus_is_what_the_question_is_about(
    read: Read, question: str, there: str, absent: tuple[str, ...]
) -> None:
    words = _words(read(question))
    assert there in "".join(words)
    assert not set(absent) & set(words)
    assert len(set(words)) == len(words)


def test_the_years_are_those_of_the_question(read: Read) -> None:
    assert read("今年的失业率").years == (2024,)
    assert read("2023年和2024年的失业率").years == (2023, 2024)
    assert read("失业率").years == ()


def test_what_is_only_told_is_kept_apart_from_what_is_asked(read: Read) -> None:
    query = read("我妈住在平房院落，养老床位有多少？")
    assert "床位" in "".join(_words(query))
    assert "院落" in "".join(item.word for item in query.told)
    assert query.focus == query.asked + query.told


@pytest.mark.parametrize("question", ["", "。", "是多少", "?" * 50, "2024年"])
def test_a_question_about_nothing_has_no_focus_and_does_not_fail(read: Read, question: str) -> None:
    assert _words(read(question)) == []


def test_a_rare_word_weighs_more_than_a_common_one_and_an_unknown_one_most() -> None:
    rarity = Rarity(["建设公园", "建设学校", "建设桥"])
    assert rarity("建设") < rarity("公园") == rarity("火星")
    assert Rarity([])("公园") == 0
