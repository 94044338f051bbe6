"""Which unit holds a span, what it is called, and where it is opened."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ingest.model import Corpus, SectionKind, Span
from server.places import Places, section_name


@pytest.fixture(scope="module")
def places(corpus: Corpus) -> Places:
    return Places(corpus)


def test_units_stand_in_order_do_not_overlap_and_have_ids_of_their_own(corpus: Corpus, other_corpus: Corpus) -> None:
    for report in (corpus, other_corpus):
        units = Places(report).units
        assert all(before.span.end <= after.span.start for before, after in pairwise(units))
        assert len({unit.id for unit in units}) == len(units)
        assert {unit.kind for unit in units} >= {"passage", "indicator"}


def test_every_unit_is_found_from_its_first_to_its_last_character(places: Places) -> None:
    for unit in places.units:
        start, end = unit.span
        for span in (unit.span, Span(start, start), Span(start, start + 1), Span(end - 1, end)):
            assert places.unit_at(span) == unit


def test_a_span_over_an_edge_or_outside_every_unit_is_none(places: Places) -> None:
    first, second = places.units[:2]
    length = len(places.corpus.report.text)
    for span in (
        Span(first.span.start, second.span.end),
        Span(first.span.end - 1, first.span.end + 1),
        Span(0, length),
        Span(length, length + 5),
    ):
        with pytest.raises(LookupError, match=places.corpus.report.id):
            places.unit_at(span)


def test_a_place_quotes_its_span_and_opens_its_unit(places: Places) -> None:
    text, unit = places.corpus.report.text, places.units[20]
    span = Span(unit.span.start + 1, unit.span.end - 1)
    place = places.place(span)
    assert place.quote == text[place.start : place.end] == span.of(text)
    assert place.url == f"/reports/{places.corpus.report.id}#{unit.id}"
    assert place.kind == unit.kind


def test_a_title_leads_from_the_outermost_heading_to_the_unit(places: Places, corpus: Corpus) -> None:
    term, row = corpus.terms[34], corpus.indicators[10]
    assert places.place(term.span).title == f"附件2　名词解释 › {term.number} {term.name}"
    assert places.place(row.span).title.endswith(f" › {row.name}")
    sentence = next(p for p in corpus.passages if p.year == corpus.report.year_reviewed).sentences[0]
    assert places.place(sentence.span).title.startswith("一、2023年")


def test_every_section_has_a_name_without_blanks_at_its_edges(corpus: Corpus, other_corpus: Corpus) -> None:
    for report in (corpus, other_corpus):
        for section in report.sections:
            name = section_name(section)
            assert name == name.strip()
            assert name or section.kind in (SectionKind.PREAMBLE, SectionKind.CLOSING)
