"""What the ranking of candidates goes by: of each run, of each sentence, of each row, as columns over all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from index.late import most
from index.normalise import fold
from index.search import Found
from index.years import year_fit
from ingest.model import Indicator
from server.answering.asks import Ask
from server.answering.late import Late
from server.answering.matching import Lookup, held
from server.answering.plain import han_bigrams
from server.answering.questions import FocusWord, Query
from server.answering.reading import read_sentences, unit_of
from server.answering.rows import OF_RUN, Rows
from server.answering.wants import wanted_unit

Column = NDArray[np.float64]
Columns = dict[str, NDArray[np.float64 | np.bool]]
"""Features by name; one that is not there is 0."""

_UNSEEN = 0.11
"""How far below the best a row that the dense leg does not have is taken to be."""


class Spoken:
    """How much of what is asked and told each run speaks of, and each sentence with the titles above it, 0…1."""

    def __init__(self, query: Query, rows: Rows) -> None:
        self._query = query
        self._lookup = lookup = Lookup([word.word for word in query.focus])
        held_in_runs = _in_runs(lookup.held(rows.clauses), rows)
        self.asked, self.told = self._shares(lookup.matches(held_in_runs, _abbreviated(lookup, rows)))
        self.titled = self._asked_in([sentence.titled for sentence in rows.sentences])

    def left_open(self, texts: Sequence[str]) -> Column:
        """The share of what is asked that each text leaves open."""
        return 1 - self._asked_in(texts) if texts and self._query.asked else np.zeros(len(texts))

    def _asked_in(self, texts: Sequence[str]) -> Column:
        matches = self._lookup.matches(self._lookup.held(texts), self._lookup.abbreviated(texts))
        return self._shares(matches)[0]

    def _shares(self, matches: Column) -> tuple[Column, Column]:
        asked, told = self._query.asked, self._query.told
        return _share(matches[:, : len(asked)], asked), _share(matches[:, len(asked) :], told)


def of_runs(query: Query, rows: Rows, spoken: Spoken) -> Columns:
    """What each run is and says."""
    columns: Columns = dict(zip(OF_RUN, rows.own.T, strict=True))
    if Ask.LIST not in query.asks:
        del columns["items"]
    cues = [np.concatenate([row.cues(ask) for row in rows.rows]) for ask in query.asks]
    columns["cue_here"] = np.sum(cues, axis=0) / len(cues)
    bigrams = _shared_bigrams(query, rows)
    for name, here in (("asked", spoken.asked), ("told", spoken.told), ("bigrams", bigrams)):
        columns |= here_and_near(name, here, rows)
    if query.wants_figure:
        unit = wanted_unit(query.asking)
        figure = np.concatenate([row.figures(unit) for row in rows.rows])
        near = figure[rows.whole][rows.of]
        columns |= {"figure_here": figure, "figure_near": near & ~figure, "no_figure": ~near}
    return columns


def of_sentences(query: Query, found: Found, rows: Rows, spoken: Spoken) -> Columns:
    """What each sentence is, and says together with the titles above it."""
    forms = [sentence.form for sentence in rows.sentences]
    is_entry, is_row = (np.array([form == one for form in forms]) for one in ("entry", "row"))
    is_named = _named(found)[rows.row]
    is_definition = Ask.DEFINITION in query.asks or Ask.NAME in query.asks
    return {
        "asked_above": spoken.titled - spoken.asked[rows.whole],
        "entry_defined": is_entry & is_definition,
        "entry_named": is_entry & is_named & (not query.wants_figure),
        "entry_other": is_entry & (not is_definition),
        "entry_asked": is_entry & is_named & (Ask.DEFINITION in query.asks),
        "entry_detail": _at(is_entry, spoken.left_open([s.title for s in rows.sentences if s.form == "entry"])),
        "row_number": is_row & query.wants_figure,
        "row_other": is_row & (not query.wants_figure),
        "row_held": _at(is_row, list(_held(query, found))),
        **_read(found, rows),
    }


def of_rows(query: Query, found: Found, years: Sequence[int | None]) -> Columns:
    """What retrieval says of each row; `years` are those that the rows speak of."""
    legs = [evidence.legs for evidence in found.evidence]
    best_dense = max(leg.get("dense", 0.0) for leg in legs)
    dense = np.array([leg.get("dense", best_dense - _UNSEEN) for leg in legs])
    lexical = np.array([leg.get("lexical", 0.0) for leg in legs])
    best_lexical = lexical.max() or 1.0
    return {
        "dense": 9 * (dense - best_dense),
        "dense_first": dense == best_dense,
        "lexical": lexical / best_lexical,
        "lexical_first": lexical == best_lexical,
        "year": np.array([year_fit(year, query.years) for year in years], dtype=np.float64),
        "named": _named(found),
    }


def by_meaning(late: Late, rows: Rows) -> tuple[Columns, Columns, list[tuple[float, ...]]]:
    """How well each run meets the question's tokens, each sentence with the titles above it, and that for each word."""
    clauses, titles = rows.met[: len(rows.clauses)], rows.met[len(rows.clauses) :]
    in_runs = most(clauses, rows.first, rows.end)
    in_sentences = np.maximum(in_runs[rows.whole], titles[rows.row])
    here = late.shares(in_runs)
    above = late.shares(in_sentences) - here[rows.whole]
    return here_and_near("late", here, rows), {"late_above": above}, late.by_word(in_sentences)


def here_and_near(name: str, here: Column, rows: Rows) -> Columns:
    """A feature of runs, and how much more of it their sentences have."""
    return {f"{name}_here": here, f"{name}_near": here[rows.whole][rows.of] - here}


def _read(found: Found, rows: Rows) -> Columns:
    """How well each sentence answers, and how far that is from the best."""
    logits = read_sentences(found)
    units = (unit_of(found.evidence[row], s.span) for row, s in zip(rows.row.tolist(), rows.sentences, strict=True))
    answered = np.array([logits[unit] for unit in units])
    return {"read": answered / 4, "read_best": (answered - max(logits.values())) / 4}


def _named(found: Found) -> NDArray[np.bool]:
    """Whether the question calls each row by its name."""
    named = {hit.row for hit in found.names if hit.how == "exact"}
    return np.array([evidence.row in named for evidence in found.evidence])


def _held(query: Query, found: Found) -> Iterator[float]:
    """The share of each table row's name that the question says."""
    for evidence in found.evidence:
        if isinstance(evidence.entry.item, Indicator):
            yield held(fold(evidence.entry.item.name), query.focus)


def _at(where: NDArray[np.bool], values: Column | list[float]) -> Column:
    """The values at the places where they belong, 0 elsewhere."""
    column = np.zeros(len(where))
    column[where] = values
    return column


def _share(matches: Column, words: Sequence[FocusWord]) -> Column:
    """The part of the words' weight that each text speaks of; 0 where there are no words, which is no candidate's merit."""
    weights = np.array([word.weight for word in words])
    total = sum(word.weight for word in words)
    # Not a product of matrices: equal lines must have equal sums, wherever they stand.
    share: Column = (matches * weights).sum(axis=1) / (total or 1.0)
    return share


def _in_runs(there: NDArray[np.integer], rows: Rows) -> NDArray[np.bool]:
    """What stands in any clause of each run, by what stands in each clause; no mark between clauses is looked for."""
    before = np.zeros((len(there) + 1, there.shape[1]), dtype=np.int32)
    np.cumsum(there, axis=0, out=before[1:])
    held_in: NDArray[np.bool] = before[rows.end] > before[rows.first]
    return held_in


def _abbreviated(lookup: Lookup, rows: Rows) -> NDArray[np.bool]:
    """Whether each run holds the characters of each word, near each other and in order, be it across its clauses."""
    there = np.zeros((len(rows.runs), len(lookup.words)), dtype=bool)
    begins = list(accumulate((len(sentence.clauses) for sentence in rows.sentences), initial=0))
    for number, column, places in lookup.abbreviations([sentence.words for sentence in rows.sentences]):
        ends = list(accumulate(map(len, rows.sentences[number].clauses)))
        for start, last in places:
            if last - start >= len(lookup.words[column]):  # else it is the word itself
                first, end = (begins[number] + bisect_right(ends, place) for place in (start, last))
                there[(rows.of == number) & (rows.first <= first) & (rows.end > end), column] = True
    return there


def _shared_bigrams(query: Query, rows: Rows) -> Column:
    """The share of the question's pairs of characters that each run has."""
    wanted = han_bigrams(fold(query.text))
    columns = {pair: column for column, pair in enumerate(wanted)}
    there = np.zeros((len(rows.clauses), len(columns)), dtype=np.int32)
    shared = [wanted & pairs for row in rows.rows for pairs in row.bigrams]
    lines = [line for line, pairs in enumerate(shared) for _ in pairs]
    there[lines, [columns[pair] for pairs in shared for pair in pairs]] = 1
    share: Column = _in_runs(there, rows).sum(axis=1) / (len(columns) or 1)
    return share
