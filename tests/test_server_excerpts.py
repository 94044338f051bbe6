"""Cited places in their paragraphs: the words marked, nothing lost, what changed since shown as it was quoted."""

from __future__ import annotations

import pytest

from ingest.model import Corpus, Passage, Span
from server.answering.model import Citation, Place
from server.excerpts import excerpts
from server.places import Places


def _cited(corpus: Corpus, marker: int, span: Span) -> Citation:
    return Citation(marker=marker, **Places(corpus).place(span).model_dump())


@pytest.fixture(scope="module")
def passages(corpus: Corpus) -> list[Passage]:
    """The passages of the longest paragraph."""
    sections = [passage.section for passage in corpus.passages]
    longest = max(set(sections), key=lambda name: (sections.count(name), name))
    return [passage for passage in corpus.passages if passage.section == longest]


def _line(corpus: Corpus, span: Span) -> str:
    text = corpus.report.text
    return text[text.rfind("\n", 0, span.start) + 1 : text.index("\n", span.end)]


def test_two_places_of_one_paragraph_share_its_excerpt(corpus: Corpus, passages: list[Passage]) -> None:
    first, last = passages[0].sentences[0].span, passages[-1].sentences[-1].span
    (one,) = excerpts({corpus.report.id: corpus}, [_cited(corpus, 1, last), _cited(corpus, 2, first)])
    assert [place.marker for place in one.places if isinstance(place, Citation)] == [1, 2]
    assert "".join(piece.text for piece in one.pieces) == _line(corpus, first)
    marked = {piece.marks: piece.text for piece in one.pieces if piece.is_marked}
    assert marked == {(2,): first.of(corpus.report.text), (1,): last.of(corpus.report.text)}


def test_what_is_far_from_a_quote_can_be_left_out_and_its_neighbours_cannot(
    corpus: Corpus, passages: list[Passage]
) -> None:
    sentences = [sentence.span for passage in passages for sentence in passage.sentences]
    assert len(sentences) > 4
    (one,) = excerpts({corpus.report.id: corpus}, [_cited(corpus, 1, sentences[0])])
    near = "".join(piece.text for piece in one.pieces if piece.is_near)
    assert one.has_more
    assert sentences[1].of(corpus.report.text) in near
    assert sentences[2].of(corpus.report.text) not in near


def test_overlapping_quotes_are_cut_where_either_begins_and_ends(corpus: Corpus, passages: list[Passage]) -> None:
    span = passages[1].sentences[0].span
    wide, narrow = span, Span(span.start + 2, span.start + 6)
    (one,) = excerpts({corpus.report.id: corpus}, [_cited(corpus, 1, wide), _cited(corpus, 2, narrow)])
    marked = [(piece.text, piece.marks, piece.opens) for piece in one.pieces if piece.is_marked]
    text = corpus.report.text
    assert marked == [
        (text[span.start : span.start + 2], (1,), (1,)),
        (narrow.of(text), (1, 2), (2,)),
        (text[narrow.end : span.end], (1,), ()),
    ]


def test_every_place_of_a_report_can_be_shown(corpus: Corpus) -> None:
    places = Places(corpus)
    for unit in places.units:
        (one,) = excerpts({corpus.report.id: corpus}, [places.place(unit.span)])
        shown = "".join(p.text for p in one.pieces if p.is_marked) or "\t".join(c for _, c in one.rows[0].cells)
        assert shown == unit.span.of(corpus.report.text)


def test_the_cells_of_a_row_stand_under_the_titles_of_their_columns(corpus: Corpus, other_corpus: Corpus) -> None:
    for report in (corpus, other_corpus):
        cited = [_cited(report, i, row.span) for i, row in enumerate(report.indicators, 1)]
        (table,) = excerpts({report.report.id: report}, cited)
        for row, shown in zip(report.indicators, table.rows, strict=True):
            titled = dict(shown.cells[::-1])
            assert (
                titled[row.header.of(report.report.text).split("\t")[-1]]
                == row.span.of(report.report.text).split("\t")[-1]
            )
            for value in row.values:
                assert titled[value.header] == value.span.of(report.report.text)


def test_words_that_are_no_longer_there_are_shown_as_they_were_quoted(corpus: Corpus) -> None:
    place = Places(corpus).place(corpus.passages[3].sentences[0].span)
    changed = Citation(marker=1, **place.model_copy(update={"quote": "从前的话。"}).model_dump())
    gone = Place(**place.model_copy(update={"report": "没有的报告"}).model_dump())
    for moved, words in ((changed, "从前的话。"), (gone, place.quote)):
        (one,) = excerpts({corpus.report.id: corpus}, [moved])
        assert [piece.text for piece in one.pieces] == [words]
