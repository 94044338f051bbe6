"""Evidence → everything that could be the answer: runs of clauses, table rows, whole glossary entries, with features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.entries import Entry
from index.search import Evidence, Found
from ingest.model import Indicator, Span
from server.answering.draft import Source
from server.answering.features import Spoken, by_meaning, of_rows, of_runs, of_sentences
from server.answering.late import Late
from server.answering.questions import Query
from server.answering.rows import Form, Rows

FEATURES = (
    "asked_here",
    "asked_near",
    "asked_above",
    "told_here",
    "told_near",
    "bigrams_here",
    "bigrams_near",
    "dense",
    "dense_first",
    "lexical",
    "lexical_first",
    "year",
    "named",
    "figure_here",
    "figure_near",
    "no_figure",
    "entry_defined",
    "entry_named",
    "entry_other",
    "entry_asked",
    "entry_detail",
    "row_number",
    "row_other",
    "row_held",
    "length",
    "clauses",
    "from_start",
    "to_end",
    "title_only",
    "items",
    "cue_here",
    "asked_best",
    "told_best",
    "bigrams_best",
    "late_here",
    "late_near",
    "late_above",
    "late_best",
    "read",
    "read_best",
)
_AT = {name: place for place, name in enumerate(FEATURES)}
_RELATIVE = tuple((_AT[f"{of}_best"], _AT[f"{of}_here"]) for of in ("asked", "told", "bigrams"))
"""Features that say how a candidate compares with the best of all in another one."""
_SPOKEN = [_AT[name] for name in ("asked_here", "asked_near", "asked_above")]
_MEANING = [_AT[name] for name in ("late_here", "late_near", "late_above")]


@dataclass(slots=True, eq=False)  # not frozen, which takes five times as long to make: a hundred are for each question
class Candidate:
    """Something that could answer; `names` are those of the report that the question holds, `features` as in FEATURES.

    `met` says for each word asked how near in meaning the nearest words of the candidate's sentence and titles are,
    `spoken` which share of the asking parts' weight it, its sentence or the titles above speak of, `meaning` how well
    they meet the question's tokens.
    """

    form: Form
    source: Source
    evidence: Evidence
    sentence: Span
    year: int | None
    names: tuple[str, ...]
    met: tuple[float, ...]
    spoken: float
    meaning: float
    features: NDArray[np.float64]

    def feature(self, name: str) -> float:
        """One feature by name."""
        return float(self.features[_AT[name]])

    @property
    def words(self) -> str:
        """Its sentence with the titles above it."""
        return self.evidence.entry.titles + self.sentence.of(self.source.corpus.report.text)


def candidates(query: Query, found: Found) -> list[Candidate]:
    """All candidates of the evidence found that speak of a year asked for, or of none."""
    if not found.evidence:
        return []
    rows = Rows(found.evidence)
    years = [_year(evidence.entry, query.years) for evidence in found.evidence]
    kept = np.array(_speaking_of(query.years, found, rows, years), dtype=np.intp)
    table, met = _table(query, found, rows, years, kept)
    names = tuple(hit.name for hit in found.names if hit.how == "exact")
    spoken, meaning = (table[:, columns].sum(axis=1).tolist() for columns in (_SPOKEN, _MEANING))
    corpora = [evidence.entry.corpus for evidence in found.evidence]
    shared = [
        (sentence.form, found.evidence[row], corpora[row], sentence.span, years[row], met[number])
        for number, (sentence, row) in enumerate(zip(rows.sentences, rows.row.tolist(), strict=True))
    ]
    made = []
    of = rows.of[kept].tolist()
    for run, number, *last in zip(kept.tolist(), of, spoken, meaning, table, strict=True):
        form, evidence, corpus, sentence, year, near = shared[number]
        source = Source(corpus, rows.runs[run].span)
        made.append(Candidate(form, source, evidence, sentence, year, names, near, *last))
    return made


def _table(
    query: Query, found: Found, rows: Rows, years: Sequence[int | None], kept: NDArray[np.intp]
) -> tuple[NDArray[np.float64], list[tuple[float, ...]]]:
    """The features of the runs that are `kept`, a line each; and how well each sentence meets each word asked."""
    spoken = Spoken(query, rows)
    runs_meant, sentences_meant, met = by_meaning(Late(query, found.asked), rows)
    table = np.zeros((len(kept), len(FEATURES)))
    of = rows.of[kept]
    for columns, lines in (
        (of_runs(query, rows, spoken) | runs_meant, kept),
        (of_sentences(query, found, rows, spoken) | sentences_meant, of),
        (of_rows(query, found, years), rows.row[of]),
    ):
        for name, values in columns.items():
            table[:, _AT[name]] = values[lines]
    _compare(table)
    return table, met


def _compare(table: NDArray[np.float64]) -> None:
    """Fill in the features that depend on the other candidates."""
    if not len(table):
        return
    for at, of in _RELATIVE:
        table[:, at] = table[:, of] / (table[:, of].max() or 1.0)
    late = table[:, _AT["late_here"]]
    table[:, _AT["late_best"]] = late - late.max()


def _speaking_of(wanted: Sequence[int], found: Found, rows: Rows, years: Sequence[int | None]) -> Sequence[int]:
    """The runs whose row speaks of a year asked for, or of none, or that name one themselves."""
    if not wanted:
        return range(len(rows.runs))
    row_of_run = rows.row[rows.of].tolist()
    fits = [year is None or year in wanted for year in years]
    texts = [evidence.entry.corpus.report.text for evidence in found.evidence]
    named = [str(year) for year in wanted]
    return [
        place
        for place, (run, row) in enumerate(zip(rows.runs, row_of_run, strict=True))
        if fits[row] or any(year in run.span.of(texts[row]) for year in named)
    ]


def _year(entry: Entry, wanted: Sequence[int]) -> int | None:
    """The year an entry speaks of; for a table row, which may have several, one that is asked for."""
    if isinstance(entry.item, Indicator):
        years = [value.year for value in entry.item.values]
        return next((year for year in wanted if year in years), entry.year)
    return entry.year
