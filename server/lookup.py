"""Terms and indicators looked up by name, without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from rapidfuzz import fuzz

from index.names import names_of
from index.normalise import fold
from ingest.model import Corpus, Indicator, Term
from server.places import Places

Item = TypeVar("Item", Term, Indicator)

NEAR = 60.0
"""Least likeness of a looked-up name, in percent; more forgiving than for names inside a question."""


def find_terms(corpus: Corpus, name: str) -> list[Term]:
    """The terms called `name` (or by their number): exactly, else those that hold it, else those nearly so called."""
    return _find(corpus.terms, name, lambda term: term.number)


def find_indicators(corpus: Corpus, name: str) -> list[Indicator]:
    """The table rows called `name` (or by their number): exactly, else those that hold it, else nearly so called."""
    return _find(corpus.indicators, name, lambda row: row.number)


def term_view(corpus: Corpus, term: Term) -> dict[str, Any]:
    """A term as JSON: its words, where they stand, and each sentence of the body that uses it."""
    places = Places(corpus)
    uses = [places.place(places.unit_at(use).span).model_dump() for use in term.uses]
    own = places.place(term.definition)
    return {
        "report": corpus.report.id,
        "number": term.number,
        "name": term.name,
        "aliases": list(term.aliases),
        "definition": own.quote,
        "url": own.url,
        "uses": uses,
    }


def indicator_view(corpus: Corpus, row: Indicator) -> dict[str, Any]:
    """A table row as JSON, with its words and where they stand."""
    own = Places(corpus).place(row.span)
    return {
        "report": corpus.report.id,
        "number": row.number,
        "name": row.name,
        "group": row.group,
        "unit": row.unit,
        "dimension": row.dimension,
        "attribute": row.attribute,
        "others": dict(row.others),
        "values": [
            {"header": v.header, "year": v.year, "role": v.role, "text": v.text, "number": v.number} for v in row.values
        ],
        "quote": own.quote,
        "url": own.url,
    }


def _find(items: Iterable[Item], name: str, number: Callable[[Item], str]) -> list[Item]:
    wanted = fold(name)
    if not wanted:
        return []
    named = [(item, [fold(known) for known in names_of(item)]) for item in items]
    exact = [item for item, names in named if wanted in names or wanted == number(item)]
    holding = [item for item, names in named if any(wanted in known for known in names)]
    return (
        exact or holding or [item for item, names in named if any(fuzz.ratio(wanted, known) >= NEAR for known in names)]
    )
