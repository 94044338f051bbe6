"""A run of clauses grows only to hold what is asked for, and never past its sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from index.normalise import fold
from server.answering.candidates import Candidate, candidates
from server.answering.pipeline import Knowledge, run
from server.answering.ranking import Ranked
from server.answering.wants import figures_wanted, wanted_unit
from server.answering.widen import widened

Widen = Callable[[str, str], str]


@pytest.fixture(scope="module")
def widen(knowledge: Knowledge) -> Widen:
    """What the run of the given words becomes for a question."""

    def wide(question: str, words: str) -> str:
        state = run(knowledge, question)
        assert state.query is not None
        assert state.found is not None
        read = candidates(state.query, state.found)
        narrow = next(c for c in read if c.form == "run" and c.source.text.rstrip("，；。") == words)
        wider = widened(state.query, narrow, [Ranked(candidate, 0.0) for candidate in read])
        assert wider.sentence.contains(wider.source.span)
        assert wider.source.span.overlaps(narrow.source.span)
        return wider.source.text

    return wide


def test_a_run_without_the_figure_asked_for_grows_to_hold_it(widen: Widen) -> None:
    words = widen("新建小型消防站多少座？", "加强公共消防基础设施建设")
    assert "2座" in words


def test_a_run_that_holds_all_stays_as_short_as_it_is(widen: Widen) -> None:
    assert widen("建成多少个分类驿站？", "建成268个分类驿站").rstrip("，") == "建成268个分类驿站"


def test_what_tells_of_a_part_grows_to_hold_the_whole(widen: Widen) -> None:
    assert "10万余平方米" in widen("去年拆违多少平方米？", "其中院内拆违914处、2万余平方米")
    assert widen("院内拆违多少处？", "其中院内拆违914处、2万余平方米").startswith("其中")


def test_one_figure_asked_for_stands_alone_where_its_sentence_has_more(widen: Widen) -> None:
    assert widen("道路大中修多少条？", "25条道路大中修、5条道路疏堵及36公里慢行系统改造") == "25条道路大中修"


def test_a_row_or_an_entry_stays_what_it_is(knowledge: Knowledge) -> None:
    state = run(knowledge, "登记失业率和第五立面是什么")
    assert state.query is not None
    assert state.found is not None
    read = candidates(state.query, state.found)
    others: list[Candidate] = [candidate for candidate in read if candidate.form != "run"]
    assert {candidate.form for candidate in others} == {"row", "entry"}
    for candidate in others:
        assert widened(state.query, candidate, [Ranked(c, 0.0) for c in read]) is candidate


@pytest.mark.parametrize(
    ("question", "text", "count"),
    [
        ("建成多少个驿站", "建成268个驿站、投资3亿元", 1),
        ("花了多少钱", "建成268个驿站、投资3亿元", 1),
        ("覆盖率是百分之几", "2023年覆盖率达89%", 1),
        ("有多少人参加", "452场、参与群众50万人次", 1),
        ("2023年的数字是多少", "2023年完成", 0),
    ],
)
def test_the_figure_wanted_is_the_one_with_the_unit_asked_for(question: str, text: str, count: int) -> None:
    assert len(figures_wanted(fold(text), wanted_unit(question))) == count
