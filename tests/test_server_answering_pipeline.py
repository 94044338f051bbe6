"""The promise, over every question there is: each sentence shown leads to the words that say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.normalise import fold
from ingest.model import Corpus
from server.answering.compose import UNSURE
from server.answering.model import Answer, Place, Status, Turn
from server.answering.numbers import digit_runs
from server.answering.pipeline import STEPS, Knowledge, answer, run, steps
from server.answering.replies import reply

Check = Callable[[Answer], None]

LIGHT = settings(
    derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12)
FRAMES = ("{}是什么？", "{}是多少？", "2023年{}完成了多少", "2024年{}有哪些安排？", "{}", "{}是约束性指标吗？")


def _every(items: tuple[str, ...], count: int) -> list[str]:
    """About `count` of the items, evenly spread."""
    return list(items[:: max(1, len(items) // count)])


def _questions(corpus: Corpus) -> Iterator[str]:
    """Questions made of the report's sentences, terms, indicators and titles."""
    text = corpus.report.text
    yield from _every(tuple(s.span.of(text)[:200] for p in corpus.passages for s in p.sentences), 25)
    names = _every(tuple(name for term in corpus.terms for name in (term.name, *term.aliases)), 30)
    names += [row.name for row in corpus.indicators]
    names += _every(tuple(section.title for section in corpus.sections if section.title), 15)
    for i, name in enumerate(names):
        yield FRAMES[i % len(FRAMES)].format(name)


@pytest.fixture(scope="module")
def ids(web: TestClient, corpus: Corpus) -> frozenset[str]:
    """Every id on the report's page."""
    return frozenset(re.findall(r'\bid="([^"]+)"', web.get(f"/reports/{corpus.report.id}").text))


@pytest.fixture(scope="module")
def check(corpus: Corpus, ids: frozenset[str]) -> Check:
    """Check everything that must hold of any answer."""
    text, report = corpus.report.text, corpus.report.id

    def place_holds(place: Place) -> None:
        assert place.quote == text[place.start : place.end] != ""
        page, _, anchor = place.url.partition("#")
        assert page == f"/reports/{report}"
        assert anchor in ids
        assert place.title

    def holds(given: Answer) -> None:
        for place in (*given.citations, *given.related):
            place_holds(place)
        used = list(dict.fromkeys(marker for sentence in given.sentences for marker in sentence.markers))
        assert used == [citation.marker for citation in given.citations] == list(range(1, len(used) + 1))
        quotes = {citation.marker: citation.quote for citation in given.citations}
        for sentence in given.sentences:
            assert sentence.markers
            said = fold("|".join(quotes[marker].replace("\t", "|") for marker in sentence.markers))
            if sentence.origin == "quoted":
                assert fold(sentence.text).rstrip("。") in said
            if sentence.origin != "computed":
                apart = fold(sentence.text).replace(",", " ")
                assert digit_runs(apart) <= digit_runs(said.replace(",", " ")) | digit_runs(said)
        shown = "".join(s.text + "".join(f"[{marker}]" for marker in s.markers) for s in given.sentences)
        assert given.answer == (shown or reply(given.status, corpus.report)) != ""
        assert given.status in Status
        assert bool(given.sentences) <= given.status.is_answer
        assert not given.status.value.startswith("error_")
        assert given.resolved_question or not given.question

    return holds


def _told(given: Answer) -> dict[str, object]:
    return given.model_dump(exclude={"id", "timings_ms"})


def test_the_promise_holds_for_questions_made_of_the_report(knowledge: Knowledge, corpus: Corpus, check: Check) -> None:
    statuses = set()
    for question in _questions(corpus):
        given = answer(knowledge, question)
        check(given)
        statuses.add(given.status)
    assert Status.ANSWERED in statuses


@LIGHT
@given(HAN)
def test_the_promise_holds_for_random_han_words(knowledge: Knowledge, check: Check, question: str) -> None:
    given = answer(knowledge, question)
    check(given)
    assert _told(given) == _told(answer(knowledge, question))


@LIGHT
@given(st.text(max_size=60), st.text(max_size=30))
def test_the_promise_holds_for_any_text_after_any_text(
    knowledge: Knowledge, check: Check, question: str, before: str
) -> None:
    check(answer(knowledge, question, [Turn(role="user", content=before)]))


@LIGHT
@given(st.data())
def test_the_promise_holds_for_pieces_of_the_report_asked_in_any_way(
    knowledge: Knowledge, corpus: Corpus, check: Check, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(corpus.report.text) - 30))
    piece = corpus.report.text[start : start + data.draw(st.integers(3, 30))]
    check(answer(knowledge, data.draw(st.sampled_from(FRAMES)).format(piece)))


def test_the_same_question_gets_the_same_answer_and_another_id(knowledge: Knowledge, corpus: Corpus) -> None:
    for question in list(_questions(corpus))[::12]:
        first, second = answer(knowledge, question), answer(knowledge, question)
        assert _told(first) == _told(second)
        assert first.id != second.id


def test_full_width_traditional_and_blank_filled_questions_get_the_same_words(knowledge: Knowledge) -> None:
    plain = answer(knowledge, "2024年高质量上市挂牌企业数量计划是多少家?")
    for question in (
        "２０２４年高质量上市挂牌企业数量计划是多少家？",
        "2024年高質量上市掛牌企業數量計劃是多少家?",
        " 2024年高质量上市\u200b挂牌企业数量计划是多少家? ",
    ):
        assert answer(knowledge, question).answer == plain.answer


def test_the_steps_are_named_as_they_begin_and_timed(knowledge: Knowledge) -> None:
    *names, last = steps(knowledge, "登记失业率是多少")
    assert names == [name for name, _ in STEPS]
    assert isinstance(last, Answer)
    assert set(names) <= set(last.timings_ms)
    assert all(ms >= 0 for ms in last.timings_ms.values())


def test_what_is_out_of_scope_is_never_searched_for(knowledge: Knowledge) -> None:
    for question, status in (
        ("你好", Status.ANSWERED_GREETING),
        ("海淀区的登记失业率是多少", Status.OTHER_PLACE),
        ("2019年的地区生产总值是多少", Status.OTHER_YEAR),
    ):
        state = run(knowledge, question)
        assert state.found is None
        assert state.draft is not None
        assert state.draft.status is status


def test_what_the_report_does_not_say_is_refused_with_what_is_nearest(knowledge: Knowledge, check: Check) -> None:
    given = answer(knowledge, "火星移民基地的门票多少钱一张？")
    check(given)
    assert given.status is Status.NOT_IN_REPORT
    assert given.related
    assert not given.citations


def test_the_table_answers_with_its_cells(knowledge: Knowledge, check: Check) -> None:
    listed = answer(knowledge, "计划表里约束性指标有哪些？")
    check(listed)
    assert listed.answer.startswith("共7项：")
    assert {citation.kind for citation in listed.citations} == {"indicator"}
    assert all("\t" in citation.quote for citation in listed.citations)


def test_an_answer_that_is_hardly_trusted_says_so(knowledge: Knowledge) -> None:
    asked = (
        "登记失业率是多少",
        "2023年拆除违法建设多少",
        "十分钟便民生活圈有几个",
        "新建小型消防站多少座",
        "重点楼宇怎么样了",
    )
    for question in asked:
        state = run(knowledge, question)
        assert state.draft is not None
        if state.draft.status is Status.ANSWERED and state.draft.trust is not None:
            assert bool(state.draft.notice) == (state.draft.trust < UNSURE)
