"""Evidence becomes numbered sources: what answers first, within the budget, with its year spelt out."""

from __future__ import annotations

import pytest

from index.entries import Entry
from index.lexical import Tokenizer
from ingest.model import Corpus, Indicator, Passage, Term
from ingest.tokens import count_tokens
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.evidence_pack import Ground, pack, year_source
from server.answering.model import Status
from server.answering.support import check

NOTHING = Draft(Status.ANSWERED)


@pytest.fixture
def passages(entries: tuple[Entry, ...]) -> list[Entry]:
    return [entry for entry in entries if isinstance(entry.item, Passage)][5:12]


def _quoting(entry: Entry) -> Draft:
    return Draft(Status.ANSWERED, (DraftSentence("", (Source(entry.corpus, entry.item.span),), "quoted"),))


def test_what_answers_without_a_model_comes_first_and_the_rest_keeps_its_order(passages: list[Entry]) -> None:
    packed = pack(passages, _quoting(passages[3]), 10_000)
    assert [source.number for source in packed] == list(range(1, len(passages) + 1))
    assert packed[0].grounds[0].source.span.start == passages[3].item.span.start
    assert packed[1].grounds[0].source.span.start == passages[0].item.span.start


def test_the_budget_is_kept_but_for_a_first_source_that_alone_is_larger(passages: list[Entry]) -> None:
    packed = pack(passages, NOTHING, 400)
    assert 1 < len(packed) < len(passages)
    assert sum(count_tokens(source.text) for source in packed) <= 400
    assert len(pack(passages, NOTHING, 1)) == 1
    assert pack([], NOTHING, 400) == ()


def test_a_passage_grounds_its_sentences_under_its_headings(passages: list[Entry], corpus: Corpus) -> None:
    (source,) = pack(passages[:1], NOTHING, 1_000)
    item = passages[0].item
    assert isinstance(item, Passage)
    assert [ground.source.span for ground in source.grounds] == [sentence.span for sentence in item.sentences]
    assert all(ground.statement.year == item.year for ground in source.grounds)
    assert corpus.report.place in source.grounds[0].statement.about
    assert source.title.startswith(corpus.path(item.section)[0].title)


def test_a_table_row_states_each_value_with_its_unit_and_year(other_corpus: Corpus) -> None:
    row = next(row for row in other_corpus.indicators if len(row.values) > 1 and row.unit == "%")
    (source,) = pack([Entry("indicator", other_corpus, row, None, "")], NOTHING, 1_000)
    assert [ground.statement.year for ground in source.grounds] == [value.year for value in row.values]
    assert all(
        "%" in ground.statement.text for ground in source.grounds if any(c.isdigit() for c in ground.statement.text)
    )
    assert {ground.source.span for ground in source.grounds} == {row.span}
    planned = {value.year: ground.statement.planned for value, ground in zip(row.values, source.grounds, strict=True)}
    assert True in planned.values()


def test_a_term_grounds_its_name_and_definition(entries: tuple[Entry, ...]) -> None:
    entry = next(entry for entry in entries if isinstance(entry.item, Term))
    assert isinstance(entry.item, Term)
    (source,) = pack([entry], NOTHING, 1_000)
    assert source.text.startswith(entry.item.name)
    assert source.year is None


def test_the_heading_that_names_the_year_is_found_for_running_text_and_for_rows(entries: tuple[Entry, ...]) -> None:
    found = 0
    for entry in entries:
        for ground in (g for s in pack([entry], NOTHING, 1_000) for g in s.grounds):
            year = ground.statement.year
            if year is None:
                continue
            heading = year_source(ground, year)
            assert heading is not None
            assert f"{year}年" in heading.text
            assert "\n" not in heading.text
            found += isinstance(entry.item, Indicator)
            assert year_source(ground, 1999) is None
    assert found


def test_every_ground_says_its_own_words(entries: tuple[Entry, ...]) -> None:
    grounds: list[Ground] = [g for entry in entries for s in pack([entry], NOTHING, 1_000) for g in s.grounds]
    tag = Tokenizer([]).tags
    for ground in grounds:
        if 8 < len(ground.statement.text) <= 300 and "\t" not in ground.statement.text:
            assert check(ground.statement.text, [ground.statement], tag).holds
