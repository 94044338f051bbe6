"""What a question means after others; read through the pipeline, as an asker meets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from index.names import NameIndex
from server.answering.compose import ranked_of
from server.answering.followup import carried, last_answer, resolve
from server.answering.going_on import SAME_SENTENCE, going_on
from server.answering.model import Status, Turn
from server.answering.pipeline import Knowledge, run
from server.answering.questions import Before

Resolve = Callable[..., str]
BEFORE = "2023年登记失业率是多少？"


@pytest.fixture(scope="module")
def resolved(knowledge: Knowledge) -> Resolve:
    def resolve(question: str, *before: str) -> str:
        turns = [
            t for words in before for t in (Turn(role="user", content=words), Turn(role="assistant", content="答"))
        ]
        return run(knowledge, question, turns).resolved

    return resolve


@pytest.fixture(scope="module")
def names(knowledge: Knowledge) -> NameIndex:
    return knowledge.snapshot.search.names


@pytest.mark.parametrize("question", ["那2024年呢？", "2024年呢", "那么2024年呢?"])
def test_a_new_year_takes_the_old_ones_place(resolved: Resolve, question: str) -> None:
    assert resolved(question, BEFORE) == "2024年登记失业率是多少？"


def test_a_year_is_put_before_a_question_that_had_none(resolved: Resolve) -> None:
    assert resolved("今年呢？", "普惠性幼儿园覆盖率是多少") == "今年普惠性幼儿园覆盖率是多少"


def test_what_came_of_it_takes_the_place_of_what_was_planned(resolved: Resolve) -> None:
    assert "目标" not in resolved("上年实际呢？", "2024年绿色出行比例目标？")


@pytest.mark.parametrize("question", ["它是约束性指标吗？", "这个是预期性的吗", "其中的目标是什么"])
def test_a_pronoun_takes_the_old_topic(resolved: Resolve, question: str) -> None:
    assert "登记失业率" in resolved(question, BEFORE)
    assert not resolved(question, BEFORE).endswith(BEFORE)


def test_a_fragment_is_put_behind_the_old_topic(resolved: Resolve) -> None:
    words = resolved("那建了几座？", "小型消防站新建了吗")
    assert "消防站" in words
    assert words.endswith("建了几座")


def test_only_the_last_question_of_the_asker_counts(resolved: Resolve) -> None:
    assert "登记失业率" in resolved("那2024年呢？", "第五立面是什么？", BEFORE)
    assert "第五立面" not in resolved("那2024年呢？", "第五立面是什么？", BEFORE)


@pytest.mark.parametrize(
    "question",
    [
        "2024年保障性住房计划竣工多少套?",
        "养老服务“十件事”包括哪些内容",
        "第五立面是什么?",
        "“一键呼”是什么",
        "2024年普惠性幼儿园覆盖率要达到多少呢?",
        "一键呼是干什么的呢?",
    ],
)
def test_a_full_question_stays_as_it_is(resolved: Resolve, question: str) -> None:
    assert resolved(question, BEFORE) == question


@pytest.mark.parametrize("question", ["那2024年呢?", "它是什么", "GDP"])
def test_without_a_question_before_nothing_is_changed(resolved: Resolve, knowledge: Knowledge, question: str) -> None:
    assert resolved(question) == question
    assert resolved(question, "  ") == question
    only_answers = [Turn(role="assistant", content="您好！")]
    assert run(knowledge, question, only_answers).resolved == question


@pytest.mark.parametrize(
    ("question", "status"),
    [("谢谢", Status.ANSWERED_THANKS), ("你好", Status.ANSWERED_GREETING), ("你是谁", Status.CHITCHAT)],
)
def test_courtesy_amid_a_conversation_is_answered_as_such(knowledge: Knowledge, question: str, status: Status) -> None:
    draft = run(knowledge, question, [Turn(role="user", content=BEFORE)]).draft
    assert draft is not None
    assert draft.status is status


def test_another_level_takes_the_place_of_the_one_before(resolved: Resolve) -> None:
    assert resolved("那市级的呢", "去年区级示范站有几个") == "去年市级示范站有几个"


def test_a_year_and_an_attribute_alone_are_of_the_topic_before(resolved: Resolve) -> None:
    assert "拆除违法建设" in resolved("2024年任务？", "2023年拆除违法建设面积")


def test_a_short_question_that_the_report_alone_does_not_answer_goes_on_from_the_last(names: NameIndex) -> None:
    before = [Turn(role="user", content="高级焊工的租房补贴是多少"), Turn(role="assistant", content="每人每月800元。")]
    assert carried("合同不满三年能拿吗", before, names) == "高级焊工的租房补贴，合同不满三年能拿吗"
    assert carried("2024年保障性住房计划竣工多少套", before, names) == "2024年保障性住房计划竣工多少套"
    assert carried("合同不满三年能拿吗", [], names) == "合同不满三年能拿吗"


def test_what_asks_nothing_itself_takes_what_the_last_question_asked(names: NameIndex) -> None:
    before = [Turn(role="user", content="六十多的老人一顿补多少")]
    assert resolve("那过了八十的呢", before, names).endswith("多少")


def test_a_pronoun_is_what_the_asker_called_by_its_name_last(names: NameIndex) -> None:
    before = [
        Turn(role="user", content="什么叫长安计划"),
        Turn(role="assistant", content="三年行动计划。"),
        Turn(role="user", content="现在到第几版了"),
        Turn(role="assistant", content="4.0。"),
    ]
    assert resolve("它涉及哪几块", before, names) == "长安计划，涉及哪几块"


def test_the_last_answer_is_the_one_gone_on_from() -> None:
    before = [
        Turn(role="assistant", content="一"),
        Turn(role="user", content="二"),
        Turn(role="assistant", content="三"),
    ]
    assert last_answer(before) == "三"
    assert last_answer([]) == ""


def test_what_goes_on_is_looked_for_where_the_last_answer_was_taken_from(knowledge: Knowledge) -> None:
    before = [
        Turn(role="user", content="去年区里招聘会多不多"),
        Turn(role="assistant", content="举办招聘会335场次。[1]"),
    ]
    state = run(knowledge, "那真找着工作的有多少", before)
    assert state.query is not None
    assert state.found is not None
    alone, _ = ranked_of(replace(state.query, before=None), state.found)
    before_of = {one.candidate.source.span: one.score for one in alone}
    assert state.query.before is not None
    going = replace(state.query, before=Before(state.query.before.text))
    moved = {
        one.candidate.source.text: one.score - before_of[one.candidate.source.span]
        for one in going_on(going, alone)
        if "335场次" in one.candidate.sentence.of(one.candidate.source.corpus.report.text)
    }
    assert any("1.92万" in text and gain == pytest.approx(SAME_SENTENCE) for text, gain in moved.items())
    assert all(gain == 0 for text, gain in moved.items() if "335" in text and "1.92" not in text)


@pytest.mark.model
def test_what_means_the_same_as_the_last_answer_comes_before_what_repeats_its_figures(
    real_knowledge: Knowledge,
) -> None:
    before = [
        Turn(role="user", content="2024年药品抽检合格率要多高"),
        Turn(role="assistant", content="药品抽检合格率稳定在99%以上。"),
    ]
    state = run(real_knowledge, "那食品的呢", before)
    assert state.goes_on
    assert "98.5" in state.sentences[0].text


@pytest.mark.model
def test_another_topic_is_not_drawn_to_the_last_answer(real_knowledge: Knowledge) -> None:
    before = [
        Turn(role="user", content="2024年药品抽检合格率要多高"),
        Turn(role="assistant", content="药品抽检合格率稳定在99%以上。"),
    ]
    asked = "2023年举办招聘会多少场次？"
    alone, after = (run(real_knowledge, asked, history) for history in ([], before))
    assert not after.goes_on
    assert [s.text for s in after.sentences] == [s.text for s in alone.sentences]
