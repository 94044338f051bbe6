from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.model import Corpus, Span
from server.answering.compute import computed, falls_short, is_to_work_out, misjudges, more_or_less, turned
from server.answering.draft import DraftSentence, Source
from server.answering.verify import holds

ASKS = "两个相差多少？"


@pytest.fixture
def said(corpus: Corpus) -> dict[str, DraftSentence]:
    """Sentences by their words, each with a source of its own."""

    class _Said(dict[str, DraftSentence]):
        def __missing__(self, words: str) -> DraftSentence:
            start = len(self) * 10
            self[words] = DraftSentence(words, (Source(corpus, Span(start, start + 10)),), "quoted")
            return self[words]

    return _Said()


@pytest.mark.parametrize(
    ("one", "other", "gap"),
    [
        ("覆盖率达89%。", "覆盖率达到90%。", "1个百分点"),
        ("失业率2.35%。", "控制在3.5%以内。", "1.15个百分点"),
        ("新增床位500张。", "新增床位300张。", "200张"),
        ("安装1.8万部。", "安装1万部。", "0.8万部"),
        ("收入1012.9亿元。", "收入452.7亿元。", "560.2亿元"),
        ("开工20栋。", "新启动10栋。", "10栋"),
        ("增长0.1%。", "增长0.3%。", "0.2个百分点"),
        ("建成5座。", "改造5座。", "0座"),
        ("2023年完成8处。", "2024年新建18处。", "10处"),
    ],
)
def test_the_gap_of_two_figures_is_worked_out_exactly(
    said: dict[str, DraftSentence], one: str, other: str, gap: str
) -> None:
    sentence = computed(ASKS, [said[one], said[other]])
    assert sentence is not None
    assert f"相差{gap}（" in sentence.text
    assert sentence.origin == "computed"
    assert sentence.sources == (*said[one].sources, *said[other].sources)
    assert holds(sentence)


def test_the_two_figures_of_one_sentence_are_compared(said: dict[str, DraftSentence]) -> None:
    sentence = computed("高几个百分点", [said["由89%提高到90%。"]])
    assert sentence is not None
    assert "相差1个百分点" in sentence.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("覆盖率是多少？", ["达89%。", "达90%。"]),
        (ASKS, ["达89%。", "有90家。"]),
        (ASKS, ["达89%。"]),
        (ASKS, ["达89%、70%。", "达90%。"]),
        (ASKS, ["1家。", "2家。", "3家。"]),
        (ASKS, ["没有数字。", "也没有。"]),
        (ASKS, ["2023年。", "2024年。"]),
        (ASKS, []),
    ],
)
def test_nothing_is_worked_out_where_it_is_not_asked_or_not_clear(
    said: dict[str, DraftSentence], question: str, words: list[str]
) -> None:
    assert computed(question, [said[sentence] for sentence in words]) is None


def test_two_things_counted_in_one_sentence_are_not_two_years_of_one(said: dict[str, DraftSentence]) -> None:
    words = "新增家庭养老照护床位500张、异地康养床位240张。"
    assert computed("养老床位比去年多多少", [said[words]]) is None


@pytest.mark.parametrize(
    ("one", "other", "whole"),
    [
        ("评出60个。", "再评60个。", "120个"),
        ("筹集1.2亿元。", "再筹0.8亿元。", "2亿元"),
        ("添31部。", "添19部。", "50部"),
    ],
)
def test_two_figures_that_are_asked_for_together_are_added(
    said: dict[str, DraftSentence], one: str, other: str, whole: str
) -> None:
    sentence = computed("去年的加上今年的，拢共多少？", [said[one], said[other]])
    assert sentence is not None
    assert f"合计{whole}（" in sentence.text
    assert holds(sentence)


def test_rates_are_never_added(said: dict[str, DraftSentence]) -> None:
    assert computed("两年加起来多少？", [said["增长2%。"], said["增长3%。"]]) is None


@pytest.mark.parametrize(
    ("question", "is_turned"),
    [
        ("2032年改造任务较2031年增加多少", True),
        ("今年改造比去年多多少", True),
        ("2032年改造任务较2031年减少多少", False),
        ("去年改造比今年多多少", False),
        ("两年各改造多少", False),
    ],
)
def test_a_difference_asked_for_the_wrong_way_is_found_out(
    said: dict[str, DraftSentence], question: str, is_turned: bool
) -> None:
    assert turned(question, [said["2031年：改造10万平方米。"], said["2032年：改造5万平方米。"]]) is is_turned


@pytest.mark.parametrize(
    ("question", "result", "is_short"),
    [
        ("计划低于去年完成数，减收多少", "2032年计划比2031年完成多1.1亿元（由表中两个数字算出）。", True),
        ("比去年增收多少", "2032年计划比2031年完成多1.1亿元（由表中两个数字算出）。", False),
        ("相差多少", "2032年计划比2031年完成少1.1亿元（由表中两个数字算出）。", False),
    ],
)
def test_a_difference_worked_out_may_go_the_other_way(
    said: dict[str, DraftSentence], question: str, result: str, is_short: bool
) -> None:
    assert falls_short(question, said[result]) is is_short


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("今年改造的比去年还多吗", "不是，"),
        ("今年改造的是不是比前一年少", "是的，"),
        ("2032年改造面积是否低于2031年", "是的，"),
        ("去年改造的比今年多吧", "是的，"),
        ("今年改造比去年多多少", ""),
        ("今年改造比去年多几万平方米", ""),
        ("今年要改造吗", ""),
    ],
)
def test_whether_a_year_has_more_than_the_other_is_said_by_the_figures(
    said: dict[str, DraftSentence], question: str, opening: str
) -> None:
    sentences = [said["2031年：改造10万平方米。"], said["2032年：改造5万平方米。"]]
    assert more_or_less(question, sentences) == opening
    assert more_or_less(question, sentences[:1]) == more_or_less(question, []) == ""


def test_whether_a_year_has_more_is_said_by_the_difference_of_a_row(said: dict[str, DraftSentence]) -> None:
    gap = replace(said["2032年计划比2031年完成少1.1亿元（由表中两个数字算出）。"], origin="computed")
    assert more_or_less("2032年是否高于2031年", [said["2031年完成4亿元，2032年计划2.9亿元。"], gap]) == "不是，"


@pytest.mark.parametrize(
    ("question", "is_misjudged"),
    [
        ("今年改造的比去年还多，那是不是快轮到我们了", True),
        ("今年改造的比去年少，为什么", False),
        ("今年改造比去年多多少，算给我听听", False),
        ("今年改造的比去年还多吗，说说看", False),
    ],
)
def test_which_year_has_more_may_be_told_wrongly(
    said: dict[str, DraftSentence], question: str, is_misjudged: bool
) -> None:
    assert misjudges(question, [said["2031年：改造10万平方米。"], said["2032年：改造5万平方米。"]]) is is_misjudged


@pytest.mark.parametrize(
    "question", ["两年相差多少", "帮我减一减", "每月多发我几个钱", "两年合计多少", "今年比去年少吗"]
)
def test_what_is_to_be_worked_out_of_two_figures_is_known_by_its_words(question: str) -> None:
    assert is_to_work_out(question)


@pytest.mark.parametrize("question", ["最多几个人", "差不多几点开门", "今年建多少", "什么时候建"])
def test_most_questions_have_nothing_to_work_out(question: str) -> None:
    assert not is_to_work_out(question)
