"""Where the nearest words are no answer, or several names fit, nothing is passed off as the answer."""

from __future__ import annotations

import pytest

from server.answering.model import Status
from server.answering.pipeline import Knowledge, answer


def test_a_number_that_several_rows_may_mean_is_asked_back(knowledge: Knowledge) -> None:
    given = answer(knowledge, "抽检合格率是多少")
    assert given.status is Status.CLARIFY
    assert len(given.related) == 2
    assert {place.kind for place in given.related} == {"indicator"}


@pytest.mark.parametrize(
    "question",
    ["区长是谁？", "报名电话是多少？", "一刻钟便民生活圈花了多少钱？", "接诉即办是什么意思？", "面积多大？"],
)
def test_words_of_another_kind_than_asked_for_are_no_answer(question: str, knowledge: Knowledge) -> None:
    assert not answer(knowledge, question).status.is_answer
