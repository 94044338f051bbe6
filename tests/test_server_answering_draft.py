from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.model import Corpus, Span
from server.answering.draft import Source, closed, quoted, trimmed


@pytest.fixture
def source(corpus: Corpus) -> Source:
    """Clauses with marks at both edges."""
    text = "一、，新建6处公园；改造2处，"
    return Source(replace(corpus, report=replace(corpus.report, text=text)), Span(2, len(text)))


def test_marks_between_clauses_are_cut_at_the_edges_and_kept_inside(source: Source) -> None:
    assert trimmed(source).text == "新建6处公园；改造2处"
    assert trimmed(source).span == Span(3, 14)


def test_what_is_only_marks_becomes_empty(source: Source) -> None:
    assert trimmed(Source(source.corpus, Span(1, 3))).text == ""


@pytest.mark.parametrize(("words", "sentence"), [("甲", "甲。"), ("甲。", "甲。"), ("甲？", "甲？"), ("甲！", "甲！")])
def test_a_sentence_ends_once(words: str, sentence: str) -> None:
    assert closed(words) == sentence


def test_a_quotation_is_the_sources_words_and_cites_just_them(source: Source) -> None:
    sentence = quoted(source)
    assert (sentence.text, sentence.origin) == ("新建6处公园；改造2处。", "quoted")
    assert sentence.sources == (trimmed(source),)
