"""The same question put to the same snapshot is answered from memory."""

from server.answering.model import Answer, Status
from server.remembered import Remembered


def _answer(question: str) -> Answer:
    return Answer(
        id="1" * 32,
        status=Status.NOT_IN_REPORT,
        question=question,
        resolved_question=question,
        mode="extractive",
        answer="报告里没有。",
        sentences=(),
        citations=(),
        related=(),
        notice=None,
        snapshot="s",
        timings_ms={"retrieve": 20.0},
    )


def test_an_answer_is_found_again_under_an_id_of_its_own() -> None:
    remembered = Remembered()
    given = _answer("甲是什么")
    remembered.keep("s", "", "甲是什么", given)
    again, once_more = remembered.find("s", "", "甲是什么"), remembered.find("s", "", "甲是什么")
    assert again
    assert once_more
    assert len({given.id, again.id, once_more.id}) == 3
    assert set(again.timings_ms) == {"remembered"}
    assert again.model_dump(exclude={"id", "timings_ms"}) == given.model_dump(exclude={"id", "timings_ms"})


def test_another_snapshot_report_or_question_has_none() -> None:
    remembered = Remembered()
    remembered.keep("s", "", "甲是什么", _answer("甲是什么"))
    assert remembered.find("t", "", "甲是什么") is None
    assert remembered.find("s", "a-2024", "甲是什么") is None
    assert remembered.find("s", "", "乙是什么") is None


def test_what_was_not_asked_for_the_longest_is_forgotten() -> None:
    remembered = Remembered(size=2)
    for question in ("甲", "乙"):
        remembered.keep("s", "", question, _answer(question))
    remembered.find("s", "", "甲")
    remembered.keep("s", "", "丙", _answer("丙"))
    assert [question for question in "甲乙丙" if remembered.find("s", "", question)] == ["甲", "丙"]
