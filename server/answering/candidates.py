"""Evidence → everything that could be the answer: runs of clauses, table rows, whole glossary entries, with features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Literal, NamedTuple

import numpy as np

from index.embedder import Vectors
from index.entries import Entry
from index.late import most
from index.normalise import fold
from index.search import Evidence, Found
from ingest.model import Corpus, Indicator, Passage, Span
from ingest.sentences import split_sentences
from server.answering.asks import Ask
from server.answering.cues import has_cue
from server.answering.draft import Source
from server.answering.late import Late
from server.answering.matching import held, match
from server.answering.plain import bigrams
from server.answering.questions import FocusWord, Query
from server.answering.reading import read_sentences, unit_of
from server.answering.runs import Run, places_of, runs_of
from server.answering.wants import has_figure, wanted_unit

Form = Literal["run", "row", "entry"]

REMEMBERED = 8_192
"""Runs whose words are read once, not again for every question; a report has some thousands."""

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
_SPOKEN = tuple(_AT[name] for name in ("asked_here", "asked_near", "asked_above"))
_MEANING = tuple(_AT[name] for name in ("late_here", "late_near", "late_above"))
_OF_RUN = tuple(
    _AT[name]
    for name in (
        "asked_here",
        "asked_near",
        "told_here",
        "told_near",
        "bigrams_here",
        "bigrams_near",
        "figure_here",
        "figure_near",
        "length",
        "clauses",
        "from_start",
        "to_end",
        "title_only",
        "items",
        "late_here",
        "late_near",
        "cue_here",
    )
)
"""Features in which the runs of one sentence differ, in the order in which `_Reader` gives them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that could answer; `names` are those of the report that the question holds, `features` as in FEATURES.

    `met` says for each word asked how near in meaning the nearest words of the candidate's sentence and titles are.
    """

    form: Form
    source: Source
    evidence: Evidence
    sentence: Span
    year: int | None
    names: tuple[str, ...]
    met: tuple[float, ...]
    features: tuple[float, ...]

    def feature(self, name: str) -> float:
        """One feature by name."""
        return self.features[_AT[name]]

    @property
    def words(self) -> str:
        """Its sentence with the titles above it."""
        return self.evidence.entry.titles + self.sentence.of(self.source.corpus.report.text)

    @property
    def spoken(self) -> float:
        """The share of the asking parts' weight that the candidate, its sentence or the titles above speak of."""
        return sum([self.features[at] for at in _SPOKEN])

    @property
    def meaning(self) -> float:
        """How well the candidate, its sentence or the titles above meet the question's tokens."""
        return sum([self.features[at] for at in _MEANING])


def candidates(query: Query, found: Found) -> list[Candidate]:
    """All candidates of the evidence found that speak of a year asked for, or of none."""
    reader = _Reader(query, found)
    read = [drawn for evidence in found.evidence for drawn in reader.read(evidence)]
    return _compared([drawn for drawn in read if _speaks_of_year(drawn, query.years)])


class _Drawn(NamedTuple):
    """A candidate before it is compared with the others; `values` are to be its features."""

    form: Form
    source: Source
    evidence: Evidence
    sentence: Span
    year: int | None
    names: tuple[str, ...]
    met: tuple[float, ...]
    values: list[float]


def _speaks_of_year(drawn: _Drawn, years: Sequence[int]) -> bool:
    if not years or drawn.year is None or drawn.year in years:
        return True
    return any(str(year) in drawn.source.text for year in years)


def _compared(read: Sequence[_Drawn]) -> list[Candidate]:
    """Fill in the features that depend on the other candidates."""
    best = [(at, of, max((d.values[of] for d in read), default=0.0) or 1.0) for at, of in _RELATIVE]
    latest = max((d.values[_AT["late_here"]] for d in read), default=0.0)
    for drawn in read:
        for at, of, highest in best:
            drawn.values[at] = drawn.values[of] / highest
        drawn.values[_AT["late_best"]] = drawn.values[_AT["late_here"]] - latest
    return [Candidate(*drawn[:-1], tuple(drawn.values)) for drawn in read]


class _Near(NamedTuple):
    """What the candidates of one sentence share: its folded words, what they hold of the question, its features so far.

    `asked` and `told` are those of the question's words that it speaks of, at all; `late` is how well it meets the
    question's tokens, `words` how well it and the titles above meet each word.
    """

    folded: str
    asked: Sequence[FocusWord]
    told: Sequence[FocusWord]
    asked_share: float
    told_share: float
    bigrams: frozenset[str]
    late: float
    words: tuple[float, ...]
    has_figure: bool
    values: list[float]


class _Reader:
    """Reads one evidence after another against one question."""

    def __init__(self, query: Query, found: Found) -> None:
        self._query = query
        self._unit = wanted_unit(query.asking)
        self._bigrams = _bigrams(fold(query.text))
        self._named = {hit.row for hit in found.names if hit.how == "exact"}
        self._names = tuple(hit.name for hit in found.names if hit.how == "exact")
        legs = [evidence.legs for evidence in found.evidence]
        self._best_dense = max((leg.get("dense", 0.0) for leg in legs), default=0.0)
        self._best_lexical = max((leg.get("lexical", 0.0) for leg in legs), default=0.0) or 1.0
        self._late = Late(query, found.asked)
        self._asked_weight = sum(word.weight for word in query.asked)
        self._told_weight = sum(word.weight for word in query.told)
        self._answered = read_sentences(found)
        self._most_answered = max(self._answered.values(), default=0.0)

    def read(self, evidence: Evidence) -> Iterator[_Drawn]:
        entry = evidence.entry
        item, text = entry.item, entry.corpus.report.text
        year = _year(entry, self._query.years)
        values = self._of_row(evidence, year)
        if isinstance(item, Indicator):
            folded = fold(entry.text)
            near = self._near(
                "row", evidence, item.span, folded, folded, values, evidence.match.best(0, len(entry.text))
            )
            whole = Run(item.span, 1, folded)
            yield self._drawn("row", entry.corpus, evidence, whole, item.span, folded, year, near, near.late)
            return
        title = fold(entry.titles)
        if isinstance(item, Passage):
            sentences = [sentence.span for sentence in item.sentences]
        else:
            sentences = list(split_sentences(text, item.definition))
            span = Span(item.name_span.start, item.span.end)
            folded = fold(span.of(text))
            near = self._near("entry", evidence, span, title, folded, values, evidence.match.best(0, len(entry.text)))
            yield self._drawn("entry", entry.corpus, evidence, Run(span, 1, folded), span, title, year, near, near.late)
        above = evidence.match.best(0, item.span.start - (entry.shift or 0))
        for sentence in sentences:
            yield from self._runs(evidence, sentence, title, year, values, above)

    def _runs(
        self,
        evidence: Evidence,
        sentence: Span,
        title: str,
        year: int | None,
        values: Mapping[str, float],
        above: Vectors,
    ) -> Iterator[_Drawn]:
        entry = evidence.entry
        text, shift = entry.corpus.report.text, entry.shift or 0
        clauses, runs = runs_of(text, sentence)
        met = evidence.match.best_of([clause.start - shift for clause in clauses], [c.end - shift for c in clauses])
        near = self._near("run", evidence, sentence, title, fold(sentence.of(text)), values, met.max(axis=0), above)
        for run, late in zip(runs, self._late.shares(most(met, *places_of(len(clauses)))), strict=True):
            yield self._drawn("run", entry.corpus, evidence, run, sentence, title, year, near, late)

    def _of_row(self, evidence: Evidence, year: int | None) -> dict[str, float]:
        """The features that all candidates of one row share."""
        dense = evidence.legs.get("dense", self._best_dense - 0.11)
        lexical = evidence.legs.get("lexical", 0.0)
        return {
            "dense": 9 * (dense - self._best_dense),
            "dense_first": dense == self._best_dense,
            "lexical": lexical / self._best_lexical,
            "lexical_first": lexical == self._best_lexical,
            "year": _year_fit(self._query.years, year),
            "named": evidence.row in self._named,
        }

    def _near(
        self,
        form: Form,
        evidence: Evidence,
        sentence: Span,
        title: str,
        folded: str,
        values: Mapping[str, float],
        best: Vectors,
        titles: Vectors | None = None,
    ) -> _Near:
        """What the candidates of one sentence share; `best` and `titles` meet the question's tokens in it and above it."""
        query = self._query
        above = best if titles is None else np.maximum(best, titles)
        late, late_above = self._late.shares(np.stack([best, above]))
        asked, told = (_spoken(words, folded) for words in (query.asked, query.told))
        asked_share, told_share = _share(asked, folded, self._asked_weight), _share(told, folded, self._told_weight)
        figure = query.wants_figure and has_figure(folded, self._unit)
        definition = Ask.DEFINITION in query.asks or Ask.NAME in query.asks
        answered = self._answered[unit_of(evidence, sentence)]
        named = values["named"]
        own = {
            "asked_above": _share(query.asked, title + folded, self._asked_weight) - asked_share,
            "no_figure": query.wants_figure and not figure,
            "entry_defined": form == "entry" and definition,
            "entry_named": form == "entry" and named and not query.wants_figure,
            "entry_other": form == "entry" and not definition,
            "entry_asked": form == "entry" and named and Ask.DEFINITION in query.asks,
            "entry_detail": self._detail(title) if form == "entry" else 0.0,
            "row_number": form == "row" and query.wants_figure,
            "row_other": form == "row" and not query.wants_figure,
            "row_held": self._held(evidence) if form == "row" else 0.0,
            "late_above": late_above - late,
            "read": answered / 4,
            "read_best": (answered - self._most_answered) / 4,
        }
        words = self._late.by_word(above)
        bigrams = self._bigrams & _bigrams(folded)
        together = {**values, **own}
        so_far = list(map(float, map(together.get, FEATURES, repeat(0.0))))
        return _Near(folded, asked, told, asked_share, told_share, bigrams, late, words, figure, so_far)

    def _drawn(
        self,
        form: Form,
        corpus: Corpus,
        evidence: Evidence,
        run: Run,
        sentence: Span,
        title: str,
        year: int | None,
        near: _Near,
        late: float,
    ) -> _Drawn:
        query, here = self._query, run.folded
        is_part = here in near.folded
        asked = _share(near.asked if is_part else query.asked, here, self._asked_weight)
        told = _share(near.told if is_part else query.told, here, self._told_weight)
        shared, shared_near = self._shared(near.bigrams & _bigrams(here)), self._shared(near.bigrams)
        figure = query.wants_figure and has_figure(here, self._unit)
        of_run = (
            asked,
            near.asked_share - asked,
            told,
            near.told_share - told,
            shared,
            shared_near - shared,
            float(figure),
            float(near.has_figure and not figure),
            min(len(here), 200) / 100,
            run.clauses / 4,
            float(run.span.start == sentence.start),
            float(run.span.end == sentence.end),
            float(form == "run" and here.rstrip("。") == title),
            min(here.count("、"), 4) / 4 if Ask.LIST in query.asks else 0.0,
            late,
            near.late - late,
            sum([has_cue(ask, here) for ask in query.asks]) / len(query.asks),
        )
        values = near.values.copy()
        for at, value in zip(_OF_RUN, of_run, strict=True):
            values[at] = value
        return _Drawn(form, Source(corpus, run.span), evidence, sentence, year, self._names, near.words, values)

    def _held(self, evidence: Evidence) -> float:
        """The share of a row's name that the question says."""
        item = evidence.entry.item
        return held(fold(item.name), self._query.focus) if isinstance(item, Indicator) else 0.0

    def _detail(self, title: str) -> float:
        """The share of the question's weight that the names of a term leave open."""
        return 1 - _share(self._query.asked, title, self._asked_weight) if self._query.asked else 0.0

    def _shared(self, bigrams: frozenset[str]) -> float:
        return len(bigrams) / len(self._bigrams) if self._bigrams else 0.0


def _year(entry: Entry, wanted: Sequence[int]) -> int | None:
    """The year an entry speaks of; for a table row, which may have several, one that is asked for."""
    if isinstance(entry.item, Indicator):
        years = [value.year for value in entry.item.values]
        return next((year for year in wanted if year in years), entry.year)
    return entry.year


def _spoken(words: Sequence[FocusWord], folded: str) -> list[FocusWord]:
    """The words that a text speaks of at all: no part of it speaks of others."""
    return [word for word in words if match(word.word, folded)]


def _share(words: Sequence[FocusWord], folded: str, total: float) -> float:
    """The part of the weight `total` that a text speaks of; 0 where there are no words, which is no candidate's merit."""
    return sum([word.weight * match(word.word, folded) for word in words]) / total if total else 0.0


@lru_cache(REMEMBERED)
def _bigrams(folded: str) -> frozenset[str]:
    return frozenset(pair for pair in bigrams(folded) if min(pair) >= "\u4e00")


def _year_fit(wanted: Sequence[int], year: int | None) -> int:
    if not wanted or year is None:
        return 0
    return 1 if year in wanted else -1
