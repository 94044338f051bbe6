"""Nothing that its sources do not say comes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ingest.model import Corpus, Span
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.model import Origin, Status
from server.answering.verify import holds, verify

Says = Callable[..., bool]


@pytest.fixture
def says(corpus: Corpus) -> Says:
    """Whether a sentence holds against sources with the given words."""

    def check(text: str, *words: str, origin: Origin = "composed", results: frozenset[str] = frozenset()) -> bool:
        sources = tuple(_source(corpus, word) for word in words)
        return holds(DraftSentence(text, sources, origin, results))

    return check


def _source(corpus: Corpus, words: str) -> Source:
    """The words as a source of a report that says nothing else."""
    return Source(replace(corpus, report=replace(corpus.report, text=words)), Span(0, len(words)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("建成268个分类驿站。", "建成268个分类驿站"),
        ("建成268个分类驿站。", "体系建设，建成268个分类驿站，规范设置3668组"),
        ("新建社区老年食堂4家。", "新建社区老年食堂４家。"),
        ("“一键呼”设备1万部。", "“一键呼”设备1万部"),
    ],
)
def test_a_quotation_of_the_source_holds(says: Says, text: str, words: str) -> None:
    assert says(text, words, origin="quoted")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("建成269个分类驿站。", "建成268个分类驿站"),
        ("建成268个垃圾驿站。", "建成268个分类驿站"),
        ("建成268个分类驿站。", ""),
        ("分类驿站建成268个。", "建成268个分类驿站"),
        ("创新发展3高质量", "创新发展\t3\t高质量"),
    ],
)
def test_quoted_words_that_are_not_the_sources_do_not_hold(says: Says, text: str, words: str) -> None:
    assert not says(text, words, origin="quoted")


@pytest.mark.parametrize(
    ("text", "words", "does"),
    [
        ("计划85家，属于预期性指标。", ("创新发展\t3\t高质量上市挂牌企业数量（家）\t85\t预期性",), True),
        ("计划<3.5%。", ("登记失业率（%）\t<3.5\t预期性",), True),
        ("计划86家。", ("高质量上市挂牌企业数量（家）\t85",), False),
        ("计划385家。", ("3\t85\t家",), False),
        ("计划3.5家。", ("3\t5\t家",), False),
        ("计划5%。", ("计划<3.5%",), False),
        ("2024年：完成3120人。", ("3,120",), False),
        ("2024年：完成3120人。", ("3,120", "2024年完成"), True),
        ("共12家。", ("1", "2"), False),
        ("没有数字。", ("原文",), True),
        ("没有数字。", (), False),
        ("增长5.8％。", ("增长5.8%",), True),
    ],
)
def test_every_number_of_a_composed_sentence_stands_in_a_source(
    says: Says, text: str, words: tuple[str, ...], does: bool
) -> None:
    assert says(text, *words) is does


def test_only_the_numbers_that_code_worked_out_need_no_source(says: Says) -> None:
    assert says("相差1个百分点。", "89%", "90%", origin="computed", results=frozenset({"1"}))
    assert not says("相差1个百分点。", "89%", "90%", origin="computed")
    assert not says("相差1个百分点，共7项。", "89%", "90%", origin="computed", results=frozenset({"1"}))


def test_an_invented_number_behind_a_comma_does_not_hold(says: Says) -> None:
    assert not says("新建6处，999处完工。", "新建6处")


@pytest.mark.parametrize(("text", "words"), [("增长6万元。", "增长6%"), ("新建6亿处。", "新建6处")])
def test_a_number_with_another_unit_does_not_hold(says: Says, text: str, words: str) -> None:
    assert not says(text, words)


def test_the_draft_keeps_the_sentences_that_hold_and_all_else(corpus: Corpus) -> None:
    source = _source(corpus, "建成268个分类驿站")
    good, bad = DraftSentence("建成268个。", (source,), "quoted"), DraftSentence("建成269个。", (source,), "quoted")
    draft = Draft(Status.ANSWERED, (good, bad, good), (source,), "注")
    assert verify(draft) == Draft(Status.ANSWERED, (good, good), (source,), "注")


@pytest.mark.parametrize("words", ["022年新建3座", "5%以内"])
def test_quoted_words_do_not_begin_within_a_number(words: str, corpus: Corpus) -> None:
    text = "2022年新建3座，失业率控制在12.5%以内。"
    other = replace(corpus, report=replace(corpus.report, text=text))
    source = Source(other, Span(0, len(text)))
    assert not holds(DraftSentence(words, (source,), "quoted"))
    assert holds(DraftSentence("2022年新建3座", (source,), "quoted"))


def test_a_number_behind_a_full_stop_is_read(corpus: Corpus) -> None:
    other = replace(corpus, report=replace(corpus.report, text="2022年"))
    assert not holds(DraftSentence("见上. 3022年", (Source(other, Span(0, 5)),), "composed"))
