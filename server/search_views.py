"""Words → every passage, term and table row that holds them or is found for them, the words marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.entries import Entry, make_entries
from index.normalise import fold, fold_with_positions
from index.search import Found
from ingest.model import Corpus, Passage, Span
from server.answering.model import Kind, Place
from server.page_views import Cuts
from server.places import Places

WORDS_LIMIT = 100
_SHORTEST_MARK = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """One row that matches: its words cut where they are the ones searched for, and what the search said of it.

    `score` is None for a row that holds the words but was not ranked. `is_literal` says whether it holds them.
    """

    kind: Kind
    place: Place
    report: str
    cuts: Cuts
    is_literal: bool
    score: float | None
    legs: Mapping[str, float]


def hits(corpora: Mapping[str, Corpus], words: str, found: Found) -> list[Hit]:
    """What holds the words first, then what the search ranks, each by score."""
    wanted = fold(words)
    ranked = {_key(evidence.entry): evidence for evidence in (*found.evidence, *found.rejected)}
    made = []
    places = {name: Places(corpus) for name, corpus in corpora.items()}
    for entry in make_entries(corpora.values()):
        is_literal = wanted in fold(_span(entry).of(entry.corpus.report.text))
        evidence = ranked.get(_key(entry))
        if is_literal or evidence:
            score, legs = (evidence.score, evidence.legs) if evidence else (None, {})
            made.append(_hit(places[entry.corpus.report.id], entry, wanted, is_literal, score, legs))
    return sorted(made, key=lambda hit: (not hit.is_literal, -(hit.score or 0)))


def _key(entry: Entry) -> tuple[str, str]:
    return entry.corpus.report.id, entry.text


def _span(entry: Entry) -> Span:
    return entry.item.span


def _hit(
    places: Places, entry: Entry, wanted: str, is_literal: bool, score: float | None, legs: Mapping[str, float]
) -> Hit:
    text = entry.corpus.report.text
    span = _span(entry)
    first = entry.item.sentences[0].span if isinstance(entry.item, Passage) else span
    cuts = tuple(_cuts(span.of(text), wanted))
    return Hit(entry.kind, places.place(first), entry.corpus.report.title, cuts, is_literal, score, legs)


def _cuts(text: str, wanted: str) -> Iterator[tuple[str, bool]]:
    """The text cut at the longest stretches that are also in what is searched for."""
    folded = fold_with_positions(text)
    done = 0
    for start, end in _shared(folded.text, wanted):
        first, last = folded.positions[start], folded.positions[end - 1] + 1
        yield text[done:first], False
        yield text[first:last], True
        done = last
    yield text[done:], False


def _shared(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    shortest = min(_SHORTEST_MARK, len(wanted))
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and text[at : end + 1] in wanted:
            end += 1
        if end - at >= shortest > 0:
            yield at, end
            at = end
        else:
            at += 1


def by_kind(found: Sequence[Hit]) -> dict[Kind, int]:
    """How many hits there are of each kind."""
    kinds: tuple[Kind, ...] = ("passage", "term", "indicator")
    return {kind: sum(hit.kind == kind for hit in found) for kind in kinds}
