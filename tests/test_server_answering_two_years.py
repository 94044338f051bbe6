"""Two years asked for: both parts are answered by what is told of one thing."""

from __future__ import annotations

import pytest

from ingest.model import Corpus
from server.answering.compose import ranked_of
from server.answering.parts import means_both_years
from server.answering.pipeline import Knowledge, run
from server.answering.questions import understand
from server.answering.two_years import OfYears, told_of_both


def _asked(knowledge: Knowledge, question: str) -> OfYears:
    search, report = knowledge.snapshot.search, knowledge.snapshot.default.report
    query = understand(question, report, search.lexical.tokenizer, knowledge.rarity)
    return query.years, ranked_of(query, search.find(question, query.years))[0]


@pytest.mark.model
def test_two_years_words_of_one_thing_come_before_better_words_of_two(real_knowledge: Knowledge) -> None:
    state = run(real_knowledge, "为了拉外国公司来，去年出国跑了哪儿，今年又想跑哪儿？")
    shown = [sentence.text for sentence in state.sentences]
    assert ["瑞士、奥地利" in text for text in shown] == [True, False]
    assert ["欧洲、中东" in text for text in shown] == [False, True]


def test_no_pair_is_of_one_place_or_of_a_year_not_asked_for(knowledge: Knowledge) -> None:
    past, ahead = _asked(knowledge, "2023年拆除违法建设多少"), _asked(knowledge, "2024年拆除违法建设多少")
    pairs = list(told_of_both(past, ahead))
    assert pairs
    assert all(one.sentence != other.sentence for one, other in pairs)
    assert all((one.year, other.year) == (2023, 2024) for one, other in pairs)
    assert not list(told_of_both(past, past)), "one year asked for twice is no two years"


@pytest.mark.model
def test_a_reason_asked_for_keeps_its_own_words(real_knowledge: Knowledge) -> None:
    state = run(real_knowledge, "2023年消费恢复为什么承压，2024年社会消费品零售总额目标多少")
    assert "因" in state.sentences[0].text or "压力" in state.sentences[0].text


@pytest.mark.model
def test_what_was_and_what_is_to_be_stand_side_by_side_where_both_are_asked(real_knowledge: Knowledge) -> None:
    state = run(real_knowledge, "境外招商推介：已赴国家与下一步研究区域")
    shown = [sentence.text for sentence in state.sentences]
    assert ["瑞士、奥地利" in text for text in shown] == [True, False]
    assert ["欧洲、中东" in text for text in shown] == [False, True]


@pytest.mark.parametrize(
    ("question", "both"),
    [
        ("河道整治的现状与目标", True),
        ("充电桩之前装了几个，往后还要装几个", True),
        ("2023年之前装了几个，往后还要装几个", False),
        ("充电桩往后还要装几个", False),
        ("河道整治完成得怎么样", False),
    ],
)
def test_a_question_for_what_was_and_what_is_to_be_is_told(corpus: Corpus, question: str, *, both: bool) -> None:
    assert means_both_years(question, corpus.report) is both
