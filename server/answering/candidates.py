"""Evidence → everything that could be the answer: runs of clauses, table rows, whole glossary entries, with features."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import pairwise, repeat
from typing import Literal, NamedTuple

import numpy as np

from index.embedder import Vectors
from index.entries import Entry
from index.normalise import fold
from index.search import Evidence, Found
from ingest.clauses import split_clauses
from ingest.model import Indicator, Passage, Span
from ingest.sentences import split_sentences
from server.answering.asks import Ask
from server.answering.draft import Source
from server.answering.late import Late
from server.answering.matching import coverage, held
from server.answering.questions import FocusWord, Query
from server.answering.reading import read_sentences, unit_of
from server.answering.wants import has_figure, wanted_unit

Form = Literal["run", "row", "entry"]

LONGEST_RUN = 8
"""Clauses a run may have; a longer sentence is also a candidate as a whole."""

REMEMBERED = 32_768
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
_RELATIVE = {"asked_best": "asked_here", "told_best": "told_here", "bigrams_best": "bigrams_here"}
"""Features that say how a candidate compares with the best of all in another one."""


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
    def spoken(self) -> float:
        """The share of the asking parts' weight that the candidate, its sentence or the titles above speak of."""
        return sum(self.feature(name) for name in ("asked_here", "asked_near", "asked_above"))

    @property
    def meaning(self) -> float:
        """How well the candidate, its sentence or the titles above meet the question's tokens."""
        return sum(self.feature(name) for name in ("late_here", "late_near", "late_above"))


def candidates(query: Query, found: Found) -> list[Candidate]:
    """All candidates of the evidence found that speak of a year asked for, or of none."""
    reader = _Reader(query, found)
    read = [candidate for evidence in found.evidence for candidate in reader.read(evidence)]
    return _compared([candidate for candidate in read if _speaks_of_year(candidate, query.years)])


def _speaks_of_year(candidate: Candidate, years: Sequence[int]) -> bool:
    if not years or candidate.year is None or candidate.year in years:
        return True
    return any(str(year) in candidate.source.text for year in years)


def _compared(read: list[Candidate]) -> list[Candidate]:
    """Fill in the features that depend on the other candidates."""
    best = {name: max((c.feature(of) for c in read), default=0.0) or 1.0 for name, of in _RELATIVE.items()}
    latest = max((c.feature("late_here") for c in read), default=0.0)
    return [replace(c, features=_relative(c, best, latest)) for c in read]


def _relative(candidate: Candidate, best: Mapping[str, float], latest: float) -> tuple[float, ...]:
    values = list(candidate.features)
    for name, of in _RELATIVE.items():
        values[_AT[name]] = candidate.feature(of) / best[name]
    values[_AT["late_best"]] = candidate.feature("late_here") - latest
    return tuple(values)


_CUES: dict[Ask, re.Pattern[str]] = {
    Ask.MONEY: re.compile(r"\d[\d.,]*(?:余|多)?[十百千万亿]*(?:余|多)?[美欧日港]?元"),
    Ask.DATE: re.compile(
        r"(?<!\d)(?:19|20)\d{2}年|\d{1,2}月|\d日|年底|季度|上半年|下半年|周年|\d+(?:个月|天|小时|分钟|周|年)|每[天日周月季年]|长期|以来"
    ),
    Ask.PLACE: re.compile(
        r"位于|坐落|地处|落户|落地|布局|赴|前往|[路街巷道](?:\d+号|及|和|、|沿线|[东西南北]侧)|\d号|在[^，。；]{2,14}(?:路|街|巷|道|广场|周边|沿线|地区|片区|区|县|市|镇|村|园|馆|店|院|中心|内)|[与向和][^，。；]{2,14}[区县市省]|[路街]及"
    ),
    Ask.PERSON: re.compile(
        r"(?:主任|书记|[区县市局院校]长|负责人|冠军|导演)(?:是|为|：|:)|[\u4e00-\u9fff]{2,3}(?:同志|先生|女士|院士|教授)|由[^，。]{2,12}(?:担任|牵头)|担任"
    ),
    Ask.BODY: re.compile(r"由|被|负责|牵头|部门|单位|委员会|[局委办院部司行社会]|公司|集团|联合|共建"),
    Ask.CONTACT: re.compile(r"电话|网址|网站|www|http|公众号|小程序|\d{5,}"),
    Ask.CONDITION: re.compile(r"条件|申请|符合|满足|材料|资格|须|应当|岁以上|户籍|流程"),
    Ask.ROSTER: re.compile(r"[^、，。；]{2,16}、[^、，。；]{2,16}(?:、|和|等|及)"),
    Ask.EXTREME: re.compile(r"最[多少高低大小]|第一|首位"),
    Ask.REASON: re.compile(r"因|由于|导致|影响|受|为了|为解决|以.{2,20}为|旨在|不足|不利"),
    Ask.LIST: re.compile(r"、|[^持]和|及|；|以及|“[^”]*”“"),
    Ask.NAME: re.compile(r"[“《]"),
}


@lru_cache(REMEMBERED)
def has_cue(ask: Ask, text: str) -> bool:
    """Whether `text` holds what a question of this type asks for."""
    cue = _CUES.get(ask)
    return cue is None or bool(cue.search(text))


class _Met(NamedTuple):
    """How well the question's tokens are met in a candidate, in its sentence, and with the titles above; there by word."""

    here: float
    near: float
    above: float
    words: tuple[float, ...]


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
        self._asked, self._told = cache(partial(_covered, query.asked)), cache(partial(_covered, query.told))
        self._answered = read_sentences(found)
        self._most_answered = max(self._answered.values(), default=0.0)

    def read(self, evidence: Evidence) -> Iterator[Candidate]:
        item = evidence.entry.item
        text = evidence.entry.corpus.report.text
        everything = evidence.match.best(0, len(evidence.entry.text))
        if isinstance(item, Indicator):
            met = self._met_in_all(everything)
            yield self._candidate("row", evidence, item.span, item.span, 1, fold(evidence.entry.text), met)
            return
        title = fold(titles_of(evidence.entry))
        if isinstance(item, Passage):
            sentences = [sentence.span for sentence in item.sentences]
        else:
            sentences = list(split_sentences(text, item.definition))
            whole = Span(item.name_span.start, item.span.end)
            met = self._met_in_all(everything)
            yield self._candidate("entry", evidence, whole, whole, 1, title, met)
        for sentence in sentences:
            yield from self._runs(evidence, sentence, title)

    def _met_in_all(self, best: Vectors) -> _Met:
        share = self._late.share(best)
        return _Met(share, share, share, self._late.by_word(best))

    def _runs(self, evidence: Evidence, sentence: Span, title: str) -> Iterator[Candidate]:
        entry = evidence.entry
        clauses = list(split_clauses(entry.corpus.report.text, sentence))
        shift = entry.shift or 0
        met = [evidence.match.best(clause.start - shift, clause.end - shift) for clause in clauses]
        near = np.max(met, axis=0)
        above = np.maximum(near, evidence.match.best(0, entry.item.span.start - shift))
        near_share, above_share = self._late.share(near), self._late.share(above)
        words = self._late.by_word(above)
        for first in range(len(clauses)):
            here = met[first]
            for last in range(first, len(clauses)):
                here = np.maximum(here, met[last])
                if last - first < LONGEST_RUN or (first == 0 and last == len(clauses) - 1):
                    span = Span(clauses[first].start, clauses[last].end)
                    both = _Met(self._late.share(here), near_share, above_share, words)
                    yield self._candidate("run", evidence, span, sentence, last - first + 1, title, both)

    def _candidate(
        self,
        form: Form,
        evidence: Evidence,
        span: Span,
        sentence: Span,
        clauses: int,
        title: str,
        met: _Met,
    ) -> Candidate:
        entry = evidence.entry
        text = entry.corpus.report.text
        here = fold(entry.text) if form == "row" else fold(span.of(text))
        near = here if span == sentence else fold(sentence.of(text))
        query = self._query
        asked_here, told_here = self._asked(here), self._told(here)
        asked_near, told_near = self._asked(near), self._told(near)
        answered = self._answered[unit_of(evidence, sentence)]
        number = query.wants_figure
        figure_here = number and has_figure(here, self._unit)
        figure_near = number and has_figure(near, self._unit)
        definition = Ask.DEFINITION in query.asks or Ask.NAME in query.asks
        named = evidence.row in self._named
        dense = evidence.legs.get("dense", self._best_dense - 0.05)
        lexical = evidence.legs.get("lexical", 0.0)
        features = {
            "asked_here": asked_here,
            "asked_near": asked_near - asked_here,
            "asked_above": self._asked(title + near) - asked_near,
            "told_here": told_here,
            "told_near": told_near - told_here,
            "bigrams_here": self._shared(here),
            "bigrams_near": self._shared(near) - self._shared(here),
            "dense": 20 * (dense - self._best_dense),
            "dense_first": dense == self._best_dense,
            "lexical": lexical / self._best_lexical,
            "lexical_first": lexical == self._best_lexical,
            "year": _year_fit(query.years, _year(entry, query.years)),
            "named": named,
            "figure_here": figure_here,
            "figure_near": figure_near and not figure_here,
            "no_figure": number and not figure_near,
            "entry_defined": form == "entry" and definition,
            "entry_named": form == "entry" and named and not number,
            "entry_other": form == "entry" and not definition,
            "entry_asked": form == "entry" and named and Ask.DEFINITION in query.asks,
            "entry_detail": self._detail(title) if form == "entry" else 0.0,
            "row_number": form == "row" and number,
            "row_other": form == "row" and not number,
            "row_held": self._held(evidence) if form == "row" else 0.0,
            "length": min(len(here), 200) / 100,
            "clauses": clauses / 4,
            "from_start": span.start == sentence.start,
            "to_end": span.end == sentence.end,
            "title_only": form == "run" and here.rstrip("。") == title,
            "items": min(here.count("、"), 4) / 4 * (Ask.LIST in query.asks),
            "late_here": met.here,
            "late_near": met.near - met.here,
            "late_above": met.above - met.near,
            "read": answered / 4,
            "read_best": (answered - self._most_answered) / 4,
            "cue_here": sum(has_cue(ask, here) for ask in query.asks) / len(query.asks),
        }
        values = tuple(map(float, map(features.get, FEATURES, repeat(0.0))))
        return Candidate(
            form,
            Source(entry.corpus, span),
            evidence,
            sentence,
            _year(entry, query.years),
            self._names,
            met.words,
            values,
        )

    def _held(self, evidence: Evidence) -> float:
        """The share of a row's name that the question says."""
        item = evidence.entry.item
        return held(fold(item.name), self._query.focus) if isinstance(item, Indicator) else 0.0

    def _detail(self, title: str) -> float:
        """The share of the question's weight that the names of a term leave open."""
        return 1 - self._asked(title) if self._query.asked else 0.0

    def _shared(self, folded: str) -> float:
        return len(self._bigrams & _bigrams(folded)) / len(self._bigrams) if self._bigrams else 0.0


def _year(entry: Entry, wanted: Sequence[int]) -> int | None:
    """The year an entry speaks of; for a table row, which may have several, one that is asked for."""
    if isinstance(entry.item, Indicator):
        years = [value.year for value in entry.item.values]
        return next((year for year in wanted if year in years), entry.year)
    return entry.year


def _covered(words: Sequence[FocusWord], folded: str) -> float:
    """`coverage`, but 0 where there are no words: what is not there gives no candidate an advantage."""
    return coverage(words, folded) if words else 0.0


@lru_cache(REMEMBERED)
def _bigrams(folded: str) -> frozenset[str]:
    pairs = pairwise(folded)
    return frozenset(first + second for first, second in pairs if first >= "\u4e00" and second >= "\u4e00")


def _year_fit(wanted: Sequence[int], year: int | None) -> int:
    if not wanted or year is None:
        return 0
    return 1 if year in wanted else -1


def titles_of(entry: Entry) -> str:
    """The title of a passage's paragraph, the names of a term, or the words of a table row."""
    if isinstance(entry.item, Passage):
        return entry.corpus.section[entry.item.section].title
    return entry.text if isinstance(entry.item, Indicator) else " ".join((entry.item.name, *entry.item.aliases))
